/** Challenges of servers: reading several, choosing one, writing them (RFC 7616 §3.3, §3.7; RFC 8760 §2.3, §2.4). */

import { PeerError } from "../base/errors.ts";
import {
  type DigestAlgorithm,
  digestAlgorithm,
  type DigestMinimum,
  isSessionAlgorithm,
  isStrongEnough,
} from "./algorithm.ts";
import { type AuthField, type AuthScheme, quoted, scanSchemes } from "./auth_scanner.ts";

/** Quality of protection: whether the body is part of what is proven. */
export type DigestQop = "auth" | "auth-int";

/** A challenge that we can answer. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  /** To be returned as it is. */
  readonly opaque?: string | undefined;
  /** The nonce of the refused request was too old, its credentials are not said to be wrong. */
  readonly stale: boolean;
  readonly algorithm: DigestAlgorithm;
  /** `algorithm` as the server wrote it; absent when it did not, which means MD5. */
  readonly algorithmText?: string | undefined;
  /** What the server accepts; empty for one that knows RFC 2069 alone, without nonce counts. */
  readonly qop: readonly DigestQop[];
  /** Whether the server takes hashed user names (RFC 7616 §3.4.4). */
  readonly userhash: boolean;
}

/** Header field values that are read of one response; what follows is not looked at. */
export const MAX_CHALLENGE_FIELDS = 16;

const FIELD: AuthField = {
  code: "auth/bad-challenge",
  rule: "RFC 7616 §3.3",
  what: "challenge",
};

/**
 * The challenges that we understand, in the order in which the server prefers them.
 *
 * Schemes, algorithms and qualities of protection that nobody here knows are passed over
 * (RFC 8760 §2.4), and so is a malformed field beside one that can be used. The first
 * {@link MAX_CHALLENGE_FIELDS} fields are read.
 *
 * @param values WWW-Authenticate or Proxy-Authenticate, one a header field.
 * @throws {PeerError} `auth/bad-challenge` when a field is malformed and no other one can be used.
 */
export function parseChallenges(values: readonly string[]): DigestChallenge[] {
  const found: DigestChallenge[] = [];
  let fault: PeerError | undefined;
  for (const value of values.slice(0, MAX_CHALLENGE_FIELDS)) {
    try {
      for (const scheme of scanSchemes(value, FIELD)) {
        const challenge = challengeOf(scheme);
        if (challenge !== undefined) found.push(challenge);
      }
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      fault ??= error;
    }
  }
  if (found.length === 0 && fault !== undefined) throw fault;
  return found;
}

/** What local policy says about challenges. */
export interface ChallengePolicy {
  /** The weakest hash function that is answered. @default "md5" */
  readonly minimum?: DigestMinimum | undefined;
  /** Whether there are credentials for this one: `canAnswer` with those of its realm. @default always */
  readonly isAnswerable?: ((challenge: DigestChallenge) => boolean) | undefined;
}

/** The topmost challenge that local policy lets us answer (RFC 8760 §2.4), if there is one. */
export function chooseChallenge(
  challenges: readonly DigestChallenge[],
  policy: ChallengePolicy = {},
): DigestChallenge | undefined {
  return challenges.find((it) => isAcceptable(it, policy));
}

/** The topmost acceptable challenge of each realm, in order: every realm wants an answer of its own. */
export function chooseChallenges(
  challenges: readonly DigestChallenge[],
  policy: ChallengePolicy = {},
): DigestChallenge[] {
  const chosen = new Map<string, DigestChallenge>();
  for (const challenge of challenges) {
    if (chosen.has(challenge.realm) || !isAcceptable(challenge, policy)) continue;
    chosen.set(challenge.realm, challenge);
  }
  return [...chosen.values()];
}

/** The value of a WWW-Authenticate or Proxy-Authenticate, quoted as RFC 7616 §3.3 says. */
export function writeChallenge(challenge: DigestChallenge): string {
  const parameters = [`realm=${quoted(challenge.realm)}`];
  if (challenge.qop.length > 0) parameters.push(`qop="${challenge.qop.join(",")}"`);
  if (challenge.algorithmText !== undefined) {
    parameters.push(`algorithm=${challenge.algorithmText}`);
  }
  parameters.push(`nonce=${quoted(challenge.nonce)}`);
  if (challenge.opaque !== undefined) parameters.push(`opaque=${quoted(challenge.opaque)}`);
  if (challenge.stale) parameters.push("stale=true");
  if (challenge.userhash) parameters.push("userhash=true");
  return `Digest ${parameters.join(", ")}`;
}

function isAcceptable(challenge: DigestChallenge, policy: ChallengePolicy): boolean {
  if (!isStrongEnough(challenge.algorithm, policy.minimum ?? "md5")) return false;
  return policy.isAnswerable?.(challenge) ?? true;
}

function challengeOf({ scheme, parameters }: AuthScheme): DigestChallenge | undefined {
  if (scheme !== "digest") return undefined;
  const realm = parameters.get("realm") ?? missing("realm");
  const nonce = parameters.get("nonce") ?? missing("nonce");
  const algorithmText = parameters.get("algorithm");
  const algorithm = digestAlgorithm(algorithmText ?? "MD5");
  if (algorithm === undefined) return undefined;
  const options = parameters.get("qop");
  const qop = options === undefined ? [] : qopsOf(options);
  // Only options that nobody knows; or a session key, which takes a cnonce, and a cnonce takes qop.
  if (qop.length === 0 && (options !== undefined || isSessionAlgorithm(algorithm))) {
    return undefined;
  }
  return {
    realm,
    nonce,
    opaque: parameters.get("opaque"),
    stale: parameters.get("stale")?.toLowerCase() === "true",
    algorithm,
    algorithmText,
    qop,
    userhash: parameters.get("userhash")?.toLowerCase() === "true",
  };
}

/** Unrecognized options are ignored (RFC 7616 §3.3). */
function qopsOf(options: string): DigestQop[] {
  const known = options.split(",").map((it) => it.trim().toLowerCase());
  return (["auth", "auth-int"] as const).filter((it) => known.includes(it));
}

function missing(name: string): never {
  throw new PeerError(FIELD.code, FIELD.rule, `challenge: expected ${name}`);
}
