/** Octets ↔ bigint, big-endian, and the plain number theory that is the same for every kernel. */

/** The number that big-endian octets spell; none spell 0. */
export function toBigInt(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toHex()}`);
}

/**
 * Big-endian octets of `value` ≥ 0: the fewest that hold it (none for 0), or exactly
 * `length`.
 * @throws {RangeError} when `length` octets are not enough.
 */
export function fromBigInt(value: bigint, length?: number): Uint8Array<ArrayBuffer> {
  let hex = value === 0n ? "" : value.toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  const size = hex.length / 2;
  const total = length ?? size;
  if (size > total) throw new RangeError(`expected a number of at most ${total} octets`);
  const bytes = new Uint8Array(total);
  bytes.set(Uint8Array.fromHex(hex), total - size);
  return bytes;
}

/** Number of bits of `value` ≥ 0. */
export function bitLength(value: bigint): number {
  if (value === 0n) return 0;
  const hex = value.toString(16);
  return 4 * hex.length + 28 - Math.clz32(Number.parseInt(hex[0] ?? "0", 16));
}

/** The representative of `value` in 0 … modulus−1. */
export function mod(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}
