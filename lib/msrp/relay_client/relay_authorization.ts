/**
 * Asking one relay after the other for a path (RFC 4976 §5.1, §9.1): what to send next, and what
 * an answer means. Transactions and time are `RelayAuthorizations`' affair.
 */
import {
  type DigestAnswer,
  DigestClient,
  type DigestCredentials,
  type DigestMinimum,
} from "../../auth/mod.ts";
import { PeerError } from "../../base/errors.ts";
import type { RandomSource } from "../../base/output.ts";
import { type ChunkHead, type HeaderField, headerValue, type StatusLine } from "../chunk.ts";
import { type MsrpUri, writeMsrpPath, writeMsrpUri } from "../uri.ts";
import type { RelayPathRefusalCause } from "./events.ts";
import { readBounds, readChallenge, readGrant } from "./relay_answer.ts";

/** One relay to be asked. */
export interface RelayToAsk {
  /** As AUTH addresses it: without a session-id, the port only if it is known. */
  readonly uri: MsrpUri;
  readonly credentials: DigestCredentials;
  /**
   * Whether `uri` stands in Authorization. RFC 4976 has no such parameter; some relays accept no
   * credentials without it, others break on it. `probably-not`: tried when leaving it out fails.
   */
  readonly uriParameter: "yes" | "no" | "probably-not";
}

/** What an authorization is for. */
export interface RelayAuthorizationConfig {
  /** Name for events and calls; unique on the connection. */
  readonly id: string;
  /** Our own URI, as it will stand at the end of our path: the From-Path. */
  readonly self: MsrpUri;
  /** In the order of the way out: the first is who the connection leads to. */
  readonly relays: readonly RelayToAsk[];
  /** Seconds to ask for; absent: what the relay likes. */
  readonly expires?: number | undefined;
  /** The weakest hash function whose challenges are answered. Default `md5`, which RFC 4976 means. */
  readonly digestMinimum?: DigestMinimum | undefined;
}

/** An AUTH to be sent. */
export interface AuthRequest {
  readonly toPath: readonly MsrpUri[];
  readonly headers: readonly HeaderField[];
}

/** What an answer to AUTH means. */
export type AuthVerdict =
  /** There is more to ask: {@link RelayAuthorization.next}. */
  | { readonly type: "again" }
  | {
    readonly type: "granted";
    readonly usePath: readonly MsrpUri[];
    readonly expires: number;
    readonly withUri: readonly boolean[];
    readonly isProven: boolean;
  }
  | {
    readonly type: "failed";
    readonly cause: RelayPathRefusalCause;
    readonly code: number;
    readonly comment: string;
    readonly error?: PeerError | undefined;
  };

/** The state of one authorization. Used again for each refresh. */
export class RelayAuthorization {
  readonly config: RelayAuthorizationConfig;
  readonly #random: RandomSource;
  readonly #relays: Asked[];
  #index = 0;

  /** @throws {RangeError} when there is no relay, or our URI is none of a session. */
  constructor(config: RelayAuthorizationConfig, random: RandomSource) {
    if (config.relays.length === 0) throw new RangeError("expected a relay to ask");
    if (config.self.sessionId === undefined) throw new RangeError("our own URI has no session-id");
    this.config = config;
    this.#random = random;
    this.#relays = config.relays.map((relay) => ({
      relay,
      writesUri: relay.uriParameter === "yes",
      attempts: 0,
      expires: config.expires,
      path: [],
      lifetime: 0,
      isProven: false,
    }));
  }

  /** Place in the row of the relay that is being asked, from 0. */
  get index(): number {
    return this.#index;
  }

  /** The relay that is being asked. */
  get relay(): MsrpUri {
    return this.#asked.relay.uri;
  }

  /** What the request that is under way carries. */
  get credentials(): "none" | "with-uri" | "without-uri" {
    if (this.#asked.answer === undefined) return "none";
    return this.#asked.writesUri ? "with-uri" : "without-uri";
  }

  /** Whether the relay being asked may yet be asked without `uri`: silence then has another meaning. */
  get isUriOnTrial(): boolean {
    return this.credentials === "with-uri";
  }

  /** From the first relay again, with the nonces that are known. */
  restart(): void {
    this.#index = 0;
    for (const asked of this.#relays) {
      asked.attempts = 0;
      asked.answer = undefined;
    }
  }

  /** The next AUTH. */
  next(): AuthRequest {
    const asked = this.#asked;
    asked.attempts++;
    const headers: HeaderField[] = [];
    if (asked.client !== undefined) {
      // §9.1: the rightmost URI of To-Path is what is digested.
      const uri = writeMsrpUri(asked.relay.uri);
      asked.answer = asked.client.authorize({ method: "AUTH", uri });
      headers.push({ name: "Authorization", value: asked.answer.value });
    }
    if (asked.expires !== undefined) {
      headers.push({ name: "Expires", value: String(asked.expires) });
    }
    return { toPath: [...this.#way, asked.relay.uri], headers };
  }

  /** What a response to the last {@link next} means. */
  receive(head: ChunkHead): AuthVerdict {
    const { code, comment = "" } = head.startLine as StatusLine;
    try {
      if (head.problem !== undefined) throw head.problem;
      if (code === 200) return this.#granted(head.headers);
      if (this.#asked.attempts >= MAX_ATTEMPTS) return failed("refused", code, comment);
      if (code === 401) return this.#challenged(head.headers, comment);
      if (code === 423) {
        const within = readBounds(head.headers, this.#asked.expires);
        if (within !== undefined && within !== this.#asked.expires) {
          this.#asked.expires = within;
          return { type: "again" };
        }
      }
      return failed("refused", code, comment);
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      return { ...failed("fault", code, comment), error };
    }
  }

  #granted(headers: readonly HeaderField[]): AuthVerdict {
    const asked = this.#asked;
    const info = headerValue(headers, "Authentication-Info");
    if (asked.answer !== undefined && asked.client !== undefined) {
      const { client, answer } = asked;
      // Kamailio sends none although §9.1 says MUST; a wrong one is another matter.
      const proof = info === undefined ? undefined : client.receiveInfo(answer, info);
      if (proof?.type === "wrong") throw proof.error;
      asked.isProven = proof?.type === "proven";
      client.accepted(answer);
    }
    const { usePath, expires } = readGrant(headers);
    asked.path = usePath;
    asked.lifetime = expires;
    if (this.#index + 1 < this.#relays.length) {
      this.#index++;
      return { type: "again" };
    }
    return {
      type: "granted",
      usePath,
      expires: Math.min(...this.#relays.map((it) => it.lifetime)),
      withUri: this.#relays.map((it) => it.answer !== undefined && it.writesUri),
      isProven: this.#relays.every((it) => it.isProven),
    };
  }

  #challenged(headers: readonly HeaderField[], comment: string): AuthVerdict {
    const asked = this.#asked;
    const { credentials, uriParameter } = asked.relay;
    const minimum = this.config.digestMinimum ?? "md5";
    const challenge = readChallenge(headers, credentials, minimum);
    if (challenge === undefined) {
      const error = new PeerError(
        "msrp/bad-challenge",
        "RFC 4976 §9.1",
        "expected a Digest challenge with qop auth and a hash function that we accept",
      );
      return { ...failed("fault", 401, comment), error };
    }
    if (asked.client === undefined) {
      asked.client = this.#client(asked, challenge);
      return { type: "again" };
    }
    const isRetry = asked.client.renew(challenge, asked.answer) === "retry";
    if (isRetry) return { type: "again" };
    if (uriParameter === "probably-not" && !asked.writesUri) {
      asked.writesUri = true;
      asked.client = this.#client(asked, challenge);
      return { type: "again" };
    }
    return failed("credentials", 401, comment);
  }

  #client(asked: Asked, challenge: ConstructorParameters<typeof DigestClient>[0]): DigestClient {
    return new DigestClient(challenge, {
      credentials: asked.relay.credentials,
      random: this.#random,
      form: { uri: asked.writesUri },
    });
  }

  get #asked(): Asked {
    const asked = this.#relays[this.#index];
    if (asked === undefined) throw new Error("invariant: a relay is being asked; please report");
    return asked;
  }

  /** The path to the relay that is being asked: what the one before it granted. */
  get #way(): readonly MsrpUri[] {
    return this.#relays[this.#index - 1]?.path ?? [];
  }
}

/** The path of ours that goes into a session description: the way in (§5.1). */
export function ownPath(usePath: readonly MsrpUri[], self: MsrpUri): MsrpUri[] {
  return [...usePath.toReversed(), self];
}

/** Whether two paths are the same, letter by letter. */
export function isSamePath(a: readonly MsrpUri[], b: readonly MsrpUri[]): boolean {
  return writeMsrpPath(a) === writeMsrpPath(b);
}

function failed(
  cause: RelayPathRefusalCause,
  code: number,
  comment: string,
): Extract<AuthVerdict, { type: "failed" }> {
  return { type: "failed", cause, code, comment };
}

/** One relay and how far we are with it. */
interface Asked {
  readonly relay: RelayToAsk;
  writesUri: boolean;
  /** Requests since the beginning or the last refresh. */
  attempts: number;
  /** Seconds to ask for. */
  expires: number | undefined;
  client?: DigestClient;
  answer?: DigestAnswer | undefined;
  /** Its Use-Path. */
  path: readonly MsrpUri[];
  /** Seconds that it granted. */
  lifetime: number;
  isProven: boolean;
}

/**
 * Requests to one relay until it grants, at most: without credentials, with them, with a fresh
 * nonce, inside its bounds, with `uri`. No relay makes us go round.
 */
const MAX_ATTEMPTS = 6;
