/**
 * Session descriptions out of octets (RFC 8866 §9), as leniently as peers require: lines
 * may end with LF, stand in another order, or be of a kind nobody knows (SIP-092).
 */

import { decodeUtf8Lossy, utf8 } from "../base/bytes.ts";
import { PeerError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";
import type {
  Attribute,
  Bandwidth,
  Connection,
  MediaDescription,
  Origin,
  SessionDescription,
  TimeDescription,
  UnknownLine,
} from "./session_description.ts";

/** How much a peer may make us read. */
export interface SdpLimits {
  /** Octets of the whole description. Default 65,536. */
  readonly total?: number | undefined;
  /** Octets of one line. Default 8,192. */
  readonly line?: number | undefined;
  /** Lines. Default 2,000. */
  readonly lines?: number | undefined;
  /** `m=` lines. Default 64. */
  readonly media?: number | undefined;
}

/**
 * Reads one description. What is not UTF-8 becomes U+FFFD.
 *
 * @throws {PeerError} `sdp/…` with the offset of the faulty line's first octet.
 */
export function parseSessionDescription(
  input: Uint8Array | string,
  limits: SdpLimits = {},
): SessionDescription {
  const bytes = typeof input === "string" ? utf8(input) : input;
  const lines = splitLines(bytes, limits);
  const firstMedium = lines.findIndex((it) => it.type === "m");
  const sessionEnd = firstMedium < 0 ? lines.length : firstMedium;
  const session = parseSession(lines.slice(0, sessionEnd));
  const media: MediaDescription[] = [];
  for (let at = sessionEnd; at < lines.length;) {
    let end = at + 1;
    while (end < lines.length && lines[end]?.type !== "m") end++;
    if (media.length >= (limits.media ?? 64)) {
      throw fault("sdp/too-many-media", "RFC 8866 §5.14", "too many media", lines[at]);
    }
    media.push(parseMedium(lines.slice(at, end)));
    at = end;
  }
  return { ...session, media };
}

/** One `<type>=<value>` line. */
interface Line {
  readonly type: string;
  readonly value: string;
  readonly offset: number;
}

function splitLines(bytes: Uint8Array, limits: SdpLimits): Line[] {
  const { total = 65_536, line: longest = 8192, lines: most = 2000 } = limits;
  if (bytes.length > total) {
    throw fault("sdp/too-long", "RFC 8866 §9", `expected at most ${total} octets`, { offset: 0 });
  }
  const lines: Line[] = [];
  let end = bytes.length;
  // Empty lines at the end come from SIP senders that count generously.
  while (end > 0 && (bytes[end - 1] === LF || bytes[end - 1] === CR)) end--;
  for (let at = 0; at < end;) {
    const lf = bytes.indexOf(LF, at);
    const stop = lf < 0 || lf > end ? end : lf;
    const last = stop > at && stop < end && bytes[stop - 1] === CR ? stop - 1 : stop;
    if (last - at > longest) {
      const message = `expected at most ${longest} octets in a line`;
      throw fault("sdp/line-too-long", "RFC 8866 §9", message, { offset: at });
    }
    if (lines.length >= most) {
      const message = `expected at most ${most} lines`;
      throw fault("sdp/too-many-lines", "RFC 8866 §9", message, { offset: at });
    }
    lines.push(parseLine(bytes.subarray(at, last), at));
    at = stop + 1;
  }
  return lines;
}

// Nothing may stand around the "=" (RFC 8866 §5).
function parseLine(bytes: Uint8Array, offset: number): Line {
  const text = decodeUtf8Lossy(bytes);
  const match = /^([A-Za-z])=([^\0\r]*)$/.exec(text);
  if (match === null) {
    throw fault(
      "sdp/bad-line",
      "RFC 8866 §5",
      `expected a line such as a=…, found "${show(text)}"`,
      {
        offset,
      },
    );
  }
  const [, type = "", value = ""] = match;
  return { type, value, offset };
}

type SessionPart = Omit<SessionDescription, "media">;

function parseSession(lines: readonly Line[]): SessionPart {
  const times: TimeDescription[] = [];
  const unknownLines: UnknownLine[] = [];
  for (const line of lines) {
    if (line.type === "t") times.push(parseTime(line));
    else if (line.type === "r" || line.type === "z") amendTime(times, line);
    else if (!SESSION_TYPES.includes(line.type)) unknownLines.push(unknown(line));
  }
  const version = only(lines, "v");
  if (version.value.trim() !== "0") {
    throw fault("sdp/bad-version", "RFC 8866 §5.1", "expected v=0", version);
  }
  return {
    origin: parseOrigin(only(lines, "o")),
    // Peers exist that send no s=; nothing depends on it.
    sessionName: atMostOne(lines, "s")?.value ?? "-",
    ...optional("information", atMostOne(lines, "i")?.value),
    ...optional("uri", atMostOne(lines, "u")?.value),
    ...optionalList("emails", valuesOf(lines, "e")),
    ...optionalList("phones", valuesOf(lines, "p")),
    ...optional("connection", apply(atMostOne(lines, "c"), parseConnection)),
    ...optionalList("bandwidths", all(lines, "b").map(parseBandwidth)),
    ...optionalList("times", times),
    ...optional("key", atMostOne(lines, "k")?.value),
    attributes: all(lines, "a").map(parseAttribute),
    ...optionalList("unknownLines", unknownLines),
  };
}

function parseMedium(lines: readonly Line[]): MediaDescription {
  const [first, ...rest] = lines;
  if (first === undefined) throw new Error("invariant: a medium has lines; please report this");
  return {
    ...parseMediaField(first),
    ...optional("information", atMostOne(rest, "i")?.value),
    ...optionalList("connections", all(rest, "c").map(parseConnection)),
    ...optionalList("bandwidths", all(rest, "b").map(parseBandwidth)),
    ...optional("key", atMostOne(rest, "k")?.value),
    attributes: all(rest, "a").map(parseAttribute),
    ...optionalList(
      "unknownLines",
      rest.filter((it) => !MEDIA_TYPES.includes(it.type)).map(unknown),
    ),
  };
}

// media-field = media SP port ["/" integer] SP proto 1*(SP fmt)
function parseMediaField(
  line: Line,
): Pick<MediaDescription, "media" | "port" | "portCount" | "protocol" | "formats"> {
  const match = /^([!-~]+) +(\d{1,5})(?:\/(\d{1,5}))? +([!-~]+)((?: +[!-~]+)+) *$/.exec(line.value);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) {
    const expected = "m=<media> <port> <protocol> <format>…";
    throw fault(
      "sdp/bad-media",
      "RFC 8866 §5.14",
      `expected ${expected}, found "${show(line.value)}"`,
      line,
    );
  }
  const [, media = "", , portCount, protocol = "", formats = ""] = match;
  return {
    media,
    port,
    ...optional("portCount", portCount === undefined ? undefined : Number(portCount)),
    protocol,
    formats: formats.trim().split(/ +/),
  };
}

// origin-field = username SP sess-id SP sess-version SP nettype SP addrtype SP unicast-address
function parseOrigin(line: Line): Origin {
  const fields = line.value.trim().split(/ +/);
  const [username, sessionId, sessionVersion, networkType, addressType, address] = fields;
  if (
    username === undefined || sessionId === undefined || sessionVersion === undefined ||
    networkType === undefined || addressType === undefined || address === undefined ||
    fields.length > 6
  ) {
    const message = `expected six fields in o=, found "${show(line.value)}"`;
    throw fault("sdp/bad-origin", "RFC 8866 §5.2", message, line);
  }
  return { username, sessionId, sessionVersion, networkType, addressType, address };
}

// connection-field = nettype SP addrtype SP connection-address
function parseConnection(line: Line): Connection {
  const fields = line.value.trim().split(/ +/);
  const [networkType, addressType, address] = fields;
  if (
    networkType === undefined || addressType === undefined || address === undefined ||
    fields.length > 3
  ) {
    const message = `expected three fields in c=, found "${show(line.value)}"`;
    throw fault("sdp/bad-connection", "RFC 8866 §5.7", message, line);
  }
  return { networkType, addressType, address };
}

// bandwidth-field = bwtype ":" bandwidth
function parseBandwidth(line: Line): Bandwidth {
  const match = /^([!-9;-~]+):(\d+)$/.exec(line.value.trim());
  if (match === null) {
    const message = `expected b=<type>:<number>, found "${show(line.value)}"`;
    throw fault("sdp/bad-bandwidth", "RFC 8866 §5.8", message, line);
  }
  const [, type = "", bandwidth = ""] = match;
  return { type, bandwidth };
}

// time-field = start-time SP stop-time
function parseTime(line: Line): TimeDescription {
  const match = /^(\d+) +(\d+)$/.exec(line.value.trim());
  if (match === null) {
    const message = `expected two times in t=, found "${show(line.value)}"`;
    throw fault("sdp/bad-time", "RFC 8866 §5.9", message, line);
  }
  const [, start = "", stop = ""] = match;
  return { start, stop };
}

/** Hangs an `r=` or `z=` line on the `t=` line above it. */
function amendTime(times: TimeDescription[], line: Line): void {
  const time = times.pop();
  if (time === undefined) {
    throw fault("sdp/bad-time", "RFC 8866 §5.10", `expected t= before ${line.type}=`, line);
  }
  times.push(
    line.type === "z"
      ? { ...time, zones: line.value }
      : { ...time, repeats: [...time.repeats ?? [], line.value] },
  );
}

// attribute = (attribute-name ":" attribute-value) / attribute-name
function parseAttribute(line: Line): Attribute {
  const match = /^([^: ]+)(?::(.*))?$/s.exec(line.value);
  if (match === null) {
    const message = `expected a=<name> or a=<name>:<value>, found "${show(line.value)}"`;
    throw fault("sdp/bad-attribute", "RFC 8866 §5.13", message, line);
  }
  const [, name = "", value] = match;
  return { name, ...optional("value", value) };
}

function unknown({ type, value }: Line): UnknownLine {
  return { type, value };
}

function all(lines: readonly Line[], type: string): Line[] {
  return lines.filter((it) => it.type === type);
}

function valuesOf(lines: readonly Line[], type: string): string[] {
  return all(lines, type).map((it) => it.value);
}

function atMostOne(lines: readonly Line[], type: string): Line | undefined {
  const [line, second] = all(lines, type);
  if (second !== undefined) {
    throw fault("sdp/repeated-line", "RFC 8866 §5", `expected one ${type}= line here`, second);
  }
  return line;
}

function only(lines: readonly Line[], type: string): Line {
  const line = atMostOne(lines, type);
  if (line === undefined) {
    throw fault("sdp/missing-line", "RFC 8866 §5", `expected a ${type}= line`, { offset: 0 });
  }
  return line;
}

function apply<T>(line: Line | undefined, parse: (line: Line) => T): T | undefined {
  return line === undefined ? undefined : parse(line);
}

/** A member that is there only when it has a value. */
function optional<K extends string, T>(name: K, value: T | undefined): { [name in K]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { [name in K]?: T };
}

function optionalList<K extends string, T>(name: K, values: T[]): { [name in K]?: T[] } {
  return optional(name, values.length === 0 ? undefined : values);
}

function fault(
  code: `sdp/${string}`,
  rule: string,
  message: string,
  at: { readonly offset: number } | undefined,
): PeerError {
  return new PeerError(code, rule, message, { offset: at?.offset });
}

function show(text: string): string {
  return escapeText(text, 60);
}

const SESSION_TYPES = "vosiuepcbtrzka";
const MEDIA_TYPES = "icbka";
const CR = 0x0d;
const LF = 0x0a;
