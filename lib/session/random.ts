/** The one line where randomness enters: the platform's cryptographic source. */

/** `length` fresh octets of the platform's cryptographic source (at most 65,536 at once). */
export function platformRandom(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
