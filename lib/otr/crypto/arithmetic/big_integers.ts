/** Octets ↔ bigint, big-endian, and the plain number theory that is the same for every kernel. */

/** The number that big-endian octets spell; none spell 0. */
export function toBigInt(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  let hex = "0x";
  for (const byte of bytes) hex += HEX[byte];
  return BigInt(hex);
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
  for (let at = 0; at < size; at++) {
    bytes[total - size + at] = Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16);
  }
  return bytes;
}

/** Number of bits of `value` ≥ 0. */
export function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/** The representative of `value` in 0 … modulus−1. */
export function mod(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

/**
 * The Jacobi symbol of a public value, 0 ≤ value < modulus, modulus odd: 1, −1 or 0.
 * For a prime modulus 1 means that the value is a square.
 */
export function jacobi(value: bigint, modulus: bigint): number {
  let [a, n, sign] = [value, modulus, 1];
  while (a !== 0n) {
    // Powers of two: (2/n) is −1 for n ≡ ±3 mod 8.
    const twos = trailingZeros(a);
    a >>= BigInt(twos);
    const low = Number(n & 7n);
    if (twos % 2 === 1 && (low === 3 || low === 5)) sign = -sign;
    // Reciprocity: both odd now.
    if ((Number(a & 3n) & low & 3) === 3) sign = -sign;
    [a, n] = [n % a, a];
  }
  return n === 1n ? sign : 0;
}

function trailingZeros(value: bigint): number {
  let zeros = 0;
  for (let rest = value;; rest >>= 30n, zeros += 30) {
    const low = Number(rest & 0x3fffffffn);
    if (low !== 0) return zeros + 31 - Math.clz32(low & -low);
  }
}

const HEX = Array.from({ length: 256 }, (_, it) => it.toString(16).padStart(2, "0"));
