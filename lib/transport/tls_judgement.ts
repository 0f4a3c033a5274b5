/** Whether the certificate that a TLS server showed is good enough, and if not, what is wrong with it. */

import { type ErrorCode, PeerError, SottoError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";
import type { HostPort } from "../base/wire_tap.ts";
import type { TlsInfo } from "./byte_stream.ts";
import {
  type CertificateFacts,
  type CertificateNames,
  readCertificate,
} from "./certificate_facts.ts";
import { showHostPort } from "./network_error.ts";

/** How a server is known. The first of the three that is given decides. */
export interface TlsTrust {
  /** The certificates one of which the server must show: SHA-256, hexadecimal, colons allowed. */
  readonly expectedFingerprints?: readonly string[] | undefined;
  /** Accept any certificate; {@link TlsInfo.authorized} still tells what it is worth. */
  readonly insecure?: boolean | undefined;
  /**
   * Judges the names of a certificate that an authority vouches for, by the rules of the
   * protocol above: what is wrong with them, or `undefined`. Without it, they are compared
   * with the server's name as HTTPS does it (RFC 6125).
   */
  readonly judgeNames?: ((names: CertificateNames) => string | undefined) | undefined;
}

/**
 * What TLS says of the peer, with the judgement about its names put in.
 *
 * @throws {PeerError} `transport/unreadable-certificate`, only with `judgeNames`.
 */
export function withNamesJudged(info: TlsInfo, { judgeNames }: TlsTrust): TlsInfo {
  if (judgeNames === undefined || !info.authorized) return info;
  const fault = info.peerCertificate === undefined
    ? "it showed none"
    : judgeNames(readCertificate(info.peerCertificate));
  return fault === undefined ? info : { ...info, authorized: false, authorizationError: fault };
}

/**
 * Throws unless the peer is who {@link TlsTrust} says.
 *
 * @param now Milliseconds since 1970.
 * @throws {SottoError} `transport/tls-fingerprint-mismatch`, `tls-untrusted`, `tls-expired`,
 * `tls-wrong-name`.
 */
export function requireTrust(info: TlsInfo, to: HostPort, trust: TlsTrust, now: number): void {
  const { expectedFingerprints, insecure = false } = trust;
  const whose = `the certificate of ${showHostPort(to)}`;
  if (expectedFingerprints !== undefined) {
    const expected = expectedFingerprints.map((it) => it.replaceAll(":", "").toLowerCase());
    if (info.peerFingerprint !== undefined && expected.includes(info.peerFingerprint)) return;
    throw new SottoError(
      "transport/tls-fingerprint-mismatch",
      `${whose} has fingerprint ${info.peerFingerprint ?? "none"}, ` +
        `expected ${expected.join(" or ")}`,
    );
  }
  if (insecure || info.authorized) return;
  const [code, fault] = faultOf(info, now);
  throw new SottoError(code, `${whose} is not trusted: ${fault}`);
}

function faultOf(info: TlsInfo, now: number): readonly [ErrorCode, string] {
  const words = escapeText(info.authorizationError ?? "none", 500);
  const facts = factsOf(info);
  if (!CHAIN_ERROR.test(words)) {
    // The library's word for a name that does not match; ours say more.
    if (!NAME_ERROR.test(words)) return ["transport/tls-wrong-name", words];
    const names = (facts?.alternativeNames ?? []).filter(({ value }) => value !== "")
      .slice(0, MOST_SHOWN).map(({ value }) => escapeText(value, 100));
    const shown = names.length === 0 ? "no name" : names.join(", ");
    return ["transport/tls-wrong-name", `it speaks for ${shown}, not for the name asked for`];
  }
  if (facts === undefined) return ["transport/tls-untrusted", words];
  if (now > facts.notAfter) {
    return ["transport/tls-expired", `it expired on ${dayOf(facts.notAfter)}`];
  }
  if (now < facts.notBefore) {
    return ["transport/tls-expired", `it is not valid before ${dayOf(facts.notBefore)}`];
  }
  const issuer = facts.issuerName === undefined ? "somebody" : escapeText(facts.issuerName, 100);
  return [
    "transport/tls-untrusted",
    facts.isSelfIssued
      ? "it is signed by itself, and no authority vouches for it"
      : `it was issued by ${issuer}, which no trusted authority vouches for`,
  ];
}

function factsOf({ peerCertificate }: TlsInfo): CertificateFacts | undefined {
  if (peerCertificate === undefined) return undefined;
  try {
    return readCertificate(peerCertificate);
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    return undefined; // It is refused anyway; the library's words will do.
  }
}

function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

/** What `node:tls` says when it cannot build a chain to an authority, for whatever reason. */
const CHAIN_ERROR = /UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|CERT_HAS_EXPIRED|NOT_YET_VALID|^none$/;
const NAME_ERROR = /ALTNAME_INVALID/;
/** Names in one error message. */
const MOST_SHOWN = 8;
