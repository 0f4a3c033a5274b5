/** Which relays carry our MSRP, and where they are (RFC 4976 §8). */
import type { DigestCredentials, DigestMinimum } from "../auth/mod.ts";
import { SottoError } from "../base/errors.ts";
import type { RandomSource } from "../base/output.ts";
import type { MsrpUri } from "../msrp/mod.ts";
import { sortSrv } from "../sip/mod.ts";
import { type DnsOptions, isAddress, resolveSrv } from "../transport/mod.ts";

/** One relay by name or address. */
export interface RelayAddress {
  /** A name, an IPv4 or IPv6 address without brackets. */
  readonly host: string;
  /** Absent: found by SRV, else 2855. An address needs one, or it is 2855. */
  readonly port?: number | undefined;
  /** Reached over a WebSocket (RFC 7977), at this path of its server. Only for the first relay. */
  readonly webSocket?: { readonly path?: string | undefined } | undefined;
}

/** That, and how, MSRP goes through relays. */
export interface RelaySettings {
  /**
   * `auto`: those of {@link domain}. Else the relays on the way out, our own first; the second
   * is asked through the first.
   */
  readonly relays: "auto" | readonly RelayAddress[];
  /** The domain of our address of record: where `auto` looks. */
  readonly domain: string;
  /** The same for all of them. */
  readonly credentials: DigestCredentials;
  /** AUTH over plain TCP, which RFC 4976 §8 forbids, when the medium is plain TCP. Default `false`. */
  readonly insecure?: boolean | undefined;
  /** Take any certificate from the relay. Default `false`. */
  readonly allowUntrusted?: boolean | undefined;
  /** PEM: authorities that vouch for the relay; by default the system's. */
  readonly ca?: string | undefined;
  /** The weakest digest that is answered. Default `md5`, which is all that RFC 4976 knows. */
  readonly digestMinimum?: DigestMinimum | undefined;
  /** Whether `uri` stands in Authorization. Default `auto`: found out and remembered. */
  readonly uriParameter?: "auto" | "yes" | "no" | undefined;
  /** Seconds to ask for; absent: what the relay likes. */
  readonly expires?: number | undefined;
  /** Whom to ask for SRV records. */
  readonly dns?: Pick<DnsOptions, "nameServer" | "timeout"> | undefined;
}

/** Where a connection to a relay can go. */
export interface RelayServer {
  readonly host: string;
  readonly port: number;
  /** What its certificate must be for: the host of the relay's URI (§9.2). */
  readonly name: string;
}

/** How the first relay is reached over a WebSocket, if it is. */
export function webSocketOf({ relays }: RelaySettings): RelayAddress["webSocket"] {
  return relays === "auto" ? undefined : relays[0]?.webSocket;
}

/** Where MSRP relays listen unless something else is said (§8). */
export const RELAY_PORT = 2855;

/**
 * The URIs that AUTH is addressed to: without a port where SRV is to be asked.
 * @throws {SottoError} `session/relay-insecure` for plain TCP without leave.
 */
export function relayUris(settings: RelaySettings, transport: "tls" | "tcp"): MsrpUri[] {
  if (transport === "tcp" && settings.insecure !== true) {
    throw new SottoError(
      "session/relay-insecure",
      "AUTH to an MSRP relay over plain TCP is forbidden by RFC 4976 §8: everybody on the way " +
        "could take over the session",
    );
  }
  const { relays, domain } = settings;
  const addresses: readonly RelayAddress[] = relays === "auto" ? [{ host: domain }] : relays;
  if (addresses.length === 0) throw new RangeError("expected a relay");
  return addresses.map(({ host, port, webSocket }) => ({
    scheme: transport === "tls" ? "msrps" : "msrp",
    host,
    port: port ??
      // RFC 6455 §3: those of HTTP. No SRV record names a WebSocket.
      (webSocket !== undefined
        ? (transport === "tls" ? 443 : 80)
        : isAddress(host)
        ? RELAY_PORT
        : undefined),
    transport: webSocket === undefined ? "tcp" : "ws",
  }));
}

/**
 * Where to connect for the first relay, in the order to try (§8): as written when the URI has a
 * port; else by `_msrps._tcp`, else port 2855 of the name. `_msrp._tcp`, which no RFC defines, is
 * asked only for plain TCP.
 * @throws {SottoError} `transport/name-server`; `session/relay-none` when the domain says that
 * it has no relay.
 */
export async function relayServers(
  uri: MsrpUri,
  random: RandomSource,
  options: DnsOptions = {},
): Promise<RelayServer[]> {
  const { host, port, scheme } = uri;
  if (port !== undefined || isAddress(host)) {
    return [{ host, port: port ?? RELAY_PORT, name: host }];
  }
  const records = await resolveSrv(`_${scheme}._tcp.${host}`, options);
  const [only] = records;
  if (records.length === 1 && only?.target === ".") {
    // RFC 2782: the service is decidedly not available at this domain.
    throw new SottoError("session/relay-none", `${host} says that it has no MSRP relay`);
  }
  if (records.length === 0) return [{ host, port: RELAY_PORT, name: host }];
  return sortSrv(records, random).map(({ target, port }) => ({ host: target, port, name: host }));
}
