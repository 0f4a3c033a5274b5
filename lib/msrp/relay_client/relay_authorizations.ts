/** All authorizations of one connection: their transactions, timers and refreshes (RFC 4976 §5.1). */
import { RESPONSE_TIMEOUT } from "../transaction.ts";
import type { Instant, RandomSource } from "../../base/output.ts";
import type { ChunkHead } from "../chunk.ts";
import { freshTransactionId, writeChunk } from "../chunk_writer.ts";
import type { MsrpUri } from "../uri.ts";
import type { RelayPathEvent, RelayPathRefusalCause } from "./events.ts";
import {
  type AuthVerdict,
  isSamePath,
  RelayAuthorization,
  type RelayAuthorizationConfig,
} from "./relay_authorization.ts";

/** What the connection does for its authorizations. */
export interface RelayHost {
  /** Lets a request leave. */
  readonly transmit: (frame: Uint8Array) => void;
  /** Whether a transaction of another kind has this identifier. */
  readonly isTaken: (transactionId: string) => boolean;
  readonly report: (event: RelayPathEvent) => void;
}

/** Milliseconds for an answer to credentials that the relay may not understand. */
export const TRIAL_TIMEOUT = 5_000;

/** By name, in the order in which they began. */
export class RelayAuthorizations {
  readonly #random: RandomSource;
  readonly #host: RelayHost;
  readonly #limit: number;
  readonly #running = new Map<string, Running>();

  /** @param limit Most authorizations at a time. */
  constructor(random: RandomSource, host: RelayHost, limit: number) {
    this.#random = random;
    this.#host = host;
    this.#limit = limit;
  }

  /** When {@link expire} has something to do. */
  get deadline(): Instant | undefined {
    let earliest: Instant | undefined;
    for (const { wakeAt } of this.#running.values()) {
      if (wakeAt < (earliest ?? Infinity)) earliest = wakeAt;
    }
    return earliest;
  }

  /** Whether a live AUTH has this identifier. */
  has(transactionId: string): boolean {
    return this.#running.values().some((it) => it.transactionId === transactionId);
  }

  /**
   * Asks for a path. `relay-granted` or `relay-refused` follow, and refreshes for as long as
   * the connection stands or until {@link forget}.
   * @throws {RangeError} when the configuration is nonsense, the name is taken, or there are too many.
   */
  begin(config: RelayAuthorizationConfig, now: Instant): void {
    if (this.#running.has(config.id)) throw new RangeError("this authorization has begun already");
    if (this.#running.size >= this.#limit) throw new RangeError("too many authorizations");
    const running: Running = {
      authorization: new RelayAuthorization(config, this.#random),
      transactionId: undefined,
      wakeAt: Infinity,
      expiresAt: undefined,
      usePath: undefined,
    };
    this.#running.set(config.id, running);
    this.#ask(running, now);
  }

  /** Whether a path was asked for that is to lead to this session of ours, and not forgotten. */
  leadsTo(sessionId: string): boolean {
    return this.#running.values().some((it) =>
      it.authorization.config.self.sessionId === sessionId
    );
  }

  /** No refresh, no event any more. The relay's URIs end with the connection, or with their time. */
  forget(id: string): void {
    this.#running.delete(id);
  }

  /** A response came: whether it was to one of these. */
  receive(head: ChunkHead, now: Instant): boolean {
    const { transactionId } = head.startLine;
    const running = this.#running.values().find((it) => it.transactionId === transactionId);
    if (running === undefined) return false;
    running.transactionId = undefined;
    this.#conclude(running, running.authorization.receive(head), now);
    return true;
  }

  /** Time has passed. */
  expire(now: Instant): void {
    for (const running of [...this.#running.values()]) {
      if (running.wakeAt > now) continue;
      if (running.transactionId !== undefined) {
        running.transactionId = undefined;
        this.#refused(running, { cause: "no-answer", code: 0, comment: "" }, now);
      } else if (running.expiresAt !== undefined && running.expiresAt <= now) {
        this.#running.delete(running.authorization.config.id);
        const authorization = running.authorization.config.id;
        this.#host.report({ type: "relay-expired", authorization });
      } else {
        running.authorization.restart();
        this.#ask(running, now);
      }
    }
  }

  /** The connection is gone, and all paths with it (§6.3). Who was still asking is told. */
  end(now: Instant): void {
    for (const running of [...this.#running.values()]) {
      if (running.usePath !== undefined) continue;
      this.#refused(running, { cause: "connection", code: 0, comment: "" }, now);
    }
    this.#running.clear();
  }

  #ask(running: Running, now: Instant): void {
    const { authorization } = running;
    const { toPath, headers } = authorization.next();
    const transactionId = freshTransactionId(
      this.#random,
      undefined,
      (it) => this.has(it) || this.#host.isTaken(it),
    );
    running.transactionId = transactionId;
    running.wakeAt = now + (authorization.isUriOnTrial ? TRIAL_TIMEOUT : RESPONSE_TIMEOUT);
    this.#host.transmit(writeChunk({
      startLine: { kind: "request", transactionId, method: "AUTH" },
      toPath,
      fromPath: [authorization.config.self],
      headers,
      continuation: "$",
    }));
  }

  #conclude(running: Running, verdict: AuthVerdict, now: Instant): void {
    switch (verdict.type) {
      case "again":
        return this.#ask(running, now);
      case "failed":
        return this.#refused(running, verdict, now);
      case "granted": {
        const { usePath, expires, withUri, isProven } = verdict;
        const before = running.usePath;
        running.usePath = usePath;
        running.expiresAt = now + expires * 1_000;
        // A minute before, or at half-time: enough for another try, and for an offer if it moved.
        running.wakeAt = now + Math.max(1_000, expires * 500, expires * 1_000 - 60_000);
        const occasion = before === undefined
          ? "first"
          : isSamePath(before, usePath)
          ? "refresh"
          : "moved";
        const { id } = running.authorization.config;
        this.#host.report({
          type: "relay-granted",
          authorization: id,
          usePath,
          expires,
          occasion,
          withUri,
          isProven,
        });
        return;
      }
      default:
        return verdict satisfies never;
    }
  }

  #refused(
    running: Running,
    why: Pick<Extract<AuthVerdict, { type: "failed" }>, "code" | "comment" | "error"> & {
      readonly cause: RelayPathRefusalCause;
    },
    now: Instant,
  ): void {
    const { authorization, expiresAt } = running;
    const { id } = authorization.config;
    const remaining = expiresAt === undefined ? undefined : Math.max(0, expiresAt - now);
    this.#host.report({
      type: "relay-refused",
      authorization: id,
      relay: authorization.relay,
      index: authorization.index,
      cause: why.cause,
      code: why.code,
      comment: why.comment,
      credentials: authorization.credentials,
      error: why.error,
      remaining,
    });
    if (expiresAt === undefined || remaining === undefined) {
      this.#running.delete(id);
      return;
    }
    // The old path is still good: again at half of what is left, and then no more.
    running.wakeAt = remaining > LAST_TRY ? now + remaining / 2 : expiresAt;
  }
}

interface Running {
  readonly authorization: RelayAuthorization;
  /** Of the AUTH that is under way. */
  transactionId: string | undefined;
  /** When the answer is overdue, the refresh due, or the path at its end. */
  wakeAt: Instant;
  expiresAt: Instant | undefined;
  usePath: readonly MsrpUri[] | undefined;
}

/** Milliseconds before the end of a path, within which a failed refresh is not tried again. */
const LAST_TRY = 5_000;
