/** `message/cpim` into octets (RFC 3862 §2–§4). */

import { concatBytes, utf8 } from "../base/bytes.ts";
import { type ContentType, writeContentType } from "./content_type.ts";
import { escapeCpim, escapeCpimString } from "./cpim_escape.ts";
import type { CpimAddress, CpimSubject } from "./cpim_message.ts";

/** What {@link writeCpim} writes. */
export interface CpimContent {
  readonly from: CpimAddress;
  readonly to: readonly CpimAddress[];
  readonly cc?: readonly CpimAddress[] | undefined;
  /** RFC 3339, for example `2026-02-03T10:11:12.131415+01:00`. */
  readonly dateTime?: string | undefined;
  readonly subjects?: readonly CpimSubject[] | undefined;
  /** Extensions: `imdn` → `urn:ietf:params:imdn`, with the headers that use the prefix. */
  readonly extensions?: readonly CpimExtension[] | undefined;
  readonly contentType: ContentType;
  /** Further headers of the MIME part. */
  readonly contentHeaders?: readonly (readonly [name: string, value: string])[] | undefined;
  /** Written as it is. */
  readonly body: Uint8Array;
}

/** Headers of one foreign namespace. */
export interface CpimExtension {
  readonly prefix: string;
  readonly namespace: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/**
 * The octets of a message. Every line ends with CRLF; the body follows untouched.
 *
 * @throws {TypeError} when `dateTime` is not RFC 3339, a URI holds `<`, `>`, spaces or
 * line breaks, or a header's name could not be read back.
 */
export function writeCpim(content: CpimContent): Uint8Array {
  const { from, to, cc = [], dateTime, subjects = [], extensions = [] } = content;
  if (dateTime !== undefined && !DATE_TIME.test(dateTime)) {
    throw new TypeError("expected an RFC 3339 date and time");
  }
  const lines = [
    `From: ${writeAddress(from)}`,
    ...to.map((it) => `To: ${writeAddress(it)}`),
    ...cc.map((it) => `cc: ${writeAddress(it)}`),
    ...subjects.map(writeSubject),
    ...(dateTime === undefined ? [] : [`DateTime: ${dateTime}`]),
    ...extensions.flatMap(writeExtension),
    "",
    `Content-Type: ${writeContentType(content.contentType)}`,
    ...(content.contentHeaders ?? []).map(([name, value]) => `${nameOf(name)}: ${oneLine(value)}`),
    "",
  ];
  return concatBytes(utf8(lines.map((line) => `${line}\r\n`).join("")), content.body);
}

// [ Formal-name ] "<" URI ">", Formal-name = 1*( Token SP ) / String
/** `Name <uri>`; the name is quoted unless it consists of tokens. */
export function writeAddress({ name, uri }: CpimAddress): string {
  if (/[\s<>\0]/.test(uri)) throw new TypeError("expected a URI without spaces or brackets");
  if (name === undefined || name === "") return `<${uri}>`;
  return `${TOKENS.test(name) ? name : `"${escapeCpimString(name)}"`} <${uri}>`;
}

function writeSubject({ text, language }: CpimSubject): string {
  return `Subject:${language === undefined ? "" : `;lang=${nameOf(language)}`} ${escapeCpim(text)}`;
}

function writeExtension({ prefix, namespace, headers }: CpimExtension): string[] {
  if (/[\s<>\0]/.test(namespace)) throw new TypeError("expected a namespace URI");
  return [
    `NS: ${nameOf(prefix)} <${namespace}>`,
    ...headers.map(([name, value]) => `${prefix}.${nameOf(name)}: ${escapeCpim(value)}`),
  ];
}

function nameOf(text: string): string {
  if (!NAME.test(text)) throw new TypeError("expected a header name");
  return text;
}

function oneLine(text: string): string {
  if (/[\0\r\n]/.test(text)) throw new TypeError("expected a header value without line breaks");
  return text;
}

const NAME = /^[!#$%&'*+^_`|~0-9A-Za-z-]+$/;
// 1*TOKENCHAR separated by single spaces; "." and everything beyond ASCII included.
const TOKENS =
  /^[!#$%&'*+.^_`|~0-9A-Za-z\u00a0-\uffff-]+(?: [!#$%&'*+.^_`|~0-9A-Za-z\u00a0-\uffff-]+)*$/;
const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
