/**
 * Our long-lived key: made, signed with, and kept in the layout of Blink's
 * `private_key.dsa`: key type, then p, q, g, y and x as MPIs.
 */
import { ByteWriter } from "../../base/byte_writer.ts";
import { PeerError, SottoError } from "../../base/errors.ts";
import type { RandomSource } from "../../base/output.ts";
import { Secret } from "../../base/secret.ts";
import { arithmetic, bitLength, fromBigInt, toBigInt } from "../crypto/arithmetic/mod.ts";
import { DSA_Q_OCTETS, type DsaNumbers, dsaSign } from "../crypto/dsa.ts";
import {
  type DsaProgress,
  generateDsaParameters,
  generateDsaPrivateKey,
} from "../crypto/dsa_parameters.ts";
import { WireReader, writeMpi } from "../wire/data_types.ts";
import { DsaPublicKey } from "./dsa_public_key.ts";
import { fingerprintOf } from "./fingerprint.ts";

/** p, q, g, y and x: for files in other layouts. */
export interface DsaPrivateNumbers extends DsaNumbers {
  readonly x: bigint;
}

/** A DSA private key. It does not print and does not serialise. */
export class DsaPrivateKey implements Disposable {
  readonly publicKey: DsaPublicKey;
  /** 40 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  readonly #x: Secret;

  private constructor(publicKey: DsaPublicKey, x: Uint8Array) {
    this.publicKey = publicKey;
    this.fingerprint = fingerprintOf(publicKey);
    this.#x = new Secret(x);
  }

  /** A fresh key with parameters of its own: p of 1024 bits, q of 160. Tens of milliseconds, at times hundreds. */
  static generate(random: RandomSource, onProgress?: DsaProgress): DsaPrivateKey {
    const parameters = generateDsaParameters(random, onProgress);
    const { p, q, g } = parameters;
    const x = generateDsaPrivateKey(q, random);
    const y = arithmetic.modExpSecret(g, x, p);
    return new DsaPrivateKey(new DsaPublicKey({ ...parameters, y }), x);
  }

  /**
   * A key from its numbers; y is computed where a format leaves it out.
   * @throws {SottoError} `otr/bad-private-key` when they do not belong together.
   */
  static fromNumbers(
    numbers: Omit<DsaPrivateNumbers, "y"> & { readonly y?: bigint },
  ): DsaPrivateKey {
    const { p, q, g, x } = numbers;
    // Sizes first: nothing is computed with numbers that cannot be a DSA key's.
    const isSane = bitLength(q) === 160 && bitLength(p) <= 4096 && p > 3n && p % 2n === 1n &&
      g > 1n && g < p && x > 0n && x < q;
    if (!isSane) throw badPrivateKey("expected DSA numbers with q of 160 bits and 0 < x < q");
    const octets = fromBigInt(x, DSA_Q_OCTETS);
    try {
      const y = arithmetic.modExpSecret(g, octets, p);
      if (numbers.y !== undefined && numbers.y !== y) {
        throw badPrivateKey("expected y to be g^x mod p");
      }
      return new DsaPrivateKey(new DsaPublicKey({ p, q, g, y }), octets);
    } catch (cause) {
      octets.fill(0);
      if (cause instanceof PeerError) throw badPrivateKey("expected DSA numbers", cause);
      throw cause;
    }
  }

  /**
   * Reads Blink's layout. Octets behind x are ignored, as its own reader does.
   * @throws {SottoError} `otr/bad-private-key` when it is something else.
   */
  static parse(bytes: Uint8Array): DsaPrivateKey {
    const reader = new WireReader(bytes);
    let numbers: DsaPrivateNumbers;
    try {
      const type = reader.short("the key type");
      if (type !== 0) throw badPrivateKey(`expected key type 0, found ${type}`);
      const [p = 0n, q = 0n, g = 0n, y = 0n, x = 0n] = ["p", "q", "g", "y", "x"].map((it) =>
        toBigInt(reader.mpi(it))
      );
      numbers = { p, q, g, y, x };
    } catch (cause) {
      if (cause instanceof SottoError && cause.code === "otr/bad-private-key") throw cause;
      throw badPrivateKey("expected a key type and five numbers", cause);
    }
    return DsaPrivateKey.fromNumbers(numbers);
  }

  /** Writes Blink's layout. The result is secret: overwrite it after use. */
  encode(): Uint8Array<ArrayBuffer> {
    const writer = new ByteWriter(512);
    writer.bytes(this.publicKey.encode());
    writeMpi(writer, this.#x.expose((x) => x.slice(firstNonZero(x))));
    return writer.finish();
  }

  /** The numbers, x included, for other programs' formats. Secret. */
  exposeNumbers(): DsaPrivateNumbers {
    return { ...this.publicKey.numbers, x: this.#x.expose(toBigInt) };
  }

  /** Signs `digest`, taken modulo q: r and s, exactly 20 octets each. Deterministic (RFC 6979). */
  sign(digest: Uint8Array): Uint8Array<ArrayBuffer> {
    return this.#x.expose((x) => dsaSign(this.publicKey.numbers, x, digest));
  }

  /** Overwrites x. The key is of no use afterwards. */
  [Symbol.dispose](): void {
    this.#x[Symbol.dispose]();
  }
}

function firstNonZero(bytes: Uint8Array): number {
  const at = bytes.findIndex((it) => it !== 0);
  return at < 0 ? bytes.length : at;
}

function badPrivateKey(message: string, cause?: unknown): SottoError {
  return new SottoError("otr/bad-private-key", `private key: ${message}`, { cause });
}
