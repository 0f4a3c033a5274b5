/** Which of many things is due first: a heap, so that a server with ten thousand timers looks at one. */

import type { Instant } from "../../base/output.ts";

/** Entries of the heap that were overtaken are swept when they are this many more than the valid ones. */
const MOST_STALE = 64;

/** The deadlines of many items, each with at most one. */
export class DeadlineQueue<T> {
  readonly #current = new Map<T, Instant>();
  /** A binary heap, the earliest at the front; entries that {@link #current} contradicts are stale. */
  #heap: { readonly at: Instant; readonly item: T }[] = [];

  /** Items that have a deadline. */
  get size(): number {
    return this.#current.size;
  }

  /** When the first item is due, if there is one. */
  get earliest(): Instant | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (this.#current.get(top.item) === top.at) return top.at;
      this.#removeTop();
    }
    return undefined;
  }

  /** Gives `item` another deadline, or none. */
  set(item: T, at: Instant | undefined): void {
    if (this.#current.get(item) === at) return;
    if (at === undefined) {
      this.#current.delete(item);
      return;
    }
    this.#current.set(item, at);
    this.#insert({ at, item });
    if (this.#heap.length > 2 * this.#current.size + MOST_STALE) this.#sweep();
  }

  /** Takes out everything that is due, the earliest first. */
  takeDue(now: Instant): T[] {
    const due: T[] = [];
    for (let at = this.earliest; at !== undefined && at <= now; at = this.earliest) {
      const item = this.#removeTop();
      if (item === undefined) break;
      this.#current.delete(item);
      due.push(item);
    }
    return due;
  }

  #insert(entry: { readonly at: Instant; readonly item: T }): void {
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || parent.at <= entry.at) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = entry;
  }

  #removeTop(): T | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top?.item;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      let least = left;
      const [a, b] = [heap[left], heap[left + 1]];
      if (a !== undefined && b !== undefined && b.at < a.at) least = left + 1;
      const child = heap[least];
      if (child === undefined || child.at >= last.at) break;
      heap[index] = child;
      index = least;
    }
    heap[index] = last;
    return top.item;
  }

  #sweep(): void {
    this.#heap = [];
    for (const [item, at] of this.#current) this.#insert({ at, item });
  }
}
