/** The formulas of digest authentication (RFC 7616 §3.4.1 to §3.4.4, §3.5; without qop RFC 2617 §3.2.2.1). */

import {
  type DigestAlgorithm,
  type DigestHash,
  hashOf,
  hexDigest,
  isSessionAlgorithm,
} from "./algorithm.ts";
import type { DigestQop } from "./challenge.ts";

/** What enters a digest, beside the secret. */
export interface DigestInput {
  readonly algorithm: DigestAlgorithm;
  readonly nonce: string;
  /** Absent: RFC 2069, where neither count nor cnonce exist. */
  readonly qop?: DigestQop | undefined;
  /** Nonce count: eight hexadecimal digits. */
  readonly nc?: string | undefined;
  readonly cnonce?: string | undefined;
  readonly uri: string;
}

/** Nonce and cnonce with which an authentication session began (`nonce-prime`, `cnonce-prime`). */
export interface DigestSession {
  readonly nonce: string;
  readonly cnonce: string;
}

/** H(A1): `plain` itself, or the session key that RFC 7616 §3.4.2 makes of it. */
export function sessionHa1(
  plain: string,
  algorithm: DigestAlgorithm,
  session: DigestSession,
): string {
  if (!isSessionAlgorithm(algorithm)) return plain;
  return hexDigest(hashOf(algorithm), `${plain}:${session.nonce}:${session.cnonce}`);
}

/** `response` of a request with that method; `body` counts with auth-int alone. */
export function requestDigest(
  ha1: string,
  input: DigestInput,
  method: string,
  body: Uint8Array,
): string {
  return digest(ha1, input, method, body);
}

/** `rspauth` of the response to that request (RFC 7616 §3.5): the same without a method. */
export function responseDigest(ha1: string, input: DigestInput, body: Uint8Array): string {
  return digest(ha1, input, "", body);
}

/** `username` as RFC 7616 §3.4.4 hides it. */
export function usernameHash(username: string, realm: string, hash: DigestHash): string {
  return hexDigest(hash, `${username.normalize("NFC")}:${realm}`);
}

function digest(ha1: string, input: DigestInput, method: string, body: Uint8Array): string {
  const hash = hashOf(input.algorithm);
  const a2 = input.qop === "auth-int"
    ? `${method}:${input.uri}:${hexDigest(hash, body)}`
    : `${method}:${input.uri}`;
  const middle = input.qop === undefined
    ? input.nonce
    : `${input.nonce}:${input.nc ?? ""}:${input.cnonce ?? ""}:${input.qop}`;
  return hexDigest(hash, `${ha1}:${middle}:${hexDigest(hash, a2)}`);
}
