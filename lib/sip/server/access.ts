/** Who may register and who may have requests forwarded: digest, and whose name is whose (RFC 3261 §10.3 steps 3 and 4, §22; RFC 8760). */

import {
  type DigestAlgorithm,
  DigestServer,
  type DigestVerdict,
  parseAuthorization,
} from "../../auth/mod.ts";
import { PeerError } from "../../base/errors.ts";
import type { Instant, RandomSource } from "../../base/output.ts";
import type { Secret } from "../../base/secret.ts";
import { normalizeHost } from "../message/host.ts";
import { fromOf, headerValues, toOf } from "../message/header_fields.ts";
import type { HeaderField, SipRequest } from "../message/message.ts";
import { isSipUri, parseSipUri, type SipUri } from "../message/uri.ts";
import { type ServerIdentity, userOf } from "./server_identity.ts";

/** A request that goes no further, and what its sender is told. */
export interface ServerRefusal {
  readonly status: number;
  readonly reason?: string | undefined;
  readonly headers: readonly HeaderField[];
}

/** Somebody who may do what they ask for. */
export interface Admission {
  /** Who it is, when somebody asked. */
  readonly user: string | undefined;
  /** The request without the credentials that were for us. */
  readonly request: SipRequest;
}

/** What access is decided by. */
export interface AccessOptions {
  readonly identity: ServerIdentity;
  readonly random: RandomSource;
  /** The protection space. */
  readonly realm: string;
  /** The password of a user (UTF-8, normalization form C), `undefined` for a stranger. */
  readonly password: (user: string) => Secret | undefined;
  /** What is offered, the most preferred first. */
  readonly algorithms?: readonly DigestAlgorithm[] | undefined;
  /** Whether anybody is asked at all. */
  readonly isOpen: boolean;
}

/** Decides about requests before anything is remembered of them. */
export class AccessControl {
  readonly #options: AccessOptions;
  readonly #digest: DigestServer;

  /** @param options What it is decided by. */
  constructor(options: AccessOptions) {
    this.#options = options;
    const { realm, random, password, algorithms } = options;
    this.#digest = new DigestServer({
      realm,
      random,
      algorithms,
      lookup: (username) => {
        const known = password(this.#userNamed(username));
        return known === undefined ? undefined : { username, password: known };
      },
      acceptsUri: (uri, requestUri) => this.#isSameResource(uri, requestUri),
    });
  }

  /** Whether a REGISTER may change the bindings of the user in its To. */
  register(request: SipRequest, now: Instant): ServerRefusal | (Admission & { user: string }) {
    const owner = this.#ownUser(toOf(request).uri);
    if (this.#options.isOpen) {
      return owner === undefined ? NOT_FOUND : { user: owner, request };
    }
    const verdict = this.#judge(request, "Authorization", now);
    if (verdict.type !== "accepted") {
      return this.#challenge(verdict, 401, "WWW-Authenticate", now);
    }
    // §10.3 step 5: an address of record that is none of this domain.
    if (owner === undefined) return NOT_FOUND;
    const user = this.#userNamed(verdict.username);
    return owner === user ? { user, request } : FORBIDDEN;
  }

  /** Whether a request may be forwarded for somebody of ours. */
  forward(request: SipRequest, now: Instant): ServerRefusal | Admission {
    if (this.#options.isOpen) return { user: undefined, request };
    const verdict = this.#judge(request, "Proxy-Authorization", now);
    if (verdict.type !== "accepted") {
      return this.#challenge(verdict, 407, "Proxy-Authenticate", now);
    }
    const user = this.#userNamed(verdict.username);
    const { uri } = fromOf(request);
    // Nobody speaks in the name of somebody else of this domain.
    if (isSipUri(uri) && this.#options.identity.owns(uri) && userOf(uri) !== user) return FORBIDDEN;
    return { user, request: this.#withoutCredentials(request) };
  }

  #judge(request: SipRequest, field: string, now: Instant): DigestVerdict {
    const { method, requestUri, body } = request;
    return this.#digest.verify(
      headerValues(request, field),
      { method, uri: requestUri, body },
      now,
    );
  }

  #challenge(
    verdict: DigestVerdict,
    status: number,
    field: string,
    now: Instant,
  ): ServerRefusal {
    if (verdict.type === "malformed" || verdict.type === "wrong-uri") {
      return { status: 400, reason: "Bad Credentials", headers: [] };
    }
    const stale = verdict.type === "stale" || verdict.type === "replayed";
    const values = this.#digest.challenges(now, { stale });
    return { status, headers: values.map((value) => ({ name: field, value })) };
  }

  /** §22.3: credentials for other proxies stay. */
  #withoutCredentials(request: SipRequest): SipRequest {
    const isOurs = ({ name, value }: HeaderField): boolean =>
      name === "Proxy-Authorization" && realmOf(value) === this.#options.realm;
    return { ...request, headers: request.headers.filter((it) => !isOurs(it)) };
  }

  /** The user in a URI of this domain. */
  #ownUser(uri: ReturnType<typeof toOf>["uri"]): string | undefined {
    return isSipUri(uri) && this.#options.identity.owns(uri) ? userOf(uri) : undefined;
  }

  /** Some clients write the whole address where the name belongs. */
  #userNamed(username: string): string {
    const at = username.lastIndexOf("@");
    if (at < 0) return username;
    const domain = parsed(`sip:${username.slice(at + 1)}`);
    return domain !== undefined && this.#options.identity.owns(domain)
      ? username.slice(0, at)
      : username;
  }

  /**
   * RFC 3261 §22.4 step 3: what the credentials are for and the Request-URI must be one
   * resource; but clients write the server's address where they mean the user (note sip-server-3).
   */
  #isSameResource(uri: string, requestUri: string): boolean {
    const [theirs, wanted] = [parsed(uri), parsed(requestUri)];
    if (theirs === undefined || wanted === undefined) return false;
    const { identity } = this.#options;
    const isOneHost = normalizeHost(theirs.host) === normalizeHost(wanted.host) ||
      (identity.owns(theirs) && identity.owns(wanted));
    return isOneHost && (theirs.user === undefined || userOf(theirs) === userOf(wanted));
  }
}

const NOT_FOUND: ServerRefusal = { status: 404, headers: [] };
const FORBIDDEN: ServerRefusal = { status: 403, headers: [] };

function parsed(text: string): SipUri | undefined {
  try {
    return parseSipUri(text);
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    return undefined;
  }
}

function realmOf(value: string): string | undefined {
  try {
    return parseAuthorization(value)?.realm;
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    return undefined; // Not ours to judge, nor to remove.
  }
}
