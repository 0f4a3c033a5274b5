/**
 * What a fingerprint means for an address, and on what trust messages may leave.
 * Pure: rows in, verdict out. The rules are those of docs/spec_notes/session.md, "Trust".
 */

/** The least trust on which messages are sent. */
export type TrustLevel = "verified" | "known" | "any";

/** What we know about the fingerprint that a peer shows now. */
export type FingerprintTrust = "verified" | "unverified" | "changed";

/** The colour that tells the truth: plaintext, encrypted, encrypted with a verified peer, alarm. */
export type Lock = "gray" | "orange" | "green" | "red";

/** A fingerprint that was recorded for an address earlier. */
export interface KnownFingerprint {
  /** 40 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  readonly trust: "verified" | "unverified";
}

/** The verdict on a fingerprint. */
export interface TrustAssessment {
  readonly trust: FingerprintTrust;
  /** Nothing was recorded for the address before: this is the one to learn. */
  readonly isFirst: boolean;
}

/**
 * Judges `fingerprint` by what was recorded for the same address.
 *
 * A fingerprint without a row of its own is a change as soon as the address has any row
 * at all, and stays one in every later process: changes are never recorded by themselves.
 */
export function assessFingerprint(
  known: readonly KnownFingerprint[],
  fingerprint: string,
): TrustAssessment {
  const rows = known.filter((row) => row.fingerprint === fingerprint);
  if (rows.some((row) => row.trust === "verified")) return { trust: "verified", isFirst: false };
  if (rows.length > 0) return { trust: "unverified", isFirst: false };
  return known.length > 0
    ? { trust: "changed", isFirst: false }
    : { trust: "unverified", isFirst: true };
}

/** Whether messages may be sent to a peer of this trust. */
export function isTrustEnough(level: TrustLevel, trust: FingerprintTrust): boolean {
  switch (level) {
    case "any":
      return true;
    case "known":
      return trust !== "changed";
    case "verified":
      return trust === "verified";
    default:
      return level satisfies never;
  }
}

/** Whether the address has a verified fingerprint: then plaintext is never a fallback. */
export function hasVerifiedRow(known: readonly KnownFingerprint[]): boolean {
  return known.some((row) => row.trust === "verified");
}

/** The lock of an encrypted conversation. */
export function lockFor(trust: FingerprintTrust): Lock {
  switch (trust) {
    case "verified":
      return "green";
    case "unverified":
      return "orange";
    case "changed":
      return "red";
    default:
      return trust satisfies never;
  }
}
