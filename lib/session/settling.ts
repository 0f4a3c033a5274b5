/**
 * Whether messages may flow as the policy says: decided once for each offer, and broken off
 * where encryption that is required ends (docs/spec_notes/session.md, "What leaves").
 */

import { SottoError } from "../base/errors.ts";
import { type BlockReason, describeBlock } from "./secure_chat_events.ts";

/** The decision that a session waits for. */
export class Settling {
  #settled = Promise.withResolvers<void>();
  readonly #broken = Promise.withResolvers<SottoError>();
  #isDecided = false;

  /** Nobody has to ask: the decision shows in events as well. */
  constructor() {
    this.restart();
  }

  /** Resolves when messages may flow, rejects with what made that impossible. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** Resolves with what forbids to go on, although messages flowed before, or flow never. */
  get broken(): Promise<SottoError> {
    return this.#broken.promise;
  }

  /** Another offer leaves: {@link settled} is asked anew. */
  restart(): void {
    this.#settled = Promise.withResolvers<void>();
    this.#settled.promise.catch(() => {}); // Reported to whoever awaits it.
  }

  /** Messages may flow. */
  settle(): void {
    this.#isDecided = true;
    this.#settled.resolve();
  }

  /** They never will. */
  fail(error: SottoError): void {
    this.#settled.reject(error);
  }

  /**
   * The policy forbids to send.
   * @returns What to do when it is certain that the session does not end by this.
   */
  block(block: BlockReason): { readonly error: SottoError; readonly breakOff: () => void } {
    const error = new SottoError(blockCode(block), describeBlock(block));
    const breaks = block.reason === "not-encrypted" || this.#isDecided;
    this.#isDecided = true;
    this.#settled.reject(error);
    return { error, breakOff: () => breaks && this.#broken.resolve(error) };
  }
}

/** What a block is called. */
export function blockCode(block: BlockReason): "session/untrusted" | "session/unencrypted" {
  return block.reason === "untrusted" ? "session/untrusted" : "session/unencrypted";
}
