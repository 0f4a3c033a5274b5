/**
 * SMP in one session as its user sees it: questions, answers and verdicts, and the guard that
 * decides whether a question may be answered at all (docs/spec_notes/session.md, "Trust").
 */

import type { SmpGuard, SmpOutcome } from "./chat_options.ts";
import type { Clock } from "./clock.ts";
import type { RecordWriter } from "./record_writer.ts";
import type { SecureChatEvent } from "./secure_chat_events.ts";
import { SmpExchange } from "./smp_exchange.ts";

/** The side of the encrypted chat that SMP runs in. */
export interface SmpEngine {
  /** Whether SMP can run now. */
  canVerify(): boolean;
  /** The encrypted peer's, if there is one. */
  fingerprint(): string | undefined;
  /** @throws {SottoError} `session/not-open`, `session/unencrypted` where SMP cannot run. */
  demand(): void;
  start(secret: Uint8Array, question: string | undefined): void;
  answer(secret: Uint8Array): void;
  /** Gives up the exchange that is under way, if one is. */
  abort(): void;
}

/** How one session verifies. */
export interface SmpTalkOptions {
  readonly clock: Clock;
  readonly engine: SmpEngine;
  /** Address of record of the peer, for the guard. */
  readonly peer: string;
  /** How long an exchange may take, in milliseconds. */
  readonly timeout: number;
  readonly guard: SmpGuard | undefined;
  /** Octets that answer questions by themselves. */
  readonly secret: Uint8Array | undefined;
  /** Where the guard writes down what became of guesses. */
  readonly writer: RecordWriter;
  /** Resolves when the session is over. */
  readonly over: Promise<unknown>;
  /** A question is not answered, for this reason. */
  readonly onRefused: (reason: string) => void;
  /** Something went wrong here. */
  readonly onFault: (error: unknown) => void;
}

/** One exchange after the other. */
export class SmpTalk {
  readonly #options: SmpTalkOptions;
  readonly #exchange = new SmpExchange();
  /** Whether the question that was asked last may be answered. */
  #permission: Promise<boolean> = Promise.resolve(true);

  /** @param options With whom, and by which rules. */
  constructor(options: SmpTalkOptions) {
    this.#options = options;
  }

  /** Starts an exchange; resolves at its verdict. */
  async verify(secret: Uint8Array, question?: string): Promise<SmpOutcome> {
    const { engine } = this.#options;
    engine.demand();
    const verdict = this.#exchange.expectVerdict();
    engine.start(secret, question);
    return await this.#untilVerdict(verdict);
  }

  /** Waits for the peer's question (it may be there already), and answers it. */
  async answer(secret: Uint8Array): Promise<SmpOutcome> {
    const asked = this.#exchange.question.then(() => "asked" as const);
    const first = await this.#within(asked);
    return first === "asked" ? await this.answerNow(secret) : first;
  }

  /** Answers the question that is open, if the guard lets us. */
  async answerNow(secret: Uint8Array): Promise<SmpOutcome> {
    const { engine } = this.#options;
    engine.demand();
    const verdict = this.#exchange.expectVerdict();
    if (!this.#exchange.isAnswered) {
      const wasAsked = this.#exchange.isAsked;
      const mayAnswer = !wasAsked || await this.#permission;
      // Meanwhile it may have been taken back, or answered by itself.
      if (mayAnswer && this.#exchange.isAsked === wasAsked) {
        this.#exchange.answer();
        engine.answer(secret);
      }
    }
    return await this.#untilVerdict(verdict);
  }

  /** Follows an event of the policy core, after it was told. */
  receive(event: Extract<SecureChatEvent, { type: "smp" }>): void {
    const { engine, guard, onFault, peer, writer } = this.#options;
    const ended = this.#exchange.receive(event);
    if (event.state === "asked") {
      this.#permission = this.#askGuard();
      this.#answerByItself().catch(onFault);
    }
    const fingerprint = engine.fingerprint();
    if (ended?.wasAnswer !== true || guard === undefined || fingerprint === undefined) return;
    const note = ended.outcome.verdict === "match" ? guard.succeeded : guard.failed;
    writer.write(() => note(peer, fingerprint));
  }

  /** Whether the guard lets the question be answered. One that it does not is given up here. */
  async #askGuard(): Promise<boolean> {
    const { engine, guard, onRefused, peer, writer } = this.#options;
    const fingerprint = engine.fingerprint();
    if (fingerprint === undefined) return false;
    await writer.written; // The guess before this one counts.
    const refusal = await guard?.refusal(peer, fingerprint);
    if (refusal === undefined) return true;
    if (this.#exchange.isAsked && engine.canVerify()) {
      onRefused(refusal);
      engine.abort();
    }
    return false;
  }

  async #answerByItself(): Promise<void> {
    const { engine, secret } = this.#options;
    const mayAnswer = await this.#permission;
    // Meanwhile the question may have been taken back, or a person may have answered it.
    if (!mayAnswer || !this.#exchange.isAsked || !engine.canVerify()) return;
    if (secret === undefined) return;
    this.#exchange.answer();
    engine.answer(secret);
  }

  async #untilVerdict(verdict: Promise<SmpOutcome>): Promise<SmpOutcome> {
    const outcome = await this.#within(verdict);
    if (outcome.verdict === "timeout") this.#options.engine.abort();
    return outcome;
  }

  /** Waits for `promise` as long as an SMP exchange may take and the session lasts. */
  async #within<T>(promise: Promise<T>): Promise<T | SmpOutcome> {
    const { clock, over, timeout } = this.#options;
    const waiting = new AbortController();
    try {
      return await Promise.race([
        promise,
        clock.reached(clock.now() + timeout, waiting.signal)
          .then((): SmpOutcome => ({ verdict: "timeout" })),
        over.then((): SmpOutcome => ({ verdict: "refused" })),
      ]);
    } finally {
      waiting.abort();
    }
  }
}
