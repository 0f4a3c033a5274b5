/** Where messages go: the next hop of a request, the way back of a response (RFC 3261 §8.1.2, §18.2.2). */

import type { HostPort } from "../../base/wire_tap.ts";
import { isAddress, normalizeHost, sameHost } from "../message/host.ts";
import type { SipTransport } from "../message/message.ts";
import { hasParameter, parameterValue, withParameter } from "../message/parameters.ts";
import { type SipUri, uriParameter } from "../message/uri.ts";
import type { Via } from "../message/via.ts";

/** How a message came, as the driver knows it. */
export interface Flow {
  readonly transport: SipTransport;
  /** Its sender's socket. */
  readonly remote: HostPort;
  /** The driver's number of the connection; none for UDP. */
  readonly connection?: number | undefined;
}

/** Where a message should go. */
export interface Destination {
  readonly transport: SipTransport;
  /** A name or an address, IPv6 without brackets. The driver looks names up. */
  readonly host: string;
  readonly port: number;
  /** The connection to use as long as it is open. */
  readonly connection?: number | undefined;
  /** The transport was asked for: a long request stays on UDP (§18.1.1). */
  readonly isFixed?: boolean | undefined;
  /** What the URI named before DNS: a certificate must speak for it (RFC 5922 §7.3). {@link host} if left out. */
  readonly domain?: string | undefined;
  /** No port was written: SRV records of {@link host}, if it is a name, say more (RFC 3263 §4.2). */
  readonly portIsImplied?: boolean | undefined;
}

/** Largest request that goes over UDP without being asked to, in octets (§18.1.1). */
export const LARGEST_UDP_REQUEST = 1300;

/** The port that a transport has when nothing says otherwise (§19.1.2). */
export function defaultPort(transport: SipTransport): number {
  return transport === "tls" ? 5061 : 5060;
}

/**
 * Where a URI leads without DNS records but addresses (RFC 3263 §4.1 and §4.2, the part that
 * asks nobody): `transport` decides, `sips` means TLS, otherwise UDP.
 *
 * @param transport What the user asked for, over what the URI says.
 */
export function destinationOf(uri: SipUri, transport?: SipTransport): Destination {
  const written = uriParameter(uri, "transport")?.toLowerCase();
  const secure = uri.scheme === "sips";
  const named: SipTransport | undefined = written === "tls" || (secure && written !== undefined)
    ? "tls"
    : written === "tcp" || written === "udp"
    ? written
    : undefined;
  const chosen = transport ?? named ?? (secure ? "tls" : "udp");
  return {
    transport: chosen,
    host: uriParameter(uri, "maddr") ?? uri.host,
    port: uri.port ?? defaultPort(chosen),
    isFixed: (transport ?? named) !== undefined,
    domain: uri.host,
    portIsImplied: uri.port === undefined,
  };
}

/**
 * The nearest hop with what we know of it: `received` when it is not who it says, and `rport`
 * filled in when it asks (§18.2.1; RFC 3581 §4).
 */
export function annotateVia(via: Via, flow: Flow): Via {
  const source = flow.remote.host;
  // What a sender claims to have been received from would send our answer to a third party.
  let parameters = via.parameters.filter(({ name }) => name.toLowerCase() !== "received");
  const asksForPort = hasParameter(parameters, "rport");
  const isElsewhere = !isAddress(via.host) || !sameHost(via.host, source);
  if (isElsewhere || asksForPort) parameters = withParameter(parameters, "received", source);
  if (asksForPort) parameters = withParameter(parameters, "rport", String(flow.remote.port));
  return { ...via, parameters };
}

/** The way back of a response to a request whose nearest hop was annotated (§18.2.2; RFC 3581 §4). */
export function wayBack(via: Via | undefined, flow: Flow): Destination {
  if (via === undefined) return { transport: flow.transport, ...flow.remote, ...linkOf(flow) };
  const received = parameterValue(via.parameters, "received")?.replace(/^\[|\]$/g, "");
  const sentPort = via.port ?? defaultPort(flow.transport);
  const address = received ?? via.host;
  if (flow.transport !== "udp") {
    return { transport: flow.transport, host: address, port: sentPort, ...linkOf(flow) };
  }
  const group = parameterValue(via.parameters, "maddr");
  if (group !== undefined && isAddress(normalizeHost(group))) {
    return { transport: "udp", host: normalizeHost(group), port: sentPort, isFixed: true };
  }
  const returnPort = Number(parameterValue(via.parameters, "rport"));
  const port = Number.isInteger(returnPort) && returnPort > 0 ? returnPort : sentPort;
  return { transport: "udp", host: address, port, isFixed: true };
}

function linkOf({ connection }: Flow): { connection?: number } {
  return connection === undefined ? {} : { connection };
}
