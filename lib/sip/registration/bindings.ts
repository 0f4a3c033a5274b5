/** What a registrar says it has for an address of record (RFC 3261 §10.2.4, §10.3; RFC 5626 §4.2.1, RFC 5627 §4.2). */

import { contactsOf, headerValue, routesOf, tokenList } from "../message/header_fields.ts";
import type { SipResponse } from "../message/message.ts";
import type { NameAddress } from "../message/name_address.ts";
import { parameterValue } from "../message/parameters.ts";
import type { Uri } from "../message/uri.ts";
import { sameUri } from "../message/uri_comparison.ts";

/** One Contact that the registrar knows. */
export interface Binding {
  readonly address: NameAddress;
  /** Seconds that are left, from the parameter first, then from Expires; `undefined` when neither says. */
  readonly expires: number | undefined;
  /** Preference from 0 to 1; 1 when not said. */
  readonly q: number;
  /** `urn:uuid:…` of the device, without brackets. */
  readonly instance: string | undefined;
  readonly regId: number | undefined;
  /** Public GRUU that the registrar gave this device. */
  readonly publicGruu: string | undefined;
  /** Temporary GRUU. */
  readonly temporaryGruu: string | undefined;
}

/** Bindings of one response that are read; what follows is not looked at. */
export const MAX_BINDINGS = 100;

/**
 * Everything that a 2xx to a REGISTER lists, in order.
 *
 * @throws {PeerError} when a Contact is malformed.
 */
export function bindingsOf(response: SipResponse): Binding[] {
  const common = headerValue(response, "Expires");
  return contactsOf(response).slice(0, MAX_BINDINGS).map((address) => {
    const { parameters } = address;
    const own = parameterValue(parameters, "expires");
    const regId = parameterValue(parameters, "reg-id") ?? "";
    const q = Number(parameterValue(parameters, "q") ?? "1");
    return {
      address,
      expires: deltaSeconds(own) ?? (own === undefined ? deltaSeconds(common) : MALFORMED),
      q: q >= 0 && q <= 1 ? q : 1,
      instance: parameterValue(parameters, "+sip.instance")?.replace(/^<|>$/g, ""),
      regId: /^\d{1,9}$/.test(regId) ? Number(regId) : undefined,
      publicGruu: parameterValue(parameters, "pub-gruu"),
      temporaryGruu: parameterValue(parameters, "temp-gruu"),
    };
  });
}

/**
 * The binding that is ours: the Contact that we sent, by the comparison of §19.1.4; where a
 * server in between rewrote it, the one of our device and flow (RFC 5626 §4.2).
 */
export function ownBinding(
  bindings: readonly Binding[],
  contact: Uri,
  instance?: string,
  regId?: number,
): Binding | undefined {
  return bindings.find((it) => sameUri(it.address.uri, contact)) ??
    (instance === undefined
      ? undefined
      : bindings.find((it) => it.instance === instance && it.regId === regId));
}

/** The way that requests of this address should take (RFC 3608 §5), in order. */
export function serviceRouteOf(response: SipResponse): NameAddress[] {
  return routesOf(response, "Service-Route").slice(0, MAX_BINDINGS);
}

/** Whether registrar and edge proxy keep the flow (RFC 5626 §4.2.1). */
export function isOutboundResponse(response: SipResponse): boolean {
  return tokenList(response, "Require").some((it) => it.toLowerCase() === "outbound");
}

/** `delta-seconds`, at most 2^32−1 (§10.2), or `undefined` when it is none. */
export function deltaSeconds(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d+$/.test(text.trim())) return undefined;
  return Math.min(Number(text), 2 ** 32 - 1);
}

/** §10.2: malformed values count as 3600 seconds. */
const MALFORMED = 3600;
