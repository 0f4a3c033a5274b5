/** The faults that the lab's network can have: `delay=200ms,drop=1%,split,rewrite-path,close-after=N`. */

import { SottoError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";

/** What goes wrong on purpose. Nothing, unless said; docs/spec_notes/lab.md says what each means. */
export interface LabFault {
  /** Milliseconds that everything is on its way, each direction. */
  readonly delay?: number;
  /** Chance, 0 to 1, that a datagram of SIP or a frame of MSRP vanishes. */
  readonly drop?: number;
  /** Streams arrive in pieces of 1 to so many octets. */
  readonly split?: number;
  /** A middlebox puts itself into the paths of session descriptions. */
  readonly rewritePath?: boolean;
  /** A connection is cut after so many frames of MSRP, or messages of SIP. */
  readonly closeAfter?: number;
}

/** Most milliseconds of a delay. */
export const MOST_FAULT_DELAY = 60_000;

/**
 * Reads what follows `--fault`: items with commas between, each once, in any order.
 *
 * - `delay=200ms`, `delay=1.5s`
 * - `drop=1%`, `drop=0.5%`
 * - `split` (octet by octet), `split=N` (pieces of 1 to N octets)
 * - `rewrite-path`
 * - `close-after=N`
 *
 * @throws {SottoError} `lab/bad-fault` with the place of the mistake, counted from 1.
 */
export function parseFault(text: string): LabFault {
  let fault: LabFault = {};
  const seen = new Set<string>();
  let at = 1;
  for (const item of text.split(",")) {
    const place = at;
    at += item.length + 1;
    const [name = "", ...rest] = item.split("=");
    const value = rest.length === 0 ? undefined : rest.join("=");
    const read = READERS[name];
    if (read === undefined) {
      throw badFault(place, `expected one of ${Object.keys(READERS).join(", ")}`, item);
    }
    if (seen.has(name)) throw badFault(place, `expected ${name} once`, item);
    seen.add(name);
    const part = read(value);
    if (typeof part === "string") {
      // What was expected of the value: that is where it went wrong.
      throw badFault(place + (value === undefined ? 0 : name.length + 1), part, value ?? item);
    }
    fault = { ...fault, ...part };
  }
  return fault;
}

/** The parts of a fault by name, or what was expected. */
const READERS: Readonly<Record<string, (value: string | undefined) => LabFault | string>> = {
  delay(value) {
    const match = /^(\d{1,6}(?:\.\d{1,3})?)(ms|s)$/.exec(value ?? "");
    const delay = match === null ? NaN : Number(match[1]) * (match[2] === "s" ? 1_000 : 1);
    return delay > 0 && delay <= MOST_FAULT_DELAY
      ? { delay }
      : "expected delay to be a time like 200ms or 1.5s, up to 60s";
  },
  drop(value) {
    const match = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(value ?? "");
    const drop = match === null ? NaN : Number(match[1]) / 100;
    return drop <= 1 ? { drop } : "expected drop to be a share like 1% or 0.5%, up to 100%";
  },
  split(value) {
    if (value === undefined) return { split: 1 };
    const split = count(value);
    return split === undefined ? "expected split alone or with a number of octets" : { split };
  },
  "rewrite-path"(value) {
    return value === undefined ? { rewritePath: true } : "expected rewrite-path alone";
  },
  "close-after"(value) {
    const closeAfter = count(value);
    return closeAfter === undefined
      ? "expected close-after to be a number of frames"
      : { closeAfter };
  },
};

function count(value: string | undefined): number | undefined {
  return /^[1-9]\d{0,8}$/.test(value ?? "") ? Number(value) : undefined;
}

function badFault(place: number, expected: string, found: string): SottoError {
  return new SottoError(
    "lab/bad-fault",
    `fault, character ${place}: ${expected}, found "${escapeText(found, 40)}"`,
  );
}
