/** Fingerprints: SHA-1 of the public key without its type ("Public keys, signatures, and fingerprints"). */
import { toHex } from "../../base/bytes.ts";
import { sha1 } from "../crypto/hashes.ts";
import type { DsaPublicKey } from "./dsa_public_key.ts";

/** 40 lower-case hexadecimal digits. */
export function fingerprintOf(key: DsaPublicKey): string {
  // Type 0 is left out, for compatibility with version 1.
  return toHex(sha1(key.encode().subarray(2)));
}

/**
 * How a fingerprint is shown: five groups of eight upper-case digits.
 * @param fingerprint 40 hexadecimal digits.
 */
export function formatFingerprint(fingerprint: string): string {
  return (fingerprint.toUpperCase().match(/.{1,8}/g) ?? []).join(" ");
}

/**
 * 40 lower-case digits from any common spelling: either case, grouped by spaces, colons
 * or hyphens or not at all. `undefined` when it is none.
 */
export function parseFingerprint(text: string): string | undefined {
  const digits = text.replace(/[\s:-]/g, "").toLowerCase();
  return /^[0-9a-f]{40}$/.test(digits) ? digits : undefined;
}
