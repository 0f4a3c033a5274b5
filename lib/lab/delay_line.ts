/** Things on their way: what goes in comes out in order, so many milliseconds later, however much is under way. */

import { type Clock, delay } from "../session/mod.ts";

/** How a {@link DelayLine} is made. */
export interface DelayLineOptions {
  readonly clock: Clock;
  /** Milliseconds between going in and coming out. */
  readonly milliseconds: number;
  /** Octets that may be under way; more wait outside. */
  readonly limit: number;
}

/** One direction of a long way. */
export class DelayLine<T> {
  readonly #options: DelayLineOptions;
  readonly #items: { readonly item: T; readonly size: number; readonly at: number }[] = [];
  #held = 0;
  #ended = false;
  #changed = Promise.withResolvers<void>();

  /** @param options How long, by which clock, how much. */
  constructor(options: DelayLineOptions) {
    this.#options = options;
  }

  /** Sends `item` on its way; waits while too much is under way. */
  async put(item: T, size: number): Promise<void> {
    const { clock, limit, milliseconds } = this.#options;
    while (this.#held >= limit && !this.#ended) await this.#changed.promise;
    this.#held += size;
    this.#items.push({ item, size, at: clock.now() + milliseconds });
    this.#change();
  }

  /** Nothing more goes in. What is under way still arrives. */
  end(): void {
    this.#ended = true;
    this.#change();
  }

  /** The next item once it has arrived, or `undefined` after the last. One taker at a time. */
  async take(): Promise<T | undefined> {
    const { clock } = this.#options;
    for (;;) {
      const [first] = this.#items;
      if (first === undefined) {
        if (this.#ended) return undefined;
        await this.#changed.promise;
        continue;
      }
      const rest = first.at - clock.now();
      if (rest > 0) await delay(clock, rest);
      this.#items.shift();
      this.#held -= first.size;
      this.#change();
      return first.item;
    }
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
