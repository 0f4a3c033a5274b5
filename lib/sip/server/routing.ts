/** Route header fields and the Request-URI, before and after the choice of a target (RFC 3261 §16.4, §16.6 step 6, §16.12). */

import { headerValues, routesOf, withoutHeader } from "../message/header_fields.ts";
import type { HeaderField, SipRequest, SipTransport } from "../message/message.ts";
import { type NameAddress, writeNameAddress } from "../message/name_address.ts";
import { hasParameter } from "../message/parameters.ts";
import {
  isSipUri,
  parseUri,
  type SipUri,
  type Uri,
  uriParameter,
  writeUri,
} from "../message/uri.ts";
import { defaultPort } from "../user_agent/destination.ts";
import type { DialogFlows, FlowTokens } from "./flow_token.ts";
import { type ServerIdentity, transportOf, userOf } from "./server_identity.ts";

/** A request after the preprocessing of §16.4. */
export interface RoutedRequest {
  /** Without the routes that led here. */
  readonly request: SipRequest;
  readonly requestUri: SipUri;
  /** Of the dialog that this server is a part of; without it, the request begins something. */
  readonly flows: DialogFlows | undefined;
}

/** What the preprocessing looks at. */
export interface RoutingContext {
  readonly identity: ServerIdentity;
  readonly tokens: FlowTokens;
  readonly callId: string;
  /** How the request came. */
  readonly transport: SipTransport;
  readonly localPort: number;
}

/**
 * Removes what the request says about the way to this server.
 *
 * @returns `undefined` when the Request-URI is none that a SIP proxy can follow.
 * @throws {PeerError} when Request-URI or Route are malformed.
 */
export function preprocess(
  received: SipRequest,
  context: RoutingContext,
): RoutedRequest | undefined {
  const { identity, tokens, callId } = context;
  let routes: readonly NameAddress[] = routesOf(received, "Route");
  let target: Uri = parseUri(received.requestUri);
  let flows: DialogFlows | undefined;
  const ours = (uri: Uri): uri is SipUri =>
    isSipUri(uri) && identity.isHere(uri.host, uri.port, transportOf(uri));
  const last = routes.at(-1);
  // A strict router before us put our Record-Route into the Request-URI, and the rest behind.
  if (ours(target) && last !== undefined) {
    const written = tokens.read(userOf(target), callId);
    if (written !== undefined) {
      flows = written;
      target = last.uri;
      routes = routes.slice(0, -1);
    }
  }
  if (!isSipUri(target)) return undefined;
  target = withoutOurMaddr(target, context);
  // Both of the two that one passage may have written (RFC 5658 §5).
  for (let first = routes[0]; first !== undefined && ours(first.uri); first = routes[0]) {
    flows ??= tokens.read(userOf(first.uri), callId);
    routes = routes.slice(1);
  }
  const request = withRoutes({ ...received, requestUri: writeUri(target) }, routes);
  return { request, requestUri: target, flows };
}

function withoutOurMaddr(uri: SipUri, { identity, transport, localPort }: RoutingContext): SipUri {
  const maddr = uriParameter(uri, "maddr");
  if (maddr === undefined) return uri;
  const named = transportOf(uri) ?? "udp";
  const port = uri.port ?? defaultPort(named);
  const cameThatWay = named === transport && port === localPort;
  if (!cameThatWay || !identity.isHere(maddr, port, named)) return uri;
  const parameters = uri.parameters.filter(({ name }) => !/^(?:maddr|transport)$/i.test(name));
  const { port: _port, ...rest } = uri;
  return { ...rest, parameters };
}

/**
 * The request with its Route as the next hop wants to see it (§16.6 step 6), and the URI that
 * says where that hop is (step 7).
 */
export function postprocess(
  request: SipRequest,
): { readonly request: SipRequest; readonly nextHop: Uri } {
  const [first, ...others] = routesOf(request, "Route");
  if (first === undefined) return { request, nextHop: parseUri(request.requestUri) };
  const isLoose = isSipUri(first.uri) && hasParameter(first.uri.parameters, "lr");
  if (isLoose) return { request, nextHop: first.uri };
  const target: NameAddress = { uri: parseUri(request.requestUri), parameters: [] };
  const uri = withoutHeaders(first.uri);
  const reformed = withRoutes({ ...request, requestUri: writeUri(uri) }, [...others, target]);
  return { request: reformed, nextHop: uri };
}

/** A URI as it may stand in a Request-URI: without header fields (§19.1.1). */
export function withoutHeaders(uri: Uri): Uri {
  return isSipUri(uri) ? { ...uri, headers: [] } : uri;
}

/** The request with these routes in the place of its own. */
function withRoutes(request: SipRequest, routes: readonly NameAddress[]): SipRequest {
  const before = headerValues(request, "Route").length;
  if (before === 0 && routes.length === 0) return request;
  const at = request.headers.findIndex((it) => it.name === "Route");
  const fields: HeaderField[] = routes.map((it) => ({
    name: "Route",
    value: writeNameAddress(it),
  }));
  const kept = withoutHeader(request.headers, "Route");
  const place = at < 0 ? kept.length : at;
  return { ...request, headers: [...kept.slice(0, place), ...fields, ...kept.slice(place)] };
}
