/**
 * The Jacobi symbol, which tells squares of a prime field apart: the test of membership for
 * every public key of a peer. In limbs of 28 bits and by subtraction, an order of magnitude
 * faster than with BigInt and by division. Everything here is public.
 */

const WIDTH = 28;
const DIGITS = WIDTH / 4;
const MASK = (1 << WIDTH) - 1;

/**
 * (value/modulus) for 0 ≤ value < modulus, modulus odd: 1, −1 or 0. For a prime modulus 1 means
 * that the value is a square.
 */
export function jacobi(value: bigint, modulus: bigint): number {
  let n = limbsOf(modulus, 0);
  let length = n.length;
  let a = limbsOf(value, length);
  if (value === 0n) return modulus === 1n ? 1 : 0;
  let sign = 1;
  let twos = stripTwos(a, length);
  for (;;) {
    // (2/n) is −1 for n ≡ ±3 mod 8.
    const low = n[0] ?? 0;
    if (twos % 2 === 1 && ((low & 7) === 3 || (low & 7) === 5)) sign = -sign;
    // Both are odd from here on.
    while (length > 1 && a[length - 1] === 0 && n[length - 1] === 0) length--;
    const order = compare(a, n, length);
    if (order === 0) return length === 1 && low === 1 ? sign : 0;
    if (order < 0) {
      // Reciprocity: (a/n) = (n/a), but for a ≡ n ≡ 3 mod 4.
      if (((a[0] ?? 0) & low & 3) === 3) sign = -sign;
      [a, n] = [n, a];
    }
    twos = subtractAndStrip(a, n, length);
  }
}

/** Lowest first, and zeros up to `length`. */
function limbsOf(value: bigint, length: number): Int32Array {
  const hex = value.toString(16);
  const limbs = new Int32Array(Math.max(length, Math.ceil(hex.length / DIGITS)));
  for (let at = 0; at * DIGITS < hex.length; at++) {
    const end = hex.length - at * DIGITS;
    limbs[at] = Number.parseInt(hex.slice(Math.max(0, end - DIGITS), end), 16);
  }
  return limbs;
}

function compare(a: Int32Array, b: Int32Array, length: number): number {
  for (let at = length - 1; at >= 0; at--) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** a becomes (a − n) without its factors of two; a > n, both odd. How many factors there were. */
function subtractAndStrip(a: Int32Array, n: Int32Array, length: number): number {
  const first = (a[0] ?? 0) - (n[0] ?? 0);
  let previous = first & MASK;
  if (previous === 0) {
    let borrow = 0;
    for (let at = 0; at < length; at++) {
      const difference = (a[at] ?? 0) - (n[at] ?? 0) + borrow;
      a[at] = difference & MASK;
      borrow = difference >> WIDTH;
    }
    return stripTwos(a, length);
  }
  // The usual case in one pass: no more factors than the lowest limb has bits.
  const twos = trailingZeros(previous);
  let borrow = first >> WIDTH;
  for (let at = 1; at < length; at++) {
    const difference = (a[at] ?? 0) - (n[at] ?? 0) + borrow;
    borrow = difference >> WIDTH;
    const limb = difference & MASK;
    a[at - 1] = previous >> twos | limb << WIDTH - twos & MASK;
    previous = limb;
  }
  a[length - 1] = previous >> twos;
  return twos;
}

/** Makes a number other than 0 odd. */
function stripTwos(a: Int32Array, length: number): number {
  let zeros = 0;
  while (a[zeros] === 0) zeros++;
  const twos = trailingZeros(a[zeros] ?? 1);
  for (let at = 0; at < length; at++) {
    const from = at + zeros;
    const high = from + 1 < length ? a[from + 1] ?? 0 : 0;
    a[at] = from < length ? (a[from] ?? 0) >> twos | high << WIDTH - twos & MASK : 0;
  }
  return zeros * WIDTH + twos;
}

function trailingZeros(limb: number): number {
  return 31 - Math.clz32(limb & -limb);
}
