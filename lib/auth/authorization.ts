/** Authorization and Proxy-Authorization: reading, and writing for peers that differ (RFC 7616 §3.4, RFC 4976 §9.1). */

import { decodeUtf8, fromHex, toHex, utf8 } from "../base/bytes.ts";
import { PeerError } from "../base/errors.ts";
import { type DigestAlgorithm, digestAlgorithm, digestLength } from "./algorithm.ts";
import {
  type AuthField,
  type AuthParameters,
  CONTROL,
  quoted,
  scanSchemes,
} from "./auth_scanner.ts";
import type { DigestQop } from "./challenge.ts";

/** The credentials of one request. */
export interface DigestAuthorization {
  /** In plain, or its hash when `userhash` is true. */
  readonly username: string;
  readonly userhash: boolean;
  readonly realm: string;
  readonly nonce: string;
  /** Absent where relays do without. */
  readonly uri?: string | undefined;
  /** Lower-case hexadecimal; empty before the first challenge (RFC 8760 §2.7). */
  readonly response: string;
  readonly algorithm: DigestAlgorithm;
  /** As written; absent means MD5. */
  readonly algorithmText?: string | undefined;
  readonly qop?: DigestQop | undefined;
  /** Eight hexadecimal digits in lower case. With qop only, as is the next. */
  readonly nc?: string | undefined;
  readonly cnonce?: string | undefined;
  readonly opaque?: string | undefined;
}

/** How credentials are written. */
export interface AuthorizationForm {
  /** Whether `uri` is written. RFC 4976's grammar has none, SIP demands it. @default true */
  readonly uri?: boolean | undefined;
  /** Whether `algorithm` is written when the challenge had one. @default true */
  readonly algorithm?: boolean | undefined;
  /** `all` puts algorithm, qop and nc in quotation marks too, as Blink does. @default "standard" */
  readonly quoting?: "standard" | "all" | undefined;
  /**
   * `hashed` when the server offers it, `extended` for `username*=` (RFC 7616 §3.4.4).
   * @default "plain"
   */
  readonly username?: "plain" | "hashed" | "extended" | undefined;
}

const FIELD: AuthField = {
  code: "auth/bad-authorization",
  rule: "RFC 7616 §3.4",
  what: "credentials",
};

/**
 * Reads one header field value. Other schemes and unknown algorithms give `undefined`.
 *
 * @throws {PeerError} `auth/bad-authorization` when it is malformed, or lacks what it must have.
 */
export function parseAuthorization(value: string): DigestAuthorization | undefined {
  const [scheme, ...others] = scanSchemes(value, FIELD);
  if (scheme === undefined) throw fault("expected a scheme");
  if (others.length > 0) throw fault("expected one scheme");
  if (scheme.scheme !== "digest") return undefined;
  const { parameters } = scheme;
  const algorithmText = parameters.get("algorithm");
  const algorithm = digestAlgorithm(algorithmText ?? "MD5");
  if (algorithm === undefined) return undefined;
  return {
    username: usernameOf(parameters),
    userhash: parameters.get("userhash")?.toLowerCase() === "true",
    realm: required(parameters, "realm"),
    nonce: required(parameters, "nonce"),
    uri: parameters.get("uri"),
    response: responseOf(parameters, algorithm),
    algorithm,
    algorithmText,
    ...protectionOf(parameters),
    opaque: parameters.get("opaque"),
  };
}

/** The value of the header field. */
export function writeAuthorization(
  it: DigestAuthorization,
  form: AuthorizationForm = {},
): string {
  const bare = form.quoting === "all" ? quoted : (value: string) => value;
  const isExtended = form.username === "extended" && !it.userhash;
  const parameters = [
    isExtended
      ? `username*=UTF-8''${extendedValue(it.username)}`
      : `username=${quoted(it.username)}`,
    `realm=${quoted(it.realm)}`,
    `nonce=${quoted(it.nonce)}`,
  ];
  if (it.uri !== undefined && form.uri !== false) parameters.push(`uri=${quoted(it.uri)}`);
  parameters.push(`response=${quoted(it.response)}`);
  if (it.algorithmText !== undefined && form.algorithm !== false) {
    parameters.push(`algorithm=${bare(it.algorithmText)}`);
  }
  if (it.qop !== undefined) {
    parameters.push(`cnonce=${quoted(it.cnonce ?? "")}`);
    parameters.push(`qop=${bare(it.qop)}`, `nc=${bare(it.nc ?? "")}`);
  }
  if (it.opaque !== undefined) parameters.push(`opaque=${quoted(it.opaque)}`);
  if (it.userhash) parameters.push("userhash=true");
  return `Digest ${parameters.join(", ")}`;
}

function usernameOf(parameters: AuthParameters): string {
  const plain = parameters.get("username");
  const extended = parameters.get("username*");
  if (plain !== undefined && extended !== undefined) throw fault("both username and username*");
  if (plain !== undefined) return plain;
  if (extended === undefined) throw fault("expected username");
  const encoded = /^utf-8'[^']*'((?:%[0-9a-f]{2}|[^%])*)$/i.exec(extended)?.[1];
  const octets = encoded?.replace(/%([0-9a-f]{2})|([^])/gi, (_, hex, it) => hex ?? toHex(utf8(it)));
  const decoded = octets === undefined ? undefined : decodeUtf8(fromHex(octets));
  if (decoded === undefined) throw fault("expected username* in UTF-8");
  if (CONTROL.test(decoded)) throw fault("control character in username*");
  return decoded;
}

/** RFC 5987 §3.2.1: everything but `attr-char` is escaped. */
function extendedValue(text: string): string {
  return [...utf8(text)].map((it) => {
    const character = String.fromCharCode(it);
    return /[A-Za-z0-9!#$&+.^_`|~-]/.test(character)
      ? character
      : `%${it.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}

function responseOf(parameters: AuthParameters, algorithm: DigestAlgorithm): string {
  const response = required(parameters, "response").toLowerCase();
  const isDigest = /^[0-9a-f]*$/.test(response) && response.length === digestLength(algorithm);
  if (!isDigest && response !== "") {
    throw fault(`expected ${digestLength(algorithm)} hexadecimal digits as response`);
  }
  return response;
}

function protectionOf(
  parameters: AuthParameters,
): Pick<DigestAuthorization, "qop" | "nc" | "cnonce"> {
  const qop = parameters.get("qop")?.toLowerCase();
  if (qop === undefined) return {};
  if (qop !== "auth" && qop !== "auth-int") throw fault("expected auth or auth-int as qop");
  const nc = required(parameters, "nc").toLowerCase();
  if (!/^[0-9a-f]{8}$/.test(nc)) throw fault("expected eight hexadecimal digits as nc");
  return { qop, nc, cnonce: required(parameters, "cnonce") };
}

function required(parameters: AuthParameters, name: string): string {
  const value = parameters.get(name);
  if (value === undefined) throw fault(`expected ${name}`);
  return value;
}

function fault(what: string): PeerError {
  return new PeerError(FIELD.code, FIELD.rule, `${FIELD.what}: ${what}`);
}
