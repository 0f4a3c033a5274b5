/**
 * Base64 of RFC 4648 §4 for the encoded messages: strict when reading (length, alphabet,
 * padding at the end only), because a lenient decoder once wrote before its buffer
 * (CVE-2012-3461).
 */

/** Standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  const codes = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let out = 0;
  for (let at = 0; at < bytes.length; at += 3) {
    const a = bytes[at] ?? 0;
    const b = bytes[at + 1] ?? 0;
    const c = bytes[at + 2] ?? 0;
    codes[out++] = codeOf(a >> 2);
    codes[out++] = codeOf((a & 3) << 4 | b >> 4);
    codes[out++] = at + 1 < bytes.length ? codeOf((b & 15) << 2 | c >> 6) : PAD;
    codes[out++] = at + 2 < bytes.length ? codeOf(c & 63) : PAD;
  }
  return ASCII.decode(codes);
}

/** The octets, or `undefined` when `text` is not base64. The empty text is no octets. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0) return undefined;
  let padding = 0;
  if (text.endsWith("==")) padding = 2;
  else if (text.endsWith("=")) padding = 1;
  const bytes = new Uint8Array(text.length / 4 * 3 - padding);
  const digits = text.length - padding;
  let bits = 0;
  let held = 0;
  let out = 0;
  for (let at = 0; at < digits; at++) {
    const value = VALUES[text.charCodeAt(at)];
    if (value === undefined || value === NONE) return undefined;
    bits = (bits << 6 | value) & 0xffffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[out++] = bits >> held;
    }
  }
  // The spare bits of the last digit carry nothing; anything but zero is not canonical
  // and would not be written back as it was.
  return (bits & (1 << held) - 1) === 0 ? bytes : undefined;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD = 0x3d;
const NONE = 0xff;
const ASCII = new TextDecoder("latin1");
const CODES = Uint8Array.from(ALPHABET, (it) => it.charCodeAt(0));
const VALUES = new Uint8Array(256).fill(NONE);
for (const [value, code] of CODES.entries()) VALUES[code] = value;

function codeOf(value: number): number {
  return CODES[value] ?? PAD;
}
