/**
 * The tables of bases that come back, bounded in number: the longest unused one makes room.
 * Bases that a stranger chooses get a table only when they have come back a few times.
 */
import type { Address } from "./kernel.ts";

/** How often a public base must have been met before it gets a table. */
const USES_BEFORE_TABLE = 3;
/** Bases that are counted at a time. */
const COUNTED = 16;

interface Entry {
  readonly modulus: bigint;
  /** How often it was met, while it has no table. */
  uses: number;
  place: Address | undefined;
}

/** Places for tables of one shape. */
export class CombTables {
  readonly #free: Address[];
  /** By base, least recently used first; those with a table, and those that are counted. */
  readonly #tables = new Map<bigint, Entry>();
  readonly #counted = new Map<bigint, Entry>();

  /** @param places Where tables may be. */
  constructor(places: readonly Address[]) {
    this.#free = [...places];
  }

  /** Says that a base will come back: it gets a table when it is used next. */
  want(base: bigint, modulus: bigint): void {
    this.#note(base, modulus, USES_BEFORE_TABLE);
  }

  /** Counts that a public base was met. */
  count(base: bigint, modulus: bigint): void {
    this.#note(base, modulus, 1);
  }

  /**
   * The table of a base, or `undefined` when it has none and is not wanted.
   * @param fill Makes the table at an address.
   */
  find(base: bigint, modulus: bigint, fill: (at: Address) => void): Address | undefined {
    const known = this.#tables.get(base) ?? this.#counted.get(base);
    if (known?.modulus !== modulus || known.uses < USES_BEFORE_TABLE) return undefined;
    if (known.place === undefined) {
      known.place = this.#free.pop() ?? this.#takeOldest();
      fill(known.place);
      this.#counted.delete(base);
    }
    this.#tables.delete(base);
    this.#tables.set(base, known);
    return known.place;
  }

  #note(base: bigint, modulus: bigint, uses: number): void {
    if (this.#tables.get(base)?.modulus === modulus) return;
    const counted = this.#counted.get(base);
    const before = counted?.modulus === modulus ? counted.uses : 0;
    this.#counted.delete(base);
    for (const oldest of this.#counted.keys()) {
      if (this.#counted.size < COUNTED) break;
      this.#counted.delete(oldest);
    }
    this.#counted.set(base, { modulus, uses: before + uses, place: undefined });
  }

  #takeOldest(): Address {
    for (const [base, { place }] of this.#tables) {
      this.#tables.delete(base);
      if (place !== undefined) return place;
    }
    throw new RangeError("expected at least one place for a table");
  }
}
