/** Accepting connections as an `AsyncIterable`, and the bounded queue behind those that push. */

import type { HostPort } from "../base/wire_tap.ts";
import type { ByteStream } from "./byte_stream.ts";

/**
 * A listening socket. Iterating yields connections, which the consumer then owns; leaving
 * the loop closes the listener. After {@link close} the iteration ends.
 */
export interface Listener extends AsyncDisposable, AsyncIterable<ByteStream> {
  /** Where it listens, with the port the system chose when 0 was asked for. */
  readonly local: HostPort;
  /** Stops listening. Connections already handed out stay. Never rejects. */
  close(): Promise<void>;
}

/** What waiting for the network takes. */
export interface WaitOptions {
  /** Ends the wait; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Items pushed by a callback, pulled by one consumer. Never holds more than `limit`: a
 * push beyond that is refused, and the pusher decides what becomes of the item.
 */
export class BoundedQueue<T> {
  readonly #items: T[] = [];
  readonly #limit: number;
  readonly #waiting: ((result: IteratorResult<T, undefined>) => void)[] = [];
  #ended = false;

  /** @param limit Most items to hold. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Appends `item`, or answers `false` when the queue is full or ended. */
  push(item: T): boolean {
    if (this.#ended) return false;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      waiting({ value: item, done: false });
      return true;
    }
    if (this.#items.length >= this.#limit) return false;
    this.#items.push(item);
    return true;
  }

  /** The next item, once there is one; `done` after {@link end}. */
  next(): Promise<IteratorResult<T, undefined>> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve({ value: item, done: false });
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Ends the queue and answers what nobody took. */
  end(): T[] {
    this.#ended = true;
    for (const waiting of this.#waiting.splice(0)) waiting({ value: undefined, done: true });
    return this.#items.splice(0);
  }
}
