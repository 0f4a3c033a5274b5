/** Host names to addresses, by DNS (A, AAAA) and, for names only this machine knows, by the system. */

import { SottoError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";
import { askDns, type DnsOptions } from "./dns_query.ts";
import { orNetworkError, plainHost } from "./network_error.ts";

/**
 * All addresses of `name`, IPv4 first; at least one. An address (brackets allowed) is its
 * own answer, and `localhost` asks nobody (RFC 6761 §6.3). When DNS knows none, the system is
 * asked (its hosts file), unless a name server was given.
 *
 * @throws {SottoError} `transport/name-not-found`; `transport/name-server` when DNS failed and
 * nobody else knows the name.
 */
export async function resolveHost(name: string, options: DnsOptions = {}): Promise<string[]> {
  const { signal } = options;
  signal?.throwIfAborted();
  const host = plainHost(name);
  if (isAddress(host)) return [host];
  const bare = host.toLowerCase().replace(/\.$/, "");
  if (bare === "localhost" || bare.endsWith(".localhost")) return ["127.0.0.1", "::1"];
  if (refusesToResolve(bare)) throw cannotResolve(bare);
  // A name with a dot means itself: a search domain would make it somebody else's.
  const asked = bare.includes(".") ? `${bare}.` : bare;
  const [ipv4, ipv6] = await Promise.allSettled([
    askDns(asked, "A", options),
    askDns(asked, "AAAA", options),
  ]);
  signal?.throwIfAborted();
  // One family that answers is enough.
  const addresses = [ipv4, ipv6].flatMap((it) => it.status === "fulfilled" ? it.value : []);
  if (addresses.length > 0) return addresses;
  const failed = [ipv4, ipv6].find((it) => it.status === "rejected");
  if (options.nameServer !== undefined) throw failed?.reason ?? cannotResolve(bare);
  try {
    return await askSystem(bare, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw failed?.reason ?? error;
  }
}

/** Whether `host` is an IPv4 or IPv6 address, without brackets. */
export function isAddress(host: string): boolean {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(host)) return host.split(".").every((it) => Number(it) < 256);
  return host.includes(":") && URL.canParse(`sip://[${host.replace(/%.*$/, "")}]`);
}

/** Whether nobody may ever have a host of this name: `.invalid` (RFC 6761 §6.4), or no name at all. */
export function refusesToResolve(host: string): boolean {
  return host === "" || /(^|\.)invalid\.?$/i.test(host);
}

/** The error for a name without addresses. */
export function cannotResolve(host: string): SottoError {
  return new SottoError(
    "transport/name-not-found",
    `cannot resolve ${escapeText(host, 100)}: there is no host of this name`,
  );
}

/** The hosts file and whatever else the system consults. Cannot be cancelled half-way, so the answer is dropped. */
async function askSystem(name: string, signal: AbortSignal | undefined): Promise<string[]> {
  const { promises: { lookup } } = await import("node:dns");
  const found = await orNetworkError(
    `cannot resolve ${escapeText(name, 100)}`,
    signal,
    () => lookup(name, { all: true, order: "ipv4first" }),
  );
  signal?.throwIfAborted();
  return found.map((it) => it.address);
}
