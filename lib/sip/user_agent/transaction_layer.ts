/** All transactions of one user agent: what belongs to which, and what each asks for (RFC 3261 §17, §18). */

import type { UserAgentEvent } from "../events.ts";
import type { Instant, RandomSource } from "../../base/output.ts";
import type { HostPort } from "../../base/wire_tap.ts";
import { cSeqOf, toOf, topVia } from "../message/header_fields.ts";
import {
  type HeaderField,
  isReliable,
  type SipRequest,
  type SipResponse,
  type SipTransport,
} from "../message/message.ts";
import { writeSipMessage } from "../message/message_writer.ts";
import { tagOf } from "../message/name_address.ts";
import type { Parameter } from "../message/parameters.ts";
import { sentByOf, type Via, writeVia } from "../message/via.ts";
import { InviteClientTransaction } from "../transaction/invite_client.ts";
import { InviteServerTransaction } from "../transaction/invite_server.ts";
import type { TransactionAction } from "../transaction/machine.ts";
import { clientKey, mergeKey, serverKey } from "../transaction/matching.ts";
import { NonInviteClientTransaction } from "../transaction/non_invite_client.ts";
import { NonInviteServerTransaction } from "../transaction/non_invite_server.ts";
import type { Timers } from "../transaction/timers.ts";
import { type Destination, type Flow, LARGEST_UDP_REQUEST } from "./destination.ts";
import type { Outbox } from "./outbox.ts";
import { respondTo } from "./responses.ts";
import { newBranch } from "./tokens.ts";

/** Why a request of ours got no final response. */
export type Failure = "timeout" | "transport";

/** The one who sent a request and waits for what becomes of it. */
export interface ClientUser {
  /** A response, but for repetitions that the transaction absorbs. */
  receiveResponse(response: SipResponse, now: Instant): void;
  /** No final response will come. */
  receiveFailure(failure: Failure, now: Instant, error?: Error): void;
}

/** The one who answers a request. */
export interface ServerUser {
  /** The ACK to a 2xx, from a peer that puts it into the same transaction. */
  receiveAck?(request: SipRequest, now: Instant): void;
  /** The sender takes an INVITE back that has no final response yet. */
  receiveCancel?(now: Instant): void;
  /** The final response could not be delivered, or nobody acknowledged it. */
  receiveFailure?(failure: Failure, now: Instant): void;
}

/** A request on its way. A long one that TCP refused changes its way and its Via once. */
export interface ClientTransaction {
  /** As it was sent, Via included. */
  readonly request: SipRequest;
  readonly to: Destination;
  /** How its latest response came. */
  readonly link: Flow | undefined;
}

/** A message outside any transaction, to be sent again unchanged. */
export interface LoneMessage {
  readonly data: Uint8Array;
  readonly to: Destination;
}

/** A request that arrived. */
export interface ServerTransaction {
  readonly key: string;
  /** With an annotated Via. */
  readonly request: SipRequest;
  /** Where its responses go. */
  readonly to: Destination;
  /** Who hears of its ACK and its failure. */
  user: ServerUser | undefined;
}

/** What the layer is made with. */
export interface TransactionLayerOptions {
  readonly random: RandomSource;
  readonly timers: Timers;
  readonly outbox: Outbox<UserAgentEvent>;
  /** The address under which a peer at `host` reaches us over `transport`. */
  readonly localAddress: (transport: SipTransport, host: string) => HostPort;
  /** Most transactions at once, of either kind. */
  readonly limit: number;
}

interface ClientEntry {
  key: string;
  request: SipRequest;
  to: Destination;
  link: Flow | undefined;
  machine: InviteClientTransaction | NonInviteClientTransaction;
  readonly user: ClientUser;
  /** Tried when `to` cannot be reached: UDP behind the TCP that a long request took first. */
  fallback: Destination | undefined;
  /** Without its Via, to be sent again under another branch. */
  readonly bare: SipRequest;
}

interface ServerEntry extends ServerTransaction {
  readonly machine: InviteServerTransaction | NonInviteServerTransaction;
  readonly merge: string;
}

/** What became of a received request. */
export type Reception =
  /** The core has to answer it. */
  | { readonly type: "new"; readonly server: ServerTransaction }
  /** An ACK for which there is no transaction: it acknowledges a 2xx. */
  | { readonly type: "stray-ack" }
  /** The same request came by another way before (§8.2.2.2). */
  | { readonly type: "merged" }
  | { readonly type: "overloaded" }
  | { readonly type: "absorbed" };

/** Owns every transaction. */
export class TransactionLayer {
  readonly #options: TransactionLayerOptions;
  readonly #clients = new Map<string, ClientEntry>();
  readonly #servers = new Map<string, ServerEntry>();
  /** How many servers there are for each merge key. */
  readonly #merges = new Map<string, number>();

  /** @param options What it is made with. */
  constructor(options: TransactionLayerOptions) {
    this.#options = options;
  }

  /** When {@link handleTimeout} wants to be called, if at all. */
  get deadline(): Instant | undefined {
    let earliest: Instant | undefined;
    for (const entries of [this.#clients, this.#servers]) {
      for (const { machine } of entries.values()) {
        const { deadline } = machine;
        if (deadline !== undefined && (earliest === undefined || deadline < earliest)) {
          earliest = deadline;
        }
      }
    }
    return earliest;
  }

  /** Transactions that are not over yet. */
  get size(): number {
    return this.#clients.size + this.#servers.size;
  }

  /**
   * Sends a request in a transaction of its own.
   *
   * @param bare The request without Via: the layer adds one with a fresh branch.
   * @param to Where it goes. A long one goes over TCP although UDP was chosen, unless that is
   * fixed (§18.1.1), and over UDP after all when TCP is refused.
   */
  send(bare: SipRequest, to: Destination, user: ClientUser, now: Instant): ClientTransaction {
    const first = this.#withVia(bare, to);
    const isLong = to.transport === "udp" && to.isFixed !== true &&
      writeSipMessage(first).length > LARGEST_UDP_REQUEST;
    if (!isLong) return this.#start(bare, first, to, undefined, user, now);
    const over: Destination = { ...to, transport: "tcp" };
    return this.#start(bare, this.#withVia(bare, over), over, to, user, now);
  }

  /** Cancels an INVITE: same Via, same way (§9.1). */
  cancel(invite: ClientTransaction, cancel: SipRequest, user: ClientUser, now: Instant): void {
    const via: HeaderField = { name: "Via", value: writeVia(topVia(invite.request)) };
    const request: SipRequest = { ...cancel, headers: [via, ...cancel.headers] };
    this.#start(cancel, request, invite.to, undefined, user, now);
  }

  /** Sends a request that has no transaction: the ACK to a 2xx (§13.2.2.4). */
  sendAlone(bare: SipRequest, to: Destination): LoneMessage {
    const message: LoneMessage = { data: writeSipMessage(this.#withVia(bare, to)), to };
    this.sendAgain(message);
    return message;
  }

  /** Sends such a message once more. */
  sendAgain({ data, to }: LoneMessage): void {
    this.#options.outbox.transmitBytes(data, to);
  }

  /** Hands a response to its server transaction. After a final one, others are ignored. */
  respond(server: ServerTransaction, response: SipResponse, now: Instant): void {
    const entry = this.#servers.get(server.key);
    if (entry === undefined) return;
    this.#carryOutServer(entry, entry.machine.respond(response, now), now);
  }

  /** A response from the network. One that matches nothing is dropped (RFC 6026 §8.9). */
  receiveResponse(response: SipResponse, flow: Flow, now: Instant): void {
    const entry = this.#clients.get(clientKey(response));
    if (entry === undefined) return;
    // §18.1.2: a response whose sent-by is not what we wrote was not meant for us.
    if (sentByOf(topVia(response)) !== sentByOf(topVia(entry.request))) return;
    entry.link = flow;
    entry.fallback = undefined; // The way it took is a way.
    this.#carryOutClient(entry, entry.machine.receive(response, now), now);
  }

  /**
   * A request from the network.
   *
   * @param request With its Via annotated.
   * @param transport How it came.
   * @param to Where its responses go.
   */
  receiveRequest(
    request: SipRequest,
    transport: SipTransport,
    to: Destination,
    now: Instant,
  ): Reception {
    const isAck = request.method === "ACK";
    const key = serverKey(request, isAck ? "INVITE" : request.method);
    const entry = this.#servers.get(key);
    if (entry !== undefined) {
      this.#carryOutServer(entry, entry.machine.receive(request, now), now);
      return { type: "absorbed" };
    }
    if (isAck) return { type: "stray-ack" };
    const merge = mergeKey(request);
    if (isOutsideDialog(request) && this.#merges.has(merge)) return { type: "merged" };
    if (this.size >= this.#options.limit) return { type: "overloaded" };
    return { type: "new", server: this.#serve(request, transport, to, key, merge, now) };
  }

  /** The INVITE that a CANCEL is about (§9.2). */
  cancelled(cancel: SipRequest): ServerTransaction | undefined {
    return this.#servers.get(serverKey(cancel, "INVITE"));
  }

  /** Whether a final response was given already. */
  isAnswered(server: ServerTransaction): boolean {
    const state = this.#servers.get(server.key)?.machine.state;
    return state !== "Proceeding" && state !== "Trying";
  }

  /** A message of this transaction could not be sent. */
  receiveTransportError(key: string, now: Instant, error?: Error): void {
    const client = this.#clients.get(key);
    if (client !== undefined) {
      if (client.fallback !== undefined) {
        this.#fallBack(client, client.fallback, now);
        return;
      }
      this.#carryOutClient(client, client.machine.receiveTransportError(now), now, error);
      return;
    }
    const server = this.#servers.get(key);
    if (server === undefined) return;
    this.#carryOutServer(server, server.machine.receiveTransportError(now), now);
  }

  /** {@link deadline} has passed. */
  handleTimeout(now: Instant): void {
    for (const entry of [...this.#clients.values()]) {
      this.#carryOutClient(entry, entry.machine.handleTimeout(now), now);
    }
    for (const entry of [...this.#servers.values()]) {
      this.#carryOutServer(entry, entry.machine.handleTimeout(now), now);
    }
  }

  #withVia(bare: SipRequest, to: Destination): SipRequest {
    const { transport } = to;
    const local = this.#options.localAddress(transport, to.host);
    const parameters: Parameter[] = [{
      name: "branch",
      value: newBranch(this.#options.random),
    }];
    // RFC 3581 §3: without a value, and only where a NAT could change the port under us.
    if (transport === "udp") parameters.push({ name: "rport" });
    const via: Via = { version: "2.0", transport: transport.toUpperCase(), ...local, parameters };
    return { ...bare, headers: [{ name: "Via", value: writeVia(via) }, ...bare.headers] };
  }

  #start(
    bare: SipRequest,
    request: SipRequest,
    to: Destination,
    fallback: Destination | undefined,
    user: ClientUser,
    now: Instant,
  ): ClientTransaction {
    const machine = this.#machineFor(request, to);
    const entry: ClientEntry = {
      key: clientKey(request),
      request,
      to,
      link: undefined,
      machine,
      user,
      fallback,
      bare,
    };
    this.#clients.set(entry.key, entry);
    this.#carryOutClient(entry, machine.begin(now), now);
    return entry;
  }

  /** §18.1.1: TCP was only tried for the length; the request goes over UDP then. */
  #fallBack(entry: ClientEntry, to: Destination, now: Instant): void {
    this.#clients.delete(entry.key);
    entry.to = { ...to, isFixed: true };
    entry.fallback = undefined;
    entry.request = this.#withVia(entry.bare, to);
    entry.key = clientKey(entry.request);
    entry.machine = this.#machineFor(entry.request, to);
    this.#clients.set(entry.key, entry);
    this.#carryOutClient(entry, entry.machine.begin(now), now);
  }

  #machineFor(
    request: SipRequest,
    to: Destination,
  ): InviteClientTransaction | NonInviteClientTransaction {
    const { timers } = this.#options;
    const reliable = isReliable(to.transport);
    return request.method === "INVITE"
      ? new InviteClientTransaction(request, timers, reliable)
      : new NonInviteClientTransaction(request, timers, reliable);
  }

  #serve(
    request: SipRequest,
    transport: SipTransport,
    to: Destination,
    key: string,
    merge: string,
    now: Instant,
  ): ServerTransaction {
    const { timers } = this.#options;
    const reliable = isReliable(transport);
    const machine = request.method === "INVITE"
      ? new InviteServerTransaction(respondTo(request, 100), timers, reliable)
      : new NonInviteServerTransaction(timers, reliable);
    const entry: ServerEntry = { key, request, to, machine, merge, user: undefined };
    this.#servers.set(key, entry);
    this.#merges.set(merge, (this.#merges.get(merge) ?? 0) + 1);
    if (machine instanceof InviteServerTransaction) {
      this.#carryOutServer(entry, machine.begin(now), now);
    }
    return entry;
  }

  #carryOutClient(
    entry: ClientEntry,
    actions: readonly TransactionAction[],
    now: Instant,
    error?: Error,
  ): void {
    if (entry.machine.state === "Terminated") this.#clients.delete(entry.key);
    for (const action of actions) {
      switch (action.type) {
        case "send":
          this.#options.outbox.transmit(action.message, entry.to, entry.key);
          break;
        case "response":
          entry.user.receiveResponse(action.response, now);
          break;
        case "timed-out":
          entry.user.receiveFailure("timeout", now);
          break;
        case "transport-failed":
          entry.user.receiveFailure("transport", now, error);
          break;
        case "ack":
          break; // Only INVITE servers have it.
        default:
          action satisfies never;
      }
    }
  }

  #carryOutServer(entry: ServerEntry, actions: readonly TransactionAction[], now: Instant): void {
    if (entry.machine.state === "Terminated") this.#forget(entry);
    for (const action of actions) {
      switch (action.type) {
        case "send":
          this.#options.outbox.transmit(action.message, entry.to, entry.key);
          break;
        case "ack":
          entry.user?.receiveAck?.(action.request, now);
          break;
        case "timed-out":
          entry.user?.receiveFailure?.("timeout", now);
          break;
        case "transport-failed":
          entry.user?.receiveFailure?.("transport", now);
          break;
        case "response":
          break; // Only clients have it.
        default:
          action satisfies never;
      }
    }
  }

  #forget(entry: ServerEntry): void {
    if (!this.#servers.delete(entry.key)) return;
    const left = (this.#merges.get(entry.merge) ?? 1) - 1;
    if (left === 0) this.#merges.delete(entry.merge);
    else this.#merges.set(entry.merge, left);
  }
}

function isOutsideDialog(request: SipRequest): boolean {
  // A CANCEL repeats From tag, Call-ID and CSeq number of its INVITE under another method.
  return cSeqOf(request).method !== "CANCEL" && tagOf(toOf(request)) === undefined;
}
