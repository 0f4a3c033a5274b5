/**
 * `message/cpim` out of octets (RFC 3862), tolerating what Blink sends: lines ended by LF,
 * MIME parts without `Content-Type`, formal names that should have been quoted.
 */

import { decodeUtf8Lossy } from "../base/bytes.ts";
import { PeerError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";
import { type ContentType, parseContentType, TEXT_PLAIN } from "./content_type.ts";
import { unescapeCpim } from "./cpim_escape.ts";
import {
  CPIM_NAMESPACE,
  type CpimAddress,
  type CpimHeader,
  type CpimMessage,
  type CpimName,
  type CpimSubject,
} from "./cpim_message.ts";

/** How much a peer may make us read before the body. */
export interface CpimLimits {
  /** Octets of all header lines of both kinds, line ends included. Default 32,768. */
  readonly headerLength?: number | undefined;
  /** Header lines of both kinds. Default 256. */
  readonly headers?: number | undefined;
}

/**
 * Reads one message. The body is a view of `input`.
 *
 * @throws {PeerError} `im/bad-cpim-header`, `im/bad-cpim-address`, `im/bad-content-type`,
 * `im/cpim-too-long` when a limit is passed, `im/cpim-unfinished` when the headers do not end.
 */
export function parseCpim(input: Uint8Array, limits: CpimLimits = {}): CpimMessage {
  const lines = new LineReader(input, limits);
  const { headers, required } = readMessageHeaders(lines);
  const contentHeaders = readContentHeaders(lines);
  const core = headers.filter((it) => it.namespace === CPIM_NAMESPACE);
  const named = (name: string): CpimHeader[] => core.filter((it) => it.name === name);
  return {
    headers,
    ...optional("from", named("From").map(parseAddress)[0]),
    to: named("To").map(parseAddress),
    cc: named("cc").map(parseAddress),
    ...optional("dateTime", named("DateTime")[0]?.value.trim()),
    subjects: named("Subject").map(subjectOf),
    required,
    contentHeaders,
    contentType: contentTypeOf(contentHeaders),
    body: input.subarray(lines.offset),
  };
}

/** Hands out lines, ended by CRLF or LF, up to the limits. */
class LineReader {
  readonly #input: Uint8Array;
  readonly #headerLength: number;
  #left: number;
  #offset = 0;
  #isExhausted = false;

  constructor(input: Uint8Array, { headerLength = 32_768, headers = 256 }: CpimLimits) {
    this.#input = input;
    this.#headerLength = headerLength;
    this.#left = headers;
  }

  get offset(): number {
    return this.#offset;
  }

  /** Goes back to a line that was not ours to read. */
  rewind(offset: number): void {
    this.#offset = offset;
  }

  /** Whether {@link next} stopped at a limit. */
  get isExhausted(): boolean {
    return this.#isExhausted;
  }

  /** The next line, `undefined` when no line end follows within the limits. */
  next(): string | undefined {
    const start = this.#offset;
    const stop = this.#input.indexOf(LF, start);
    const end = stop < 0 ? this.#input.length : stop + 1;
    this.#isExhausted = end > this.#headerLength || this.#left === 0;
    if (this.#isExhausted || stop < 0) return undefined;
    this.#left--;
    this.#offset = stop + 1;
    const last = stop > start && this.#input[stop - 1] === CR ? stop - 1 : stop;
    return decodeUtf8Lossy(this.#input.subarray(start, last));
  }
}

/** Message headers up to the empty line, each with its namespace, and what they require. */
function readMessageHeaders(
  lines: LineReader,
): { readonly headers: CpimHeader[]; readonly required: CpimName[] } {
  const headers: CpimHeader[] = [];
  const required: CpimName[] = [];
  const namespaces = new Map<string, string>([["", CPIM_NAMESPACE]]);
  for (;;) {
    const at = lines.offset;
    const line = lines.next();
    if (line === undefined) {
      const message = "expected an empty line after the message headers";
      const code = lines.isExhausted ? "im/cpim-too-long" : "im/cpim-unfinished";
      throw new PeerError(code, "RFC 3862 §2", message, { offset: at });
    }
    if (line === "") return { headers, required };
    const header = parseHeader(line, namespaces, at);
    headers.push(header);
    const isCore = header.namespace === CPIM_NAMESPACE;
    // A declaration holds for the headers that follow (RFC 3862 §3.4). Without prefix it
    // works whatever the default namespace is: else nothing could leave a default again.
    if (header.name === "NS" && (isCore || /^NS\s*:/.test(line))) {
      declareNamespace(header, namespaces, at);
    } else if (header.name === "Require" && isCore) {
      const names = header.rawValue.split(",").map((it) => it.trim()).filter((it) => it !== "");
      required.push(...names.map((it) => resolveName(it, namespaces)));
    }
  }
}

// Header = [ Name-prefix "." ] Name ":" *( ";" Parameter ) SP Header-value
function parseHeader(
  line: string,
  namespaces: ReadonlyMap<string, string>,
  offset: number,
): CpimHeader {
  const match = HEADER.exec(line);
  if (match === null) {
    const message = `expected a header, found "${escapeText(line, 60)}"`;
    throw new PeerError("im/bad-cpim-header", "RFC 3862 §3.6", message, { offset });
  }
  const [, fullName = "", written = ""] = match;
  // Trimmed here and not by the expression, which would look at long blanks again and again.
  const rawValue = (match[3] ?? "").trimEnd();
  const parameters = [...written.matchAll(HEADER_PARAMETER)].map(
    ([, name = "", value = ""]): [string, string] => [name, unquote(value)],
  );
  const value = unescapeCpim(rawValue);
  return { ...resolveName(fullName, namespaces), parameters, value, rawValue };
}

function resolveName(fullName: string, namespaces: ReadonlyMap<string, string>): CpimName {
  const dot = fullName.indexOf(".");
  const prefix = dot < 0 ? "" : fullName.slice(0, dot);
  return { namespace: namespaces.get(prefix), name: fullName.slice(dot + 1) };
}

// NS-header = "NS" ": " [ Name-prefix ] "<" URI ">"
function declareNamespace(
  { rawValue }: CpimHeader,
  namespaces: Map<string, string>,
  offset: number,
): void {
  const match = /^([^\s<>.]*)\s*<([^<>]+)>$/.exec(rawValue.trim());
  if (match === null) {
    const message = `expected NS: prefix <uri>, found "${escapeText(rawValue, 60)}"`;
    throw new PeerError("im/bad-cpim-header", "RFC 3862 §4.6", message, { offset });
  }
  const [, prefix = "", uri = ""] = match;
  namespaces.set(prefix, uri);
}

// [ Formal-name ] "<" URI ">"
function parseAddress({ rawValue, name: header }: CpimHeader): CpimAddress {
  const bracketed = /^([^<]*|"(?:[^"\\]|\\.)*"\s*)<([^<>]*)>$/.exec(rawValue.trim());
  if (bracketed === null) {
    const bare = rawValue.trim();
    // Without brackets there is no name, and the URI must at least look like one.
    if (/^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]+$/.test(bare)) return { uri: bare };
    throw new PeerError(
      "im/bad-cpim-address",
      "RFC 3862 §4.1",
      `expected ${header}: name <uri>, found "${escapeText(rawValue, 60)}"`,
    );
  }
  const [, written = "", uri = ""] = bracketed;
  const name = unquote(written.trim());
  return { ...(name === "" ? {} : { name }), uri };
}

function subjectOf({ value, parameters }: CpimHeader): CpimSubject {
  const language = parameters.find(([name]) => name === "lang")?.[1];
  return { text: value, ...optional("language", language) };
}

/**
 * MIME headers up to the empty line. A part that does not begin with a header has none:
 * all of it is content. So is a part whose headers never end, or not within the limits.
 */
function readContentHeaders(lines: LineReader): [string, string][] {
  const start = lines.offset;
  const headers: [string, string][] = [];
  for (;;) {
    const line = lines.next();
    if (line === "") return headers;
    const last = headers.at(-1);
    if (line !== undefined && last !== undefined && /^[ \t]/.test(line)) {
      last[1] += ` ${line.trim()}`; // A folded line (RFC 5322 §2.2.3).
      continue;
    }
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:(.*)$/.exec(line ?? "");
    if (match === null) {
      lines.rewind(start);
      return [];
    }
    headers.push([match[1] ?? "", (match[2] ?? "").trim()]);
  }
}

function contentTypeOf(headers: readonly (readonly [string, string])[]): ContentType {
  const value = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1];
  return value === undefined || value === "" ? TEXT_PLAIN : parseContentType(value);
}

function unquote(text: string): string {
  const quoted = /^"(.*)"$/s.exec(text)?.[1];
  return unescapeCpim(quoted ?? text);
}

function optional<K extends string, T>(name: K, value: T | undefined): { [name in K]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { [name in K]?: T };
}

const HEADER =
  /^([^\s:;<>@,"\\/[\]?={}()]+)\s*:((?:;[^\s;=]+=(?:"(?:[^"\\]|\\.)*"|[^\s;"]*))*) ?(.*)$/s;
const HEADER_PARAMETER = /;([^\s;=]+)=("(?:[^"\\]|\\.)*"|[^\s;"]*)/gs;
const CR = 0x0d;
const LF = 0x0a;
