/** `a=file-selector`: which file a medium moves (RFC 5547 §5, §6). */

import { decodeUtf8Lossy, toHex, utf8 } from "../base/bytes.ts";
import { PeerError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";

/** Hash of the whole file, also where only a range of it travels. */
export interface FileHash {
  /** Lower case, of the IANA registry of textual names: `sha-1`, `sha-256`. */
  readonly algorithm: string;
  /** Lower-case hexadecimal without colons. */
  readonly value: string;
}

/** What is said of a file. Which members are there, the sender decided. */
export interface FileSelector {
  /** As the peer wrote it, escapes undone: never a path of ours. */
  readonly name?: string | undefined;
  /** Media type, parameters as in a Content-Type header field: `text/plain; charset="utf-8"`. */
  readonly type?: string | undefined;
  /** Octets. */
  readonly size?: number | undefined;
  /** In the order given. RFC 5547 knows `sha-1` and tells to expect more. */
  readonly hashes: readonly FileHash[];
}

/** Selectors of one attribute, after which it is refused. */
const SELECTOR_LIMIT = 32;

/**
 * Reads the value of `a=file-selector`; an empty one selects nothing (a capability, §8.5).
 *
 * Names of selectors count in any case, as ABNF strings do, and hash digits in any case; a
 * lone `%` in a name stands for itself, because Blink escapes nothing. Selectors that nobody
 * knows are passed over. Of several names, types or sizes the first counts.
 *
 * @throws {PeerError} `sdp/bad-file-selector`.
 */
export function parseFileSelector(value: string): FileSelector {
  const selector: { name?: string; type?: string; size?: number; hashes: FileHash[] } = {
    hashes: [],
  };
  const parts = splitSelectors(value);
  if (parts.length > SELECTOR_LIMIT) throw fault(value, `at most ${SELECTOR_LIMIT} selectors`);
  for (const part of parts) {
    const colon = part.indexOf(":");
    if (colon < 1) throw fault(part, "a selector such as size:32349");
    const content = part.slice(colon + 1);
    switch (part.slice(0, colon).toLowerCase()) {
      case "name":
        selector.name ??= parseName(content);
        break;
      case "size":
        selector.size ??= parseSize(content);
        break;
      case "type":
        selector.type ??= parseType(content);
        break;
      case "hash":
        selector.hashes.push(parseHash(content));
        break;
      default:
        break; // An extension: it selects among what the others leave.
    }
  }
  return selector;
}

/**
 * Writes the value of `a=file-selector`. `"`, `%`, line breaks and NUL are percent-encoded in
 * names, and so is what a file system takes for structure: `/`, `\`, `:` (§6).
 *
 * @throws {TypeError} for a name without characters, a type that is none, a hash that is none.
 * @throws {RangeError} for a size that is none.
 */
export function writeFileSelector({ name, type, size, hashes }: FileSelector): string {
  const parts: string[] = [];
  if (name !== undefined) {
    if (name === "") throw new TypeError("expected a file name of at least one character");
    parts.push(`name:"${escapeValue(name, NOT_IN_NAMES)}"`);
  }
  if (type !== undefined) parts.push(`type:${writeType(type)}`);
  if (size !== undefined) {
    if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`not a size: ${size}`);
    parts.push(`size:${size}`);
  }
  for (const hash of hashes) {
    if (!TOKEN.test(hash.algorithm) || !/^(?:[0-9a-f]{2})+$/.test(hash.value)) {
      throw new TypeError("expected a hash in lower-case hexadecimal");
    }
    const digits = hash.value.toUpperCase().match(/../g) ?? [];
    parts.push(`hash:${hash.algorithm}:${digits.join(":")}`);
  }
  return parts.join(" ");
}

/** Cuts at spaces outside quotes. */
function splitSelectors(value: string): string[] {
  const parts: string[] = [];
  let part = "";
  let isQuoted = false;
  for (const character of value) {
    if (character === '"') isQuoted = !isQuoted;
    if (character !== " " || isQuoted) part += character;
    else if (part !== "") {
      parts.push(part);
      part = "";
    }
  }
  if (isQuoted) throw fault(value, "a closing quote");
  if (part !== "") parts.push(part);
  return parts;
}

// filename-selector = "name:" DQUOTE filename-string DQUOTE
function parseName(content: string): string {
  const quoted = /^"([^"]+)"$/.exec(content)?.[1];
  if (quoted === undefined) throw fault(content, "a file name in quotes");
  return unescapeValue(quoted);
}

// filesize-selector = "size:" integer
function parseSize(content: string): number {
  if (!/^\d{1,15}$/.test(content)) throw fault(content, "a size in octets");
  return Number(content);
}

// filetype-selector = "type:" type "/" subtype *(";" attribute "=" DQUOTE value-string DQUOTE)
function parseType(content: string): string {
  const match = /^([^;"/]+)\/([^;"/]+)((?:;[^;="]+="[^"]*")*)$/.exec(content);
  // A Content-Type parameter without quotes is no grammar of §6, and harmless.
  const lenient = match ?? /^([^;"/]+)\/([^;"/]+)((?:;[^;="]+=[^;="]+)*)$/.exec(content);
  const [, type = "", subtype = "", parameters = ""] = lenient ?? [];
  if (lenient === null || !TOKEN.test(type) || !TOKEN.test(subtype)) {
    throw fault(content, "a media type such as image/jpeg");
  }
  let text = `${type}/${subtype}`;
  for (const [, name = "", quoted, bare = ""] of parameters.matchAll(PARAMETER)) {
    if (!TOKEN.test(name)) throw fault(content, "a media type parameter");
    const plain = unescapeValue(quoted ?? bare);
    // deno-lint-ignore no-control-regex
    if (/[\0-\x1f\x7f]/.test(plain)) {
      throw fault(content, "a media type without control characters");
    }
    text += `; ${name}="${plain.replace(/["\\]/g, "\\$&")}"`;
  }
  return text;
}

// hash-selector = "hash:" token ":" 2HEXDIG *(":" 2HEXDIG)
function parseHash(content: string): FileHash {
  const match = /^([^:]+):([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){0,127})$/.exec(content);
  const [, algorithm = "", digits = ""] = match ?? [];
  if (match === null || !TOKEN.test(algorithm)) {
    throw fault(content, "a hash such as sha-1:72:24:…");
  }
  return {
    algorithm: algorithm.toLowerCase(),
    value: digits.replaceAll(":", "").toLowerCase(),
  };
}

function writeType(type: string): string {
  const [bare = "", ...parameters] = type.match(/(?:"(?:[^"\\]|\\.)*"|[^;"])+/g) ?? [];
  const names = bare.trim().split("/");
  if (names.length !== 2 || !names.every((it) => TOKEN.test(it))) {
    throw new TypeError(`not a media type: ${escapeText(type, 60)}`);
  }
  return names.join("/") + parameters.map((parameter) => {
    const match = /^\s*([^\s=]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))\s*$/.exec(parameter);
    const [, name = "", quoted, plain = ""] = match ?? [];
    if (match === null || !TOKEN.test(name)) {
      throw new TypeError(`not a media type: ${escapeText(type, 60)}`);
    }
    const value = quoted?.replace(/\\(.)/gs, "$1") ?? plain;
    return `;${name}="${escapeValue(value, NOT_IN_VALUES)}"`;
  }).join("");
}

function escapeValue(text: string, what: RegExp): string {
  return text.replace(what, (it) => `%${toHex(utf8(it)).toUpperCase()}`);
}

/** Undoes `%41`; the octets together are UTF-8. */
function unescapeValue(text: string): string {
  if (!text.includes("%")) return text;
  const octets: number[] = [];
  for (const [piece] of text.matchAll(/%[0-9A-Fa-f]{2}|[^%]+|%/g)) {
    if (piece.length === 3 && piece.startsWith("%")) octets.push(parseInt(piece.slice(1), 16));
    else octets.push(...utf8(piece));
  }
  return decodeUtf8Lossy(Uint8Array.from(octets));
}

function fault(found: string, expected: string): PeerError {
  return new PeerError(
    "sdp/bad-file-selector",
    "RFC 5547 §6",
    `expected ${expected}, found "${escapeText(found, 60)}"`,
  );
}

const PARAMETER = /;([^;=]+)=(?:"([^"]*)"|([^;]*))/g;
/** token of RFC 8866 §9. */
const TOKEN = /^[!#-'*+\-.0-9A-Z^-~]+$/;
// deno-lint-ignore no-control-regex
const NOT_IN_NAMES = /[\0-\x1f\x7f"%/\\:]/g;
// deno-lint-ignore no-control-regex
const NOT_IN_VALUES = /[\0-\x1f\x7f"%]/g;
