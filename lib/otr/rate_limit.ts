/** So many in so long: breaks loops of automatic answers between two clients. */
import type { Instant } from "../base/output.ts";

/** Counts what happened in a sliding window. */
export class RateLimit {
  readonly #most: number;
  readonly #window: number;
  #times: Instant[] = [];

  /** @param most How many. @param window In how many milliseconds. */
  constructor(most: number, window: number) {
    this.#most = most;
    this.#window = window;
  }

  /** Whether one more is allowed; counts it if so. */
  allow(now: Instant): boolean {
    this.#times = this.#times.filter((it) => now - it < this.#window);
    if (this.#times.length >= this.#most) return false;
    this.#times.push(now);
    return true;
  }
}
