/** Where a request goes: validity, whose URI it uses, and its paths after us (RFC 4976 §6.2, §6.4). */
import { PeerError } from "../../base/errors.ts";
import type { ChunkHead } from "../chunk.ts";
import { type MsrpUri, msrpUrisMatch } from "../uri.ts";
import type { RelayConnectionFacts, RelayConnectionId } from "./events.ts";
import type { IssuedUri, IssuedUris } from "./issued_uris.ts";

/** Who sent a request. */
export interface Arrival extends RelayConnectionFacts {
  readonly connection: RelayConnectionId;
}

/** The request goes on. */
export interface Forwarding {
  readonly type: "forward";
  readonly toPath: readonly MsrpUri[];
  readonly fromPath: readonly MsrpUri[];
  /** The URIs of ours that it passed, the last one first, as they stand in the new From-Path. */
  readonly via: readonly MsrpUri[];
  /** The session of the last of them. */
  readonly session: IssuedUri;
  /** `client`: back to whoever owns the session. Else to the first URI of the new To-Path. */
  readonly towards: "client" | "next-hop";
}

/** What {@link routeRequest} finds. */
export type Routing =
  | Forwarding
  /** An AUTH for this relay. */
  | { readonly type: "ours" }
  /** Not forwarded; answered where an answer is wanted. */
  | { readonly type: "refuse"; readonly code: number; readonly error: PeerError }
  /** Not for this relay: the connection is dropped (§6.2). */
  | { readonly type: "drop"; readonly error: PeerError };

/**
 * Routes by the paths alone.
 *
 * @param authorities Names and ports of ours: URIs without session-id.
 */
export function routeRequest(
  head: ChunkHead,
  arrival: Arrival,
  issued: IssuedUris,
  authorities: readonly MsrpUri[],
): Routing {
  const method = head.startLine.kind === "request" ? head.startLine.method : "";
  const [first] = head.toPath;
  if (first === undefined || !isOurs(first, authorities) || !isReachedBy(first, arrival)) {
    const error = new PeerError("msrp/not-our-uri", "RFC 4976 §6.2", EXPECTED_OURS);
    return { type: "drop", error };
  }
  if (method === "AUTH" && head.toPath.length === 1) return { type: "ours" };
  let { toPath, fromPath } = head;
  const via: MsrpUri[] = [];
  for (;;) {
    const [uri, next] = toPath;
    const session = issued.find(uri);
    if (uri === undefined || session === undefined || next === undefined) {
      return refuse(481, "msrp/no-such-session", "RFC 4976 §6.3", EXPECTED_SESSION);
    }
    if (fromPath.some((it) => msrpUrisMatch(it, uri))) {
      return refuse(400, "msrp/path-loop", "RFC 4976 §6.4.1", EXPECTED_NO_LOOP);
    }
    const isFromClient = via.length === 0 && belongsTo(session, arrival);
    toPath = toPath.slice(1);
    fromPath = [uri, ...fromPath];
    via.unshift(uri);
    if (isFromClient) {
      if (isOurs(next, authorities)) continue; // Both clients are ours: the next hop is here too.
      return { type: "forward", toPath, fromPath, via, session, towards: "next-hop" };
    }
    // §6.4: neither from the client that obtained the URI nor towards it is an open relay.
    const [towardsClient] = session.clientPath;
    if (towardsClient === undefined || !haveSameAuthority(next, towardsClient)) {
      return refuse(403, "msrp/not-relayed", "RFC 4976 §6.4", EXPECTED_CLIENT);
    }
    return { type: "forward", toPath, fromPath, via, session, towards: "client" };
  }
}

/** Whether `uri` names this relay, with or without a session. */
export function isOurs(uri: MsrpUri, authorities: readonly MsrpUri[]): boolean {
  return authorities.some((it) =>
    haveSameAuthority(uri.port === undefined ? { ...uri, port: it.port } : uri, it)
  );
}

/** Whether both name the same host, port, scheme and transport. */
export function haveSameAuthority(a: MsrpUri, b: MsrpUri): boolean {
  return msrpUrisMatch({ ...a, sessionId: undefined }, { ...b, sessionId: undefined });
}

function isReachedBy(uri: MsrpUri, { isSecure }: Arrival): boolean {
  return (uri.scheme === "msrps") === isSecure;
}

function belongsTo({ owner }: IssuedUri, arrival: Arrival): boolean {
  return owner.kind === "client"
    ? owner.connection === arrival.connection
    : arrival.relayHosts?.includes(owner.host) ?? false;
}

function refuse(code: number, name: `msrp/${string}`, rule: string, expected: string): Routing {
  return { type: "refuse", code, error: new PeerError(name, rule, expected) };
}

const EXPECTED_OURS = "expected a To-Path that begins with a URI of this relay";
const EXPECTED_SESSION = "expected a URI that this relay handed out, and another behind it";
const EXPECTED_NO_LOOP = "expected no URI in From-Path that To-Path leads through";
const EXPECTED_CLIENT = "expected a request from or towards the client that the URI belongs to";
