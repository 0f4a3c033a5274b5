/** Comparison for MACs, hashes and other values that an attacker may guess octet by octet. */

/**
 * Whether both hold the same octets. Reads every octet whatever it finds; only the
 * lengths, which are public, end it early. What JavaScript does not promise about it
 * is in SECURITY.md.
 */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let at = 0; at < a.length; at++) difference |= (a[at] ?? 0) ^ (b[at] ?? 0);
  return difference === 0;
}
