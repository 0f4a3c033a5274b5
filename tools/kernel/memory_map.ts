/** Where the numbers of one size lie. All addresses are known when the code is written. */
import type { LimbFormat } from "./limb_format.ts";

/** The memory of one size of modulus. */
export interface MemoryMap {
  /** Bits of the moduli. */
  readonly bits: number;
  /** Pairs of limbs of a number; R = 2^(2·pairs·width). */
  readonly pairs: number;
  /** Octets of a number, a multiple of 16. */
  readonly stride: number;
  /** Octets of a number below 2N, in whole words of 64 bits. */
  readonly octets: number;
  /** N + 1, where N ≡ −1 modulo the radix: the lowest limb is zero. */
  readonly modulus: number;
  /** The number that is squared, and by default the result of everything. */
  readonly accumulator: number;
  /** The second factor of a multiplication. */
  readonly factor: number;
  /** For each of 2·pairs pairs of columns the sums of even and of odd rows: 32 octets. */
  readonly columns: number;
  /** What these sums begin with in a multiplication. */
  readonly beginning: number;
  /** First address after all this. */
  readonly end: number;
}

/** Lays out a size from `start` on, a multiple of 16. */
export function layOut(format: LimbFormat, bits: number, start: number): MemoryMap {
  // 2N < R / 4 for N = k·p with k below the radix; p itself may already be −1 there.
  const friendly = bits === 1536 ? bits : bits + format.width;
  const pairs = Math.ceil((friendly + 2) / (2 * format.width));
  const stride = 16 * Math.ceil(2 * pairs * format.octets / 16);
  const columns = start + 3 * stride;
  const beginning = columns + 64 * pairs;
  return {
    bits,
    pairs,
    stride,
    octets: 8 * Math.ceil((friendly + 1) / 64),
    modulus: start,
    accumulator: start + stride,
    factor: start + 2 * stride,
    columns,
    beginning,
    end: beginning + 64 * pairs,
  };
}
