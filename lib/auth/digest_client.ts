/** The client of one protection space: nonce, counts, answers, and the server's own proof (RFC 7616 §3.4 to §3.6). */

import { ascii } from "../base/ascii.ts";
import { toHex } from "../base/bytes.ts";
import { constantTimeEqual } from "../base/constant_time.ts";
import { PeerError } from "../base/errors.ts";
import type { RandomSource } from "../base/output.ts";
import { hashOf, isSessionAlgorithm } from "./algorithm.ts";
import { parseAuthenticationInfo } from "./authentication_info.ts";
import {
  type AuthorizationForm,
  type DigestAuthorization,
  writeAuthorization,
} from "./authorization.ts";
import type { DigestChallenge, DigestQop } from "./challenge.ts";
import { type DigestCredentials, plainHa1 } from "./credentials.ts";
import {
  type DigestSession,
  requestDigest,
  responseDigest,
  sessionHa1,
  usernameHash,
} from "./response.ts";

/** What a client is made of. */
export interface DigestClientOptions {
  readonly credentials: DigestCredentials;
  /** Draws the cnonces. */
  readonly random: RandomSource;
  /** How credentials are written. */
  readonly form?: AuthorizationForm | undefined;
  /** What is chosen when the server takes both. @default "auth" */
  readonly qop?: DigestQop | undefined;
}

/** The request that credentials are for. */
export interface DigestRequest {
  readonly method: string;
  /** The Request-URI as it is sent; for MSRP the rightmost URI of To-Path (RFC 4976 §9.1). */
  readonly uri: string;
  /** Counts with auth-int alone. @default no octets */
  readonly body?: Uint8Array | undefined;
}

/** Credentials for one request, and what is needed to judge the response to it. */
export interface DigestAnswer {
  /** The value of Authorization or Proxy-Authorization. */
  readonly value: string;
  readonly authorization: DigestAuthorization;
  /** The URI that was digested, whether or not it is written. */
  readonly uri: string;
  /** Whether the server had accepted these credentials by then. */
  readonly wasTrusted: boolean;
}

/** What an Authentication-Info says about the server. */
export type ServerProof =
  /** It knows the password. */
  | { readonly type: "proven" }
  /** It did not try to prove anything. */
  | { readonly type: "unproven" }
  /** What it says is malformed, or wrong: it does not know the password. */
  | { readonly type: "wrong"; readonly error: PeerError };

/** Whether these credentials can answer `challenge`: a password always can, a kept hash only its own kind. */
export function canAnswer(credentials: DigestCredentials, challenge: DigestChallenge): boolean {
  return credentials.password !== undefined ||
    credentials.ha1?.[hashOf(challenge.algorithm)] !== undefined;
}

/** Octets of a cnonce before they are written in hexadecimal. */
const CNONCE_OCTETS = 16;

/** Answers the challenges of one realm, from the first one on. */
export class DigestClient {
  readonly #options: DigestClientOptions;
  #challenge: DigestChallenge;
  #nonce: string;
  #count = 0;
  /** With which nonce and cnonce the session key is made. */
  #session: DigestSession | undefined;
  #isTrusted = false;
  /** How often in a row a nonce was called stale that had not been used before. */
  #staleFresh = 0;

  /** @throws {TypeError} when the credentials cannot answer the challenge ({@link canAnswer}). */
  constructor(challenge: DigestChallenge, options: DigestClientOptions) {
    if (!canAnswer(options.credentials, challenge)) {
      throw new TypeError(`no password, and no hash for ${challenge.algorithm}`);
    }
    this.#options = options;
    this.#challenge = challenge;
    this.#nonce = challenge.nonce;
  }

  /** The challenge that is being answered. */
  get challenge(): DigestChallenge {
    return this.#challenge;
  }

  /** How many requests carried the present nonce. */
  get nonceCount(): number {
    return this.#count;
  }

  /** Credentials for `request`; the nonce count goes up by one. */
  authorize(request: DigestRequest): DigestAnswer {
    const challenge = this.#challenge;
    const qop = this.#chosenQop();
    const cnonce = qop === undefined ? undefined : toHex(this.#options.random(CNONCE_OCTETS));
    this.#count++;
    const input = {
      algorithm: challenge.algorithm,
      nonce: this.#nonce,
      qop,
      nc: qop === undefined ? undefined : this.#count.toString(16).padStart(8, "0"),
      cnonce,
      uri: request.uri,
    };
    this.#session ??= { nonce: this.#nonce, cnonce: cnonce ?? "" };
    const { username } = this.#options.credentials;
    const userhash = challenge.userhash && this.#options.form?.username === "hashed";
    const authorization: DigestAuthorization = {
      ...input,
      username: userhash
        ? usernameHash(username, challenge.realm, hashOf(challenge.algorithm))
        : username.normalize("NFC"),
      userhash,
      realm: challenge.realm,
      algorithmText: challenge.algorithmText,
      opaque: challenge.opaque,
      response: requestDigest(this.#ha1(), input, request.method, request.body ?? NOTHING),
    };
    return {
      value: writeAuthorization(authorization, this.#options.form),
      authorization,
      uri: request.uri,
      wasTrusted: this.#isTrusted,
    };
  }

  /**
   * The server challenges again. With `retry` the new challenge was taken, and the next
   * {@link authorize} answers it; with `rejected` the server does not want these credentials, and
   * they must not be tried again (RFC 3261 §22.1).
   *
   * Only a fresh nonce can be worth a retry: when the server calls the old one stale, when the
   * request had no credentials, or when the server had accepted these very ones before and
   * forgot to say `stale`. A server that finds a nonce stale at its first use, twice in a row, says
   * no by it. How often one request is retried beyond that is for the caller to limit.
   *
   * @param answer What the refused request carried, if anything.
   */
  renew(challenge: DigestChallenge, answer?: DigestAnswer): "retry" | "rejected" {
    if (answer !== undefined) {
      const isFresh = challenge.nonce !== answer.authorization.nonce;
      if (!isFresh || !(challenge.stale || answer.wasTrusted)) return "rejected";
      const wasUnused = (answer.authorization.nc ?? FIRST) === FIRST;
      this.#staleFresh = wasUnused ? this.#staleFresh + 1 : 0;
      if (this.#staleFresh > MOST_STALE_FRESH) return "rejected";
    }
    if (!canAnswer(this.#options.credentials, challenge)) return "rejected";
    this.#challenge = challenge;
    this.#nonce = challenge.nonce;
    this.#count = 0;
    this.#session = undefined;
    // Another failure in a row means what it says.
    this.#isTrusted = false;
    return "retry";
  }

  /** The server let a request with these credentials pass. */
  accepted(answer: DigestAnswer): void {
    if (answer.authorization.nonce === this.#nonce) this.#isTrusted = true;
    this.#staleFresh = 0;
  }

  /**
   * Reads the Authentication-Info of a response: checks the server's proof, then takes its
   * next nonce. Nothing is taken from a server whose proof is wrong.
   *
   * @param answer What the request carried.
   * @param value The value of the header field.
   * @param body Body of the response; counts with auth-int alone.
   */
  receiveInfo(answer: DigestAnswer, value: string, body: Uint8Array = NOTHING): ServerProof {
    try {
      const info = parseAuthenticationInfo(value);
      const { authorization } = answer;
      const { qop } = authorization;
      let proof: ServerProof = { type: "unproven" };
      if (info.rspauth !== undefined) {
        if (info.cnonce !== undefined && info.cnonce !== authorization.cnonce) wrong("cnonce");
        if (info.nc !== undefined && info.nc !== authorization.nc) wrong("nc");
        // A server that proves less than it was asked for proves nothing about the body.
        if (info.qop !== undefined && info.qop !== qop) wrong("qop");
        const input = { ...authorization, uri: answer.uri };
        const expected = responseDigest(this.#ha1(), input, body);
        if (!constantTimeEqual(ascii(expected), ascii(info.rspauth))) wrong("rspauth");
        proof = { type: "proven" };
      }
      this.accepted(answer);
      if (info.nextnonce !== undefined && authorization.nonce === this.#nonce) {
        this.#nonce = info.nextnonce;
        this.#count = 0;
      }
      return proof;
    } catch (error) {
      if (error instanceof PeerError) return { type: "wrong", error };
      throw error;
    }
  }

  #chosenQop(): DigestQop | undefined {
    const wanted = this.#options.qop ?? "auth";
    const offered = this.#challenge.qop;
    return offered.includes(wanted) ? wanted : offered[0];
  }

  #ha1(): string {
    const { algorithm, realm } = this.#challenge;
    const plain = plainHa1(this.#options.credentials, realm, hashOf(algorithm)) ?? "";
    if (!isSessionAlgorithm(algorithm) || this.#session === undefined) return plain;
    return sessionHa1(plain, algorithm, this.#session);
  }
}

const NOTHING = new Uint8Array(0);
/** The nonce count of a first use. */
const FIRST = "00000001";
/** One may have run out on the way. */
const MOST_STALE_FRESH = 1;

function wrong(what: string): never {
  throw new PeerError(
    "auth/wrong-proof",
    "RFC 7616 §3.5",
    `the ${what} of Authentication-Info does not match: the server did not prove that it knows the password`,
  );
}
