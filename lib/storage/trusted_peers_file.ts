/**
 * The text of `trusted_peers`, line by line: whom we trust, in Blink's layout, with whatever
 * else a person left there. Everything that is not changed on purpose is kept octet for octet.
 */
import { latin1 } from "../base/ascii.ts";
import { concatBytes, decodeUtf8, utf8 } from "../base/bytes.ts";
import { escapeText } from "../base/escape.ts";
import { formatFingerprint, parseFingerprint } from "../otr/mod.ts";
import { canonicalAor } from "./address_of_record.ts";

/** What a fingerprint of a peer is worth. */
export type PeerTrust = "verified" | "unverified";

/** How it came to that: a person compared it, SMP succeeded, or not at all. */
export type VerifiedHow = "manual" | "smp" | "";

/** One fingerprint of one peer. */
export interface TrustedPeer {
  /** Canonical address of record, or the first column as it is where that is no address. */
  readonly aor: string;
  /** 40 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  readonly trust: PeerTrust;
  readonly how: VerifiedHow;
  /** Line in the file, from 1. */
  readonly line: number;
}

/** Something on a line that a person should look at. */
export interface LineFault {
  /** Line in the file, from 1. */
  readonly line: number;
  /** For people: lower case, no full stop, the line's text escaped. */
  readonly message: string;
}

/** One line with its ending. */
export interface FileLine {
  /** Octets of the line, its ending included. */
  readonly bytes: Uint8Array;
  /** The row, if the line is one that can be used. */
  readonly row?: Omit<TrustedPeer, "line"> & { readonly uid: string };
  /** What is wrong with it. A row may be usable and still be at fault. */
  readonly fault?: string;
}

/** Splits the file. Joining {@link FileLine.bytes} again gives the same octets. */
export function parseTrustedPeers(bytes: Uint8Array): FileLine[] {
  const lines: FileLine[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0x0a, at);
    const next = end < 0 ? bytes.length : end + 1;
    lines.push(parseLine(bytes.slice(at, next), at === 0));
    at = next;
  }
  return lines;
}

/** The octets of the file. */
export function writeTrustedPeers(lines: readonly FileLine[]): Uint8Array<ArrayBuffer> {
  return concatBytes(...lines.map((line) => line.bytes));
}

/** The usable rows, with their line numbers. */
export function rowsOf(lines: readonly FileLine[]): TrustedPeer[] {
  return lines.flatMap(({ row }, index) => {
    if (row === undefined) return [];
    const { aor, fingerprint, trust, how } = row;
    return [{ aor, fingerprint, trust, how, line: index + 1 }];
  });
}

/** What is wrong, line by line. */
export function faultsOf(lines: readonly FileLine[]): LineFault[] {
  return lines.flatMap(({ fault }, index) =>
    fault === undefined ? [] : [{ line: index + 1, message: fault }]
  );
}

/**
 * A row in our spelling.
 * @param uid The address, in the first column as it is.
 * @param ending The line's ending: LF, CRLF or nothing.
 */
export function makeRow(
  uid: string,
  fingerprint: string,
  trust: PeerTrust,
  ending: string = "\n",
): FileLine {
  const word = trust === "verified" ? "verified" : "";
  return parseLine(utf8(`${uid}\t${formatFingerprint(fingerprint)}\t${word}${ending}`), false);
}

/** Whether `uid` can stand in the first column and come back. */
export function isWritableUid(uid: string): boolean {
  // deno-lint-ignore no-control-regex
  return uid !== "" && !uid.startsWith("#") && !/[\u0000-\u001f\u007f]/.test(uid) &&
    uid === uid.trim();
}

/** `lines` with a row in our spelling more, at the end. */
export function appendRow(
  lines: readonly FileLine[],
  uid: string,
  fingerprint: string,
  trust: PeerTrust,
): FileLine[] {
  return appendLine(lines, makeRow(uid, fingerprint, trust));
}

/**
 * `lines` with one more, at the end, with CRLF where every other line has that. Where the last line
 * had none it gets one, and the new last line has none: what the person left there stays so.
 */
export function appendLine(lines: readonly FileLine[], line: FileLine): FileLine[] {
  const endings = new Set(lines.map(({ bytes }) => endingOf(bytes)));
  const ending = endings.has("\r\n") && !endings.has("\n") ? "\r\n" : "\n";
  const last = lines.at(-1);
  if (last === undefined || endingOf(last.bytes) !== "") {
    return [...lines, withEnding(line, ending)];
  }
  return [...lines.slice(0, -1), withEnding(last, ending), withEnding(line, "")];
}

function withEnding(line: FileLine, ending: string): FileLine {
  const content = line.bytes.subarray(0, line.bytes.length - endingOf(line.bytes).length);
  return { ...line, bytes: concatBytes(content, utf8(ending)) };
}

/** The row's line in our spelling with another trust: the address and the ending stay. */
export function withTrust(line: FileLine, trust: PeerTrust): FileLine {
  if (line.row === undefined) return line;
  const { uid, fingerprint } = line.row;
  return makeRow(uid, fingerprint, trust, endingOf(line.bytes));
}

/** The ending of a line: LF, CRLF, or nothing at the end of the file. */
export function endingOf(bytes: Uint8Array): "\r\n" | "\n" | "" {
  if (bytes.at(-1) !== 0x0a) return "";
  return bytes.at(-2) === 0x0d ? "\r\n" : "\n";
}

function parseLine(bytes: Uint8Array, isFirst: boolean): FileLine {
  const text = decodeUtf8(bytes.subarray(0, bytes.length - endingOf(bytes).length));
  if (text === undefined && latin1(bytes).trimStart().startsWith("#")) return { bytes };
  if (text === undefined) return { bytes, fault: "expected UTF-8, found other octets" };
  // A byte order mark is what some editors put before the first line.
  const content = isFirst && text.startsWith("\ufeff") ? text.slice(1) : text;
  if (content.trim() === "" || content.trimStart().startsWith("#")) return { bytes };
  // deno-lint-ignore no-control-regex
  const control = /[\u0000-\u0008\u000a-\u001f\u007f]/.exec(content);
  if (control !== null) {
    return { bytes, fault: `expected text, found ${escapeText(control[0])}` };
  }
  return { bytes, ...parseColumns(content) };
}

function parseColumns(content: string): Omit<FileLine, "bytes"> {
  const columns = content.split("\t").map((column) => column.trim());
  const [uid = "", digits = "", word = ""] = columns;
  if (columns.length < 2 || columns.length > 3) {
    return {
      fault: `expected address, fingerprint and trust with tabs between, found ${
        columns.length === 1 ? "no tab" : `${columns.length} columns`
      }`,
    };
  }
  if (uid === "") return { fault: "expected an address before the first tab" };
  const fingerprint = parseFingerprint(digits);
  if (fingerprint === undefined) {
    return {
      fault: `expected a fingerprint of 40 hexadecimal digits, found '${escapeText(digits, 60)}'`,
    };
  }
  const [trust, how] = TRUST_WORDS.get(word) ?? ["unverified", ""];
  const row = { uid, aor: canonicalAor(uid) ?? uid, fingerprint, trust, how };
  const fault = columns.length === 2
    ? "the third column (trust) is missing: read as not verified"
    : TRUST_WORDS.has(word)
    ? undefined
    : `expected 'verified', 'smp' or nothing as trust, found '${
      escapeText(word, 40)
    }': read as not verified`;
  return fault === undefined ? { row } : { row, fault };
}

const TRUST_WORDS: ReadonlyMap<string, readonly [PeerTrust, VerifiedHow]> = new Map([
  ["verified", ["verified", "manual"]],
  ["smp", ["verified", "smp"]],
  ["", ["unverified", ""]],
]);
