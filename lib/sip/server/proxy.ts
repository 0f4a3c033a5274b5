/** A stateful, forking, record-routing proxy (RFC 3261 §16). */

import type { SipServerEvent } from "./events.ts";
import type { Instant, RandomSource } from "../../base/output.ts";
import { toHex } from "../../base/bytes.ts";
import type { HostPort } from "../../base/wire_tap.ts";
import { callIdOf, headerValue, tokenList, viasOf } from "../message/header_fields.ts";
import type { HeaderField, SipRequest, SipTransport } from "../message/message.ts";
import { isReliable } from "../message/message.ts";
import { writeSipMessage } from "../message/message_writer.ts";
import { isSipUri, type Uri, writeUri } from "../message/uri.ts";
import {
  type Destination,
  destinationOf,
  type Flow,
  LARGEST_UDP_REQUEST,
} from "../user_agent/destination.ts";
import { newTag } from "../user_agent/tokens.ts";
import type { AccessControl, ServerRefusal } from "./access.ts";
import type { Attempt, Branch } from "./branch.ts";
import type { DeadlineQueue } from "./deadline_queue.ts";
import type { FlowTokens } from "./flow_token.ts";
import { isRecorded, recordRoutes, type Side } from "./record_route.ts";
import { type ContextServices, ResponseContext } from "./response_context.ts";
import { postprocess, preprocess, type RoutedRequest, withoutHeaders } from "./routing.ts";
import type { ServerIdentity } from "./server_identity.ts";
import type { Outbox } from "../user_agent/outbox.ts";
import type { TargetFinder, TargetSet, Way } from "./targets.ts";
import type { IncomingTransaction, TransactionTable } from "./transaction_table.ts";
import { Branches, pushVia } from "./via_stack.ts";

/** What a proxy works with. */
export interface ProxyOptions {
  readonly random: RandomSource;
  readonly identity: ServerIdentity;
  readonly tokens: FlowTokens;
  readonly access: AccessControl;
  readonly finder: TargetFinder;
  readonly table: TransactionTable;
  readonly timers: DeadlineQueue<Branch>;
  readonly outbox: Outbox<SipServerEvent>;
  /** Our address on the way to, or from, somebody. */
  readonly localAddress: (peer: Destination) => HostPort;
  /** Whether a connection is still there. */
  readonly isOpen: (flow: Flow) => boolean;
  readonly timerC: number;
  readonly cancelPatience: number;
  /** Most requests on their way at once. */
  readonly limit: number;
}

/** What the proxy decided about a request before it remembers anything of it. */
export type ProxyDecision =
  | { readonly type: "refuse"; readonly refusal: ServerRefusal }
  /** The server itself is meant, and the request is none that is forwarded. */
  | { readonly type: "server" }
  | { readonly type: "forward"; readonly plan: ForwardingPlan };

/** A request that will be forwarded. */
export interface ForwardingPlan {
  readonly received: SipRequest;
  readonly routed: RoutedRequest;
  readonly targets: readonly (readonly Way[])[];
  /** Whether nobody proved who they are. */
  readonly isAnonymous: boolean;
}

/** Option tags that Proxy-Require may name: none. */
const UNDERSTOOD: readonly string[] = [];

/** Forwards requests and their responses. */
export class Proxy {
  readonly #options: ProxyOptions;
  readonly #branches: Branches;
  readonly #contexts = new Map<IncomingTransaction, ResponseContext>();
  readonly #anonymous = new Set<ResponseContext>();
  readonly #services: ContextServices;

  /** @param options What it works with. */
  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#branches = new Branches(options.tokens);
    const { table, timers, timerC, cancelPatience, random } = options;
    this.#services = {
      table,
      timers,
      timerC,
      cancelPatience,
      newTag: () => newTag(random),
      settled: (context, status) => this.#settled(context, status),
    };
  }

  /** Requests that wait for their final response. */
  get size(): number {
    return this.#contexts.size;
  }

  /**
   * Validates a request and finds its targets (§16.3 to §16.5).
   *
   * @throws {PeerError} when a part that matters is malformed.
   */
  decide(received: SipRequest, flow: Flow, now: Instant): ProxyDecision {
    const { identity, access } = this.#options;
    const invalid = this.#invalid(received);
    if (invalid !== undefined) return { type: "refuse", refusal: invalid };
    const routed = this.#route(received, flow);
    if (routed === undefined) return refuse(416);
    if (this.#branches.isLoop(received, identity)) return refuse(482);
    const found = this.#options.finder.find(routed, flow, now);
    const isCancel = received.method === "CANCEL";
    // A CANCEL of nothing that is known goes on as it is, if it goes anywhere (§16.10).
    if (isCancel && found.type !== "targets") return refuse(481);
    if (found.type === "server") return found;
    // §22.1: a CANCEL cannot be sent again with credentials.
    if (found.isPublic || isCancel) {
      if (found.type === "refused") return refuse(found.status);
      return this.#admit(received, routed, found.targets, true);
    }
    const admission = access.forward(received, now);
    if ("status" in admission) return { type: "refuse", refusal: admission };
    if (found.type === "refused") return refuse(found.status);
    const request = admission.user === undefined
      ? routed.request
      : this.#route(admission.request, flow)?.request ?? routed.request;
    return this.#admit(received, { ...routed, request }, found.targets, false);
  }

  /** Forwards a request to its targets (§16.6). */
  forward(plan: ForwardingPlan, incoming: IncomingTransaction, flow: Flow, now: Instant): void {
    const context = new ResponseContext(this.#services, incoming);
    this.#contexts.set(incoming, context);
    if (plan.isAnonymous) this.#anonymous.add(context);
    const { received } = plan;
    this.#options.outbox.report({
      type: "forwarded",
      method: received.method,
      requestUri: received.requestUri,
      callId: callIdOf(received),
      targets: plan.targets.map(([way]) => way === undefined ? "" : writeUri(way.uri)),
      source: flow.remote,
    });
    context.begin(plan.targets.map((ways) => this.#attempts(plan, ways, flow)), now);
  }

  /** The INVITE of this CANCEL is taken back, if it still waits (§16.10). */
  cancel(invite: IncomingTransaction, now: Instant): void {
    this.#contexts.get(invite)?.cancel(now);
  }

  /**
   * Forwards the ACK to a 2xx, which has no transaction (§16.11). One that does not belong to a
   * dialog through this server is dropped: no ACK is ever answered.
   *
   * @throws {PeerError} when a part that matters is malformed.
   */
  forwardAck(received: SipRequest, flow: Flow, now: Instant): void {
    if (headerValue(received, "Max-Forwards") === "0") return;
    if (this.#branches.isLoop(received, this.#options.identity)) return;
    const routed = this.#route(received, flow);
    if (routed === undefined) return;
    const found = this.#options.finder.find(routed, flow, now);
    if (found.type !== "targets" || !(found.isPublic || this.#isContact(found))) return;
    const [way] = found.targets[0] ?? [];
    if (way === undefined || found.targets.length > 1) return;
    const plan = { received, routed, targets: found.targets, isAnonymous: true };
    const [first] = this.#attempts(plan, [way], flow, this.#branches.makeStateless(received));
    if (first !== undefined) this.#options.outbox.transmit(first.compose(), first.to);
  }

  /** An ACK straight to a contact of a user, by a peer that ignores Record-Route. */
  #isContact(found: TargetSet & { readonly type: "targets" }): boolean {
    return found.targets[0]?.[0]?.flow !== undefined;
  }

  /** §16.3. */
  #invalid(received: SipRequest): ServerRefusal | undefined {
    const hops = headerValue(received, "Max-Forwards");
    if (hops !== undefined && Number(hops) === 0) return { status: 483, headers: [] };
    // ACK and CANCEL are exempt (§20.29, §9.1): nobody could answer, or could do without.
    const unknown = tokenList(received, "Proxy-Require").filter((it) => !UNDERSTOOD.includes(it));
    if (unknown.length === 0 || received.method === "CANCEL") return undefined;
    return { status: 420, headers: [{ name: "Unsupported", value: unknown.join(", ") }] };
  }

  #route(request: SipRequest, flow: Flow): RoutedRequest | undefined {
    const { identity, tokens } = this.#options;
    return preprocess(request, {
      identity,
      tokens,
      callId: callIdOf(request),
      transport: flow.transport,
      localPort: this.#sideOf(asDestination(flow)).local.port,
    });
  }

  #admit(
    received: SipRequest,
    routed: RoutedRequest,
    targets: readonly (readonly Way[])[],
    isAnonymous: boolean,
  ): ProxyDecision {
    const { limit } = this.#options;
    // Strangers may not take the room of those who have an account.
    const isFull = this.#contexts.size + targets.length > limit ||
      (isAnonymous && routed.flows === undefined && this.#anonymous.size >= limit / 2);
    if (!isFull) return { type: "forward", plan: { received, routed, targets, isAnonymous } };
    const headers: HeaderField[] = [{ name: "Retry-After", value: "5" }];
    return { type: "refuse", refusal: { status: 503, headers } };
  }

  /** §16.6, for one target. */
  #attempts(
    plan: ForwardingPlan,
    ways: readonly Way[],
    flow: Flow,
    branch?: string,
  ): readonly Attempt[] {
    const attempts: Attempt[] = [];
    for (const way of ways) {
      const copy = this.#copy(plan.routed.request, way);
      const { request, nextHop } = postprocess(copy);
      for (const to of this.#destinations(way, request, nextHop)) {
        const isFlow = way.flow !== undefined && to.connection === way.flow.connection;
        const compose = () =>
          this.#compose(plan, request, to, flow, isFlow ? way.flow : undefined, branch);
        attempts.push({ to, compose });
      }
    }
    return attempts;
  }

  /** Steps 1 to 3. */
  #copy(request: SipRequest, { uri }: Way): SipRequest {
    const hops = headerValue(request, "Max-Forwards");
    const left: HeaderField = {
      name: "Max-Forwards",
      value: String(hops === undefined ? 70 : Math.max(0, Number(hops) - 1)),
    };
    const headers = hops === undefined
      ? [...request.headers, left]
      : request.headers.map((it) => it.name === "Max-Forwards" ? left : it);
    return { ...request, requestUri: writeUri(withoutHeaders(uri)), headers };
  }

  /** Step 7: in order, the flow first. */
  #destinations({ flow, isFlowOnly }: Way, request: SipRequest, nextHop: Uri): Destination[] {
    const destinations: Destination[] = [];
    if (flow !== undefined && this.#options.isOpen(flow)) destinations.push(asDestination(flow));
    if ((isFlowOnly && destinations.length > 0) || !isSipUri(nextHop)) return destinations;
    const isSecure = request.requestUri.startsWith("sips:");
    const to = destinationOf(nextHop, isSecure ? "tls" : undefined);
    const isKnown = destinations.some((it) =>
      it.transport === to.transport && it.host === to.host && it.port === to.port
    );
    if (isKnown) return destinations;
    const isLong = to.transport === "udp" && to.isFixed !== true &&
      writeSipMessage(request).length > LARGEST_UDP_REQUEST - ROOM_FOR_OURS;
    // §18.1.1: TCP first, and UDP when nobody listens there.
    if (isLong) destinations.push({ ...to, transport: "tcp" }, { ...to, isFixed: true });
    else destinations.push(to);
    return destinations;
  }

  /** Steps 4 and 8. */
  #compose(
    plan: ForwardingPlan,
    request: SipRequest,
    to: Destination,
    from: Flow,
    calleeFlow: Flow | undefined,
    branch: string | undefined,
  ): SipRequest {
    const { received } = plan;
    const { random, tokens } = this.#options;
    const side = this.#sideOf(to);
    const made = branch ?? this.#branches.make(received, toHex(random(12)));
    if (!isRecorded(received.method)) return pushVia(request, side, made);
    const isFirstHop = viasOf(received).length === 1;
    const token = tokens.write({
      caller: isFirstHop ? from : undefined,
      callee: calleeFlow,
    }, callIdOf(received));
    const topRoute = headerValue(request, "Route") ?? "";
    const isSecure = request.requestUri.startsWith("sips:") || /^[^<]*<sips:/.test(topRoute);
    const fields = recordRoutes(this.#sideOf(asDestination(from)), side, token, isSecure);
    const at = request.headers.findIndex((it) => it.name === "Record-Route");
    const place = Math.max(0, at);
    const headers = [
      ...request.headers.slice(0, place),
      ...fields,
      ...request.headers.slice(place),
    ];
    return pushVia({ ...request, headers }, side, made);
  }

  #sideOf(peer: Destination): Side {
    return { transport: peer.transport, local: this.#options.localAddress(peer) };
  }

  #settled(context: ResponseContext, status: number | undefined): void {
    const { request } = context.incoming;
    this.#contexts.delete(context.incoming);
    this.#anonymous.delete(context);
    if (status === undefined) return;
    this.#options.outbox.report({
      type: "answered",
      method: request.method,
      requestUri: request.requestUri,
      callId: callIdOf(request),
      status,
    });
  }
}

/** Octets that Via and Record-Route of ours add at most. */
const ROOM_FOR_OURS = 500;

function refuse(status: number): ProxyDecision {
  return { type: "refuse", refusal: { status, headers: [] } };
}

/** Where the flow leads. */
function asDestination({ transport, remote, connection }: Flow): Destination {
  const place: { transport: SipTransport } & HostPort = { transport, ...remote };
  const named = connection === undefined ? place : { ...place, connection };
  return isReliable(transport) ? named : { ...named, isFixed: true };
}
