/** The attributes of a medium that moves a file (RFC 5547 §6), beside its selector. */

import { decodeUtf8Lossy, toHex, utf8 } from "../base/bytes.ts";
import { PeerError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";
import { parseDateTime, writeDateTime } from "./date_time.ts";
import { type FileSelector, parseFileSelector, writeFileSelector } from "./file_selector.ts";
import { type Attribute, attributeValue, attributeValues } from "./session_description.ts";

/** Which octets of the file travel; positions count from 1, both included. */
export interface FileRange {
  readonly start: number;
  /** `*` where the end is not known in advance. */
  readonly stop: number | "*";
}

/** `a=file-date`: milliseconds since 1970. */
export interface FileDates {
  readonly creation?: number | undefined;
  readonly modification?: number | undefined;
  readonly read?: number | undefined;
}

/** All that a medium says of its file. */
export interface FileDescription {
  readonly selector: FileSelector;
  /** `a=file-transfer-id`: tells a new transfer from a repeated description (§8.1). */
  readonly transferId?: string | undefined;
  /** `a=file-disposition`, lower case; absent means `render`. */
  readonly disposition?: string | undefined;
  readonly dates?: FileDates | undefined;
  /** `a=file-icon`: Content-ID of a body beside the description, without `cid:`. */
  readonly icon?: string | undefined;
  /** `a=file-range`; absent means the whole file. */
  readonly range?: FileRange | undefined;
  /** Blink's `a=x-file-offset`: its owner knows the MSRP method FILE_OFFSET. */
  readonly knowsOffset?: boolean | undefined;
}

/**
 * What the attributes of a medium say of a file; `undefined` when it moves none: no
 * `a=file-selector`, or one that selects nothing (§8.5).
 *
 * @throws {PeerError} `sdp/bad-file-selector`, `sdp/bad-file-attribute`.
 */
export function parseFileDescription(
  attributes: readonly Attribute[],
): FileDescription | undefined {
  const value = attributeValue(attributes, "file-selector")?.trim();
  if (value === undefined || value === "") return undefined;
  const text = (name: string): string | undefined => attributeValue(attributes, name)?.trim();
  const transferId = text("file-transfer-id");
  const disposition = text("file-disposition");
  const date = text("file-date");
  const icon = text("file-icon");
  const range = text("file-range");
  if (transferId !== undefined) checkToken("file-transfer-id", transferId);
  if (disposition !== undefined) checkToken("file-disposition", disposition);
  return {
    selector: parseFileSelector(value),
    ...(transferId === undefined ? {} : { transferId }),
    ...(disposition === undefined ? {} : { disposition: disposition.toLowerCase() }),
    ...(date === undefined ? {} : { dates: parseFileDates(date) }),
    ...(icon === undefined ? {} : { icon: parseFileIcon(icon) }),
    ...(range === undefined ? {} : { range: parseFileRange(range) }),
    ...(attributeValues(attributes, "x-file-offset").length > 0 ? { knowsOffset: true } : {}),
  };
}

/**
 * The attributes that say it, in the order of the example of §6.
 *
 * @throws {TypeError} when something cannot be written, or the selector selects nothing.
 */
export function fileAttributes(file: FileDescription): Attribute[] {
  const { selector, transferId, disposition, dates, icon, range, knowsOffset = false } = file;
  const value = writeFileSelector(selector);
  if (value === "") throw new TypeError("expected at least one selector (RFC 5547 §6)");
  for (const token of [transferId, disposition]) {
    if (token !== undefined && !TOKEN.test(token)) throw new TypeError(`not a token: ${token}`);
  }
  const date = dates === undefined ? "" : writeFileDates(dates);
  return [
    { name: "file-selector", value },
    ...(transferId === undefined ? [] : [{ name: "file-transfer-id", value: transferId }]),
    ...(disposition === undefined ? [] : [{ name: "file-disposition", value: disposition }]),
    ...(date === "" ? [] : [{ name: "file-date", value: date }]),
    ...(icon === undefined ? [] : [{ name: "file-icon", value: writeFileIcon(icon) }]),
    ...(range === undefined ? [] : [{ name: "file-range", value: writeFileRange(range) }]),
    ...(knowsOffset ? [{ name: "x-file-offset", value: "" }] : []),
  ];
}

/**
 * What an answerer that takes the file says of it (§8.3.1): name, type and size as offered,
 * the same transfer id and the same range; no icon, no disposition, no date. The hashes are
 * repeated as well, as in the example of §9.1.
 */
export function answeredFile({ selector, transferId, range }: FileDescription): FileDescription {
  return { selector, transferId, range };
}

/** What becomes of an `a=file-transfer-id` that a later offer brings (§8.1, figure 3). */
export function judgeTransfer(
  known: FileDescription,
  offered: FileDescription,
): "new-transfer" | "same-transfer" | "error" {
  if (known.transferId !== offered.transferId) return "new-transfer";
  return isSameFile(known.selector, offered.selector) ? "same-transfer" : "error";
}

/**
 * Whether two selectors can mean one file: nothing that both say differs. A selector may be
 * added as long as the file stays the same (§8.1).
 */
export function isSameFile(one: FileSelector, other: FileSelector): boolean {
  const differs = <T>(a: T | undefined, b: T | undefined): boolean =>
    a !== undefined && b !== undefined && a !== b;
  if (differs(one.name, other.name) || differs(one.size, other.size)) return false;
  if (differs(one.type?.toLowerCase(), other.type?.toLowerCase())) return false;
  return one.hashes.every(({ algorithm, value }) =>
    other.hashes.every((it) => it.algorithm !== algorithm || it.value === value)
  );
}

// file-range-attr = "file-range:" start-offset "-" stop-offset
/** Reads `1-32349` or `1-*`. @throws {PeerError} `sdp/bad-file-attribute`. */
export function parseFileRange(value: string): FileRange {
  const match = /^(\d{1,15})-(\d{1,15}|\*)$/.exec(value);
  const start = Number(match?.[1]);
  const stop = match?.[2] === "*" ? "*" : Number(match?.[2]);
  // An empty range of an empty file is written 1-0.
  if (match === null || start < 1 || (stop !== "*" && stop < start - 1)) {
    throw fault("file-range", value, "a range such as 1-32349");
  }
  return { start, stop };
}

function writeFileRange({ start, stop }: FileRange): string {
  const isRange = Number.isSafeInteger(start) && start >= 1 &&
    (stop === "*" || (Number.isSafeInteger(stop) && stop >= start - 1));
  if (!isRange) throw new TypeError(`not a range of a file: ${start}-${stop}`);
  return `${start}-${stop}`;
}

// date-param = ("creation:" / "modification:" / "read:") DQUOTE date-time DQUOTE
function parseFileDates(value: string): FileDates {
  const dates: { creation?: number; modification?: number; read?: number } = {};
  if (!/^[a-z]+:"[^"]*"(?: +[a-z]+:"[^"]*")*$/i.test(value)) {
    throw fault("file-date", value, 'dates such as modification:"…"');
  }
  for (const [, name = "", date = ""] of value.matchAll(/([a-z]+):"([^"]*)"/gi)) {
    const kind = name.toLowerCase();
    if (kind !== "creation" && kind !== "modification" && kind !== "read") {
      throw fault("file-date", value, "creation, modification or read");
    }
    // §6: not more than one of each.
    if (dates[kind] !== undefined) throw fault("file-date", value, `one date of ${kind}`);
    const at = parseDateTime(date);
    if (at === undefined) throw fault("file-date", date, "a date of RFC 5322 with a numeric zone");
    dates[kind] = at;
  }
  return dates;
}

function writeFileDates(dates: FileDates): string {
  return (["creation", "modification", "read"] as const)
    .flatMap((kind) => {
      const at = dates[kind];
      return at === undefined ? [] : [`${kind}:"${writeDateTime(at)}"`];
    }).join(" ");
}

// file-icon-value = cid-url (RFC 2392)
function parseFileIcon(value: string): string {
  const match = /^cid:([^\s<>"]+)$/i.exec(value);
  if (match === null) throw fault("file-icon", value, "a cid: URL");
  const octets: number[] = [];
  for (const [piece] of (match[1] ?? "").matchAll(/%[0-9A-Fa-f]{2}|[^%]+|%/g)) {
    if (/^%..$/.test(piece)) octets.push(parseInt(piece.slice(1), 16));
    else octets.push(...utf8(piece));
  }
  return decodeUtf8Lossy(Uint8Array.from(octets));
}

function writeFileIcon(contentId: string): string {
  if (contentId === "") throw new TypeError("expected a Content-ID");
  return "cid:" +
    contentId.replace(
      /[^A-Za-z0-9@.!$&'*+\-_=~]/gu,
      (it) => (toHex(utf8(it)).toUpperCase().match(/../g) ?? []).map((hex) => `%${hex}`).join(""),
    );
}

function checkToken(name: string, value: string): void {
  if (!TOKEN.test(value) || value.length > 256) throw fault(name, value, "a token");
}

function fault(name: string, found: string, expected: string): PeerError {
  return new PeerError(
    "sdp/bad-file-attribute",
    "RFC 5547 §6",
    `expected ${expected} in a=${name}, found "${escapeText(found, 60)}"`,
  );
}

/** token of RFC 8866 §9. */
const TOKEN = /^[!#-'*+\-.0-9A-Z^-~]+$/;
