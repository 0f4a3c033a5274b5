/** Bounds a wait in real time, so that a scenario that hangs fails and says where it stood. */

/** Milliseconds that anything on loopback may take. */
const PATIENCE = 8_000;

/**
 * `promise`, unless it takes longer than {@link PATIENCE}.
 *
 * @param what Named in the failure: what was waited for, and what had happened until then.
 */
export async function inTime<T>(promise: Promise<T>, what: () => string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`waited too long for ${what()}`)), PATIENCE);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
    late.promise.catch(() => {}); // The race has told whoever waits.
  }
}

/** A list that grows, and that can be waited on. */
export class Growing<T> {
  readonly all: T[] = [];
  readonly #what: string;
  readonly #show: (item: T) => string;
  readonly #listeners: ((item: T) => void)[] = [];
  #wake = Promise.withResolvers<void>();

  /** @param what Name of the items, and how one is shown in a failure. */
  constructor(what: string, show: (item: T) => string) {
    this.#what = what;
    this.#show = show;
  }

  /** Tells `listener` of every item, those that are there already included. */
  follow(listener: (item: T) => void): void {
    for (const item of this.all) listener(item);
    this.#listeners.push(listener);
  }

  /** One more. */
  push(item: T): void {
    this.all.push(item);
    for (const listener of this.#listeners) listener(item);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }

  /** The first item at or after position `from` that is wanted; waits until there is one. */
  async first(isWanted: (item: T) => boolean, from = 0): Promise<T> {
    for (;;) {
      const found = this.all.slice(from).find(isWanted);
      if (found !== undefined) return found;
      await inTime(
        this.#wake.promise,
        () => `${this.#what}; there are:\n${this.all.map(this.#show).join("\n")}`,
      );
    }
  }
}
