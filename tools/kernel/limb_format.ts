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
}

/** How limbs are held and multiplied. Two limbs are a pair; a number is a row of pairs. */
export interface LimbFormat {
  /** Bits of a limb: the radix is 2^width. */
  readonly width: number;
  /** Octets of a limb in memory. */
  readonly octets: number;
  /** Mask of the upper limb of a pair, as two 64-bit halves. */
  readonly upperLimb: readonly [bigint, bigint];
  /** What every {@link multiply} leaves too much in each lane of the two sums. */
  readonly excess: { readonly low: bigint; readonly high: bigint };
  /** Sets up the constants that a function keeps in locals. */
  prepare(code: Code): void;
  /** The address is on the stack; leaves a limb in both lanes. */
  loadFactor(code: Code, offset: number): void;
  /** The address is on the stack; leaves a pair. */
  loadPair(code: Code, offset: number): void;
  /** Adds one product, or two with the same destination, to the sums. */
  multiply(code: Code, products: readonly Product[], sums: Sums): void;
  /** A vector of integers is on the stack; leaves its first lane modulo 2^width as a factor. */
  makeFactor(code: Code): void;
  /** A vector of integers is on the stack; leaves both lanes shifted down by the width, with sign. */
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
