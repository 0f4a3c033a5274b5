/** One SMP exchange at a time, as whoever waits for its verdict sees it. */

import type { SmpOutcome } from "./chat_options.ts";
import type { SecureChatEvent } from "./secure_chat_events.ts";

/** Events of the policy core into a verdict. */
export class SmpExchange {
  #verdict: PromiseWithResolvers<SmpOutcome> | undefined;
  #question = Promise.withResolvers<void>();
  #isAsked = false;
  #isAnswered = false;

  /** Whether a question of the peer's waits for its answer. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** Whether the peer's question was answered already. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** Resolves when the peer asks; at once if it has asked already. */
  get question(): Promise<void> {
    return this.#question.promise;
  }

  /** Resolves with the verdict of the exchange that runs, or of the one that begins now. */
  expectVerdict(): Promise<SmpOutcome> {
    this.#verdict ??= Promise.withResolvers<SmpOutcome>();
    return this.#verdict.promise;
  }

  /** We answer the peer's question. */
  answer(): void {
    this.#isAsked = false;
    this.#isAnswered = true;
  }

  /**
   * Follows an event.
   * @returns How the exchange ended and whether it was a question that we answered, if it ended.
   */
  receive(
    event: Extract<SecureChatEvent, { type: "smp" }>,
  ): { readonly outcome: SmpOutcome; readonly wasAnswer: boolean } | undefined {
    switch (event.state) {
      case "asked":
        this.#verdict ??= Promise.withResolvers<SmpOutcome>();
        this.#isAsked = true;
        this.#isAnswered = false;
        this.#question.resolve();
        return undefined;
      case "in-progress":
        return undefined;
      case "success":
        return this.#finish({ verdict: "match" }, event.role);
      case "failure":
        return this.#finish({ verdict: "mismatch" }, event.role);
      case "aborted":
        // An abort after our proof is how some engines say that the secrets differ.
        return this.#finish({ verdict: event.proofSeen ? "mismatch" : "refused" }, event.role);
      case "error":
        return this.#finish({ verdict: "cheated" }, event.role);
      default:
        return event.state satisfies never;
    }
  }

  #finish(
    outcome: SmpOutcome,
    role: "initiator" | "responder",
  ): { readonly outcome: SmpOutcome; readonly wasAnswer: boolean } {
    const wasAnswer = this.#isAnswered && role === "responder";
    this.#verdict?.resolve(outcome);
    this.#verdict = undefined;
    this.#isAsked = false;
    this.#isAnswered = false;
    this.#question = Promise.withResolvers<void>();
    return { outcome, wasAnswer };
  }
}
