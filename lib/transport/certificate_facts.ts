/** What a certificate says of its owner, its issuer and its time: just enough X.509 (RFC 5280 §4.1, §4.2.1.6) to judge names. */

import { latin1 } from "../base/ascii.ts";
import { decodeUtf8Lossy, equalBytes } from "../base/bytes.ts";
import { PeerError } from "../base/errors.ts";

/** One entry of subjectAltName. */
export interface AlternativeName {
  readonly type: "dns" | "uri" | "ip" | "other";
  /** An address in the usual spelling; empty for a kind that is not read. */
  readonly value: string;
}

/** The names that a certificate bears. */
export interface CertificateNames {
  /** `undefined` when the certificate has no subjectAltName at all. */
  readonly alternativeNames: readonly AlternativeName[] | undefined;
  readonly commonName: string | undefined;
}

/** What stands in a certificate. Nothing is verified. */
export interface CertificateFacts extends CertificateNames {
  /** Common name of who issued it. */
  readonly issuerName: string | undefined;
  /** Issuer and subject are the same. */
  readonly isSelfIssued: boolean;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
}

/** Bounds on a peer's certificate. */
export interface CertificateLimits {
  /** Octets of the certificate. Default 65,536. */
  readonly size?: number;
  /** Alternative names that are read. Default 128. */
  readonly names?: number;
}

/**
 * Reads a certificate (DER).
 *
 * @throws {PeerError} `transport/unreadable-certificate`.
 */
export function readCertificate(
  der: Uint8Array,
  { size = 65_536, names = 128 }: CertificateLimits = {},
): CertificateFacts {
  if (der.length > size) throw unreadable(`it has more than ${size} octets`);
  const certificate = new DerReader(new DerReader(der).take(SEQUENCE));
  const fields = new DerReader(certificate.take(SEQUENCE));
  fields.skipIf(0xa0); // version
  fields.take(INTEGER); // serialNumber
  fields.take(SEQUENCE); // signature
  const issuer = fields.take(SEQUENCE);
  const validity = new DerReader(fields.take(SEQUENCE));
  const notBefore = instantOf(validity.next());
  const notAfter = instantOf(validity.next());
  const subject = fields.take(SEQUENCE);
  fields.take(SEQUENCE); // subjectPublicKeyInfo
  return {
    alternativeNames: alternativeNamesIn(fields, names),
    commonName: commonNameIn(subject),
    issuerName: commonNameIn(issuer),
    isSelfIssued: equalBytes(issuer, subject),
    notBefore,
    notAfter,
  };
}

/** The last commonName of a Name: the most specific one. */
function commonNameIn(name: Uint8Array): string | undefined {
  let found: string | undefined;
  const parts = new DerReader(name);
  while (!parts.isAtEnd) {
    const attributes = new DerReader(parts.take(SET));
    while (!attributes.isAtEnd) {
      const attribute = new DerReader(attributes.take(SEQUENCE));
      const type = attribute.take(OBJECT_IDENTIFIER);
      const { content, tag } = attribute.next();
      if (equalBytes(type, COMMON_NAME)) {
        found = tag === UTF8_STRING ? decodeUtf8Lossy(content) : latin1(content);
      }
    }
  }
  return found;
}

function alternativeNamesIn(fields: DerReader, limit: number): AlternativeName[] | undefined {
  while (!fields.isAtEnd) {
    const { tag, content } = fields.next();
    if (tag !== EXTENSIONS) continue;
    const extensions = new DerReader(new DerReader(content).take(SEQUENCE));
    while (!extensions.isAtEnd) {
      const extension = new DerReader(extensions.take(SEQUENCE));
      const id = extension.take(OBJECT_IDENTIFIER);
      extension.skipIf(BOOLEAN);
      const value = extension.take(OCTET_STRING);
      if (equalBytes(id, SUBJECT_ALT_NAME)) return namesIn(value, limit);
    }
  }
  return undefined;
}

function namesIn(value: Uint8Array, limit: number): AlternativeName[] {
  const names: AlternativeName[] = [];
  const entries = new DerReader(new DerReader(value).take(SEQUENCE));
  while (!entries.isAtEnd && names.length < limit) {
    const { tag, content } = entries.next();
    if (tag === DNS_NAME) names.push({ type: "dns", value: latin1(content) });
    else if (tag === URI_NAME) names.push({ type: "uri", value: latin1(content) });
    else if (tag === IP_ADDRESS) names.push({ type: "ip", value: addressOf(content) });
    else names.push({ type: "other", value: "" });
  }
  return names;
}

function addressOf(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join(".");
  if (octets.length !== 16) throw unreadable(`an address has ${octets.length} octets`);
  const groups = Array.from(
    { length: 8 },
    (_, at) => (((octets[2 * at] ?? 0) << 8) | (octets[2 * at + 1] ?? 0)).toString(16),
  );
  return groups.join(":");
}

/** UTCTime and GeneralizedTime as RFC 5280 §4.1.2.5 has them: seconds, and always `Z`. */
function instantOf({ tag, content }: Element): number {
  const text = latin1(content);
  const digits = /^(\d\d|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  const [, year = "", ...rest] = digits ?? [];
  if (digits === null || year.length !== (tag === UTC_TIME ? 2 : 4)) {
    throw unreadable("a date is none");
  }
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = rest.map(Number);
  const short = Number(year);
  const full = tag === UTC_TIME ? short + (short < 50 ? 2000 : 1900) : short;
  return Date.UTC(full, month - 1, day, hour, minute, second);
}

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** Elements one after the other (X.690 §8.1): one octet of tag, a definite length, the content. */
class DerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  next(): Element {
    const tag = this.#octet();
    if ((tag & 0x1f) === 0x1f) throw unreadable("a tag of several octets");
    const first = this.#octet();
    let length = first;
    if (first >= 0x80) {
      const count = first & 0x7f;
      if (count === 0 || count > 3) throw unreadable("a length that is not definite, or too long");
      length = 0;
      for (let at = 0; at < count; at++) length = length * 256 + this.#octet();
    }
    const end = this.#at + length;
    if (end > this.#bytes.length) throw unreadable("it ends too early");
    const content = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return { tag, content };
  }

  take(tag: number): Uint8Array {
    const found = this.next();
    if (found.tag !== tag) throw unreadable(`expected tag ${tag}, found ${found.tag}`);
    return found.content;
  }

  skipIf(tag: number): void {
    if (this.#bytes[this.#at] === tag) this.next();
  }

  #octet(): number {
    const octet = this.#bytes[this.#at];
    if (octet === undefined) throw unreadable("it ends too early");
    this.#at++;
    return octet;
  }
}

function unreadable(why: string): PeerError {
  return new PeerError(
    "transport/unreadable-certificate",
    "RFC 5280 §4.1",
    `the peer's certificate cannot be read: ${why}`,
  );
}

const BOOLEAN = 0x01;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const SEQUENCE = 0x30;
const SET = 0x31;
/** [3], explicit: the extensions. */
const EXTENSIONS = 0xa3;
/** [2], [6], [7] of GeneralName (RFC 5280 §4.2.1.6). */
const DNS_NAME = 0x82;
const URI_NAME = 0x86;
const IP_ADDRESS = 0x87;
/** id-ce-subjectAltName, 2.5.29.17. */
const SUBJECT_ALT_NAME = Uint8Array.of(0x55, 0x1d, 0x11);
/** id-at-commonName, 2.5.4.3. */
const COMMON_NAME = Uint8Array.of(0x55, 0x04, 0x03);
