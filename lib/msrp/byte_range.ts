/** The Byte-Range header field: which octets of the message a chunk holds (RFC 4975 §7.1.1, §9). */
import { PeerError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";

/** Positions count octets of the whole message from 1. `*` is "not known" or "may be cut". */
export interface ByteRange {
  readonly start: number;
  readonly end: number | "*";
  readonly total: number | "*";
}

/**
 * Reads `start-end/total`.
 *
 * Only the form is checked: that the end lies before the start, or past the total, is
 * the sender's arithmetic, and the length of the body overrules it (§7.3.1).
 * @throws {PeerError} `msrp/bad-byte-range`; also for a start of 0 and for numbers of
 * more than 15 digits, which no message reaches.
 */
export function parseByteRange(text: string): ByteRange {
  const match = BYTE_RANGE.exec(text);
  const [, start = "0", end = "*", total = "*"] = match ?? [];
  if (match === null || Number(start) < 1) {
    throw new PeerError(
      "msrp/bad-byte-range",
      "RFC 4975 §9",
      `expected a Byte-Range like 1-25/25, found "${escapeText(text, 60)}"`,
    );
  }
  return {
    start: Number(start),
    end: end === "*" ? end : Number(end),
    total: total === "*" ? total : Number(total),
  };
}

/**
 * Writes `start-end/total`.
 * @throws {RangeError} when a number is negative, fractional or past 15 digits, or the start is 0.
 */
export function writeByteRange({ start, end, total }: ByteRange): string {
  for (const value of [start, end, total]) {
    if (value !== "*" && !(Number.isInteger(value) && value >= 0 && value < 1e15)) {
      throw new RangeError(`not a position in a message: ${value}`);
    }
  }
  if (start < 1) throw new RangeError("positions in a message start at 1");
  return `${start}-${end}/${total}`;
}

// Byte-Range = "Byte-Range:" SP range-start "-" range-end "/" total
const BYTE_RANGE = /^(\d{1,15})-(\d{1,15}|\*)\/(\d{1,15}|\*)$/;
