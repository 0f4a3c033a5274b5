/** When silence needs an empty message, so that keys still rotate ("Receiving a Data Message"). */
import type { Instant } from "../../base/output.ts";

/** Remembers when we last sent something. */
export class Heartbeat {
  readonly #interval: number;
  #lastSent: Instant;

  /** @param interval Milliseconds of silence; 0: never send one. */
  constructor(interval: number, now: Instant) {
    this.#interval = interval;
    this.#lastSent = now;
  }

  /** A data message left. */
  sent(now: Instant): void {
    this.#lastSent = now;
  }

  /**
   * Whether a heartbeat is due after a message with text arrived. Empty messages must not
   * count, or two silent clients would keep each other awake.
   */
  isDue(now: Instant): boolean {
    return this.#interval > 0 && now - this.#lastSent >= this.#interval;
  }
}
