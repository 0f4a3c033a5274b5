/** The server's side: challenges, verdicts about credentials, and its own proof (RFC 7616 §3.3 to §3.6, RFC 8760 §2.3, RFC 4976 §9.1). */

import { ascii } from "../base/ascii.ts";
import { constantTimeEqual } from "../base/constant_time.ts";
import { PeerError } from "../base/errors.ts";
import type { Instant, RandomSource } from "../base/output.ts";
import { toHex } from "../base/bytes.ts";
import { type DigestAlgorithm, digestLength, hashOf, isSessionAlgorithm } from "./algorithm.ts";
import { type AuthenticationInfo, writeAuthenticationInfo } from "./authentication_info.ts";
import { type DigestAuthorization, parseAuthorization } from "./authorization.ts";
import { type DigestQop, writeChallenge } from "./challenge.ts";
import { type DigestCredentials, plainHa1 } from "./credentials.ts";
import type { DigestRequest } from "./digest_client.ts";
import { requestDigest, responseDigest, sessionHa1 } from "./response.ts";
import { type NonceLimits, ServerNonces } from "./server_nonces.ts";

/** What a server is made of. */
export interface DigestServerOptions extends NonceLimits {
  /** The protection space: a domain name, or a sentence with one. */
  readonly realm: string;
  /** Draws the key of the nonces, and the nonces. */
  readonly random: RandomSource;
  /** The credentials of a user of this realm, or `undefined` for a stranger. */
  readonly lookup: (username: string) => DigestCredentials | undefined;
  /** What is offered, the most preferred first. @default SHA-512-256, SHA-256, MD5 */
  readonly algorithms?: readonly DigestAlgorithm[] | undefined;
  /** What is offered. @default `auth` alone */
  readonly qop?: readonly DigestQop[] | undefined;
  /** Whether credentials without qop pass, as RFC 2069 had them. RFC 4976 forbids it. @default true */
  readonly acceptsLegacy?: boolean | undefined;
  /** Sent with every challenge; some clients demand one. @default drawn once */
  readonly opaque?: string | undefined;
  /**
   * Whether credentials for `uri` are good for a request to `requestUri`: proxies may have
   * changed it on the way (RFC 8760 §2.6). @default both are the same text
   */
  readonly acceptsUri?: ((uri: string, requestUri: string) => boolean) | undefined;
}

/** What credentials are worth. */
export type DigestVerdict =
  /** The user knows the password. */
  | DigestAcceptance
  /** There are none for this realm: challenge. */
  | { readonly type: "absent" }
  /** The password is right, the nonce is too old or its counts were forgotten: challenge with `stale`. */
  | { readonly type: "stale"; readonly username: string }
  /** The password is right, and these very credentials were used before: challenge with `stale`. */
  | { readonly type: "replayed"; readonly username: string }
  /** Nobody is told which of these it was: challenge again, or refuse. For logs. */
  | {
    readonly type: "rejected";
    readonly username: string;
    readonly reason: "unknown-user" | "wrong-response" | "not-offered";
  }
  /** They are for another resource than the request (RFC 7616 §3.4.6): 400. */
  | { readonly type: "wrong-uri"; readonly uri: string }
  /** They cannot be read (RFC 7616 §3.4): 400. */
  | { readonly type: "malformed"; readonly error: PeerError };

/** The verdict that lets a request pass. */
export interface DigestAcceptance {
  readonly type: "accepted";
  readonly username: string;
  readonly authorization: DigestAuthorization;
  /** `rspauth` for a response with that body. */
  readonly proof: (body: Uint8Array) => string;
}

const STRONGEST_FIRST: readonly DigestAlgorithm[] = ["SHA-512-256", "SHA-256", "MD5"];

/** Header field values that are read of one request; what follows is not looked at. */
export const MAX_AUTHORIZATION_FIELDS = 16;

/** Challenges and judges the requests of one realm. */
export class DigestServer {
  readonly #options: DigestServerOptions;
  readonly #nonces: ServerNonces;
  readonly #algorithms: readonly DigestAlgorithm[];
  readonly #qop: readonly DigestQop[];
  readonly #opaque: string;
  /** Stands in for the secret of users who do not exist, so that they take as long as others. */
  readonly #nobody: string;

  /** @throws {TypeError} when an algorithm is offered twice (RFC 8760 §2.3), or nothing is. */
  constructor(options: DigestServerOptions) {
    this.#options = options;
    this.#nonces = new ServerNonces(options.random, options);
    this.#algorithms = options.algorithms ?? STRONGEST_FIRST;
    this.#qop = options.qop ?? ["auth"];
    this.#opaque = options.opaque ?? toHex(options.random(16));
    this.#nobody = toHex(options.random(32));
    if (this.#algorithms.length === 0 || this.#qop.length === 0) {
      throw new TypeError("expected an algorithm and a quality of protection to offer");
    }
    if (new Set(this.#algorithms).size < this.#algorithms.length) {
      throw new TypeError("an algorithm is offered twice");
    }
  }

  /** The protection space. */
  get realm(): string {
    return this.#options.realm;
  }

  /** Nonces whose counts are remembered now; never more than `maxNonces`. */
  get rememberedNonces(): number {
    return this.#nonces.size;
  }

  /**
   * Values for WWW-Authenticate or Proxy-Authenticate, one a header field, in the order of preference.
   *
   * @param stale The credentials that came were right, their nonce is not good any more.
   */
  challenges(now: Instant, { stale = false }: { readonly stale?: boolean } = {}): string[] {
    const nonce = this.#nonces.issue(now);
    return this.#algorithms.map((algorithm) =>
      writeChallenge({
        realm: this.#options.realm,
        nonce,
        opaque: this.#opaque,
        stale,
        algorithm,
        algorithmText: algorithm,
        qop: this.#qop,
        userhash: false,
      })
    );
  }

  /**
   * Judges the credentials of a request.
   *
   * @param values Its Authorization or Proxy-Authorization fields, all of them: those of other realms are passed over.
   * @param request What they should be for.
   */
  verify(values: readonly string[], request: DigestRequest, now: Instant): DigestVerdict {
    let error: PeerError | undefined;
    for (const value of values.slice(0, MAX_AUTHORIZATION_FIELDS)) {
      try {
        const authorization = parseAuthorization(value);
        if (authorization?.realm !== this.#options.realm) continue;
        return this.#judge(authorization, request, now);
      } catch (fault) {
        if (!(fault instanceof PeerError)) throw fault;
        error ??= fault;
      }
    }
    return error === undefined ? { type: "absent" } : { type: "malformed", error };
  }

  /**
   * The value of an Authentication-Info for the response to an accepted request.
   *
   * @param body Body of the response; counts with auth-int alone.
   * @param renewAt When given, a fresh nonce for the next request is issued then; not with session
   *   variants, whose key and `nextnonce` nobody ever brought together (RFC 4976 §9.1).
   */
  authenticationInfo(acceptance: DigestAcceptance, body?: Uint8Array, renewAt?: Instant): string {
    const { algorithm, qop, cnonce, nc } = acceptance.authorization;
    const isRenewed = renewAt !== undefined && !isSessionAlgorithm(algorithm);
    const info: AuthenticationInfo = {
      qop,
      rspauth: acceptance.proof(body ?? NOTHING),
      cnonce,
      nc,
      nextnonce: isRenewed ? this.#nonces.issue(renewAt) : undefined,
    };
    return writeAuthenticationInfo(info);
  }

  #judge(it: DigestAuthorization, request: DigestRequest, now: Instant): DigestVerdict {
    const { username, qop, algorithm } = it;
    const isOffered = this.#algorithms.includes(algorithm) &&
      (qop === undefined ? this.#options.acceptsLegacy ?? true : this.#qop.includes(qop)) &&
      !(qop === undefined && isSessionAlgorithm(algorithm));
    if (!isOffered) return { type: "rejected", username, reason: "not-offered" };
    const credentials = it.userhash ? undefined : this.#options.lookup(username);
    const plain = credentials === undefined
      ? undefined
      : plainHa1(credentials, this.#options.realm, hashOf(algorithm));
    const cnonce = it.cnonce ?? "";
    const first = this.#nonces.firstCnonce(it.nonce);
    // Without the first cnonce nobody can compute the session key: a new session has to begin.
    if (isSessionAlgorithm(algorithm) && first === undefined && it.nc !== FIRST) {
      return { type: "stale", username };
    }
    const ha1 = sessionHa1(plain ?? this.#nobody.slice(0, digestLength(algorithm)), algorithm, {
      nonce: it.nonce,
      cnonce: first ?? cnonce,
    });
    const input = { ...it, uri: it.uri ?? request.uri };
    const expected = requestDigest(ha1, input, request.method, request.body ?? NOTHING);
    const isRight = constantTimeEqual(ascii(expected), ascii(it.response));
    if (plain === undefined) return { type: "rejected", username, reason: "unknown-user" };
    if (!isRight) return { type: "rejected", username, reason: "wrong-response" };
    const isSameUri = input.uri === request.uri ||
      (this.#options.acceptsUri?.(input.uri, request.uri) ?? false);
    if (!isSameUri) return { type: "wrong-uri", uri: input.uri };
    const count = it.nc === undefined ? undefined : Number.parseInt(it.nc, 16);
    const nonce = this.#nonces.use(it.nonce, count, cnonce, now);
    if (nonce !== "fresh") return { type: nonce, username };
    return {
      type: "accepted",
      username,
      authorization: it,
      proof: (body) => responseDigest(ha1, input, body),
    };
  }
}

const NOTHING = new Uint8Array(0);
/** The nonce count of a first request. */
const FIRST = "00000001";
