/** The only place that reads time. Everything else is told what time it is. */

import type { Instant } from "../base/output.ts";

/** A source of time that tests can replace (`tests/helpers/manual_clock.ts`). */
export interface Clock {
  /** Monotonic milliseconds, for deadlines. */
  now(): Instant;
  /** Milliseconds since 1970, for timestamps that people read. */
  wallNow(): number;
  /**
   * Resolves when `deadline` has come. Never resolves for `undefined`, nor after `signal`
   * was aborted: race it against something else and abort what lost.
   */
  reached(deadline: Instant | undefined, signal?: AbortSignal): Promise<void>;
}

/** Longest delay that `setTimeout` takes without wrapping to nothing. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** The platform's clock. */
export class SystemClock implements Clock {
  now(): Instant {
    return performance.now();
  }

  wallNow(): number {
    return performance.timeOrigin + performance.now();
  }

  reached(deadline: Instant | undefined, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (deadline === undefined || signal?.aborted) return promise;
    const delay = Math.min(Math.max(0, deadline - this.now()), LONGEST_DELAY);
    const timer = setTimeout(resolve, delay);
    signal?.addEventListener("abort", () => clearTimeout(timer), { once: true });
    return promise;
  }
}

/**
 * Waits `milliseconds`, or rejects with the signal's reason.
 *
 * @param clock Whose milliseconds.
 * @param signal Ends the wait early.
 */
export async function delay(
  clock: Clock,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const waiting = new AbortController();
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([
      clock.reached(clock.now() + milliseconds, waiting.signal),
      aborted.promise,
    ]);
  } finally {
    waiting.abort();
    signal?.removeEventListener("abort", onAbort);
  }
}
