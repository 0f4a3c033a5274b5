/** PUBKEY and SIG: long-lived DSA keys and what they verify ("Public keys, signatures, and fingerprints"). */
import { ByteWriter } from "../../base/byte_writer.ts";
import { PeerError } from "../../base/errors.ts";
import { arithmetic, bitLength, fromBigInt, mod, toBigInt } from "../crypto/arithmetic/mod.ts";
import { type DsaNumbers, dsaVerify } from "../crypto/dsa.ts";
import { WireReader, writeMpi } from "../wire/data_types.ts";

/** The type octets of a DSA key. */
export const DSA_KEY_TYPE = 0x0000;

const RULE = "OTRv3 Public keys, signatures, and fingerprints";

/** A public key whose numbers were checked. */
export class DsaPublicKey {
  readonly numbers: DsaNumbers;

  /**
   * @param numbers p, q, g and y.
   * @throws {PeerError} `otr/bad-public-key` when sizes, ranges or orders are not DSA's.
   */
  constructor(numbers: DsaNumbers) {
    checkNumbers(numbers);
    this.numbers = numbers;
  }

  /** Reads type and numbers. @throws {PeerError} when it is no DSA key or a bad one. */
  static read(reader: WireReader): DsaPublicKey {
    const type = reader.short("the public key type");
    if (type !== DSA_KEY_TYPE) {
      throw new PeerError("otr/bad-public-key", RULE, `expected key type 0, found ${type}`);
    }
    const number = (what: string) => toBigInt(limited(reader.mpi(what), what));
    return new DsaPublicKey({ p: number("p"), q: number("q"), g: number("g"), y: number("y") });
  }

  /** Reads a whole PUBKEY. @throws {PeerError} as {@link read}, or when anything follows. */
  static parse(bytes: Uint8Array): DsaPublicKey {
    const reader = new WireReader(bytes);
    const key = DsaPublicKey.read(reader);
    reader.end("the public key");
    return key;
  }

  /** PUBKEY: type and numbers, as MPIs of minimum length. */
  encode(): Uint8Array<ArrayBuffer> {
    const writer = new ByteWriter(512);
    writer.uint16(DSA_KEY_TYPE);
    const { p, q, g, y } = this.numbers;
    for (const number of [p, q, g, y]) writeMpi(writer, fromBigInt(number));
    return writer.finish();
  }

  /** Whether `signature` (r and s, 20 octets each) is this key's over `digest`. */
  verify(digest: Uint8Array, signature: Uint8Array): boolean {
    return dsaVerify(this.numbers, digest, signature);
  }
}

/** No number of a key that we accept has more octets than this. */
const LONGEST_NUMBER = 512;

function limited(magnitude: Uint8Array, what: string): Uint8Array {
  if (magnitude.length > LONGEST_NUMBER) {
    throw new PeerError(
      "otr/bad-public-key",
      RULE,
      `expected ${what} of at most ${LONGEST_NUMBER} octets, found ${magnitude.length}`,
    );
  }
  return magnitude;
}

function checkNumbers({ p, q, g, y }: DsaNumbers): void {
  const claims: [boolean, string][] = [
    // SIG has exactly 20 octets for r and for s.
    [bitLength(q) === 160, "q of 160 bits"],
    [bitLength(p) >= 1024 && bitLength(p) <= 8 * LONGEST_NUMBER, "p of 1024 to 4096 bits"],
    [p % 2n === 1n && q % 2n === 1n && mod(p - 1n, q) === 0n, "q to divide p - 1"],
    [g >= 2n && g <= p - 2n, "2 <= g <= p - 2"],
    [y >= 2n && y <= p - 2n, "2 <= y <= p - 2"],
  ];
  for (const [holds, what] of claims) {
    if (!holds) throw new PeerError("otr/bad-public-key", RULE, `expected ${what}`);
  }
  const known = CHECKED.get(y);
  if (known?.p === p && known.q === q && known.g === g) return;
  // Only now: the exponentiations below are sensible for such sizes alone.
  for (const [value, name] of [[g, "g"], [y, "y"]] as const) {
    if (arithmetic.modExpPublic(value, q, p) !== 1n) {
      throw new PeerError("otr/bad-public-key", RULE, `expected ${name} to have order q`);
    }
  }
  for (const oldest of CHECKED.keys()) {
    if (CHECKED.size < REMEMBERED_KEYS) break;
    CHECKED.delete(oldest);
  }
  CHECKED.set(y, { p, q, g, y });
}

/** Keys that passed, by y: a peer shows its key in every exchange. */
const CHECKED = new Map<bigint, DsaNumbers>();
const REMEMBERED_KEYS = 16;
