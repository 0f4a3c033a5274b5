/** AUTH as a relay answers it: digest, the time that is asked for, and the URI (RFC 4976 §6.3, §9.1). */
import { type DigestAlgorithm, type DigestCredentials, DigestServer } from "../../auth/mod.ts";
import { PeerError } from "../../base/errors.ts";
import { escapeText } from "../../base/escape.ts";
import type { Instant, RandomSource } from "../../base/output.ts";
import { type ChunkHead, type HeaderField, headerValue } from "../chunk.ts";
import { type MsrpUri, msrpUrisMatch, parseMsrpUri, writeMsrpPath, writeMsrpUri } from "../uri.ts";
import type { RelayConnectionId } from "./events.ts";
import type { IssuedUri, IssuedUris, UriOwner } from "./issued_uris.ts";
import type { Arrival } from "./request_routing.ts";

/** Who may use a relay, and for how long at a time. */
export interface RelayAuthOptions {
  /** The protection space; the relay's host name is not unreasonable (RFC 4976 §5.1). */
  readonly realm: string;
  /** The credentials of a user, or `undefined` for a stranger. */
  readonly lookup: (username: string) => DigestCredentials | undefined;
  /**
   * What is offered, the most preferred first. RFC 4976 §7 has room for 32 digits of a response,
   * which is MD5 alone; clients that follow RFC 7616 know more. Default MD5.
   */
  readonly algorithms?: readonly DigestAlgorithm[] | undefined;
  /** Takes AUTH over plain TCP, which RFC 4976 §8 forbids. Default `false`. */
  readonly allowsInsecure?: boolean | undefined;
  /** Least seconds that a client may ask for; default 60. */
  readonly minExpires?: number | undefined;
  /** Most seconds that a client may ask for; default 3600. */
  readonly maxExpires?: number | undefined;
  /** Seconds for a client that asks for none; default 900. */
  readonly defaultExpires?: number | undefined;
}

/** What an AUTH is answered. */
export interface AuthAnswer {
  readonly code: number;
  readonly headers: readonly HeaderField[];
  /** The URI that was handed out, or whose time was prolonged. */
  readonly issued?: IssuedUri | undefined;
  /** Seconds that {@link issued} is good for. */
  readonly expires?: number | undefined;
  /** Why it was refused; a first AUTH without credentials is no failure. */
  readonly error?: PeerError | undefined;
}

/** Judges AUTH requests. */
export class RelayAuth {
  readonly #options: RelayAuthOptions;
  readonly #digest: DigestServer;
  readonly #issued: IssuedUris;
  readonly #limits: { readonly sessions: number; readonly sessionsPerConnection: number };

  /**
   * @param random Draws nonces.
   * @throws {TypeError} for a session variant among the algorithms (RFC 4976 §9.1).
   */
  constructor(
    options: RelayAuthOptions,
    random: RandomSource,
    issued: IssuedUris,
    limits: { readonly sessions: number; readonly sessionsPerConnection: number },
  ) {
    const algorithms = options.algorithms ?? ["MD5"];
    if (algorithms.some((it) => it.endsWith("-sess"))) {
      throw new TypeError("RFC 4976 §9.1 forbids session variants of digest algorithms");
    }
    this.#options = options;
    this.#issued = issued;
    this.#limits = limits;
    this.#digest = new DigestServer({
      realm: options.realm,
      random,
      lookup: options.lookup,
      algorithms,
      qop: ["auth"],
      acceptsLegacy: false,
      acceptsUri: (uri, requestUri) => isSameUri(uri, requestUri),
    });
  }

  /**
   * Answers an AUTH that is addressed to us.
   *
   * @param authority What the URI begins with.
   */
  answer(head: ChunkHead, arrival: Arrival, authority: MsrpUri, now: Instant): AuthAnswer {
    const [target] = head.toPath;
    if (target === undefined || target.sessionId !== undefined) {
      return refusal(481, "msrp/no-such-session", "RFC 4976 §6.3", "expected the URI of the relay");
    }
    if (!arrival.isSecure && this.#options.allowsInsecure !== true) {
      return refusal(403, "msrp/auth-without-tls", "RFC 4976 §8", "expected AUTH over TLS only");
    }
    const values = head.headers.filter((it) => it.name.toLowerCase() === "authorization");
    const verdict = this.#digest.verify(
      values.map((it) => it.value),
      { method: "AUTH", uri: writeMsrpUri(target) },
      now,
    );
    if (verdict.type === "absent") return this.#challenge(now, false);
    if (verdict.type === "stale" || verdict.type === "replayed") return this.#challenge(now, true);
    if (verdict.type === "rejected") {
      const error = fault("msrp/auth-rejected", "RFC 4976 §6.3", "expected the right credentials");
      return { ...this.#challenge(now, false), error };
    }
    if (verdict.type !== "accepted") {
      return refusal(
        400,
        "msrp/auth-malformed",
        "RFC 4976 §9.1",
        verdict.type === "malformed"
          ? verdict.error.message
          : `expected credentials for ${writeMsrpUri(target)}`,
      );
    }
    const time = this.#expires(head);
    if ("code" in time) return time;
    const expiresAt = now + time.seconds * 1_000;
    const { connection } = arrival;
    // The same client URI over the same connection is the same session: its time is prolonged.
    const before = this.#issued.of(connection).find((it) =>
      it.username === verdict.username && isSamePath(it.clientPath, head.fromPath)
    );
    if (before === undefined && this.#isFull(connection)) {
      const { sessions, sessionsPerConnection } = this.#limits;
      return refusal(
        403,
        "msrp/too-many-sessions",
        "RFC 4975 §14.5",
        `expected at most ${sessionsPerConnection} URIs of one connection, ${sessions} of all`,
      );
    }
    const issued = before ?? this.#issued.issue(authority, {
      username: verdict.username,
      owner: ownerOf(head, arrival),
      connection,
      clientPath: head.fromPath,
      expiresAt,
    });
    issued.expiresAt = expiresAt;
    // §5.1: in the order in which the client uses them, ours behind those on the way to us.
    const usePath = [...head.fromPath.slice(0, -1).reverse(), issued.uri];
    return {
      code: 200,
      headers: [
        { name: "Use-Path", value: writeMsrpPath(usePath) },
        {
          name: "Authentication-Info",
          value: this.#digest.authenticationInfo(verdict, undefined, now),
        },
        { name: "Expires", value: String(time.seconds) },
      ],
      issued,
      expires: time.seconds,
    };
  }

  #isFull(connection: RelayConnectionId): boolean {
    const { sessions, sessionsPerConnection } = this.#limits;
    return this.#issued.size >= sessions ||
      this.#issued.countOf(connection) >= sessionsPerConnection;
  }

  #challenge(now: Instant, stale: boolean): AuthAnswer {
    const values = this.#digest.challenges(now, { stale });
    return {
      code: 401,
      headers: values.map((value) => ({ name: "WWW-Authenticate", value })),
    };
  }

  #expires({ headers }: ChunkHead): { readonly seconds: number } | AuthAnswer {
    const { minExpires = 60, maxExpires = 3_600, defaultExpires = 900 } = this.#options;
    const asked = headerValue(headers, "Expires");
    if (asked === undefined) return { seconds: defaultExpires };
    if (!/^\d{1,10}$/.test(asked)) {
      return refusal(
        400,
        "msrp/bad-expires",
        "RFC 4976 §7",
        `expected a number of seconds, found "${escapeText(asked, 20)}"`,
      );
    }
    const seconds = Number(asked);
    if (seconds >= minExpires && seconds <= maxExpires) return { seconds };
    const [name, bound] = seconds < minExpires
      ? ["Min-Expires", minExpires] as const
      : ["Max-Expires", maxExpires] as const;
    return {
      code: 423,
      headers: [{ name, value: String(bound) }],
      error: fault(
        "msrp/interval-out-of-bounds",
        "RFC 4976 §6.3",
        `expected between ${minExpires} and ${maxExpires} seconds`,
      ),
    };
  }
}

/**
 * A previous hop that proved to be the relay of the first From-Path URI owns it as a relay;
 * whoever showed no certificate is taken for the client (§6.3).
 */
function ownerOf({ fromPath: [first, ...further] }: ChunkHead, arrival: Arrival): UriOwner {
  const host = first?.host.toLowerCase() ?? "";
  return further.length > 0 && arrival.relayHosts?.includes(host)
    ? { kind: "relay", host }
    : { kind: "client", connection: arrival.connection };
}

function isSamePath(a: readonly MsrpUri[], b: readonly MsrpUri[]): boolean {
  return a.length === b.length && a.every((uri, at) => {
    const other = b[at];
    return other !== undefined && msrpUrisMatch(uri, other);
  });
}

function isSameUri(a: string, b: string): boolean {
  try {
    return msrpUrisMatch(parseMsrpUri(a), parseMsrpUri(b));
  } catch (error) {
    if (error instanceof PeerError) return false;
    throw error;
  }
}

function fault(code: `msrp/${string}`, rule: string, message: string): PeerError {
  return new PeerError(code, rule, message);
}

function refusal(code: number, name: `msrp/${string}`, rule: string, text: string): AuthAnswer {
  return { code, headers: [], error: fault(name, rule, text) };
}
