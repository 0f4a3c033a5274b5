/** Header fields by name: usual spellings, compact forms, and the ones every message has (RFC 3261 §7.3, §20). */

import { PeerError } from "../../base/errors.ts";
import { type CSeq, parseCSeq } from "./cseq.ts";
import type { HeaderField, SipMessage } from "./message.ts";
import { type NameAddress, parseNameAddress, parseNameAddressList } from "./name_address.ts";
import { parseVias, type Via } from "./via.ts";

/** Compact forms (§7.3.3 and the extensions that registered one). */
const COMPACT: Readonly<Record<string, string>> = {
  a: "Accept-Contact",
  b: "Referred-By",
  c: "Content-Type",
  d: "Request-Disposition",
  e: "Content-Encoding",
  f: "From",
  i: "Call-ID",
  j: "Reject-Contact",
  k: "Supported",
  l: "Content-Length",
  m: "Contact",
  n: "Identity-Info",
  o: "Event",
  r: "Refer-To",
  s: "Subject",
  t: "To",
  u: "Allow-Events",
  v: "Via",
  x: "Session-Expires",
  y: "Identity",
};

const USUAL = new Map(
  [
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Allow",
    "Authorization",
    "CSeq",
    "Call-ID",
    "Contact",
    "Content-Disposition",
    "Content-Length",
    "Content-Type",
    "Date",
    "Expires",
    "From",
    "Max-Forwards",
    "Min-Expires",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Require",
    "RAck",
    "RSeq",
    "Reason",
    "Record-Route",
    "Require",
    "Retry-After",
    "Route",
    "Service-Route",
    "Path",
    "Authentication-Info",
    "Proxy-Authentication-Info",
    "Min-SE",
    "Server",
    "Supported",
    "Timestamp",
    "To",
    "Unsupported",
    "User-Agent",
    "Via",
    "WWW-Authenticate",
    "Warning",
    ...Object.values(COMPACT),
  ].map((name) => [name.toLowerCase(), name]),
);

/** The usual spelling of a header field's name; names that nobody knows stay as they are. */
export function usualName(name: string): string {
  const lower = name.toLowerCase();
  return COMPACT[lower] ?? USUAL.get(lower) ?? name;
}

/** Values of all header fields of that name, in order. */
export function headerValues(message: SipMessage, name: string): string[] {
  const wanted = name.toLowerCase();
  return message.headers.filter((it) => it.name.toLowerCase() === wanted).map((it) => it.value);
}

/** Value of the first header field of that name. */
export function headerValue(message: SipMessage, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return message.headers.find((it) => it.name.toLowerCase() === wanted)?.value;
}

/** The tokens of a comma-separated list over all header fields of that name: Allow, Require, Supported. */
export function tokenList(message: SipMessage, name: string): string[] {
  return headerValues(message, name).flatMap((value) => value.split(",")).map((it) => it.trim())
    .filter((it) => it !== "");
}

/** The header fields without those of that name. */
export function withoutHeader(headers: readonly HeaderField[], name: string): HeaderField[] {
  const unwanted = name.toLowerCase();
  return headers.filter((it) => it.name.toLowerCase() !== unwanted);
}

/**
 * All hops, the nearest first.
 *
 * @throws {PeerError} when one of them is malformed.
 */
export function viasOf(message: SipMessage): Via[] {
  return headerValues(message, "Via").flatMap(parseVias);
}

/**
 * The nearest hop.
 *
 * @throws {PeerError} when it is missing or malformed.
 */
export function topVia(message: SipMessage): Via {
  const [via] = parseVias(required(message, "Via"));
  return via ?? missing("Via");
}

/**
 * From.
 *
 * @throws {PeerError} when it is missing or malformed.
 */
export function fromOf(message: SipMessage): NameAddress {
  return parseNameAddress(required(message, "From"), "From");
}

/**
 * To.
 *
 * @throws {PeerError} when it is missing or malformed.
 */
export function toOf(message: SipMessage): NameAddress {
  return parseNameAddress(required(message, "To"), "To");
}

/**
 * Call-ID.
 *
 * @throws {PeerError} when it is missing.
 */
export function callIdOf(message: SipMessage): string {
  return required(message, "Call-ID");
}

/**
 * CSeq.
 *
 * @throws {PeerError} when it is missing or malformed.
 */
export function cSeqOf(message: SipMessage): CSeq {
  return parseCSeq(required(message, "CSeq"));
}

/**
 * The addresses of all Contact header fields; none for `*`.
 *
 * @throws {PeerError} when one is malformed.
 */
export function contactsOf(message: SipMessage): NameAddress[] {
  const values = headerValues(message, "Contact");
  if (values.length === 1 && values[0] === "*") return [];
  return values.flatMap((value) => parseNameAddressList(value, "Contact"));
}

/**
 * The addresses of Route, Record-Route, Service-Route or Path, in order.
 *
 * @throws {PeerError} when one is malformed.
 */
export function routesOf(
  message: SipMessage,
  name: "Route" | "Record-Route" | "Service-Route" | "Path",
): NameAddress[] {
  return headerValues(message, name).flatMap((value) => parseNameAddressList(value, name));
}

function required(message: SipMessage, name: string): string {
  return headerValue(message, name) ?? missing(name);
}

function missing(name: string): never {
  throw new PeerError("sip/missing-header", "RFC 3261 §8.1.1", `expected a ${name} header field`);
}
