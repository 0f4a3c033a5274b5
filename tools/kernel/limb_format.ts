/** What a way to hold limbs in vectors has to offer, so that the multiplication can be written once. */
import type { Code, Local } from "./wasm_code.ts";

/** A factor in each lane, times a pair of limbs. */
export interface Product {
  /** The same limb in both lanes, as {@link LimbFormat.loadFactor} makes it. */
  readonly factor: Local;
  /** Two limbs, as {@link LimbFormat.loadPair} makes them. */
  readonly pair: Local;
}

/** Where the halves of products are summed up: 64-bit integers in two lanes. */
export interface Sums {
  /** Of the weight of the product. */
  readonly low: Local;
  /** One limb above. A format without halves leaves it alone. */
  readonly high: Local;
  /** Whether `high` has nothing yet, and is set instead of added to. */
  readonly startsHigh?: boolean;
}

/** One product, or two with the same destination. */
export interface ProductGroup {
  readonly products: readonly Product[];
  readonly sums: Sums;
}

/** Address of the constants. Engines load a vector faster than they make one. */
export const CONSTANTS = 64;

/** How limbs are held and multiplied. Two limbs are a pair; a number is a row of pairs. */
export interface LimbFormat {
  /** Bits of a limb: the radix is 2^width. */
  readonly width: number;
  /** Octets of a limb in memory. */
  readonly octets: number;
  /** Mask of the upper limb of a pair, as two 64-bit halves. */
  readonly upperLimb: readonly [bigint, bigint];
  /** Added to a column before {@link shiftDown}, which then returns so much more as it is shifted. */
  readonly lift: bigint;
  /** Vectors of one 64-bit pattern twice that the code finds in memory, from {@link CONSTANTS} on. */
  readonly constants: readonly bigint[];
  /** What every {@link multiply} leaves too much in each lane of the two sums. */
  readonly excess: { readonly low: bigint; readonly high: bigint };
  /** Sets up the constants that a function keeps in locals. */
  prepare(code: Code): void;
  /** The address is on the stack; leaves a limb in both lanes. */
  loadFactor(code: Code, offset: number): void;
  /** The address is on the stack; leaves a pair. */
  loadPair(code: Code, offset: number): void;
  /** Adds products to sums; up to two groups, step by step together, because they do not wait for each other. */
  multiply(code: Code, ...groups: readonly ProductGroup[]): void;
  /** A vector of integers is on the stack; leaves its first lane modulo 2^width as a factor. */
  makeFactor(code: Code): void;
  /** A vector of lifted columns is on the stack; leaves both shifted down by the width. */
  shiftDown(code: Code): void;
  /**
   * Brings the limbs below 2^width, or close enough to be multiplied again, and stores them.
   * @param columns For each pair its two columns, as locals of vectors of integers.
   * @param to Local with the address.
   */
  store(code: Code, columns: (pair: number) => void, pairs: number, to: Local): void;
  /** The address is on the stack; leaves the limb as an integer, an i64 with sign. */
  loadInteger(code: Code, offset: number): void;
  /** The address and a limb as an i64 are on the stack. */
  storeInteger(code: Code, offset: number): void;
}
