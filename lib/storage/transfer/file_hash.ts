/** Hashes of files, taken while their octets pass (RFC 5547 §6). */

import { sha1 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { toHex } from "../../base/bytes.ts";

/** A hash of a file, as `a=file-selector` names it. */
export interface FileDigest {
  /** `sha-1` or `sha-256`. */
  readonly algorithm: string;
  /** Lower-case hexadecimal. */
  readonly value: string;
}

/** The algorithms that are known, in the order in which they are offered: RFC 5547 wants SHA-1, Blink wants it first. */
export const FILE_HASH_ALGORITHMS: readonly string[] = ["sha-1", "sha-256"];

/** Takes octets in order, and gives the digests of all of them. */
export class FileHasher {
  readonly #hashes: readonly { readonly algorithm: string; readonly hash: RunningHash }[];
  #length = 0;

  /** @param algorithms Those wanted; what is not known is left out. By default all. */
  constructor(algorithms: readonly string[] = FILE_HASH_ALGORITHMS) {
    this.#hashes = FILE_HASH_ALGORITHMS.filter((it) => algorithms.includes(it)).map(
      (algorithm) => ({
        algorithm,
        hash: algorithm === "sha-1" ? sha1.create() : sha256.create(),
      }),
    );
  }

  /** Octets taken so far. */
  get length(): number {
    return this.#length;
  }

  /** Takes the next octets. */
  update(bytes: Uint8Array): void {
    this.#length += bytes.length;
    for (const { hash } of this.#hashes) hash.update(bytes);
  }

  /** The digests. Nothing can be taken afterwards. */
  digests(): FileDigest[] {
    return this.#hashes.map(({ algorithm, hash }) => ({
      algorithm,
      value: toHex(hash.digest()),
    }));
  }
}

interface RunningHash {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}
