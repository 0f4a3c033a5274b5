/**
 * Base64 of RFC 4648 §4 for the encoded messages, by the engine's own reader and writer. Strict
 * when reading (length, alphabet, padding at the end only, spare bits of zero), because a
 * lenient decoder once wrote before its buffer (CVE-2012-3461).
 */

/** Standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  return bytes.toBase64();
}

/** The octets, or `undefined` when `text` is not base64. The empty text is no octets. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  // The engine passes over white space, which is no digit of ours.
  if (text.length % 4 !== 0 || WHITE_SPACE.test(text)) return undefined;
  try {
    // Strict: spare bits that are not zero would not be written back as they were.
    return Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
  } catch {
    return undefined; // A SyntaxError is all that it throws for a string.
  }
}

const WHITE_SPACE = /[\t\n\f\r ]/;
