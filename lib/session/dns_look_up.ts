/** Locating by DNS: runs the pure procedures of RFC 3263 with real look-ups. */

import { SottoError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";
import type { Locating, Location, LookUp, LookUpAnswer } from "../sip/mod.ts";
import { type DnsOptions, resolveHost, resolveNaptr, resolveSrv } from "../transport/mod.ts";

/** Milliseconds for one question. Several may have to be asked before a call can begin. */
const PATIENCE = 5_000;

/**
 * Runs `locating` to its end, for example `locateServers(uri, policy)`. Questions of one step
 * are asked at once. What DNS does wrong is part of the result.
 *
 * @throws The reason of `dns.signal`.
 */
export async function locateByDns(locating: Locating, dns: DnsOptions = {}): Promise<Location> {
  let step = locating.next([]);
  while (!step.done) {
    const answers = await Promise.all(step.value.map((it) => lookUp(it, dns)));
    dns.signal?.throwIfAborted();
    step = locating.next(answers);
  }
  return step.value;
}

async function lookUp({ type, name }: LookUp, dns: DnsOptions): Promise<LookUpAnswer> {
  const options = { timeout: PATIENCE, ...dns };
  try {
    switch (type) {
      case "NAPTR":
        return isSpecial(name) ? {} : { naptr: await resolveNaptr(name, options) };
      case "SRV":
        return isSpecial(name) ? {} : { srv: await resolveSrv(name, options) };
      case "address":
        return { addresses: await resolveHost(name, options) };
      default:
        return type satisfies never;
    }
  } catch (error) {
    dns.signal?.throwIfAborted();
    if (error instanceof SottoError) return { error };
    const what = `cannot look up ${escapeText(name, 100)}`;
    return { error: new SottoError("transport/name-server", what, { cause: error }) };
  }
}

/** Names that no name server is asked about (RFC 6761 §6.3, §6.4), and hosts of this machine's own. */
function isSpecial(name: string): boolean {
  return /(^|\.)(localhost|invalid)\.?$/i.test(name);
}
