/**
 * Who offers OTR when, and how long an offer waits for its answer: the timers of one chat
 * (docs/spec_notes/session.md, "When OTR is offered"). Says what is due; acts on nothing.
 */

import type { Instant } from "../base/output.ts";
import { parseOtrMessage } from "../otr/mod.ts";

/** Milliseconds. */
export interface SecureChatTimers {
  /** An offer without an answer counts as declined after this long. Default 8,000. */
  readonly offerTimeout: number;
  /** How long a callee waits for the caller's offer before it makes one. Default 2,000. */
  readonly calleeOfferDelay: number;
  /** How long a v2 query that crossed ours waits for the peer's D-H Commit. Default 3,000. */
  readonly crossedQueryDelay: number;
}

const DEFAULT_TIMERS: SecureChatTimers = {
  offerTimeout: 8_000,
  calleeOfferDelay: 2_000,
  crossedQueryDelay: 3_000,
};

/** Our offer and the peer's. */
export class OtrOffer {
  readonly #timers: SecureChatTimers;
  #answerBy: Instant | undefined;
  #offerAt: Instant | undefined;
  #heldQuery: { readonly text: string; readonly until: Instant } | undefined;
  #wasMade = false;
  /** The peer sent something that only an OTR engine sends: plaintext no longer means "no". */
  #peerSpeaksOtr = false;

  /** @param timers Where they differ from the defaults. */
  constructor(timers: Partial<SecureChatTimers> = {}) {
    this.#timers = { ...DEFAULT_TIMERS, ...timers };
  }

  /** When something will be due next, if anything. */
  get deadline(): Instant | undefined {
    const deadlines = [this.#answerBy, this.#offerAt, this.#heldQuery?.until]
      .filter((it) => it !== undefined);
    return deadlines.length > 0 ? Math.min(...deadlines) : undefined;
  }

  /** Whether we offer later, unless the peer does first. */
  get isDelayed(): boolean {
    return this.#offerAt !== undefined;
  }

  /** Whether plaintext of the peer's says no to our offer. */
  get isDeclinedByPlaintext(): boolean {
    return this.#wasMade && !this.#peerSpeaksOtr;
  }

  /** A callee leaves the caller time to offer first. */
  delay(now: Instant): void {
    this.#offerAt = now + this.#timers.calleeOfferDelay;
  }

  /** Our offer leaves. */
  make(now: Instant): void {
    this.#wasMade = true;
    this.awaitAnswer(now);
  }

  /** OTR is begun, by us or by the peer: whoever was offered it does not offer on top of that. */
  awaitAnswer(now: Instant): void {
    this.#offerAt = undefined;
    this.#answerBy = now + this.#timers.offerTimeout;
  }

  /** A text of the peer's arrived: it may show that there is an OTR engine. */
  hear(text: string): void {
    const kind = parseOtrMessage(text).type;
    if (kind !== "plaintext" && kind !== "malformed" && kind !== "error") {
      this.#peerSpeaksOtr = true;
    }
  }

  /**
   * potr never resolves crossed D-H Commits (spec notes): when its v2 query crosses ours, we
   * give it time to answer ours before we answer its.
   *
   * @param text Of the peer's, while our offer waits for its answer.
   * @returns Whether `text` is kept for {@link takeHeldQuery}.
   */
  holdCrossedQuery(text: string, now: Instant): boolean {
    if (!this.#wasMade || this.#peerSpeaksOtr) return false;
    const message = parseOtrMessage(text);
    if (message.type !== "query") return false;
    this.#peerSpeaksOtr = true;
    if (message.versions.includes("3")) return false;
    this.#heldQuery = { text, until: now + this.#timers.crossedQueryDelay };
    return true;
  }

  /** One key exchange is enough: what was held is not answered on top of it. */
  dropHeldQuery(): void {
    this.#heldQuery = undefined;
  }

  /** The query that was held and is due, once. */
  takeHeldQuery(now: Instant): string | undefined {
    if (this.#heldQuery === undefined || this.#heldQuery.until > now) return undefined;
    const { text } = this.#heldQuery;
    this.#heldQuery = undefined;
    return text;
  }

  /** Whether the caller had its time, and it is our turn to offer. */
  isDue(now: Instant): boolean {
    return this.#offerAt !== undefined && this.#offerAt <= now;
  }

  /** Whether the time for an answer is over; true once. */
  takeTimeout(now: Instant): boolean {
    if (this.#answerBy === undefined || this.#answerBy > now) return false;
    this.#answerBy = undefined;
    return true;
  }

  /** It is decided whether there is encryption: nothing is due any more. */
  forget(): void {
    this.#answerBy = undefined;
    this.#offerAt = undefined;
    this.#heldQuery = undefined;
  }
}
