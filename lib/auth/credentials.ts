/** What proves who somebody is: a password, or what RFC 7616 §3.4.2 makes of it. */

import { utf8 } from "../base/bytes.ts";
import { Secret } from "../base/secret.ts";
import { type DigestHash, hexDigest } from "./algorithm.ts";

/**
 * A user name with its password, or with the hashes of `username:realm:password` that some
 * servers keep in place of passwords. Such a hash is as good as the password in its realm.
 */
export interface DigestCredentials {
  readonly username: string;
  /** UTF-8, in normalization form C: {@link passwordSecret} makes it. */
  readonly password?: Secret | undefined;
  /** H(A1) by hash function: lower-case hexadecimal digits, as ASCII. Preferred to the password. */
  readonly ha1?: Partial<Record<DigestHash, Secret>> | undefined;
}

/** A password as it enters the hash: UTF-8 in normalization form C (RFC 7616 §4). */
export function passwordSecret(password: string): Secret {
  return new Secret(utf8(password.normalize("NFC")));
}

/**
 * H(A1) of the plain variant, in lower-case hexadecimal, or `undefined` when these
 * credentials have neither a password nor a hash of that kind.
 */
export function plainHa1(
  credentials: DigestCredentials,
  realm: string,
  hash: DigestHash,
): string | undefined {
  const kept = credentials.ha1?.[hash];
  if (kept !== undefined) {
    return kept.expose((it) => String.fromCharCode(...it)).toLowerCase();
  }
  const username = credentials.username.normalize("NFC");
  return credentials.password?.expose((it) => hexDigest(hash, `${username}:${realm}:`, it));
}
