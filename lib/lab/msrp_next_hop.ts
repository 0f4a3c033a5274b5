/** Opening connections to next hops of a relay (RFC 4976 §8, RFC 4975 §6.2). */

import type { RandomSource } from "../base/output.ts";
import type { MsrpUri, RelayConnectionFacts } from "../msrp/mod.ts";
import { sortSrv } from "../sip/mod.ts";
import {
  type ByteStream,
  type Certificate,
  connectTcp,
  connectTls,
  type HostPort,
  readCertificate,
  resolveSrv,
  type TlsInfo,
} from "../transport/mod.ts";

/** How next hops are reached. */
export interface NextHopOptions {
  readonly random: RandomSource;
  /** What we show: relays know each other by their certificates (RFC 4976 §9.2). */
  readonly certificate?: Certificate | undefined;
  /** Authorities that vouch for other relays, PEM, instead of the system's. */
  readonly ca?: string | undefined;
}

/** A connection to a next hop. */
export interface NextHop {
  readonly stream: ByteStream;
  readonly facts: RelayConnectionFacts;
}

/**
 * Opens a connection. The next hop may be a client with a certificate of its own making, which
 * nothing in MSRP tells us of; it is taken, and counts as a relay only when an authority
 * vouches for its name: docs/spec_notes/msrp.md.
 *
 * @throws {SottoError} `transport/…`; the signal's reason.
 */
export async function openNextHop(
  to: MsrpUri,
  { random, certificate, ca }: NextHopOptions,
  signal: AbortSignal,
): Promise<NextHop> {
  let failure: unknown;
  for (const place of await placesOf(to, random)) {
    try {
      if (to.scheme === "msrp") {
        return { stream: await connectTcp(place, { signal }), facts: { isSecure: false } };
      }
      const stream = await connectTls(place, {
        signal,
        certificate,
        ca,
        serverName: to.host,
        insecure: true,
      });
      const isRelay = stream.tls?.authorized === true;
      return {
        stream,
        facts: { isSecure: true, relayHosts: isRelay ? [to.host.toLowerCase()] : [] },
      };
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
    }
  }
  throw failure;
}

/** Names for which a client of ours showed a certificate that an authority vouches for. */
export function relayHostsOf(tls: TlsInfo | undefined): string[] {
  if (tls?.peerCertificate === undefined || !tls.authorized) return [];
  try {
    const { alternativeNames = [] } = readCertificate(tls.peerCertificate);
    return alternativeNames.filter((it) => it.type === "dns").map((it) => it.value.toLowerCase());
  } catch {
    return []; // Unreadable: then it speaks for nobody.
  }
}

/** §8: the port that is named; else SRV; else the usual one. */
async function placesOf(to: MsrpUri, random: RandomSource): Promise<HostPort[]> {
  if (to.port !== undefined) return [{ host: to.host, port: to.port }];
  const usual = [{ host: to.host, port: DEFAULT_PORT }];
  if (to.scheme === "msrp") return usual;
  try {
    const records = sortSrv(await resolveSrv(`_msrps._tcp.${to.host}`), random);
    const places = records.map(({ target, port }) => ({ host: target, port }));
    return places.length > 0 ? places : usual;
  } catch {
    return usual; // No name server is no answer either.
  }
}

/** Port of relays without a record. */
const DEFAULT_PORT = 2855;
