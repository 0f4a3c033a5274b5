/** What a kernel module is and where things lie in its memory. */

/** Where numbers of one size lie. */
export interface KernelSize {
  /** Bits of the modulus. */
  readonly bits: number;
  /** Limbs in use; R = 2^(limbs·width). */
  readonly limbs: number;
  /** Address of the modulus. */
  readonly modulus: number;
  /** Address of −N⁻¹ mod 2^width, 64 bits. */
  readonly inverse: number;
  /** Address of the functions' own room: four numbers. */
  readonly scratch: number;
  /** Octets from one number to the next. */
  readonly stride: number;
}

/** Where everything lies. */
export interface KernelLayout {
  /** Bits of a limb. */
  readonly width: number;
  /** Octets of a limb: 8 for float64, 4 for 32-bit integers. */
  readonly octets: number;
  readonly sizes: readonly KernelSize[];
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
