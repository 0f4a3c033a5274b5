/** Attributes of MSRP media as values: direction, `setup` (RFC 4145, 6135), `fingerprint` (RFC 8122). */

import { type Attribute, attributeValue, attributeValues } from "./session_description.ts";

/** Which way messages flow, seen from who says it (RFC 8866 §6.7, RFC 4975 §8.9). */
export type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

/** Who opens the connection (RFC 4145 §4). */
export type Setup = "active" | "passive" | "actpass" | "holdconn";

/** Hash of a certificate (RFC 8122 §5). */
export interface CertificateFingerprint {
  /** Lower case, for example `sha-256`. */
  readonly hash: string;
  /** Lower-case hexadecimal without colons. */
  readonly value: string;
}

/** The medium's direction, else the session's, else `sendrecv`. */
export function parseDirection(
  media: readonly Attribute[],
  session: readonly Attribute[],
): Direction {
  const own = media.find((it) => isDirection(it.name)) ??
    session.find((it) => isDirection(it.name));
  return own === undefined || !isDirection(own.name) ? "sendrecv" : own.name;
}

/** The medium's `a=setup`, else the session's. A value that RFC 4145 does not know is none. */
export function parseSetup(
  media: readonly Attribute[],
  session: readonly Attribute[],
): Setup | undefined {
  const value = attributeValue(media, "setup") ?? attributeValue(session, "setup");
  const known = value?.trim().toLowerCase();
  return SETUPS.find((it) => it === known);
}

/** All `a=fingerprint` of the medium or, when it has none, of the session. Ill-formed ones are left out. */
export function parseFingerprints(
  media: readonly Attribute[],
  session: readonly Attribute[],
): CertificateFingerprint[] {
  const own = attributeValues(media, "fingerprint");
  const values = own.length > 0 ? own : attributeValues(session, "fingerprint");
  return values.flatMap((value) => {
    const match = /^ *([!-~]+) +([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})*) *$/.exec(value);
    if (match === null) return [];
    const [, hash = "", digits = ""] = match;
    return [{ hash: hash.toLowerCase(), value: digits.replaceAll(":", "").toLowerCase() }];
  });
}

/** `a=fingerprint` as RFC 8122 §5 writes it: upper case, with colons. */
export function writeFingerprint({ hash, value }: CertificateFingerprint): Attribute {
  const digits = value.toUpperCase().match(/../g) ?? [];
  return { name: "fingerprint", value: `${hash} ${digits.join(":")}` };
}

/**
 * Those of `fingerprints` that count: all that use the strongest function we trust
 * (RFC 8122 §5.1). Empty when there is none; MD5 and MD2 never count. A certificate must
 * match one of the answer.
 */
export function preferredFingerprints(
  fingerprints: readonly CertificateFingerprint[],
): CertificateFingerprint[] {
  for (const hash of TRUSTED_HASHES) {
    const found = fingerprints.filter((it) => it.hash === hash);
    if (found.length > 0) return found;
  }
  return [];
}

function isDirection(name: string): name is Direction {
  return name === "sendrecv" || name === "sendonly" || name === "recvonly" || name === "inactive";
}

const SETUPS: readonly Setup[] = ["active", "passive", "actpass", "holdconn"];

/** RFC 8122 §5 prefers SHA-256. SHA-1 is what RFC 4572 peers send; forging a given certificate's is still out of reach. */
const TRUSTED_HASHES: readonly string[] = ["sha-256", "sha-512", "sha-384", "sha-1"];
