/** `Content-Type` values (RFC 2045 §5.1), and text bodies by their charset. */

import { latin1 } from "../base/ascii.ts";
import { decodeUtf8Lossy } from "../base/bytes.ts";
import { PeerError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";

/** A media type with its parameters. */
export interface ContentType {
  /** Lower case, for example `text`. */
  readonly type: string;
  /** Lower case, for example `plain`. */
  readonly subtype: string;
  /** In order; names in lower case, values without quotes. */
  readonly parameters: readonly ContentTypeParameter[];
}

/** One `;name=value`. */
export interface ContentTypeParameter {
  readonly name: string;
  readonly value: string;
}

/** How much a peer may make us read. */
export interface ContentTypeLimits {
  /** Characters. Default 1,024. */
  readonly length?: number | undefined;
  /** Parameters. Default 32. */
  readonly parameters?: number | undefined;
}

/** `text/plain` without parameters: what a part without `Content-Type` holds (RFC 2045 §5.2). */
export const TEXT_PLAIN: ContentType = { type: "text", subtype: "plain", parameters: [] };

// content := type "/" subtype *(";" parameter)
/**
 * Reads a value such as `text/html; charset="utf-8"`. Comments are skipped, and an empty
 * parameter (a stray semicolon) is forgiven.
 *
 * @throws {PeerError} `im/bad-content-type`.
 */
export function parseContentType(text: string, limits: ContentTypeLimits = {}): ContentType {
  const { length = 1024, parameters: most = 32 } = limits;
  if (text.length > length) throw badContentType(`expected at most ${length} characters`);
  const bare = text.replace(COMMENT_OR_STRING, (it) => it.startsWith("(") ? " " : it);
  const head = /^\s*([^\s;/]+)\s*\/\s*([^\s;/]+)\s*/.exec(bare);
  const [start = "", type = "", subtype = ""] = head ?? [];
  if (head === null || !TOKEN.test(type) || !TOKEN.test(subtype)) {
    throw badContentType(`expected type/subtype, found "${escapeText(text, 60)}"`);
  }
  const parameters: ContentTypeParameter[] = [];
  for (let rest = bare.slice(start.length); rest !== "";) {
    const match = PARAMETER.exec(rest);
    if (match === null) {
      throw badContentType(`expected ;name=value, found "${escapeText(rest, 60)}"`);
    }
    rest = rest.slice(match[0].length);
    const [, name, token, quoted] = match;
    if (name === undefined) continue;
    if (parameters.length >= most) throw badContentType(`expected at most ${most} parameters`);
    const value = token ?? (quoted ?? "").replace(/\\(.)/gs, "$1");
    parameters.push({ name: name.toLowerCase(), value });
  }
  return { type: type.toLowerCase(), subtype: subtype.toLowerCase(), parameters };
}

/**
 * `type/subtype;name=value`, values quoted where they must be.
 *
 * @throws {TypeError} when a name is no token, or a value holds a line break or NUL.
 */
export function writeContentType({ type, subtype, parameters }: ContentType): string {
  const written = parameters.map(({ name, value }) => {
    if (/[\0\r\n]/.test(value)) throw new TypeError("expected a parameter without line breaks");
    const quoted = TOKEN.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
    return `;${token(name)}=${quoted}`;
  });
  return `${token(type)}/${token(subtype)}${written.join("")}`;
}

/** `type/subtype`, lower case: what lists of accepted types are compared with. */
export function contentTypeName({ type, subtype }: ContentType): string {
  return `${type}/${subtype}`;
}

/** Value of a parameter, by its lower-case name. */
export function contentTypeParameter(
  { parameters }: ContentType,
  name: string,
): string | undefined {
  return parameters.find((it) => it.name === name)?.value;
}

/**
 * The charset in lower case, `utf-8` where none is named. Peers that write `utf8` mean
 * `utf-8`, and so does `us-ascii`, which is a part of it.
 */
export function charsetOf(contentType: ContentType): string {
  const charset = contentTypeParameter(contentType, "charset")?.trim().toLowerCase();
  return charset === undefined ? "utf-8" : UTF8_NAMES.includes(charset) ? "utf-8" : charset;
}

/**
 * Text of a body by its charset: UTF-8 and ISO 8859-1; whatever else a peer names is
 * taken for UTF-8. What is no text becomes U+FFFD.
 */
export function decodeText(contentType: ContentType, body: Uint8Array): string {
  return LATIN1_NAMES.includes(charsetOf(contentType)) ? latin1(body) : decodeUtf8Lossy(body);
}

function token(text: string): string {
  if (!TOKEN.test(text)) throw new TypeError(`expected a token, found "${escapeText(text, 60)}"`);
  return text;
}

function badContentType(message: string): PeerError {
  return new PeerError("im/bad-content-type", "RFC 2045 §5.1", message);
}

// token := 1*<any (US-ASCII) CHAR except SPACE, CTLs, or tspecials>
const TOKEN = /^[!#$%&'*+.^_`{|}~0-9A-Za-z-]+$/;
const PARAMETER =
  /^\s*;\s*(?:([!#$%&'*+.^_`{|}~0-9A-Za-z-]+)\s*=\s*(?:([!#$%&'*+.^_`{|}~0-9A-Za-z-]+)|"((?:[^"\\]|\\.)*)"))?\s*/s;
const COMMENT_OR_STRING = /"(?:[^"\\]|\\.)*"|\([^()]*\)/gs;
const UTF8_NAMES: readonly string[] = ["utf-8", "utf8", "us-ascii", "ascii"];
const LATIN1_NAMES: readonly string[] = ["iso-8859-1", "latin1", "iso_8859-1"];
