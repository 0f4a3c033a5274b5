/** Who the server is: the domains it is responsible for, and the addresses at which it is met (RFC 3261 §16.4, §16.5). */

import type { HostPort } from "../../base/wire_tap.ts";
import { isAddress, normalizeHost } from "../message/host.ts";
import type { SipTransport } from "../message/message.ts";
import { decodeEscapes, type SipUri, uriParameter } from "../message/uri.ts";
import { defaultPort } from "../user_agent/destination.ts";

/** A socket on which the server is met. */
export interface ServerPlace {
  readonly transport: SipTransport;
  /** `0.0.0.0` or `::` when it is all addresses. */
  readonly local: HostPort;
}

/** What tells the server itself from everybody else. */
export interface IdentityOptions {
  /** Domains it is responsible for, names or addresses. */
  readonly domains: readonly string[];
  /** Where it listens now. */
  readonly places: () => readonly ServerPlace[];
  /** Whether an address is one of this machine's, for sockets that are bound to all of them. */
  readonly isOwnAddress: (host: string) => boolean;
}

/** Knows its own names. */
export class ServerIdentity {
  readonly #options: IdentityOptions;
  readonly #domains: ReadonlySet<string>;

  /** @param options What it consists of. */
  constructor(options: IdentityOptions) {
    this.#options = options;
    this.#domains = new Set(options.domains.map(normalizeHost));
  }

  /** Whether the server is responsible for the resource that `uri` names: a user of ours, or ourselves. */
  owns(uri: SipUri): boolean {
    const isDomain = this.#domains.has(normalizeHost(uri.host));
    if (uri.port === undefined) return isDomain || this.#listensAt(uri.host, defaultPortOf(uri));
    if (isDomain && this.#options.places().some(({ local }) => local.port === uri.port)) {
      return true;
    }
    return this.#listensAt(uri.host, uri.port);
  }

  /** Whether a route, a Via or a `maddr` of that place leads here. */
  isHere(host: string, port: number | undefined, transport: SipTransport | undefined): boolean {
    const wanted = port ?? defaultPort(transport ?? "udp");
    return this.#listensAt(host, wanted) ||
      (!isAddress(host) && this.#domains.has(normalizeHost(host)) &&
        (port === undefined || this.#options.places().some(({ local }) => local.port === port)));
  }

  #listensAt(host: string, port: number): boolean {
    const address = normalizeHost(host);
    return this.#options.places().some(({ local }) => {
      if (local.port !== port) return false;
      const bound = normalizeHost(local.host);
      if (bound === address) return true;
      const isWildcard = local.host === "0.0.0.0" || local.host === "::";
      // RFC 6761 §6.3: a name that means this machine to everybody.
      if (address === "localhost") return isWildcard || isLoopback(bound);
      return isWildcard && isAddress(address) && this.#options.isOwnAddress(address);
    });
  }
}

/** The user that a URI names in canonical form (§10.3 step 5): escapes decoded, no parameters. */
export function userOf(uri: SipUri): string | undefined {
  return uri.user === undefined ? undefined : decodeEscapes(uri.user);
}

/** The transport that a URI asks for, if it is one that is spoken here. */
export function transportOf(uri: SipUri): SipTransport | undefined {
  const written = uriParameter(uri, "transport");
  if (uri.scheme === "sips") return "tls";
  return written === undefined ? undefined : transportNamed(written);
}

/** A transport by its name in a URI or a Via. */
export function transportNamed(name: string): SipTransport | undefined {
  const lower = name.toLowerCase();
  return lower === "udp" || lower === "tcp" || lower === "tls" ? lower : undefined;
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === LOOPBACK_IPV6;
}

/** `::1` as it is normalized. */
const LOOPBACK_IPV6 = normalizeHost("::1");

function defaultPortOf(uri: SipUri): number {
  return defaultPort(transportOf(uri) ?? "udp");
}
