/** The `msrp:` and `msrps:` URIs and how they compare (RFC 4975 §6, §6.1, §9). */
import { PeerError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";

/** An MSRP URI, its parts as they were written except for the scheme, which is in lower case. */
export interface MsrpUri {
  readonly scheme: "msrp" | "msrps";
  /** What stands before `@`. Never a password (§6); ignored by the comparison. */
  readonly userInfo?: string | undefined;
  /** Host name or address; IPv6 without brackets. */
  readonly host: string;
  /** Absent only in URIs of relays: those of sessions always name it (§8.2). */
  readonly port?: number | undefined;
  /** Absent in URIs that name a device instead of a session. */
  readonly sessionId?: string | undefined;
  /** `tcp`, or what another binding registered. */
  readonly transport: string;
  /** Parameters after the transport, in order; a parameter without `=` has no value. */
  readonly parameters?: readonly UriParameter[] | undefined;
}

/** `;name=value`, or `;name` alone. */
export interface UriParameter {
  readonly name: string;
  readonly value?: string | undefined;
}

/**
 * Reads one URI.
 * @throws {PeerError} `msrp/bad-uri` when `text` is not an MSRP URI (RFC 4975 §9).
 */
export function parseMsrpUri(text: string): MsrpUri {
  const match = MSRP_URI.exec(text);
  if (match === null) throw badUri(text);
  const [, scheme = "", authority = "", sessionId, suffix = ""] = match;
  const [transport = "", ...parameters] = suffix.slice(1).split(";");
  if (!ALPHANUM.test(transport)) throw badUri(text);
  const { userInfo, host, port } = parseAuthority(authority, text);
  return {
    scheme: scheme.toLowerCase() === "msrps" ? "msrps" : "msrp",
    ...(userInfo !== undefined && { userInfo }),
    host,
    ...(port !== undefined && { port }),
    ...(sessionId !== undefined && { sessionId }),
    transport,
    ...(parameters.length > 0 && {
      parameters: parameters.map((it) => parseParameter(it, text)),
    }),
  };
}

/**
 * Writes one URI.
 * @throws {TypeError} when a part holds what the grammar does not allow there.
 */
export function writeMsrpUri(uri: MsrpUri): string {
  const { scheme, userInfo, host, port, sessionId, transport, parameters = [] } = uri;
  const isFine = (userInfo === undefined || USER_INFO.test(userInfo)) &&
    (host.includes(":") ? ipv6Groups(host) !== undefined : HOST_NAME.test(host)) &&
    (port === undefined || (Number.isInteger(port) && port >= 0 && port <= 65_535)) &&
    (sessionId === undefined || SESSION_ID.test(sessionId)) && ALPHANUM.test(transport) &&
    parameters.every(({ name, value }) =>
      TOKEN.test(name) && (value === undefined || TOKEN.test(value))
    );
  if (!isFine) {
    throw new TypeError(`not an MSRP URI: ${escapeText(JSON.stringify(uri), 200)}`);
  }
  return `${scheme}://${userInfo === undefined ? "" : `${userInfo}@`}` +
    (host.includes(":") ? `[${host}]` : host) +
    (port === undefined ? "" : `:${port}`) +
    (sessionId === undefined ? "" : `/${sessionId}`) + `;${transport}` +
    parameters.map(({ name, value }) => value === undefined ? `;${name}` : `;${name}=${value}`)
      .join("");
}

/** Whether both name the same thing by the six rules of RFC 4975 §6.1. */
export function msrpUrisMatch(a: MsrpUri, b: MsrpUri): boolean {
  return a.scheme === b.scheme &&
    normalizedHost(a.host) === normalizedHost(b.host) &&
    a.port === b.port &&
    a.sessionId === b.sessionId &&
    a.transport.toLowerCase() === b.transport.toLowerCase();
}

/**
 * Reads the value of To-Path, From-Path or `a=path`: URIs with spaces between.
 * @param limit Most URIs that are accepted.
 * @throws {PeerError} `msrp/bad-uri`, or `msrp/path-too-long` past `limit`.
 */
export function parseMsrpPath(text: string, limit: number = DEFAULT_PATH_LIMIT): MsrpUri[] {
  const parts = text.split(/[ \t]+/, limit + 1);
  if (parts.length > limit) {
    throw new PeerError(
      "msrp/path-too-long",
      "RFC 4975 §14.5",
      `expected at most ${limit} URIs in a path`,
    );
  }
  return parts.map((it) => parseMsrpUri(it));
}

/** Writes URIs with single spaces between. Throws like {@link writeMsrpUri}. */
export function writeMsrpPath(path: readonly MsrpUri[]): string {
  return path.map((it) => writeMsrpUri(it)).join(" ");
}

/** Most URIs that {@link parseMsrpPath} accepts unless told otherwise. */
export const DEFAULT_PATH_LIMIT = 16;

function parseAuthority(
  authority: string,
  whole: string,
): { userInfo: string | undefined; host: string; port: number | undefined } {
  const match = AUTHORITY.exec(authority);
  if (match === null) throw badUri(whole);
  const [, userInfo, bracketed, name, digits] = match;
  if (bracketed !== undefined && ipv6Groups(bracketed) === undefined) throw badUri(whole);
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && port > 65_535) throw badUri(whole);
  return { userInfo, host: bracketed ?? name ?? "", port };
}

function parseParameter(text: string, whole: string): UriParameter {
  const match = PARAMETER.exec(text);
  if (match === null) throw badUri(whole);
  const [, name = "", value] = match;
  return value === undefined ? { name } : { name, value };
}

/** Percent-decoding of what needs no encoding, lower case, one spelling for each IPv6 address. */
function normalizedHost(host: string): string {
  const groups = host.includes(":") ? ipv6Groups(host) : undefined;
  if (groups !== undefined) return groups.join(":");
  return host.replace(/%[0-9a-f]{2}/gi, (escaped) => {
    const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    return UNRESERVED.test(character) ? character : escaped;
  }).toLowerCase();
}

/** The eight groups of an IPv6 address as numbers, or `undefined` when it is none. */
function ipv6Groups(text: string): number[] | undefined {
  const dotted = /^(.*:)(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (dotted !== null) {
    const [a = 0, b = 0, c = 0, d = 0] = dotted.slice(2).map(Number);
    if (Math.max(a, b, c, d) > 255) return undefined;
    const low = (high: number, least: number): string => (high * 256 + least).toString(16);
    return ipv6Groups(`${dotted[1]}${low(a, b)}:${low(c, d)}`);
  }
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [front = [], back = []] = halves.map((it) => it === "" ? [] : it.split(":"));
  const missing = 8 - front.length - back.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...front, ...Array.from({ length: missing }, () => "0"), ...back];
  if (!groups.every((it) => /^[0-9a-f]{1,4}$/i.test(it))) return undefined;
  return groups.map((it) => Number.parseInt(it, 16));
}

function badUri(text: string): PeerError {
  return new PeerError(
    "msrp/bad-uri",
    "RFC 4975 §9",
    `expected an MSRP URI, found "${escapeText(text, 120)}"`,
  );
}

// MSRP-URI = msrp-scheme "://" authority ["/" session-id] ";" transport *( ";" URI-parameter )
// session-id = 1*( unreserved / "+" / "=" / "/" )
const MSRP_URI = /^(msrps?):\/\/([^/;]+)(?:\/([A-Za-z0-9._~+=/-]+))?((?:;[^;]*)+)$/i;
const SESSION_ID = /^[A-Za-z0-9._~+=/-]+$/;
// authority = [ userinfo "@" ] host [ ":" port ]        (RFC 3986 §3.2; no ";", which ends it here)
const AUTHORITY =
  /^(?:([A-Za-z0-9._~%!$&'()*+,=:-]*)@)?(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._~%!$&'()*+,=-]+))(?::(\d{1,5}))?$/;
const USER_INFO = /^[A-Za-z0-9._~%!$&'()*+,=:-]*$/;
const HOST_NAME = /^[A-Za-z0-9._~%!$&'()*+,=-]+$/;
const ALPHANUM = /^[A-Za-z0-9]+$/;
const UNRESERVED = /^[A-Za-z0-9._~-]$/;
// URI-parameter = token ["=" token]
const PARAMETER = /^([!#-'*+\-.0-9A-Z^-~]+)(?:=([!#-'*+\-.0-9A-Z^-~]+))?$/;
const TOKEN = /^[!#-'*+\-.0-9A-Z^-~]+$/;
