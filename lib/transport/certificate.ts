/** Certificates for peers that know each other by fingerprint (RFC 8122), not by authority. */

import { fromLatin1 } from "../base/ascii.ts";
import { toHex } from "../base/bytes.ts";
import { SottoError } from "../base/errors.ts";
import { isAddress } from "./dns.ts";

/** A certificate with its private key, both PEM. */
export interface Certificate {
  /** One certificate, or a chain with our own first. */
  readonly certPem: string;
  /** PKCS #8. Secret. */
  readonly keyPem: string;
}

/** What {@link makeSelfSignedCertificate} puts in. */
export interface SelfSignedOptions {
  /** Subject, for example the address of record. */
  readonly commonName: string;
  /** DNS names, URIs (`sip:example.com`) and addresses it speaks for; the common name's host when it looks like one. */
  readonly names?: readonly string[] | undefined;
  /** First moment it is valid; by default yesterday, because peers' clocks differ. */
  readonly validFrom?: Date | undefined;
  /** Days it is valid for, by default ten years: who checks a fingerprint checks no date. */
  readonly validDays?: number | undefined;
}

/**
 * Makes a fresh P-256 key and a certificate for it that is good for both TLS roles and for
 * signing nothing else (not a CA: some libraries refuse an authority as a peer).
 *
 * @throws {TypeError} when the common name is empty.
 */
export async function makeSelfSignedCertificate(
  { commonName, names = [], validFrom, validDays = 3653 }: SelfSignedOptions,
): Promise<Certificate> {
  if (commonName === "") throw new TypeError("expected a common name");
  const { generate } = await import("selfsigned");
  const notBeforeDate = validFrom ?? new Date(Date.now() - DAY);
  const altNames = alternativeNames(names.length > 0 ? names : [commonName.replace(/^.*@/, "")]);
  const made = await generate([{ name: "commonName", value: commonName }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate,
    notAfterDate: new Date(notBeforeDate.getTime() + validDays * DAY),
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true, clientAuth: true },
      ...(altNames.length === 0 ? [] : [{ name: "subjectAltName" as const, altNames }]),
    ],
  });
  return { certPem: `${made.cert.trim()}\n`, keyPem: `${made.private.trim()}\n` };
}

/** The hash functions of `a=fingerprint` that this room computes (RFC 8122 §5). */
export type FingerprintHash = "sha-1" | "sha-256" | "sha-384" | "sha-512";

/**
 * Hash of the certificate's DER octets, in lower-case hexadecimal without separators.
 *
 * @param certificate DER, or PEM of which the first certificate counts.
 * @throws {TypeError} when PEM holds no certificate.
 */
export async function certificateFingerprint(
  certificate: Uint8Array | string,
  hash: FingerprintHash = "sha-256",
): Promise<string> {
  const der = typeof certificate === "string" ? derOfPem(certificate) : certificate.slice();
  return toHex(new Uint8Array(await crypto.subtle.digest(hash, der)));
}

/**
 * Checks that certificate and key are readable and belong together: the TLS library would
 * silently go on without them.
 *
 * @throws {SottoError} `transport/bad-certificate`.
 */
export async function checkCertificate({ certPem, keyPem }: Certificate): Promise<void> {
  const { createPrivateKey, X509Certificate } = await import("node:crypto");
  try {
    if (new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem))) return;
  } catch (error) {
    throw new SottoError(
      "transport/bad-certificate",
      "cannot read the certificate and key: expected a PEM certificate and its PKCS #8 key",
      { cause: error },
    );
  }
  throw new SottoError(
    "transport/bad-certificate",
    "the private key does not belong to the certificate",
  );
}

/**
 * DER octets of the first certificate in `pem`.
 *
 * @throws {TypeError} when it holds none.
 */
export function derOfPem(pem: string): Uint8Array<ArrayBuffer> {
  const base64 = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/
    .exec(pem)?.[1];
  if (base64 === undefined) throw new TypeError("expected a PEM certificate");
  return fromLatin1(atob(base64.replace(/\s/g, "")));
}

/** Subject alternative names (RFC 5280 §4.2.1.6): addresses, URIs, DNS names; what is none of them has none. */
function alternativeNames(names: readonly string[]): AlternativeName[] {
  return names.flatMap((name): AlternativeName[] => {
    if (isAddress(name)) return [{ type: 7, ip: name }];
    if (/^[a-z][a-z0-9+.-]*:/i.test(name)) return [{ type: 6, value: name }];
    return /^[A-Za-z0-9.*-]+$/.test(name) ? [{ type: 2, value: name }] : [];
  });
}

type AlternativeName = { type: 2 | 6; value: string } | { type: 7; ip: string };

const DAY = 86_400_000;
