/** A clock that stands still until a test moves it. */
import type { Instant } from "../../lib/base/output.ts";
import type { Clock } from "../../lib/session/clock.ts";

/** Simulated time: {@link advance} moves it and wakes whoever waited. */
export class ManualClock implements Clock {
  #now: Instant;
  readonly #epoch: number;
  readonly #waiting = new Set<{ deadline: Instant; resolve: () => void }>();

  /** @param now Where monotonic time begins. @param epoch Wall time at monotonic 0. */
  constructor(now: Instant = 0, epoch: number = Date.UTC(2026, 1, 3, 10, 11, 12)) {
    this.#now = now;
    this.#epoch = epoch;
  }

  now(): Instant {
    return this.#now;
  }

  wallNow(): number {
    return this.#epoch + this.#now;
  }

  reached(deadline: Instant | undefined, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (deadline === undefined || signal?.aborted) return promise;
    if (deadline <= this.#now) {
      resolve();
      return promise;
    }
    const waiter = { deadline, resolve };
    this.#waiting.add(waiter);
    signal?.addEventListener("abort", () => this.#waiting.delete(waiter), { once: true });
    return promise;
  }

  /** Moves time on, stopping at every deadline on the way so that timers fire in order. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await settle();
    for (;;) {
      const next = Math.min(end, ...[...this.#waiting].map((it) => it.deadline));
      this.#now = Math.max(this.#now, next);
      for (const waiter of [...this.#waiting]) {
        if (waiter.deadline > this.#now) continue;
        this.#waiting.delete(waiter);
        waiter.resolve();
      }
      await settle();
      if (this.#now >= end) return;
    }
  }
}

/** Lets everything that can run without time passing run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}
