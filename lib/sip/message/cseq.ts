/** The CSeq header field (RFC 3261 §8.1.1.5, §20.16). */

import { PeerError } from "../../base/errors.ts";
import { escapeText } from "../../base/escape.ts";

/** Orders the requests of a dialog and names the method that a response answers. */
export interface CSeq {
  /** Below 2^31. */
  readonly number: number;
  readonly method: string;
}

const CSEQ = /^(\d+)[ \t]+([-.!%*_+`'~A-Za-z0-9]+)$/;

/**
 * Reads a CSeq.
 *
 * @throws {PeerError} `sip/bad-header-value`, also for a number of 2^31 or more.
 */
export function parseCSeq(text: string): CSeq {
  const [, digits, method] = CSEQ.exec(text) ?? [];
  if (digits === undefined || method === undefined || Number(digits) >= 2 ** 31) {
    throw new PeerError(
      "sip/bad-header-value",
      "RFC 3261 §8.1.1.5",
      `CSeq: expected a number below 2^31 and a method, found "${escapeText(text, 64)}"`,
    );
  }
  return { number: Number(digits), method };
}

/** The CSeq as it is written. */
export function writeCSeq({ number, method }: CSeq): string {
  return `${number} ${method}`;
}
