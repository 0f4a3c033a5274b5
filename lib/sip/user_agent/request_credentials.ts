/**
 * Credentials of all requests with one Call-ID: which challenges were answered, and whether
 * another one may be (RFC 3261 §22, RFC 8760 §2.4).
 */

import {
  canAnswer,
  chooseChallenges,
  type DigestAnswer,
  type DigestChallenge,
  DigestClient,
  type DigestCredentials,
  type DigestMinimum,
  type DigestQop,
  parseChallenges,
} from "../../auth/mod.ts";
import { PeerError, SottoError } from "../../base/errors.ts";
import { escapeText } from "../../base/escape.ts";
import type { RandomSource } from "../../base/output.ts";
import { headerValues } from "../message/header_fields.ts";
import type { HeaderField, SipRequest, SipResponse } from "../message/message.ts";

/** Who we are in a realm, or `undefined` where we have no account. */
export type CredentialLookup = (realm: string) => DigestCredentials | undefined;

/** How challenges are answered. */
export interface CredentialOptions {
  /** Asked for each realm that challenges. @default there are none */
  readonly credentials?: CredentialLookup | undefined;
  /** The weakest hash function that is answered. @default "md5" */
  readonly digestMinimum?: DigestMinimum | undefined;
  /** What is chosen when a server takes both. @default "auth" */
  readonly digestQop?: DigestQop | undefined;
}

/** What one attempt of a request carried, by {@link DigestAnswer} and the field it stood in. */
export type SentAnswers = ReadonlyMap<string, DigestAnswer>;

/** A user agent server and a proxy ask, are answered and thank in fields of their own. */
const KINDS = [
  { ask: "WWW-Authenticate", answer: "Authorization", thank: "Authentication-Info" },
  {
    ask: "Proxy-Authenticate",
    answer: "Proxy-Authorization",
    thank: "Proxy-Authentication-Info",
  },
] as const;

/** Realms of one Call-ID that are remembered: far above what a chain of proxies has. */
const MOST_REALMS = 16;

/** The header fields of `request` that prove who sent it: an ACK repeats them (RFC 3261 §22.1). */
export function credentialFields(request: SipRequest): HeaderField[] {
  return request.headers.filter(({ name }) => KINDS.some((it) => it.answer === name));
}

/** The credentials that the requests of one Call-ID share. */
export class RequestCredentials {
  readonly #options: CredentialOptions;
  readonly #random: RandomSource;
  readonly #clients = new Map<string, DigestClient>();

  /**
   * @param options How challenges are answered.
   * @param random Draws the cnonces.
   */
  constructor(options: CredentialOptions, random: RandomSource) {
    this.#options = options;
    this.#random = random;
  }

  /** `request` with credentials for every realm that challenged before (§22.3), and what they are. */
  authorize(request: SipRequest): { readonly request: SipRequest; readonly answers: SentAnswers } {
    const answers = new Map<string, DigestAnswer>();
    const fields: HeaderField[] = [];
    const { method, requestUri, body } = request;
    for (const [key, client] of this.#clients) {
      const answer = client.authorize({ method, uri: requestUri, body });
      answers.set(key, answer);
      fields.push({ name: fieldOf(key), value: answer.value });
    }
    if (fields.length === 0) return { request, answers };
    return { request: { ...request, headers: [...request.headers, ...fields] }, answers };
  }

  /**
   * A 401 or 407.
   *
   * @param sent What the refused request carried.
   * @returns `retry` when {@link authorize} has something new to say; `undefined` when the response
   *   asks for nothing; otherwise why nothing can be done.
   */
  receiveChallenge(response: SipResponse, sent: SentAnswers): "retry" | SottoError | undefined {
    const asked: DigestChallenge[] = [];
    let hasNews = false;
    let fault: SottoError | undefined;
    let isAsked = false;
    for (const { ask, answer } of KINDS) {
      const values = headerValues(response, ask);
      isAsked ||= values.length > 0;
      try {
        const challenges = parseChallenges(values);
        asked.push(...challenges);
        for (const challenge of chooseChallenges(challenges, this.#policy)) {
          const verdict = this.#take(`${answer} ${challenge.realm}`, challenge, sent);
          if (verdict === "rejected") return rejected(challenge, sent);
          hasNews ||= verdict === "retry";
        }
      } catch (error) {
        if (!(error instanceof PeerError)) throw error;
        fault ??= error;
      }
    }
    if (hasNews) return "retry";
    if (!isAsked) return undefined;
    return fault ?? this.#unanswerable(asked);
  }

  /**
   * The request passed.
   *
   * @param sent What it carried.
   * @returns What is wrong with the server's own proof, if anything.
   */
  receiveSuccess(response: SipResponse, sent: SentAnswers): PeerError | undefined {
    let fault: PeerError | undefined;
    for (const { answer: field, thank } of KINDS) {
      const answered = [...sent].filter(([key]) => fieldOf(key) === field);
      for (const [key, answer] of answered) this.#clients.get(key)?.accepted(answer);
      const [first, ...others] = answered;
      const [info] = headerValues(response, thank);
      // With several realms nobody says which one of them thanks.
      if (first === undefined || others.length > 0 || info === undefined) continue;
      const [key, answer] = first;
      const proof = this.#clients.get(key)?.receiveInfo(answer, info, response.body);
      if (proof?.type === "wrong") fault ??= proof.error;
    }
    return fault;
  }

  #take(
    key: string,
    challenge: DigestChallenge,
    sent: SentAnswers,
  ): "retry" | "rejected" | "full" {
    const client = this.#clients.get(key);
    if (client !== undefined) return client.renew(challenge, sent.get(key));
    const credentials = this.#options.credentials?.(challenge.realm);
    if (credentials === undefined || this.#clients.size >= MOST_REALMS) return "full";
    const options = { credentials, random: this.#random, qop: this.#options.digestQop };
    this.#clients.set(key, new DigestClient(challenge, options));
    return "retry";
  }

  get #policy() {
    return {
      minimum: this.#options.digestMinimum,
      isAnswerable: (challenge: DigestChallenge) => {
        const credentials = this.#options.credentials?.(challenge.realm);
        return credentials !== undefined && canAnswer(credentials, challenge);
      },
    };
  }

  #unanswerable(asked: readonly DigestChallenge[]): SottoError {
    const [first] = asked;
    if (first === undefined) {
      return new SottoError(
        "sip/unsupported-authentication",
        "the server wants a kind of authentication that is not spoken here",
      );
    }
    const realm = shown(first.realm);
    const ofRealm = asked.filter((it) => it.realm === first.realm);
    const offered = [...new Set(ofRealm.map((it) => it.algorithm))].join(", ");
    const { digestMinimum } = this.#options;
    const credentials = this.#options.credentials?.(first.realm);
    if (credentials !== undefined && ofRealm.some((it) => canAnswer(credentials, it))) {
      return new SottoError(
        "sip/digest-too-weak",
        `realm "${realm}" takes ${offered}, and ${
          digestMinimum ?? "more"
        } or better is wanted here`,
      );
    }
    return new SottoError(
      "sip/no-credentials",
      `realm "${realm}" wants a user name and a password (${offered}), and there are none for it`,
    );
  }
}

function rejected(challenge: DigestChallenge, sent: SentAnswers): SottoError {
  const name = [...sent.values()].find((it) => it.authorization.realm === challenge.realm)
    ?.authorization.username ?? "";
  return new SottoError(
    "sip/credentials-rejected",
    `realm "${shown(challenge.realm)}" does not accept the password of "${shown(name)}"`,
  );
}

function fieldOf(key: string): string {
  return key.slice(0, key.indexOf(" "));
}

/** What comes from strangers is shown escaped and cut. */
function shown(text: string): string {
  return escapeText(text, 64);
}
