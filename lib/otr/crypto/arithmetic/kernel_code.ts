/** What a kernel module is, and where things lie in its memory. */

/** Where the numbers of one size of modulus lie. All addresses are in octets. */
export interface MemoryMap {
  /** Bits of the moduli. */
  readonly bits: number;
  /** Pairs of limbs of a number; R = 2^(2·pairs·width). */
  readonly pairs: number;
  /** Octets of a number, a multiple of 16. */
  readonly stride: number;
  /** Octets of a number outside of limbs: whole words of 64 bits. */
  readonly octets: number;
  /** N + 1, where N ≡ −1 modulo 2^width. */
  readonly modulus: number;
  /** The number that is squared, and where powers appear. */
  readonly accumulator: number;
  /** The second factor of a multiplication. */
  readonly factor: number;
  /** Sums of a multiplication, up to `beginning`. */
  readonly columns: number;
  /** Constants. */
  readonly beginning: number;
  /** First address after all this. */
  readonly end: number;
}

/** Where everything lies. */
export interface KernelLayout {
  /** Bits of a limb. */
  readonly width: number;
  readonly sizes: readonly MemoryMap[];
  /** First address that the functions leave alone. */
  readonly free: number;
  /** Pages of 64 KiB. */
  readonly pages: number;
}

/** A module as it is committed. */
export interface KernelCode {
  readonly layout: KernelLayout;
  /** The module, base64. */
  readonly wasm: string;
}
