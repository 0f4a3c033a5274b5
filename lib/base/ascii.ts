/** Text of protocols that know only ASCII, or octets without meaning. */

/**
 * Octets of `text`, one a character.
 * @throws {RangeError} when a character is outside ASCII.
 */
export function ascii(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) throw new RangeError(`expected ASCII, found U+${code.toString(16)} at ${at}`);
    bytes[at] = code;
  }
  return bytes;
}

/** One character per octet (ISO 8859-1), so that no octet is lost. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  // 8 KiB at a time: the arguments of one call are limited by the stack.
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return text;
}

/**
 * The inverse of {@link latin1}.
 * @throws {RangeError} when a character is above U+00FF.
 */
export function fromLatin1(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0xff) throw new RangeError(`expected octets, found U+${code.toString(16)} at ${at}`);
    bytes[at] = code;
  }
  return bytes;
}
