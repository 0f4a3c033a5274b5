/** The hash functions of digest authentication, their names and their order (RFC 7616 §3.2, §6.1; RFC 8760 §2.1). */

import { md5 } from "@noble/hashes/legacy.js";
import { sha256, sha512_256 } from "@noble/hashes/sha2.js";
import { concatBytes, toHex, utf8 } from "../base/bytes.ts";

/** A hash function, by its name in the registry of RFC 7616 §6.1. */
export type DigestHash = "MD5" | "SHA-256" | "SHA-512-256";

/** A hash function, or its session variant (RFC 7616 §3.4.2). */
export type DigestAlgorithm = DigestHash | `${DigestHash}-sess`;

/** Every algorithm here, the strongest first. */
export const DIGEST_ALGORITHMS: readonly DigestAlgorithm[] = [
  "SHA-512-256",
  "SHA-512-256-sess",
  "SHA-256",
  "SHA-256-sess",
  "MD5",
  "MD5-sess",
];

/** The weakest hash function that local policy accepts, as people write it: `--digest-min`. */
export type DigestMinimum = "md5" | "sha-256" | "sha-512-256";

const STRENGTH: Readonly<Record<DigestHash, number>> = { "MD5": 0, "SHA-256": 1, "SHA-512-256": 2 };
const MINIMUM: Readonly<Record<DigestMinimum, number>> = {
  "md5": STRENGTH.MD5,
  "sha-256": STRENGTH["SHA-256"],
  "sha-512-256": STRENGTH["SHA-512-256"],
};

const FUNCTION: Readonly<Record<DigestHash, (data: Uint8Array) => Uint8Array>> = {
  "MD5": md5,
  "SHA-256": sha256,
  "SHA-512-256": sha512_256,
};

/** The algorithm that `name` means, in whatever case, or `undefined` when it is none of ours. */
export function digestAlgorithm(name: string): DigestAlgorithm | undefined {
  const wanted = name.toLowerCase();
  return DIGEST_ALGORITHMS.find((it) => it.toLowerCase() === wanted);
}

/** The hash function of an algorithm. */
export function hashOf(algorithm: DigestAlgorithm): DigestHash {
  return algorithm.replace(/-sess$/, "") as DigestHash;
}

/** Whether A1 holds for a whole session with the server (RFC 7616 §3.4.2). */
export function isSessionAlgorithm(algorithm: DigestAlgorithm): boolean {
  return algorithm.endsWith("-sess");
}

/** Whether local policy accepts `algorithm`. */
export function isStrongEnough(algorithm: DigestAlgorithm, minimum: DigestMinimum): boolean {
  return STRENGTH[hashOf(algorithm)] >= MINIMUM[minimum];
}

/** Length of a digest in hexadecimal digits (RFC 8760 §2.2). */
export function digestLength(algorithm: DigestAlgorithm): number {
  return hashOf(algorithm) === "MD5" ? 32 : 64;
}

/** H(): lower-case hexadecimal of the hash of the parts joined; texts as UTF-8. */
export function hexDigest(hash: DigestHash, ...parts: readonly (string | Uint8Array)[]): string {
  const octets = parts.map((it) => typeof it === "string" ? utf8(it) : it);
  return toHex(FUNCTION[hash](concatBytes(...octets)));
}
