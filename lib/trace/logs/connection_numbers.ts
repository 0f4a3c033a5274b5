/** Numbers for the connections of a log, which names only the two ends of each. */

/** Gives each pair of ends a number. Memory: `limit` pairs; then all are forgotten, and new ones begin. */
export class ConnectionNumbers {
  readonly #limit: number;
  readonly #numbers = new Map<string, number>();
  #last = 0;

  /** @param limit Most connections that are remembered. Default 65 536. */
  constructor(limit = 65_536) {
    this.#limit = limit;
  }

  /** The number of the connection that `key` names: never one that another key had. */
  numberOf(key: string): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#numbers.size >= this.#limit) this.#numbers.clear();
    this.#numbers.set(key, ++this.#last);
    return this.#last;
  }
}
