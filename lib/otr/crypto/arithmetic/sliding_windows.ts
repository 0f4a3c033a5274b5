/** Digits of public exponents for simultaneous powers (Straus) with sliding windows. */

/**
 * The digits of `exponent` by bit, lowest first: 0, or an odd number below 2^width that takes
 * care of the bits from there on, after which at least width − 1 digits are 0.
 *
 * @param exponent ≥ 0.
 */
export function slidingDigits(exponent: bigint, width: number): Uint8Array {
  const text = exponent.toString(2);
  const digits = new Uint8Array(text.length);
  const bitAt = (bit: number): number => text.charCodeAt(text.length - 1 - bit) & 1;
  for (let bit = 0; bit < text.length;) {
    if (bitAt(bit) === 0) {
      bit++;
      continue;
    }
    let digit = 0;
    for (let at = Math.min(width, text.length - bit) - 1; at >= 0; at--) {
      digit = digit << 1 | bitAt(bit + at);
    }
    digits[bit] = digit;
    bit += width;
  }
  return digits;
}

/** The width that costs the fewest multiplications for an exponent of `bits` bits. */
export function windowWidth(bits: number): number {
  if (bits > 672) return 6;
  if (bits > 240) return 5;
  return bits > 80 ? 4 : 3;
}
