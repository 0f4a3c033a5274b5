/** Many deadlines, the earliest first: setting and cancelling cost the logarithm of their number. */
import type { Instant } from "../../base/output.ts";

/** A deadline that was set. */
export interface Timer<T> {
  readonly at: Instant;
  readonly what: T;
}

/** A heap of deadlines. Holds nothing that was cancelled. */
export class Timers<T> {
  readonly #heap: Entry<T>[] = [];

  /** The earliest of all. */
  get deadline(): Instant | undefined {
    return this.#heap[0]?.at;
  }

  /** How many are set. */
  get size(): number {
    return this.#heap.length;
  }

  /** Sets one. */
  set(at: Instant, what: T): Timer<T> {
    const entry: Entry<T> = { at, what, index: this.#heap.length };
    this.#heap.push(entry);
    this.#rise(entry);
    return entry;
  }

  /** Takes one back; nothing happens when it is over already. */
  cancel(timer: Timer<T> | undefined): void {
    const entry = timer as Entry<T> | undefined;
    if (entry === undefined || this.#heap[entry.index] !== entry) return;
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    last.index = entry.index;
    this.#heap[last.index] = last;
    this.#rise(last);
    this.#sink(last);
  }

  /** Takes out the earliest if it has come. */
  takeDue(now: Instant): T | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.cancel(first);
    return first.what;
  }

  #rise(entry: Entry<T>): void {
    while (entry.index > 0) {
      const parent = this.#heap[(entry.index - 1) >> 1];
      if (parent === undefined || parent.at <= entry.at) return;
      this.#swap(parent, entry);
    }
  }

  #sink(entry: Entry<T>): void {
    for (;;) {
      const left = this.#heap[2 * entry.index + 1];
      const right = this.#heap[2 * entry.index + 2];
      const child = right !== undefined && left !== undefined && right.at < left.at ? right : left;
      if (child === undefined || child.at >= entry.at) return;
      this.#swap(entry, child);
    }
  }

  #swap(a: Entry<T>, b: Entry<T>): void {
    [a.index, b.index] = [b.index, a.index];
    this.#heap[a.index] = a;
    this.#heap[b.index] = b;
  }
}

interface Entry<T> extends Timer<T> {
  index: number;
}
