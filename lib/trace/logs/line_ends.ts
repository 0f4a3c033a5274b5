/** Logs that an editor or a mail client has converted: CRLF put back where the protocols need it. */
import { concatBytes, indexOfBytes } from "../../base/bytes.ts";

/** Whether the first line of `data` ends with a line feed alone. */
export function hasBareFirstLine(data: Uint8Array): boolean {
  const end = data.indexOf(LF);
  return end > 0 && data[end - 1] !== CR;
}

/** `data` with CRLF for every line feed that has no carriage return before it. */
export function toCrlf(data: Uint8Array): Uint8Array<ArrayBuffer> {
  let bare = 0;
  for (let at = data.indexOf(LF); at >= 0; at = data.indexOf(LF, at + 1)) {
    if (data[at - 1] !== CR) bare++;
  }
  const converted = new Uint8Array(data.length + bare);
  let to = 0;
  for (let from = 0; from < data.length; from++) {
    if (data[from] === LF && data[from - 1] !== CR) converted[to++] = CR;
    converted[to++] = data[from] ?? 0;
  }
  return converted;
}

/**
 * An MSRP chunk with CRLF put back in its header fields and around its end-line. Its body
 * stays as it is: nobody knows any more which of its line feeds were CRLF.
 *
 * @param data One chunk, whole.
 * @param bodyEnd Where the end-line begins, at its first hyphen.
 */
export function restoreChunk(data: Uint8Array, bodyEnd: number): Uint8Array {
  const blank = indexOfBytes(data, Uint8Array.of(LF, LF));
  if (blank < 0 || blank + 2 > bodyEnd) return toCrlf(data);
  const head = toCrlf(data.subarray(0, blank + 2));
  const hasLineEnd = data[bodyEnd - 1] === LF;
  const body = data.subarray(blank + 2, Math.max(blank + 2, bodyEnd - (hasLineEnd ? 1 : 0)));
  return concatBytes(head, body, Uint8Array.of(CR, LF), toCrlf(data.subarray(bodyEnd)));
}

const CR = 0x0d;
const LF = 0x0a;
