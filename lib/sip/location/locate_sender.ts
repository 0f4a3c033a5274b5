/**
 * Where a response goes when the way that its request came is gone: by the sent-by of the
 * nearest hop (RFC 3263 §5).
 */

import { escapeText } from "../../base/escape.ts";
import { isAddress } from "../message/host.ts";
import type { SipTransport } from "../message/message.ts";
import type { Via } from "../message/via.ts";
import { defaultPort } from "../user_agent/destination.ts";
import { srvName } from "./locate.ts";
import type { Locating, LocationPolicy } from "./location.ts";
import { Trail } from "./trail.ts";

const CLAUSE = "RFC 3263 §5";

const TRANSPORTS: Readonly<Record<string, SipTransport | undefined>> = {
  UDP: "udp",
  TCP: "tcp",
  TLS: "tls",
};

/** Locates the sender of a request by its topmost Via: TLS stays TLS (§5: "MUST"). */
export function* locateSender(via: Via, policy: LocationPolicy): Locating {
  const trail = new Trail({ domain: via.host, isFixed: true }, policy);
  const transport = TRANSPORTS[via.transport.toUpperCase()];
  if (transport === undefined) {
    const text = `Via names transport ${escapeText(via.transport, 40)}: not supported here`;
    return trail.fail("sip/unsupported-uri", CLAUSE, text);
  }
  const port = via.port ?? defaultPort(transport);
  if (isAddress(via.host) || via.port !== undefined) {
    const why = isAddress(via.host) ? "sent-by is an address" : "sent-by has a port";
    trail.note(CLAUSE, `${why}: ${transport}, port ${port}`);
    return yield* trail.reach(CLAUSE, transport, [{ host: via.host, port }]);
  }
  const [servers = "unknown"] = yield* trail.srv(CLAUSE, [srvName(transport, via.host)]);
  if (servers === "not-available") {
    const text = `${via.host} says that it does not offer SIP over ${transport}`;
    return trail.fail("sip/not-available", "RFC 2782", text);
  }
  if (servers === "unknown") {
    trail.note(CLAUSE, `no SRV records: port ${port} of the host itself`);
    return yield* trail.reach(CLAUSE, transport, [{ host: via.host, port }]);
  }
  const places = servers.map((it) => ({ host: it.target, port: it.port }));
  return yield* trail.reach(CLAUSE, transport, places);
}
