/** The header fields that an endpoint reads: their values and defaults (RFC 4975 §7.1.1, §9). */
import { PeerError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";
import { type ByteRange, parseByteRange } from "./byte_range.ts";
import { type HeaderField, headerValue } from "./chunk.ts";
import { parseStatus, type Status } from "./status.ts";

/** Which failures the sender of a message wants to hear of; absent means `yes`. */
export type FailureReport = "yes" | "no" | "partial";

/** The header fields of a SEND or REPORT, read and with their defaults. */
export interface RequestFields {
  readonly messageId?: string | undefined;
  readonly byteRange?: ByteRange | undefined;
  readonly successReport: boolean;
  readonly failureReport: FailureReport;
  readonly status?: Status | undefined;
  readonly contentType?: string | undefined;
  /** `Keep-Alive: yes`, as AG Projects' clients send it with an empty SEND. */
  readonly keepAlive: boolean;
}

/**
 * Splits `Name: value`; white space around the value is dropped.
 * @throws {PeerError} `msrp/bad-header`: no name, no colon, white space before the name
 * (there is no folding) or a control character.
 */
export function parseHeaderField(line: string): HeaderField {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(0, colon));
  if (!HEADER_NAME.test(name) || CONTROL.test(line)) {
    throw new PeerError(
      "msrp/bad-header",
      "RFC 4975 §9",
      `expected a header field, found "${escapeText(line, 60)}"`,
    );
  }
  return { name, value: trimmed(line, colon + 1) };
}

/**
 * Reads the fields of a request.
 * @throws {PeerError} `msrp/bad-message-id`, `msrp/bad-byte-range`, `msrp/bad-report-choice`
 * or `msrp/bad-status`.
 */
export function readRequestFields(headers: readonly HeaderField[]): RequestFields {
  const messageId = headerValue(headers, "Message-ID");
  if (messageId !== undefined && !MESSAGE_ID.test(messageId)) {
    throw new PeerError(
      "msrp/bad-message-id",
      "RFC 4975 §9",
      `expected a Message-ID, found "${escapeText(messageId, 60)}"`,
    );
  }
  const byteRange = headerValue(headers, "Byte-Range");
  const status = headerValue(headers, "Status");
  return {
    messageId,
    byteRange: byteRange === undefined ? undefined : parseByteRange(byteRange),
    successReport: oneOf(headers, "Success-Report", ["yes", "no"], "no") === "yes",
    failureReport: oneOf(headers, "Failure-Report", ["yes", "no", "partial"], "yes"),
    status: status === undefined ? undefined : parseStatus(status),
    contentType: headerValue(headers, "Content-Type"),
    keepAlive: headerValue(headers, "Keep-Alive")?.toLowerCase() === "yes",
  };
}

/** Whether the sender asked for silence about failures, as far as its head can be read. */
export function wantsNoFailureReport(headers: readonly HeaderField[]): boolean {
  return headerValue(headers, "Failure-Report")?.toLowerCase() === "no";
}

/** The header fields that may stand only once in a frame. */
export const SINGLE_HEADERS: ReadonlySet<string> = new Set([
  "to-path",
  "from-path",
  "message-id",
  "success-report",
  "failure-report",
  "byte-range",
  "status",
  "content-type",
  "use-nickname",
]);

function oneOf<T extends string>(
  headers: readonly HeaderField[],
  name: string,
  allowed: readonly T[],
  absent: T,
): T {
  const value = headerValue(headers, name);
  if (value === undefined) return absent;
  // Quoted strings of the grammar compare in any case (RFC 4234 §2.3).
  const lower = value.toLowerCase();
  const found = allowed.find((it) => it === lower);
  if (found === undefined) {
    throw new PeerError(
      "msrp/bad-report-choice",
      "RFC 4975 §9",
      `expected ${name} to be one of ${allowed.join(", ")}, found "${escapeText(value, 20)}"`,
    );
  }
  return found;
}

/** What follows `from`, without spaces and tabs at both ends. The space after the colon is not insisted on. */
function trimmed(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isBlank(line.charCodeAt(start))) start++;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end--;
  return line.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

// ext-header = hname ":" SP hval CRLF;  hname = ALPHA *token
const HEADER_NAME = /^[A-Za-z][!#-'*+\-.0-9A-Z^-~]*$/;
// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;
// Message-ID = "Message-ID:" SP ident. More is accepted than ident allows (UUIDs have 36
// characters): the value only has to be comparable.
const MESSAGE_ID = /^[!-~]{1,256}$/;
