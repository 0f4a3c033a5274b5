/**
 * The narrow door to modular arithmetic. Everything that computes with numbers of more
 * than 64 bits goes through {@link Arithmetic}, so that another kernel can stand behind
 * it without a change elsewhere.
 *
 * Secret exponents are octets (they can be overwritten), everything that the peer may
 * know is a bigint.
 */

/** Modular arithmetic on big integers. All moduli are odd. */
export interface Arithmetic {
  /**
   * `base^exponent mod modulus` for a secret exponent. The number and order of
   * operations depend on the exponent's length alone, not on its value.
   *
   * @param base 0 ≤ base < modulus.
   * @param exponent Big-endian; its length is public.
   */
  modExpSecret(base: bigint, exponent: Uint8Array, modulus: bigint): bigint;
  /**
   * `base^exponent` in the D-H group for a secret exponent, where the power is secret too: it
   * comes as octets, which can be overwritten.
   *
   * @param base A member of the group.
   * @param exponent Big-endian; its length, at most 192 octets, is public.
   * @returns As many octets as the modulus has, big-endian.
   */
  agree(base: bigint, exponent: Uint8Array): Uint8Array<ArrayBuffer>;
  /**
   * Says that powers of `base` will be asked for several times: a table may pay. Only for bases
   * that a stranger cannot exchange for others at will.
   */
  expectMore(base: bigint, modulus: bigint): void;
  /** `base^exponent mod modulus` where everything is public. `exponent` ≥ 0. */
  modExpPublic(base: bigint, exponent: bigint, modulus: bigint): bigint;
  /** `2^exponent` in the D-H group, for a secret exponent of at most 192 octets. */
  fixedBaseG2(exponent: Uint8Array): bigint;
  /** The product of all `base^exponent mod modulus`; everything public, exponents ≥ 0. */
  multiExp(terms: readonly (readonly [base: bigint, exponent: bigint])[], modulus: bigint): bigint;
  /**
   * The inverse of a public value.
   * @throws {RangeError} when there is none.
   */
  invert(value: bigint, modulus: bigint): bigint;
  /**
   * Whether `value` may come from a peer as an element of the D-H group: 2 ≤ value ≤ p−2
   * and in the subgroup of prime order (p−1)/2 that 2 generates.
   */
  isMember(value: bigint): boolean;
}
