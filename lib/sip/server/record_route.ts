/** The way back to this server for later requests of a dialog (RFC 3261 §16.6 step 4; twice between two networks). */

import type { HostPort } from "../../base/wire_tap.ts";
import { sameHost } from "../message/host.ts";
import type { HeaderField, SipTransport } from "../message/message.ts";
import { writeNameAddress } from "../message/name_address.ts";
import type { Parameter } from "../message/parameters.ts";
import type { SipUri } from "../message/uri.ts";

/** One side of the server: the network that a peer sees. */
export interface Side {
  readonly transport: SipTransport;
  /** Our address there. */
  readonly local: HostPort;
}

/**
 * Methods that neither begin a dialog nor can: everything else gets a Record-Route, because
 * a method that nobody here knows may begin one (§16.6 step 4).
 */
const NEVER_RECORDED: ReadonlySet<string> = new Set([
  "ACK",
  "BYE",
  "CANCEL",
  "INFO",
  "MESSAGE",
  "OPTIONS",
  "PRACK",
  "PUBLISH",
  "REGISTER",
]);

/** Whether requests of `method` are recorded. */
export function isRecorded(method: string): boolean {
  return !NEVER_RECORDED.has(method);
}

/**
 * The header fields to put before the others, the nearest to the callee first. Two when the
 * sides differ, so that each end finds an address that it can reach.
 *
 * @param token For the user part, see `FlowTokens`.
 * @param isSecure Whether the Request-URI or the topmost Route is a `sips` URI.
 */
export function recordRoutes(
  caller: Side,
  callee: Side,
  token: string,
  isSecure: boolean,
): HeaderField[] {
  const isSame = caller.transport === callee.transport &&
    sameHost(caller.local.host, callee.local.host) && caller.local.port === callee.local.port;
  const sides = isSame ? [callee] : [callee, caller];
  return sides.map((side) => ({
    name: "Record-Route",
    value: writeNameAddress({ uri: uriOf(side, token, isSecure), parameters: [] }),
  }));
}

function uriOf({ transport, local }: Side, token: string, isSecure: boolean): SipUri {
  // §16.6 step 4 has no transport there unless the next element is known to speak it: it
  // does, we have just met it that way.
  const named: Parameter[] = transport === "udp" || isSecure
    ? []
    : [{ name: "transport", value: transport }];
  return {
    scheme: isSecure ? "sips" : "sip",
    user: token,
    host: local.host,
    port: local.port,
    parameters: [...named, { name: "lr" }],
    headers: [],
  };
}
