/**
 * From a URI to an ordered list of places to send a request to: transport, port and address
 * (RFC 3263 §4). Pure: it yields questions for DNS and takes their answers.
 */

import { escapeText } from "../../base/escape.ts";
import { isAddress } from "../message/host.ts";
import type { SipTransport } from "../message/message.ts";
import { isSipUri, type SipUri, type Uri, uriParameter } from "../message/uri.ts";
import { defaultPort } from "../user_agent/destination.ts";
import type { Locating, LocationPolicy } from "./location.ts";
import { servicesOf } from "./naptr_choice.ts";
import { Trail } from "./trail.ts";

const SELECTING_TRANSPORT = "RFC 3263 §4.1";
const FINDING_ADDRESS = "RFC 3263 §4.2";

/** What {@link LocationPolicy.transports} is if left out: what protects most comes first. */
const DEFAULT_TRANSPORTS: readonly SipTransport[] = ["tls", "tcp", "udp"];

/** The name that has the SRV records of a domain for one transport (§4.1, §4.2). */
export function srvName(transport: SipTransport, domain: string): string {
  return transport === "tls" ? `_sips._tcp.${domain}` : `_sip._${transport}.${domain}`;
}

/**
 * Locates the servers of `uri`: that of the topmost Route if there is one, else of the
 * Request-URI.
 */
export function* locateServers(uri: Uri, policy: LocationPolicy): Locating {
  if (!isSipUri(uri)) {
    const trail = new Trail({ domain: uri.scheme, isFixed: false }, policy);
    const text = `${uri.scheme}: names nobody whose server could be found: expected sip: or sips:`;
    return trail.fail("sip/unsupported-uri", "RFC 3263 §4", text);
  }
  const transports = policy.transports ?? DEFAULT_TRANSPORTS;
  const { asked, reason } = askedTransport(uri, policy.transport);
  const trail = new Trail({ domain: uri.host, isFixed: asked !== undefined }, policy);
  if (asked !== undefined && !isOneOf(asked, transports)) {
    return trail.fail("sip/unsupported-uri", SELECTING_TRANSPORT, `${reason}: not supported here`);
  }
  const usual = usualTransport(uri, transports);
  if (!isOneOf(usual, transports)) {
    const text = "sips takes TLS, which is not supported here";
    return trail.fail("sip/unsupported-uri", SELECTING_TRANSPORT, text);
  }
  if (asked !== undefined) trail.note(SELECTING_TRANSPORT, `${reason}: ${asked}`);
  const target = uriParameter(uri, "maddr") ?? uri.host;
  if (target !== uri.host) trail.note("RFC 3263 §4", `maddr leads to ${target}`);
  if (isAddress(target) || uri.port !== undefined) {
    const transport = asked ?? usual;
    const why = isAddress(target) ? "the host is an address" : "a port is written";
    if (asked === undefined) trail.note(SELECTING_TRANSPORT, `${why}: ${transport}`);
    const port = uri.port ?? defaultPort(transport);
    trail.note(FINDING_ADDRESS, `${why}: port ${port}, no SRV records are asked for`);
    return yield* trail.reach(FINDING_ADDRESS, transport, [{ host: target, port }]);
  }
  if (asked !== undefined) return yield* byService(trail, target, [asked], asked);
  const records = yield* trail.naptr(target);
  const services = servicesOf(records, uri.scheme === "sips", transports)
    .slice(0, trail.serviceLimit);
  trail.decide(
    services.length > 0
      ? `${services.map(({ transport, name }) => `${transport} by ${name}`).join(", then ")}`
      : records.length > 0
      ? "none of them is about a transport that can be used here"
      : "the domain does not say which transports it likes",
  );
  // Only where the preferred service has no servers is the next of the same order looked at.
  for (const { transport, name } of services) {
    const [servers = "unknown"] = yield* trail.srv(FINDING_ADDRESS, [name]);
    if (typeof servers === "string") continue;
    const places = servers.map((it) => ({ host: it.target, port: it.port }));
    return yield* trail.reach(FINDING_ADDRESS, transport, places);
  }
  const candidates = uri.scheme === "sips" ? (["tls"] as const) : transports;
  return yield* byService(trail, target, candidates, usual);
}

/** SRV records of each transport; where there are none, the addresses of the name itself. */
function* byService(
  trail: Trail,
  target: string,
  transports: readonly SipTransport[],
  usual: SipTransport,
): Locating {
  const clause = transports.length > 1 ? SELECTING_TRANSPORT : FINDING_ADDRESS;
  const names = transports.map((transport) => srvName(transport, target));
  const found = yield* trail.srv(clause, names);
  for (const [at, servers] of found.entries()) {
    const transport = transports[at];
    if (transport === undefined || typeof servers === "string") continue;
    if (transports.length > 1) trail.note(clause, `${transport} is liked best of what is offered`);
    const places = servers.map((it) => ({ host: it.target, port: it.port }));
    return yield* trail.reach(FINDING_ADDRESS, transport, places);
  }
  if (found[transports.indexOf(usual)] === "not-available") {
    const text = `${target} says that it does not offer SIP over ${usual}`;
    return trail.fail("sip/not-available", "RFC 2782", text);
  }
  const port = defaultPort(usual);
  trail.note(FINDING_ADDRESS, `no SRV records: ${usual}, port ${port} of the host itself`);
  return yield* trail.reach(FINDING_ADDRESS, usual, [{ host: target, port }]);
}

/** The transport that somebody asked for, as a word that may mean nothing to us, and who did. */
function askedTransport(
  uri: SipUri,
  wanted: SipTransport | undefined,
): { readonly asked: string | undefined; readonly reason: string } {
  const written = uriParameter(uri, "transport")?.toLowerCase();
  if (wanted === undefined && written !== undefined && !["udp", "tcp", "tls"].includes(written)) {
    const text = `the URI asks for transport ${escapeText(written, 40)}`;
    return { asked: written, reason: text };
  }
  if (uri.scheme === "sips") {
    // RFC 3261 §26.2.2: TLS, whatever carries it; without any word, NAPTR is still asked.
    const isSaid = wanted !== undefined || written !== undefined;
    return { asked: isSaid ? "tls" : undefined, reason: "sips means TLS" };
  }
  return wanted === undefined
    ? { asked: written, reason: "the URI names the transport" }
    : { asked: wanted, reason: "the transport was chosen by the user" };
}

function isOneOf(word: string, transports: readonly SipTransport[]): word is SipTransport {
  return transports.some((it) => it === word);
}

/** What is used where nothing says otherwise: UDP, TLS for `sips` (§4.1). */
function usualTransport(uri: SipUri, transports: readonly SipTransport[]): SipTransport {
  if (uri.scheme === "sips") return "tls";
  return (["udp", "tcp", "tls"] as const).find((it) => transports.includes(it)) ?? "udp";
}
