/** Which NAPTR records of a domain speak of SIP, and which transport they prefer (RFC 3263 §4.1, RFC 3403 §4.1). */

import { isHost } from "../message/host.ts";
import type { SipTransport } from "../message/message.ts";

/** One NAPTR record. */
export interface NaptrRule {
  /** Lower comes first; once one of an order serves, later orders are not looked at. */
  readonly order: number;
  /** Lower is preferred among those of the same order. */
  readonly preference: number;
  readonly flags: string;
  readonly services: string;
  readonly regexp: string;
  /** The name to ask for SRV records next, without final dot. */
  readonly replacement: string;
}

/** A way to a domain's servers. */
export interface SipService {
  readonly transport: SipTransport;
  /** The name that has its SRV records. */
  readonly name: string;
}

/** What the services field may say, in lower case, and the transport it stands for. */
const SERVICES: Readonly<Record<string, SipTransport | undefined>> = {
  "sip+d2u": "udp",
  "sip+d2t": "tcp",
  "sips+d2t": "tls",
};

/**
 * The services of the lowest order that has any that we can use, the preferred first. Later
 * orders are not looked at (RFC 3403 §4.1: "MUST NOT").
 *
 * @param isSecure The URI is `sips`: everything but TLS is discarded.
 * @param transports Those that we have.
 */
export function servicesOf(
  records: readonly NaptrRule[],
  isSecure: boolean,
  transports: readonly SipTransport[],
): SipService[] {
  const usable = records.flatMap((rule) => {
    const transport = SERVICES[rule.services.toLowerCase()];
    const isUsable = transport !== undefined && transports.includes(transport) &&
      (!isSecure || transport === "tls") &&
      // A rule that leads to SRV records is terminal, and has a replacement instead of a regexp.
      rule.flags.toLowerCase() === "s" && rule.regexp === "" && isHost(rule.replacement);
    return isUsable ? [{ rule, transport }] : [];
  });
  const order = Math.min(...usable.map(({ rule }) => rule.order));
  return usable.filter(({ rule }) => rule.order === order)
    .toSorted((a, b) => a.rule.preference - b.rule.preference)
    .map(({ rule, transport }) => ({ transport, name: rule.replacement }));
}
