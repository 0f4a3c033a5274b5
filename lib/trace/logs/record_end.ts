/** Where a record of a trace log ends: a function of the octets after its prefix line. */
import { ascii, latin1 } from "../../base/ascii.ts";
import { indexOfBytes } from "../../base/bytes.ts";

/** The end of a record. */
export interface RecordEnd {
  /** Octets of the message. */
  readonly size: number;
  /** Octets of the message and of what the logger put after it. */
  readonly consumed: number;
  /** The message's own end was not found. */
  readonly isCut: boolean;
  /** Where an MSRP chunk's end-line begins, at its first hyphen. */
  readonly bodyEnd?: number | undefined;
}

/**
 * The end of an MSRP record.
 *
 * @param view The octets after the prefix line that are there.
 * @param isWhole No more will come, or no more may be waited for.
 * @param from What an earlier call returned: octets that were searched already.
 * @returns The end, or a number to pass as `from` with more octets.
 */
export function findMsrpRecordEnd(
  view: Uint8Array,
  isWhole: boolean,
  from: number,
): RecordEnd | number {
  const lineEnd = view.indexOf(0x0a);
  if (lineEnd < 0 && !isWhole && view.length < 4096) return 0;
  const start = latin1(view.subarray(0, Math.min(lineEnd < 0 ? view.length : lineEnd, 4096)));
  const [, transactionId] = /^MSRP ([^ \r\n]{1,256})[ \r]/.exec(start) ?? [];
  if (transactionId === undefined) return upToNextRecord(view, isWhole, from);

  const endLine = ascii7(`\n-------${transactionId}`);
  for (let at = indexOfBytes(view, endLine, from); at >= 0;) {
    const flagAt = at + endLine.length;
    const isFlag = FLAGS.includes(view[flagAt] ?? 0);
    const after = view[flagAt + 1] === 0x0d ? flagAt + 2 : flagAt + 1;
    if (after >= view.length && !isWhole) return at;
    if (isFlag && (view[after] === 0x0a || after >= view.length)) {
      const size = Math.min(after + 1, view.length);
      if (size === view.length && !isWhole) return at; // The logger's own line feed is to come.
      return { size, consumed: size + lineFeedAt(view, size), isCut: false, bodyEnd: at + 1 };
    }
    at = indexOfBytes(view, endLine, at + 1);
  }
  const searched = Math.max(from, view.length - endLine.length);
  if (isWhole) return { ...upToNextRecord(view, true, 0) as RecordEnd, isCut: true };
  // Another record has begun, and a good way on this one has still no end: it was cut.
  const isPatienceOver = view.length > PATIENCE && view.length > 2 * from;
  const next = isPatienceOver ? nextRecord(view, 0) : undefined;
  if (next === undefined || view.length - next < PATIENCE) return searched;
  return { size: next, consumed: next, isCut: true };
}

/** The same for a SIP record: it ends with a line `--` after its body. */
export function findSipRecordEnd(
  view: Uint8Array,
  isWhole: boolean,
  from: number,
): RecordEnd | number {
  const body = bodyStart(view);
  const length = body === undefined ? undefined : contentLength(view.subarray(0, body));
  const wanted = (body ?? 0) + (length ?? 0);
  if (body !== undefined && wanted + LONGEST_RULE > view.length && !isWhole) return from;
  if (body !== undefined && length !== undefined) {
    const rule = ruleAt(view, wanted);
    if (rule > 0) return { size: wanted, consumed: wanted + rule, isCut: false };
  }
  // Without a usable length: the first rule that another record, or nothing, follows.
  let at = view.indexOf(0x0a, from);
  for (; at >= 0; at = view.indexOf(0x0a, at + 1)) {
    const rule = ruleAt(view, at);
    if (rule === 0) continue;
    const next = at + rule;
    if (next + LONGEST_PREFIX > view.length && !isWhole) return at;
    if (next >= view.length || isPrefixAt(view, next)) {
      return { size: at, consumed: next, isCut: length !== undefined };
    }
  }
  if (!isWhole) return Math.max(from, view.length - LONGEST_RULE);
  return { ...upToNextRecord(view, true, 0) as RecordEnd, isCut: true };
}

function upToNextRecord(view: Uint8Array, isWhole: boolean, from: number): RecordEnd | number {
  const next = nextRecord(view, from);
  if (next !== undefined) return { size: next, consumed: next, isCut: true };
  if (isWhole) return { size: view.length, consumed: view.length, isCut: true };
  return Math.max(0, view.length - LONGEST_PREFIX);
}

/** Offset of the next line that begins like a record. */
function nextRecord(view: Uint8Array, from: number): number | undefined {
  for (let at = view.indexOf(0x0a, from); at >= 0; at = view.indexOf(0x0a, at + 1)) {
    if (isPrefixAt(view, at + 1)) return at + 1;
  }
  return undefined;
}

function isPrefixAt(view: Uint8Array, at: number): boolean {
  // Two octets before the regular expression: this is asked for every line.
  const isDigit = ((view[at] ?? 0) ^ 0x30) < 10;
  return isDigit && view[at + 4] === 0x2d && PREFIX.test(latin1(view.subarray(at, at + 300)));
}

function bodyStart(view: Uint8Array): number | undefined {
  const crlf = indexOfBytes(view.subarray(0, LONGEST_HEAD), ascii("\r\n\r\n"));
  const lf = indexOfBytes(view.subarray(0, LONGEST_HEAD), ascii("\n\n"));
  if (crlf < 0 && lf < 0) return undefined;
  return crlf >= 0 && (lf < 0 || crlf < lf) ? crlf + 4 : lf + 2;
}

function contentLength(head: Uint8Array): number {
  const [, digits = "0"] = /^(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})/im.exec(latin1(head)) ?? [];
  return Number(digits);
}

/** Octets of a line feed, `--` and a line feed at `at`, with or without carriage returns; else 0. */
function ruleAt(view: Uint8Array, at: number): number {
  const [rule = ""] = /^\r?\n--(?:\r?\n|$)/.exec(latin1(view.subarray(at, at + LONGEST_RULE))) ??
    [];
  return rule.length;
}

function lineFeedAt(view: Uint8Array, at: number): number {
  if (view[at] === 0x0a) return 1;
  return view[at] === 0x0d && view[at + 1] === 0x0a ? 2 : 0;
}

/** The transaction id is the peer's: what is not ASCII cannot be in an end-line that counts. */
function ascii7(text: string): Uint8Array {
  return Uint8Array.from(text, (it) => it.charCodeAt(0) & 0xff);
}

const FLAGS: readonly number[] = [0x24, 0x2b, 0x23];
const PREFIX =
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: \[[^\]\r\n]{1,200}\])?: (?:\S+:\d{1,5} (?:-->|<--) |SENDING: |RECEIVED: |DNS lookup )/;
const LONGEST_PREFIX = 300;
const LONGEST_RULE = 6;
const LONGEST_HEAD = 65_536;
/** How far past the start of another record the end of this one is still looked for. */
const PATIENCE = 1024 * 1024;
