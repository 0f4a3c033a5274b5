/** Where a request goes: the target set of RFC 3261 §16.5, with static routes beside the registrar's bindings. */

import type { Instant } from "../../base/output.ts";
import { routesOf } from "../message/header_fields.ts";
import { sameUri } from "../message/uri_comparison.ts";
import { isSipUri, type SipUri, uriParameter, writeUri } from "../message/uri.ts";
import type { Flow } from "../user_agent/destination.ts";
import { type DialogFlows, isSameFlow } from "./flow_token.ts";
import type { Binding, LocationTable } from "./location_table.ts";
import type { RoutedRequest } from "./routing.ts";
import { type ServerIdentity, userOf } from "./server_identity.ts";

/** One way to a target. */
export interface Way {
  /** The new Request-URI. */
  readonly uri: SipUri;
  /** Taken as long as it is there. */
  readonly flow: Flow | undefined;
  /** Whether there is nothing to try when the flow is gone. */
  readonly isFlowOnly: boolean;
}

/** What the targets of a request are. */
export type TargetSet =
  | {
    readonly type: "targets";
    /** One entry a target: the ways to it, to be tried one after the other. */
    readonly targets: readonly (readonly Way[])[];
    /** Whether anybody may go there: bots, and dialogs that were let in before. */
    readonly isPublic: boolean;
  }
  /** The server itself is meant. */
  | { readonly type: "server" }
  | {
    readonly type: "refused";
    readonly status: number;
    /** Whether a stranger may be told, rather than asked who they are. */
    readonly isPublic: boolean;
  };

/** What targets are found with. */
export interface TargetOptions {
  readonly identity: ServerIdentity;
  readonly table: LocationTable;
  /** Where users lead that never register, by the user part. */
  readonly routes: ReadonlyMap<string, SipUri>;
  /** Whether somebody has an account here. */
  readonly isUser: (user: string) => boolean;
  /** Whether requests for other domains are sent on, for users of ours. */
  readonly relaysForeign: boolean;
}

/** Determines where requests go. */
export class TargetFinder {
  readonly #options: TargetOptions;

  /** @param options What it knows. */
  constructor(options: TargetOptions) {
    this.#options = options;
  }

  /**
   * The targets of a request.
   *
   * @param flow How it came: in a dialog, the other way is where it goes.
   */
  find(routed: RoutedRequest, flow: Flow, now: Instant): TargetSet {
    const { requestUri, flows } = routed;
    const { identity, table, relaysForeign } = this.#options;
    const isOurs = identity.owns(requestUri) && uriParameter(requestUri, "maddr") === undefined;
    const leadsOn = routesOf(routed.request, "Route").length > 0;
    if (flows !== undefined) {
      const user = userOf(requestUri);
      if (isOurs && !leadsOn && user !== undefined) {
        return this.#ofUser(user, requestUri, true, now);
      }
      // A flow ends at somebody who is directly before us: nobody else is on the way there.
      return single(requestUri, leadsOn ? undefined : otherFlow(flows, flow), true);
    }
    if (leadsOn) return relaysForeign ? single(requestUri, undefined, false) : FORBIDDEN;
    if (isOurs) {
      const user = userOf(requestUri);
      return user === undefined ? { type: "server" } : this.#ofUser(user, requestUri, false, now);
    }
    const binding = table.byContact(requestUri, now);
    if (binding !== undefined) return single(requestUri, binding.flow, false);
    return relaysForeign ? single(requestUri, undefined, false) : FORBIDDEN;
  }

  #ofUser(user: string, requestUri: SipUri, isPublic: boolean, now: Instant): TargetSet {
    const { routes, table, isUser } = this.#options;
    const route = routes.get(user);
    if (route !== undefined) return single(route, undefined, true);
    const bindings = table.bindings(user, now).filter((it) => isReachable(it, requestUri));
    if (bindings.length === 0) {
      return { type: "refused", status: isUser(user) ? 480 : 404, isPublic };
    }
    return { type: "targets", targets: waysOf(bindings), isPublic };
  }
}

const FORBIDDEN: TargetSet = { type: "refused", status: 403, isPublic: true };

function single(uri: SipUri, flow: Flow | undefined, isPublic: boolean): TargetSet {
  return { type: "targets", targets: [[{ uri, flow, isFlowOnly: false }]], isPublic };
}

/** Whether a binding is a SIP address, and a secure one for a `sips` request (§26.2.2). */
function isReachable({ contact, flow }: Binding, requestUri: SipUri): boolean {
  if (!isSipUri(contact.uri)) return false;
  return requestUri.scheme !== "sips" || contact.uri.scheme === "sips" || flow?.transport === "tls";
}

/**
 * One target for each contact, but one alone for all flows of an instance, the newest first
 * (RFC 5626 §7). No contact twice (§16.5).
 */
function waysOf(bindings: readonly Binding[]): (readonly Way[])[] {
  const instances = new Map<string, Way[]>();
  const seen: SipUri[] = [];
  for (const { contact, flow, outbound } of bindings) {
    const { uri } = contact;
    if (!isSipUri(uri)) continue;
    const way: Way = { uri, flow, isFlowOnly: outbound !== undefined };
    if (outbound !== undefined) {
      const ways = instances.get(outbound.instance) ?? [];
      ways.unshift(way);
      instances.set(outbound.instance, ways);
    } else if (!seen.some((it) => sameUri(it, uri))) {
      seen.push(uri);
      instances.set(`uri ${writeUri(uri)}`, [way]);
    }
  }
  return [...instances.values()];
}

/** The flow that a request inside a dialog takes, when it came by the other. */
function otherFlow({ caller, callee }: DialogFlows, flow: Flow): Flow | undefined {
  if (caller !== undefined && isSameFlow(caller, flow)) return callee;
  if (callee !== undefined && isSameFlow(callee, flow)) return caller;
  // Only one end is directly before us: what does not come from it goes there.
  if (caller === undefined || callee === undefined) return caller ?? callee;
  return undefined;
}
