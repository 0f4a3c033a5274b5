/**
 * A request on its way through as many transactions as it takes: with credentials after a
 * challenge (RFC 3261 §22.2, §22.3), to the next server after a failure (RFC 3263 §4.3).
 */

import type { PeerError, SottoError } from "../../base/errors.ts";
import type { Instant } from "../../base/output.ts";
import { headerValue } from "../message/header_fields.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import type { Destination, Flow } from "./destination.ts";
import type { RequestCredentials, SentAnswers } from "./request_credentials.ts";
import type {
  ClientTransaction,
  ClientUser,
  Failure,
  TransactionLayer,
} from "./transaction_layer.ts";

/** What is sent, and what may be tried for it. */
export interface RequestPlan {
  readonly layer: TransactionLayer;
  readonly credentials: RequestCredentials;
  /** The request for one destination, without Via and credentials. */
  readonly write: (sequence: number, to: Destination) => SipRequest;
  /** The number of the request; a new one each time (RFC 3261 §22.2: it goes up with credentials). */
  readonly nextSequence: () => number;
  /** Tried in order. There has to be one. */
  readonly destinations: readonly Destination[];
  readonly user: PendingUser;
  /** The server accepted us, and its own proof is wrong. */
  readonly reportBadProof?: ((error: PeerError) => void) | undefined;
  /** A server is silent, unreachable, or says 503. */
  readonly reportDeadServer?: ((server: DeadServer) => void) | undefined;
}

/** A server that should be left alone for a while. */
export interface DeadServer {
  readonly to: Destination;
  /** Milliseconds that it asked for in a Retry-After (RFC 3261 §21.5.4). */
  readonly retryAfter: number | undefined;
}

/** The one who waits for what becomes of the request. */
export interface PendingUser extends Omit<ClientUser, "receiveFailure"> {
  /** No final response will come; with `credentials`, none that is better than the last one. */
  receiveFailure(failure: Failure | "credentials", now: Instant, error?: Error): void;
  /**
   * The request is about to be sent again. What earlier responses made is void.
   *
   * @returns Whether it is still wanted; with `false`, what happened is reported as it is.
   */
  receiveRetry?(now: Instant): boolean;
}

/** How often one request answers challenges: once for each proxy on the way, and stale nonces. */
const MOST_CHALLENGES = 8;

/** One such request. */
export class PendingRequest implements ClientTransaction, ClientUser {
  readonly #plan: RequestPlan;
  /** Index of the destination that is being tried. */
  #at = 0;
  #sequence: number;
  #challenges = 0;
  #answers: SentAnswers = new Map();
  #transaction: ClientTransaction;

  /**
   * Sends it.
   *
   * @throws {RangeError} without a destination.
   */
  constructor(plan: RequestPlan, now: Instant) {
    this.#plan = plan;
    this.#sequence = plan.nextSequence();
    this.#transaction = this.#send(now);
  }

  /** As it was sent last. */
  get request(): SipRequest {
    return this.#transaction.request;
  }

  /** Where it was sent last. A long one took TCP to get there. */
  get to(): Destination {
    return this.#transaction.to;
  }

  /** The destination that is being tried, as it was planned. */
  get destination(): Destination {
    return this.#plan.destinations[this.#at] ?? this.to;
  }

  /** How its latest response came. */
  get link(): Flow | undefined {
    return this.#transaction.link;
  }

  /** Its number in CSeq. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Sends it once more, written anew under the next number: what it says has changed. */
  sendAgain(now: Instant): void {
    this.#sequence = this.#plan.nextSequence();
    this.#transaction = this.#send(now);
  }

  /** A response to the latest attempt. */
  receiveResponse(response: SipResponse, now: Instant): void {
    const { user, credentials, reportBadProof } = this.#plan;
    const { status } = response;
    if (status === 401 || status === 407) {
      if (this.#answerChallenge(response, now)) return;
    } else if (status === 503) {
      this.#reportDead(headerValue(response, "Retry-After"));
      if (this.#tryNext(now)) return;
    } else if (status >= 200 && status < 300) {
      const fault = credentials.receiveSuccess(response, this.#answers);
      if (fault !== undefined) reportBadProof?.(fault);
    }
    user.receiveResponse(response, now);
  }

  /** The latest attempt got no final response. */
  receiveFailure(failure: Failure, now: Instant, error?: Error): void {
    this.#reportDead();
    if (!this.#tryNext(now)) this.#plan.user.receiveFailure(failure, now, error);
  }

  #reportDead(retryAfter?: string): void {
    // RFC 3261 §20.33: seconds, then perhaps a comment and parameters.
    const seconds = /^\s*(\d{1,9})/.exec(retryAfter ?? "")?.[1];
    const wait = seconds === undefined ? undefined : 1000 * Number(seconds);
    this.#plan.reportDeadServer?.({ to: this.destination, retryAfter: wait });
  }

  /** @returns Whether the user need not hear of the response. */
  #answerChallenge(response: SipResponse, now: Instant): boolean {
    const { credentials, user } = this.#plan;
    const verdict: "retry" | SottoError | undefined = credentials.receiveChallenge(
      response,
      this.#answers,
    );
    if (verdict === undefined) return false;
    this.#challenges++;
    if (verdict !== "retry" || this.#challenges > MOST_CHALLENGES) {
      if (verdict === "retry") return false;
      user.receiveFailure("credentials", now, verdict);
      return true;
    }
    if (user.receiveRetry?.(now) === false) return false;
    this.sendAgain(now);
    return true;
  }

  /** RFC 3263 §4.3: another server gets the same request in a new transaction. */
  #tryNext(now: Instant): boolean {
    if (this.#at + 1 >= this.#plan.destinations.length) return false;
    if (this.#plan.user.receiveRetry?.(now) === false) return false;
    this.#at++;
    this.#transaction = this.#send(now);
    return true;
  }

  #send(now: Instant): ClientTransaction {
    const { layer, credentials, write, destinations } = this.#plan;
    const to = destinations[this.#at];
    if (to === undefined) throw new RangeError("a request needs a destination");
    const { request, answers } = credentials.authorize(write(this.#sequence, to));
    this.#answers = answers;
    return layer.send(request, to, this, now);
  }
}
