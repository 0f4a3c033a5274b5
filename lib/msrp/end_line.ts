/** The end-line: seven hyphens, the transaction identifier, a flag (RFC 4975 §7.1, §9). */
import { CONTINUATION_FLAGS, type ContinuationFlag } from "./chunk.ts";

/** The flag of `line` if it is `endLine` with a flag. */
export function endLineFlag(line: string, endLine: string): ContinuationFlag | undefined {
  if (line.length !== endLine.length + 1 || !line.startsWith(endLine)) return undefined;
  return CONTINUATION_FLAGS.find((it) => line.endsWith(it));
}

/** The flag that `octet` stands for. */
export function flagOf(octet: number | undefined): ContinuationFlag | undefined {
  return octet === 0x24 ? "$" : octet === 0x2b ? "+" : octet === 0x23 ? "#" : undefined;
}

/**
 * Where `marker`, a flag and CRLF stand in `view`, or -1.
 *
 * Seven hyphens in a row cannot slip between looks at every seventh octet (the idea of
 * RFC 4975 §7.3.1). The octet after them is alphanumeric, so the run has no more than
 * seven and the look back is bounded: the whole is linear for any body.
 */
export function indexOfEndLine(view: Uint8Array, marker: Uint8Array): number {
  const last = view.length - 3;
  for (let at = 8; at < last; at += 7) {
    if (view[at] !== HYPHEN) continue;
    let first = at;
    while (first > at - 7 && view[first - 1] === HYPHEN) first--;
    const start = first - 2;
    if (start < 0 || start + marker.length > last) continue;
    let matched = 0;
    while (matched < marker.length && view[start + matched] === marker[matched]) matched++;
    const end = start + matched;
    if (
      matched === marker.length && flagOf(view[end]) !== undefined &&
      view[end + 1] === CR && view[end + 2] === LF
    ) return start;
  }
  return -1;
}

const CR = 0x0d;
const LF = 0x0a;
const HYPHEN = 0x2d;
