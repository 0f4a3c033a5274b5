/** Authentication-Info: the server's own proof, and the nonce it wants next (RFC 7616 §3.5, RFC 4976 §9.1). */

import { PeerError } from "../base/errors.ts";
import { type AuthField, quoted, scanParameterList } from "./auth_scanner.ts";
import type { DigestQop } from "./challenge.ts";

/** What the server says after it accepted credentials. */
export interface AuthenticationInfo {
  /** The nonce for the next request. */
  readonly nextnonce?: string | undefined;
  readonly qop?: DigestQop | undefined;
  /** Lower-case hexadecimal. */
  readonly rspauth?: string | undefined;
  readonly cnonce?: string | undefined;
  /** Eight hexadecimal digits in lower case. */
  readonly nc?: string | undefined;
}

const FIELD: AuthField = {
  code: "auth/bad-authentication-info",
  rule: "RFC 7616 §3.5",
  what: "Authentication-Info",
};

/**
 * Reads the value of an Authentication-Info or Proxy-Authentication-Info.
 *
 * @throws {PeerError} `auth/bad-authentication-info` when it is malformed.
 */
export function parseAuthenticationInfo(value: string): AuthenticationInfo {
  const parameters = scanParameterList(value, FIELD);
  const qop = parameters.get("qop")?.toLowerCase();
  if (qop !== undefined && qop !== "auth" && qop !== "auth-int") throw fault("unknown qop");
  const rspauth = parameters.get("rspauth")?.toLowerCase();
  if (rspauth !== undefined && !/^[0-9a-f]+$/.test(rspauth)) {
    throw fault("expected hexadecimal digits as rspauth");
  }
  const nc = parameters.get("nc")?.toLowerCase();
  if (nc !== undefined && !/^[0-9a-f]{8}$/.test(nc)) {
    throw fault("expected eight hexadecimal digits as nc");
  }
  return {
    nextnonce: parameters.get("nextnonce"),
    qop,
    rspauth,
    cnonce: parameters.get("cnonce"),
    nc,
  };
}

/** The value of the header field. */
export function writeAuthenticationInfo(info: AuthenticationInfo): string {
  const parameters: string[] = [];
  if (info.nextnonce !== undefined) parameters.push(`nextnonce=${quoted(info.nextnonce)}`);
  if (info.qop !== undefined) parameters.push(`qop=${info.qop}`);
  if (info.rspauth !== undefined) parameters.push(`rspauth=${quoted(info.rspauth)}`);
  if (info.cnonce !== undefined) parameters.push(`cnonce=${quoted(info.cnonce)}`);
  if (info.nc !== undefined) parameters.push(`nc=${info.nc}`);
  return parameters.join(", ");
}

function fault(what: string): PeerError {
  return new PeerError(FIELD.code, FIELD.rule, `${FIELD.what}: ${what}`);
}
