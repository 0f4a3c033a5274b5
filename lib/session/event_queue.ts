/** Events on their way to one reader: in order, bounded, and with an end. */

import { SottoError } from "../base/errors.ts";

/** A bounded queue with one reader. A full queue refuses, it never grows. */
export class EventQueue<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  readonly #limit: number;
  #isClosed = false;
  #nudge = Promise.withResolvers<void>();

  /** @param limit Items that may wait for the reader. Default 10,000. */
  constructor(limit = 10_000) {
    this.#limit = limit;
  }

  /** Items that wait. */
  get length(): number {
    return this.#items.length;
  }

  /** Whether {@link push} would refuse. */
  get isFull(): boolean {
    return this.#items.length >= this.#limit;
  }

  /**
   * Appends; ignored after {@link close}.
   * @throws {SottoError} `session/queue-full` when the reader is that far behind.
   */
  push(item: T): void {
    if (this.#isClosed) return;
    if (this.isFull) {
      throw new SottoError("session/queue-full", `more than ${this.#limit} events wait to be read`);
    }
    this.#items.push(item);
    this.#nudge.resolve();
  }

  /** Nothing follows: the reader ends after what is queued. */
  close(): void {
    this.#isClosed = true;
    this.#nudge.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      while (this.#items.length > 0) yield this.#items.shift() as T;
      if (this.#isClosed) return;
      this.#nudge = Promise.withResolvers<void>();
      await this.#nudge.promise;
    }
  }
}
