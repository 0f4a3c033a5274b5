/** `sip:` and `sips:` URIs, and other schemes as opaque text (RFC 3261 §19.1). */

import { PeerError } from "../../base/errors.ts";
import { escapeText } from "../../base/escape.ts";
import { decodeUtf8, utf8 } from "../../base/bytes.ts";
import { normalizeHost, parseHostPort, writeHostPort } from "./host.ts";
import type { Parameter } from "./parameters.ts";

/** A SIP or SIPS URI. Escapes (`%41`) stay as they were written; comparison decodes them. */
export interface SipUri {
  readonly scheme: "sip" | "sips";
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** A name, IPv4, or IPv6 without brackets; in the case it was written. */
  readonly host: string;
  readonly port?: number | undefined;
  /** `;transport=tcp;lr`, in order, escapes kept. */
  readonly parameters: readonly Parameter[];
  /** `?subject=x&priority=y`, in order, escapes kept. Not allowed in a Request-URI. */
  readonly headers: readonly Parameter[];
}

/** A URI of another scheme: `tel:`, `http:`, … */
export interface OtherUri {
  readonly scheme: string;
  /** Everything after the colon. */
  readonly rest: string;
}

/** Any URI that a SIP message may hold. */
export type Uri = SipUri | OtherUri;

/** Whether `uri` is a SIP or SIPS URI. */
export function isSipUri(uri: Uri): uri is SipUri {
  return "host" in uri;
}

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/;
const ESCAPED = "%[0-9A-Fa-f]{2}";
/** unreserved / escaped / user-unreserved; `#` is not in the grammar but dial strings have it. */
const USER = new RegExp(`^(?:[-A-Za-z0-9_.!~*'()&=+$,;?/#]|${ESCAPED})+$`);
const PASSWORD = new RegExp(`^(?:[-A-Za-z0-9_.!~*'()&=+$,]|${ESCAPED})*$`);
const PARAMETER_PART = new RegExp(`^(?:[-A-Za-z0-9_.!~*'()\\[\\]/:&+$]|${ESCAPED})+$`);
const HEADER_PART = new RegExp(`^(?:[-A-Za-z0-9_.!~*'()\\[\\]/?:+$]|${ESCAPED})*$`);

/**
 * Reads a URI of any scheme.
 *
 * @throws {PeerError} `sip/bad-uri` when it is none.
 */
export function parseUri(text: string): Uri {
  const scheme = SCHEME.exec(text)?.[1];
  // Octets outside ASCII may appear in no URI (RFC 3986 §2).
  if (scheme === undefined || !/^[!-~]+$/.test(text) || /[<>"]/.test(text)) {
    throw badUri(text, "expected a URI");
  }
  const lower = scheme.toLowerCase();
  if (lower === "sip" || lower === "sips") return parseAfterScheme(lower, text);
  return { scheme: lower, rest: text.slice(scheme.length + 1) };
}

/**
 * Reads a `sip:` or `sips:` URI.
 *
 * @throws {PeerError} `sip/bad-uri` when it is none.
 */
export function parseSipUri(text: string): SipUri {
  const uri = parseUri(text);
  if (!isSipUri(uri)) throw badUri(text, "expected a sip or sips URI");
  return uri;
}

function parseAfterScheme(scheme: "sip" | "sips", text: string): SipUri {
  const rest = text.slice(scheme.length + 1);
  // "@" stands nowhere else unescaped, while the user part may hold ";", "?" and "/".
  const at = rest.lastIndexOf("@");
  const userInfo = at < 0 ? undefined : rest.slice(0, at);
  const match = /^([^;?]*)((?:;[^?]*)?)((?:\?.*)?)$/s.exec(rest.slice(at + 1));
  const [, hostPort = "", parameters = "", headers = ""] = match ?? [];
  const place = parseHostPort(hostPort);
  if (place === undefined) throw badUri(text, "expected a host");
  return {
    scheme,
    ...parseUserInfo(userInfo, text),
    host: place.host,
    ...(place.port === undefined ? {} : { port: place.port }),
    parameters: parsePairs(parameters, ";", PARAMETER_PART, text),
    headers: parsePairs(headers, "&", HEADER_PART, text),
  };
}

function parseUserInfo(
  userInfo: string | undefined,
  text: string,
): { user?: string; password?: string } {
  if (userInfo === undefined) return {};
  const colon = userInfo.indexOf(":");
  const user = colon < 0 ? userInfo : userInfo.slice(0, colon);
  if (!USER.test(user)) throw badUri(text, "expected a user");
  if (colon < 0) return { user };
  const password = userInfo.slice(colon + 1);
  if (!PASSWORD.test(password)) throw badUri(text, "expected a password");
  return { user, password };
}

function parsePairs(
  source: string,
  separator: ";" | "&",
  part: RegExp,
  text: string,
): Parameter[] {
  if (source === "") return [];
  const pairs = source.slice(1).split(separator);
  if (pairs.length > MAX_PAIRS) throw badUri(text, "too many parameters");
  return pairs.map((pair) => {
    const equals = pair.indexOf("=");
    const name = equals < 0 ? pair : pair.slice(0, equals);
    const value = equals < 0 ? undefined : pair.slice(equals + 1);
    // hname "=" hvalue: only a header's value may be empty (§25.1).
    if (name === "" || !part.test(name)) throw badUri(text, "expected the name of a parameter");
    if (separator === "&" && value === undefined) throw badUri(text, "expected a header's value");
    if (value !== undefined && !part.test(value)) throw badUri(text, "expected a value");
    return value === undefined ? { name } : { name, value };
  });
}

/** The URI as text. */
export function writeUri(uri: Uri): string {
  if (!isSipUri(uri)) return `${uri.scheme}:${uri.rest}`;
  const password = uri.password === undefined ? "" : `:${uri.password}`;
  const userInfo = uri.user === undefined ? "" : `${uri.user}${password}@`;
  const pair = ({ name, value }: Parameter) => value === undefined ? name : `${name}=${value}`;
  const parameters = uri.parameters.map((it) => `;${pair(it)}`).join("");
  const headers = uri.headers.length === 0 ? "" : `?${uri.headers.map(pair).join("&")}`;
  return `${uri.scheme}:${userInfo}${writeHostPort(uri.host, uri.port)}${parameters}${headers}`;
}

/** Value of a URI parameter with its escapes decoded; the empty string when it has no value. */
export function uriParameter(uri: SipUri, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const found = uri.parameters.find((it) => decodeEscapes(it.name).toLowerCase() === wanted);
  return found === undefined ? undefined : decodeEscapes(found.value ?? "");
}

/**
 * `user@host` of a URI, the form under which peers are remembered: escapes that stand for
 * unreserved characters decoded, the host in lower case. Without a user, the host alone.
 */
export function addressOfRecord(uri: SipUri): string {
  const host = normalizeHost(uri.host);
  const place = host.includes(":") ? `[${host}]` : host;
  return uri.user === undefined ? place : `${decodeUnreserved(uri.user)}@${place}`;
}

/** Writes `text` so that it can stand as the user part of a URI. */
export function escapeUser(text: string): string {
  let escaped = "";
  for (const byte of utf8(text)) {
    const character = String.fromCharCode(byte);
    escaped += byte < 0x80 && USER.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return escaped;
}

/** Every escape decoded, once (RFC 4475 §3.1.1.3); text that is not UTF-8 then stays as it is. */
export function decodeEscapes(text: string): string {
  if (!text.includes("%")) return text;
  const octets: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const escape = /^%([0-9A-Fa-f]{2})/.exec(text.slice(at, at + 3))?.[1];
    octets.push(escape === undefined ? text.charCodeAt(at) : Number.parseInt(escape, 16));
    if (escape !== undefined) at += 2;
  }
  return decodeUtf8(Uint8Array.from(octets)) ?? text;
}

/** Escapes of unreserved characters decoded, the digits of the others in upper case (RFC 3986 §6.2.2). */
export function decodeUnreserved(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (escape, digits: string) => {
    const character = String.fromCharCode(Number.parseInt(digits, 16));
    return /[-A-Za-z0-9_.!~*'()]/.test(character) ? character : escape.toUpperCase();
  });
}

function badUri(text: string, what: string): PeerError {
  return new PeerError(
    "sip/bad-uri",
    "RFC 3261 §19.1.1",
    `${what}, found "${escapeText(text, 64)}"`,
  );
}

/** Far above what anybody sends; a bound on work, not a rule. */
const MAX_PAIRS = 128;
