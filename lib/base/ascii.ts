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
  if (isAscii(bytes)) return DECODER.decode(bytes);
  let text = "";
  // 8 KiB at a time: the arguments of one call are limited by the stack. `apply` takes the
  // array as it is; spreading it would cost six times as much.
  for (let at = 0; at < bytes.length; at += 8192) {
    const part = bytes.subarray(at, at + 8192);
    text += String.fromCharCode.apply(null, part as unknown as number[]);
  }
  return text;
}

function isAscii(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) {
    if ((bytes[at] ?? 0) > 0x7f) return false;
  }
  return true;
}

/** For ASCII, where every encoding agrees, the engine's own decoder is the fastest. */
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

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
