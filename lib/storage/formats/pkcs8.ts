/**
 * A DSA key as unencrypted PKCS #8 (RFC 5208, RFC 5958) in PEM (RFC 7468): the `otr.key` of
 * sipsimple and of Blink since 2016, and what OpenSSL reads.
 */
import { fromLatin1, latin1 } from "../../base/ascii.ts";
import { concatBytes, equalBytes, fromHex, toHex } from "../../base/bytes.ts";
import { SottoError } from "../../base/errors.ts";
import { DsaPrivateKey } from "../../otr/mod.ts";

const BEGIN = "-----BEGIN PRIVATE KEY-----";
const END = "-----END PRIVATE KEY-----";

/** 1.2.840.10040.4.1, id-dsa (RFC 3279 §2.3.2). */
const ID_DSA = fromHex("2a8648ce380401");

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;

/** Whether `bytes` look like PEM with a private key, of whatever kind. */
export function isPemPrivateKey(bytes: Uint8Array): boolean {
  return /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(latin1(bytes.subarray(0, 4096)));
}

/**
 * Reads the key.
 * @throws {SottoError} `storage/unreadable-key` when it is something else, encrypted or damaged;
 * `otr/bad-private-key` when its numbers do not fit.
 */
export function parsePkcs8(bytes: Uint8Array): DsaPrivateKey {
  const text = latin1(bytes);
  if (text.includes("BEGIN ENCRYPTED PRIVATE KEY")) {
    throw badKey("it is encrypted, decrypt it first (openssl pkcs8)");
  }
  const start = text.indexOf(BEGIN);
  const end = text.indexOf(END, start);
  if (start < 0 || end < 0) throw badKey(`expected ${BEGIN} and its end`);
  const base64 = text.slice(start + BEGIN.length, end).replace(/\s/g, "");
  let der: Uint8Array;
  try {
    der = Uint8Array.fromBase64(base64);
  } catch (cause) {
    throw badKey("expected base64", cause);
  }
  return readPrivateKeyInfo(new DerReader(der));
}

function readPrivateKeyInfo(reader: DerReader): DsaPrivateKey {
  const info = new DerReader(reader.value(SEQUENCE));
  info.value(INTEGER); // The version says only whether attributes may follow.
  const algorithm = new DerReader(info.value(SEQUENCE));
  if (!equalBytes(algorithm.value(OBJECT_IDENTIFIER), ID_DSA)) throw badKey("expected a DSA key");
  const parameters = new DerReader(algorithm.value(SEQUENCE));
  const [p, q, g] = [parameters.integer(), parameters.integer(), parameters.integer()];
  const x = new DerReader(info.value(OCTET_STRING)).integer();
  return DsaPrivateKey.fromNumbers({ p, q, g, x });
}

/** Writes the key as OpenSSL does, lines of 64 characters. The result is secret. */
export function writePkcs8(key: DsaPrivateKey): Uint8Array<ArrayBuffer> {
  const { p, q, g, x } = key.exposeNumbers();
  const parameters = der(SEQUENCE, integer(p), integer(q), integer(g));
  const info = der(
    SEQUENCE,
    integer(0n),
    der(SEQUENCE, der(OBJECT_IDENTIFIER, ID_DSA), parameters),
    der(OCTET_STRING, integer(x)),
  );
  const lines = info.toBase64().replace(/.{64}(?=.)/g, "$&\n");
  return fromLatin1(`${BEGIN}\n${lines}\n${END}\n`);
}

function integer(value: bigint): Uint8Array {
  const digits = value.toString(16);
  const magnitude = fromHex(digits.length % 2 === 0 ? digits : `0${digits}`);
  const isNegative = (magnitude[0] ?? 0) >= 0x80; // Would be: X.690 §8.3 numbers are signed.
  return der(INTEGER, isNegative ? concatBytes(Uint8Array.of(0), magnitude) : magnitude);
}

function der(tag: number, ...content: Uint8Array[]): Uint8Array {
  const value = concatBytes(...content);
  const { length } = value;
  const head = length < 0x80
    ? [tag, length]
    : length < 0x100
    ? [tag, 0x81, length]
    : [tag, 0x82, length >> 8, length & 0xff];
  return concatBytes(Uint8Array.from(head), value);
}

class DerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(count: number): Uint8Array {
    if (this.#at + count > this.#bytes.length) throw badKey("its DER is cut short");
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  value(tag: number): Uint8Array {
    const [found = 0, first = 0] = this.take(2);
    if (found !== tag) {
      throw badKey(
        `expected DER tag 0x${toHex(Uint8Array.of(tag))}, found 0x${toHex(Uint8Array.of(found))}`,
      );
    }
    if (first < 0x80) return this.take(first);
    // Two octets of length are enough for any key that we accept.
    if (first !== 0x81 && first !== 0x82) throw badKey("expected a DER length below 65536");
    return this.take(Number.parseInt(toHex(this.take(first - 0x80)), 16));
  }

  integer(): bigint {
    const value = this.value(INTEGER);
    if (value.length === 0 || (value[0] ?? 0) >= 0x80) throw badKey("expected positive numbers");
    return BigInt(`0x${toHex(value)}`);
  }
}

function badKey(message: string, cause?: unknown): SottoError {
  return new SottoError("storage/unreadable-key", `PKCS #8 key: ${message}`, { cause });
}
