/** Whether a TLS peer is the one whose certificate its session description named (RFC 4975 §14.4, RFC 8122). */

import { fromHex } from "../base/bytes.ts";
import { constantTimeEqual } from "../base/constant_time.ts";
import { SottoError } from "../base/errors.ts";
import { certificateFingerprint, type FingerprintHash, type TlsInfo } from "../transport/mod.ts";

/** `a=fingerprint`: hash function and hexadecimal value, colons allowed (RFC 8122 §5). */
export interface ExpectedFingerprint {
  readonly hash: string;
  readonly value: string;
}

/** The hashes of one certificate that were computed, lower-case hexadecimal. */
export type KnownHashes = ReadonlyMap<string, string>;

/** One fingerprint or several as a list. */
export function fingerprintList(
  expected: ExpectedFingerprint | readonly ExpectedFingerprint[] | undefined,
): readonly ExpectedFingerprint[] {
  if (expected === undefined) return [];
  return "hash" in expected ? [expected] : expected;
}

/** All hashes of the peer's certificate that a description may name; none without a certificate. */
export async function certificateHashes(tls: TlsInfo | undefined): Promise<KnownHashes> {
  const hashes = new Map<string, string>();
  const certificate = tls?.peerCertificate;
  if (certificate === undefined) return hashes;
  for (const hash of HASHES) hashes.set(hash, await certificateFingerprint(certificate, hash));
  return hashes;
}

/** Whether one of `expected` is the certificate's. A hash function that we do not know never is. */
export function isExpectedCertificate(
  expected: readonly ExpectedFingerprint[],
  hashes: KnownHashes,
): boolean {
  return expected.some(({ hash, value }) => {
    const known = hashes.get(hash.toLowerCase());
    const digits = value.replaceAll(":", "").toLowerCase();
    if (known === undefined || !/^(?:[0-9a-f]{2})+$/.test(digits)) return false;
    return constantTimeEqual(fromHex(known), fromHex(digits));
  });
}

/** The error for a peer that showed another certificate, or none. */
export function fingerprintMismatch(hashes: KnownHashes): SottoError {
  const shown = hashes.get("sha-256");
  return new SottoError(
    "session/tls-fingerprint-mismatch",
    shown === undefined
      ? "the MSRP peer showed no certificate, expected the one of its session description"
      : `the MSRP peer showed a certificate with sha-256 ${shown}, expected the one of its session description`,
  );
}

const HASHES: readonly FingerprintHash[] = ["sha-1", "sha-256", "sha-384", "sha-512"];
