/**
 * One datagram, or one framed message of a stream → a verdict: valid, to be answered with an
 * error, or to be dropped (RFC 3261 §7, §8.1.3, §8.2, §18.3, §25; RFC 4475).
 */

import { PeerError } from "../../base/errors.ts";
import { escapeText } from "../../base/escape.ts";
import { decodeUtf8, decodeUtf8Lossy, indexOfBytes } from "../../base/bytes.ts";
import { ascii } from "../../base/ascii.ts";
import {
  callIdOf,
  contactsOf,
  cSeqOf,
  fromOf,
  headerValue,
  headerValues,
  routesOf,
  toOf,
  usualName,
  viasOf,
} from "./header_fields.ts";
import {
  type HeaderField,
  NO_BODY,
  type SipMessage,
  type SipRequest,
  type SipTransport,
} from "./message.ts";
import { isRecognizedMethod } from "./method.ts";
import { isSipUri, parseUri } from "./uri.ts";
import { branchOf } from "./via.ts";

/** How much of a message is read. */
export interface MessageLimits {
  /** Most octets of start-line and header fields together. Default 65,536. */
  readonly head?: number;
  /** Most header fields. Default 512. */
  readonly headerFields?: number;
  /** Most octets of a body. Default 1 MiB. */
  readonly body?: number;
}

/** {@link MessageLimits} with the defaults filled in. */
export const DEFAULT_MESSAGE_LIMITS: Required<MessageLimits> = {
  head: 65_536,
  headerFields: 512,
  body: 1 << 20,
};

/** How a message came and how much of it is read. */
export interface ParseOptions {
  /** Over UDP the datagram ends the body; over streams Content-Length alone does. */
  readonly transport: SipTransport;
  readonly limits?: MessageLimits | undefined;
}

/** What should become of octets that claim to be a SIP message. */
export type SipVerdict =
  | { readonly verdict: "valid"; readonly message: SipMessage }
  | {
    /** A request that should be answered with `status`; `request` is as much of it as could be read. */
    readonly verdict: "answer";
    readonly status: number;
    readonly error: PeerError;
    readonly request: SipRequest;
  }
  | {
    /** Malformed responses and ACKs, and whatever cannot be answered. */
    readonly verdict: "drop";
    readonly error: PeerError;
    /** As much as could be read, if the start-line could. */
    readonly message?: SipMessage;
  };

/**
 * Reads one message.
 *
 * @throws {PeerError} whenever {@link judgeSipMessage} has another verdict than valid.
 */
export function parseSipMessage(bytes: Uint8Array, options: ParseOptions): SipMessage {
  const judged = judgeSipMessage(bytes, options);
  if (judged.verdict !== "valid") throw judged.error;
  return judged.message;
}

/** Reads one message and says what should become of it. Never throws, whatever the octets. */
export function judgeSipMessage(bytes: Uint8Array, options: ParseOptions): SipVerdict {
  const limits = { ...DEFAULT_MESSAGE_LIMITS, ...options.limits };
  const faults: Fault[] = [];
  const message = readMessage(bytes, options.transport, limits, faults);
  if (message === undefined) return { verdict: "drop", error: notSip(bytes) };
  checkFields(message, faults);
  const [fault] = faults;
  if (fault === undefined) return { verdict: "valid", message };
  const isAnswerable = message.kind === "request" && message.method !== "ACK" &&
    headerValue(message, "Via") !== undefined;
  return isAnswerable
    ? { verdict: "answer", status: fault.status, error: fault.error, request: message }
    : { verdict: "drop", error: fault.error, message };
}

/** What is wrong, and the status that says so to the sender of a request. */
interface Fault {
  readonly status: number;
  readonly error: PeerError;
}

function readMessage(
  bytes: Uint8Array,
  transport: SipTransport,
  limits: Required<MessageLimits>,
  faults: Fault[],
): SipMessage | undefined {
  let start = 0;
  // §7.5: line ends before the start-line are ignored.
  while (bytes[start] === CR && bytes[start + 1] === LF) start += 2;
  const blank = indexOfBytes(bytes, BLANK_LINE, start);
  const end = blank < 0 ? bytes.length : blank;
  if (end === start || end - start > limits.head) return undefined;
  const head = bytes.subarray(start, end);
  const text = decodeUtf8(head);
  const [startLine = "", ...lines] = (text ?? decodeUtf8Lossy(head)).split("\r\n");
  const begin = readStartLine(startLine);
  if (begin === undefined) return undefined;
  if (begin.fault !== undefined) faults.push(begin.fault);
  if (text === undefined) faults.push(bad("RFC 3261 §7", "expected UTF-8"));
  if (blank < 0) faults.push(bad("RFC 3261 §7", "expected an empty line after the header fields"));
  const headers = readHeaders(lines, limits, faults);
  const surplus = blank < 0 ? NO_BODY : bytes.subarray(blank + 4);
  const message: SipMessage = { ...begin.start, headers, body: NO_BODY };
  return { ...message, body: readBody(message, surplus, transport, limits, faults) };
}

type Start =
  | { readonly kind: "request"; readonly method: string; readonly requestUri: string }
  | { readonly kind: "response"; readonly status: number; readonly reason: string };

const REQUEST_LINE = /^([-.!%*_+`'~A-Za-z0-9]+) ([^ \t]+) SIP\/(\d+\.\d+)$/i;
const STATUS_LINE = /^SIP\/(\d+\.\d+) (\d+)(?: (.*))?$/i;

function readStartLine(
  line: string,
): { readonly start: Start; readonly fault?: Fault } | undefined {
  const shown = escapeText(line, 64);
  if (/^SIP\//i.test(line)) {
    const [, version, digits = "", reason = ""] = STATUS_LINE.exec(line) ?? [];
    const status = Number(digits);
    const start: Start = { kind: "response", status, reason };
    if (version === "2.0" && status >= 100 && status <= 699) return { start };
    return { start, fault: bad("RFC 3261 §7.2", `expected a status line, found "${shown}"`) };
  }
  const match = REQUEST_LINE.exec(line);
  if (match === null) {
    // RFC 4475 §3.1.2.7–10: surplus blanks and brackets are answered 400, if it is a request at all.
    const method = /^([-.!%*_+`'~A-Za-z0-9]+) .*\bSIP\/\d/i.exec(line)?.[1];
    if (method === undefined) return undefined;
    const fault = bad("RFC 3261 §7.1", `expected a request line, found "${shown}"`);
    return { start: { kind: "request", method, requestUri: "" }, fault };
  }
  const [, method = "", requestUri = "", version] = match;
  const start: Start = { kind: "request", method, requestUri };
  if (version !== "2.0") {
    const error = new PeerError("sip/bad-version", "RFC 3261 §21.5.6", "expected SIP/2.0");
    return { start, fault: { status: 505, error } };
  }
  return { start };
}

const HEADER_LINE = /^([-.!%*_+`'~A-Za-z0-9]+)[ \t]*:(.*)$/s;

function readHeaders(
  lines: readonly string[],
  limits: Required<MessageLimits>,
  faults: Fault[],
): HeaderField[] {
  const unfolded: string[] = [];
  for (const line of lines) {
    const last = unfolded.length - 1;
    // §7.3.1: a line that begins with a blank continues the one before.
    if (/^[ \t]/.test(line) && last >= 0) unfolded[last] += ` ${line.trim()}`;
    else unfolded.push(line);
  }
  if (unfolded.length > limits.headerFields) {
    faults.push(bad("RFC 3261 §21.5.7", `more than ${limits.headerFields} header fields`, 513));
    unfolded.length = limits.headerFields;
  }
  const headers: HeaderField[] = [];
  for (const line of unfolded) {
    const [, name, value = ""] = HEADER_LINE.exec(line) ?? [];
    // A bare CR or LF inside a value could become a line end further on.
    if (name === undefined || /[\r\n]/.test(value)) {
      faults.push(
        bad("RFC 3261 §7.3", `expected a header field, found "${escapeText(line, 64)}"`),
      );
    } else headers.push({ name: usualName(name), value: value.trim() });
  }
  return headers;
}

function readBody(
  message: SipMessage,
  surplus: Uint8Array,
  transport: SipTransport,
  limits: Required<MessageLimits>,
  faults: Fault[],
): Uint8Array {
  const length = contentLength(message);
  if (length === "malformed" || (length === undefined && transport !== "udp")) {
    faults.push(bad("RFC 3261 §20.14", "expected one Content-Length"));
    return NO_BODY;
  }
  const wanted = length ?? surplus.length;
  if (wanted > limits.body) {
    faults.push(bad("RFC 3261 §21.4.11", `a body of more than ${limits.body} octets`, 413));
    return NO_BODY;
  }
  if (wanted > surplus.length) {
    faults.push(bad("RFC 3261 §18.3", `a body of ${wanted} octets, found ${surplus.length}`));
  }
  return surplus.slice(0, wanted);
}

/** What Content-Length says, `undefined` when there is none. */
export function contentLength(message: SipMessage): number | "malformed" | undefined {
  const values = new Set(headerValues(message, "Content-Length"));
  if (values.size === 0) return undefined;
  const [value = ""] = values;
  // RFC 4475 §3.3.9: values that disagree are as bad as none. Fifteen digits are exact.
  return values.size > 1 || !/^\d{1,15}$/.test(value) ? "malformed" : Number(value);
}

/** The header fields that every message has, and the Request-URI. */
function checkFields(message: SipMessage, faults: Fault[]): void {
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      faults.push({ status: 400, error });
      return undefined;
    }
  };
  for (const name of SINGLE) {
    if (headerValues(message, name).length > 1) {
      faults.push(bad("RFC 3261 §7.3.1", `expected one ${name} header field`));
    }
  }
  const vias = attempt(() => viasOf(message)) ?? [];
  if (vias.length === 0) faults.push(bad("RFC 3261 §8.1.1.7", "expected a Via header field"));
  attempt(() => fromOf(message));
  attempt(() => toOf(message));
  attempt(() => callIdOf(message));
  attempt(() => contactsOf(message));
  attempt(() => routesOf(message, "Record-Route"));
  const cSeq = attempt(() => cSeqOf(message));
  if (message.kind === "response") return;
  attempt(() => routesOf(message, "Route"));
  if (cSeq !== undefined && cSeq.method !== message.method) {
    // RFC 4475 §3.1.2.18: an unknown method is better said to be unknown.
    const status = isRecognizedMethod(message.method) ? 400 : 501;
    faults.push(bad("RFC 3261 §8.1.1.5", "CSeq names another method", status));
  }
  const [via] = vias;
  const maxForwards = headerValue(message, "Max-Forwards");
  const isRfc3261Peer = via !== undefined && branchOf(via) !== undefined;
  if (maxForwards === undefined ? isRfc3261Peer : !/^\d+$/.test(maxForwards)) {
    // RFC 2543 peers had no Max-Forwards (RFC 4475 §3.4.1). An ACK is better taken than lost.
    if (message.method !== "ACK") {
      faults.push(bad("RFC 3261 §8.1.1.6", "expected a Max-Forwards header field"));
    }
  }
  if (message.requestUri === "") return;
  const uri = attempt(() => parseUri(message.requestUri));
  if (uri !== undefined && isSipUri(uri) && uri.headers.length > 0) {
    faults.push(bad("RFC 3261 §19.1.1", "a Request-URI with header fields"));
  }
}

const SINGLE: readonly string[] = ["From", "To", "Call-ID", "CSeq", "Max-Forwards"];

function bad(rule: string, message: string, status = 400): Fault {
  return { status, error: new PeerError("sip/bad-message", rule, message) };
}

function notSip(bytes: Uint8Array): PeerError {
  const begin = escapeText(decodeUtf8Lossy(bytes.subarray(0, 32)), 32);
  return new PeerError("sip/not-sip", "RFC 3261 §7", `expected a SIP message, found "${begin}"`);
}

const CR = 0x0d;
const LF = 0x0a;
const BLANK_LINE = ascii("\r\n\r\n");
