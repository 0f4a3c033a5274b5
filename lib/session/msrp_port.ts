/** A listening socket and the sessions that wait on it for their peers (RFC 4975 §5.4). */

import { SottoError } from "../base/errors.ts";
import { type MsrpSessionConfig, type MsrpUri, msrpUrisMatch } from "../msrp/mod.ts";
import type { ByteStream, HostPort, Listener } from "../transport/mod.ts";
import { delay } from "./clock.ts";
import {
  certificateHashes,
  type ExpectedFingerprint,
  fingerprintMismatch,
  isExpectedCertificate,
  type KnownHashes,
} from "./msrp_fingerprint.ts";
import { MsrpLink, type MsrpLinkOptions } from "./msrp_link.ts";
import type { MsrpSession } from "./msrp_session.ts";

/** What a {@link MsrpPort} needs beyond what its links need. */
export interface MsrpPortOptions extends MsrpLinkOptions {
  /** Connections that named no session of ours, after which waiting ends; default 32. */
  readonly strangerLimit?: number | undefined;
  /** Whether several prepared sessions use it; a port of one session closes once that is bound. */
  readonly isShared: boolean;
  /** A connection was accepted. */
  readonly onLink: (link: MsrpLink) => void;
  /** Nothing listens any more. */
  readonly onClosed: () => void;
}

/** Milliseconds that an accepted connection may take to name its session. */
const FIRST_REQUEST_TIMEOUT = 30_000;

/** Accepts connections and finds out by their first request whose they are. */
export class MsrpPort {
  readonly #listener: Listener;
  readonly #options: MsrpPortOptions;
  readonly #waiting = new Set<Waiting>();
  readonly #bound = new Set<MsrpSession>();
  #unbound = 0;
  #strangers = 0;
  #users = 1;
  #accepting: Promise<void> | undefined;

  /** Takes over `listener`. */
  constructor(listener: Listener, options: MsrpPortOptions) {
    this.#listener = listener;
    this.#options = options;
  }

  /** Where it listens. */
  get local(): HostPort {
    return this.#listener.local;
  }

  /** One more session uses it. */
  share(): this {
    this.#users++;
    return this;
  }

  /** One session less uses it; the last one closes it. */
  async release(): Promise<void> {
    if (--this.#users === 0) await this.close();
  }

  /** Stops listening; connections stay. */
  async close(): Promise<void> {
    await this.#listener.close();
    this.#options.onClosed();
    for (const { bound } of this.#waiting) {
      bound.reject(new SottoError("session/msrp-closed", "the MSRP port was closed"));
    }
    await this.#accepting;
  }

  /**
   * Waits for the peer of one session.
   *
   * @param uri What its first To-Path will be.
   * @param expected Certificates one of which it must show; empty: any, or none.
   * @throws {SottoError} `session/tls-fingerprint-mismatch`, `session/msrp-strangers`,
   * `session/msrp-closed`; the signal's reason.
   */
  async accept(
    uri: MsrpUri,
    config: MsrpSessionConfig,
    expected: readonly ExpectedFingerprint[],
    signal: AbortSignal,
  ): Promise<MsrpSession> {
    const bound = Promise.withResolvers<MsrpSession>();
    const waiting: Waiting = { uri, config, expected, bound, fault: undefined };
    const onAbort = (): void => bound.reject(waiting.fault ?? signal.reason);
    signal.throwIfAborted();
    signal.addEventListener("abort", onAbort, { once: true });
    this.#waiting.add(waiting);
    this.#accepting ??= this.#acceptAll();
    try {
      return await bound.promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#waiting.delete(waiting);
      if (!this.#options.isShared) await this.#listener.close();
    }
  }

  async #acceptAll(): Promise<void> {
    try {
      for await (const stream of this.#listener) {
        if (this.#unbound >= this.#strangerLimit) void stream.close();
        else void this.#greet(stream);
      }
    } catch (error) {
      for (const { bound } of this.#waiting) bound.reject(error);
    }
  }

  /** Never rejects: a stranger's trouble is its own. */
  async #greet(stream: ByteStream): Promise<void> {
    this.#unbound++;
    try {
      const hashes = await certificateHashes(stream.tls);
      const link: MsrpLink = new MsrpLink(stream, {
        ...this.#options,
        claimSession: (to) => this.#claim(to, hashes, link),
        onClaimed: (session) => this.#claimed(session),
        onStranger: (stranger) => this.#dismiss(stranger),
      });
      this.#options.onLink(link);
      const done = new AbortController();
      void link.ended.then(() => done.abort());
      await Promise.race([
        link.firstBound,
        link.ended,
        delay(this.#options.clock, FIRST_REQUEST_TIMEOUT, done.signal).catch(() => {}),
      ]);
      done.abort();
      if (!link.isInUse) await link.close();
    } finally {
      this.#unbound--;
    }
  }

  #claim(
    to: MsrpUri,
    hashes: KnownHashes,
    link: MsrpLink,
  ): MsrpSessionConfig | "bound-elsewhere" | undefined {
    for (const session of this.#bound) {
      if (!session.isOpen) this.#bound.delete(session);
      else if (this.#means(to, session.localPath.at(-1))) return "bound-elsewhere";
    }
    for (const waiting of this.#waiting) {
      if (!this.#means(to, waiting.uri)) continue;
      if (waiting.isClaimed) return "bound-elsewhere";
      if (waiting.expected.length > 0 && !isExpectedCertificate(waiting.expected, hashes)) {
        // Not our peer, whatever it knows: RFC 4975 §14.4 tears it down. The right one may
        // still come.
        waiting.fault = fingerprintMismatch(hashes);
        this.#dismiss(link);
        return undefined;
      }
      waiting.isClaimed = true;
      return waiting.config;
    }
    return undefined;
  }

  #means(to: MsrpUri, uri: MsrpUri | undefined): boolean {
    if (uri === undefined) return false;
    return this.#options.matchBySessionId === true
      ? to.sessionId === uri.sessionId
      : msrpUrisMatch(to, uri);
  }

  #claimed(session: MsrpSession): void {
    this.#bound.add(session);
    for (const { config, bound } of this.#waiting) {
      if (config.localPath.at(-1)?.sessionId === session.id) return bound.resolve(session);
    }
    void session.close(); // Nobody waits for it any more.
  }

  /** A connection that broke the rules before it named a session: closed behind its answer. */
  #dismiss(link: MsrpLink): void {
    this.#strangers++;
    void link.close();
    if (this.#strangers < this.#strangerLimit) return;
    for (const { bound, fault } of this.#waiting) {
      bound.reject(
        fault ?? new SottoError(
          "session/msrp-strangers",
          `${this.#strangers} connections came that were not the peer's`,
        ),
      );
    }
  }

  get #strangerLimit(): number {
    return this.#options.strangerLimit ?? 32;
  }
}

interface Waiting {
  readonly uri: MsrpUri;
  readonly config: MsrpSessionConfig;
  readonly expected: readonly ExpectedFingerprint[];
  readonly bound: PromiseWithResolvers<MsrpSession>;
  /** Why the last connection that named it was turned away. */
  fault: SottoError | undefined;
  isClaimed?: boolean;
}
