/** Wakes the policy core when something is due, and gives it quiet moments to prepare in. */

import type { Instant } from "../base/output.ts";
import type { Clock } from "./clock.ts";

/** What is woken. */
export interface TimedPolicy {
  /** When something will be due next, if anything. */
  readonly deadline: Instant | undefined;
  /** Nothing is to be done at the moment. */
  prepare(): void;
}

/** The timers of one session. */
export class PolicyTimers {
  readonly #clock: Clock;
  readonly #stopping: AbortSignal;
  #nudge = Promise.withResolvers<void>();

  /** @param stopping Ends {@link follow}. */
  constructor(clock: Clock, stopping: AbortSignal) {
    this.#clock = clock;
    this.#stopping = stopping;
  }

  /** Something was done: the deadline may be another now. */
  nudge(): void {
    this.#nudge.resolve();
  }

  /**
   * Resolves at the end.
   *
   * @param onDue The deadline has passed; to be acted on, or it stays due.
   * @param isOver Whether nobody acts any more, although last words still leave.
   */
  async follow(policy: TimedPolicy, onDue: () => void, isOver: () => boolean): Promise<void> {
    const stopped = this.#untilStopped();
    for (;;) {
      const waiting = new AbortController();
      this.#nudge = Promise.withResolvers<void>();
      // First everything leaves that the last event gave rise to.
      const quiet = this.#clock.reached(this.#clock.now(), waiting.signal).then(() => "quiet");
      if (await Promise.race([quiet, stopped]) === "quiet" && !isOver()) policy.prepare();
      const woken = await Promise.race([
        this.#clock.reached(policy.deadline, waiting.signal).then(() => "due" as const),
        this.#nudge.promise,
        stopped,
      ]).finally(() => waiting.abort());
      // While the last words leave, nobody acts on a deadline any more: it would stay due.
      if (woken === "stop" || isOver()) return;
      if (woken === "due") onDue();
    }
  }

  #untilStopped(): Promise<"stop"> {
    return new Promise((resolve) => {
      this.#stopping.addEventListener("abort", () => resolve("stop"), { once: true });
      if (this.#stopping.aborted) resolve("stop");
    });
  }
}
