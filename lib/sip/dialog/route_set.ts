/** Where a request inside a dialog goes, and what it says about its way (RFC 3261 §12.2.1.1). */

import type { NameAddress } from "../message/name_address.ts";
import { isSipUri, type SipUri, uriParameter } from "../message/uri.ts";

/** The three things that a route set decides. */
export interface Routing {
  readonly requestUri: SipUri;
  /** Route header fields, in order. */
  readonly routes: readonly NameAddress[];
  /** The URI whose host gets the message. */
  readonly nextHop: SipUri;
}

/** Applies `routeSet` to a request for `target`: loose routing where the first hop has `lr`, else strict. */
export function routeTo(target: SipUri, routeSet: readonly NameAddress[]): Routing {
  const clean = asRequestUri(target);
  const [first, ...others] = routeSet;
  if (first === undefined || !isSipUri(first.uri)) {
    return { requestUri: clean, routes: [], nextHop: clean };
  }
  if (uriParameter(first.uri, "lr") !== undefined) {
    return { requestUri: clean, routes: routeSet, nextHop: first.uri };
  }
  // An RFC 2543 proxy replaces the Request-URI by the next Route itself.
  return {
    requestUri: asRequestUri(first.uri),
    routes: [...others, { uri: target, parameters: [] }],
    nextHop: first.uri,
  };
}

/** The URI without what no Request-URI may hold: header fields and `method` (§19.1.1 table 1). */
export function asRequestUri(uri: SipUri): SipUri {
  const parameters = uri.parameters.filter(({ name }) => name.toLowerCase() !== "method");
  return { ...uri, parameters, headers: [] };
}
