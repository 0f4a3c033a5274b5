/**
 * All transactions of one server, in both directions (RFC 3261 §16.2, §17; RFC 6026). Unlike
 * a user agent's, it does not object to merged requests (§16.3), its clients send requests
 * whose Via is theirs already, and it finds the next timer without asking every transaction.
 */

import type { SipServerEvent } from "./events.ts";
import type { Instant } from "../../base/output.ts";
import { topVia } from "../message/header_fields.ts";
import { isReliable, type SipRequest, type SipResponse } from "../message/message.ts";
import { sentByOf } from "../message/via.ts";
import { InviteClientTransaction } from "../transaction/invite_client.ts";
import { InviteServerTransaction } from "../transaction/invite_server.ts";
import type { TransactionAction } from "../transaction/machine.ts";
import { clientKey, serverKey } from "../transaction/matching.ts";
import { NonInviteClientTransaction } from "../transaction/non_invite_client.ts";
import { NonInviteServerTransaction } from "../transaction/non_invite_server.ts";
import type { Timers } from "../transaction/timers.ts";
import type { Destination } from "../user_agent/destination.ts";
import { respondTo } from "../user_agent/responses.ts";
import type { Failure } from "../user_agent/transaction_layer.ts";
import { DeadlineQueue } from "./deadline_queue.ts";
import type { Outbox } from "../user_agent/outbox.ts";

/** The one who sent a request on. */
export interface ForwardUser {
  /** A response, but for repetitions that the transaction absorbs. */
  receiveResponse(response: SipResponse, now: Instant): void;
  /** No final response will come. */
  receiveFailure(failure: Failure, now: Instant): void;
}

/** A request of ours on its way. */
export interface OutgoingTransaction {
  readonly key: string;
  readonly request: SipRequest;
  readonly to: Destination;
}

/** A request that arrived and is being taken care of. */
export interface IncomingTransaction {
  readonly key: string;
  /** With an annotated Via. */
  readonly request: SipRequest;
  /** Where its responses go. */
  readonly to: Destination;
}

/** What became of a received request. */
export type TableReception =
  /** Nobody knows it. */
  | "new"
  /** An ACK that no transaction keeps: it acknowledges a 2xx, or a refusal without state. */
  | "stray-ack"
  /** A transaction took it. */
  | "absorbed";

interface ClientEntry extends OutgoingTransaction {
  readonly machine: InviteClientTransaction | NonInviteClientTransaction;
  readonly user: ForwardUser;
}

interface ServerEntry extends IncomingTransaction {
  readonly machine: InviteServerTransaction | NonInviteServerTransaction;
}

/** What the table is made with. */
export interface TransactionTableOptions {
  readonly timers: Timers;
  readonly outbox: Outbox<SipServerEvent>;
}

/** Owns every transaction. */
export class TransactionTable {
  readonly #options: TransactionTableOptions;
  readonly #clients = new Map<string, ClientEntry>();
  readonly #servers = new Map<string, ServerEntry>();
  readonly #deadlines = new DeadlineQueue<ClientEntry | ServerEntry>();

  /** @param options What it is made with. */
  constructor(options: TransactionTableOptions) {
    this.#options = options;
  }

  /** Transactions of both kinds. */
  get size(): number {
    return this.#clients.size + this.#servers.size;
  }

  /** When {@link handleTimeout} wants to be called, if at all. */
  get deadline(): Instant | undefined {
    return this.#deadlines.earliest;
  }

  /** Sends a request, complete with our Via. */
  start(
    request: SipRequest,
    to: Destination,
    user: ForwardUser,
    now: Instant,
  ): OutgoingTransaction {
    const { timers } = this.#options;
    const reliable = isReliable(to.transport);
    const machine = request.method === "INVITE"
      ? new InviteClientTransaction(request, timers, reliable)
      : new NonInviteClientTransaction(request, timers, reliable);
    const entry: ClientEntry = { key: clientKey(request), request, to, machine, user };
    this.#clients.set(entry.key, entry);
    this.#carryOutClient(entry, machine.begin(now), now);
    return entry;
  }

  /**
   * Gives a request to the transaction it belongs to, if there is one.
   *
   * @param request With its Via annotated.
   */
  receiveRequest(request: SipRequest, now: Instant): TableReception {
    const isAck = request.method === "ACK";
    const entry = this.#servers.get(serverKey(request, isAck ? "INVITE" : request.method));
    if (entry === undefined) return isAck ? "stray-ack" : "new";
    const actions = entry.machine.receive(request, now);
    this.#carryOutServer(entry, actions);
    // RFC 2543 peers send the ACK to a 2xx inside the transaction of the INVITE.
    return actions.some((it) => it.type === "ack") ? "stray-ack" : "absorbed";
  }

  /** Begins to take care of a new request. */
  serve(request: SipRequest, to: Destination, now: Instant): IncomingTransaction {
    const { timers } = this.#options;
    const reliable = isReliable(to.transport);
    const machine = request.method === "INVITE"
      ? new InviteServerTransaction(respondTo(request, 100), timers, reliable)
      : new NonInviteServerTransaction(timers, reliable);
    const key = serverKey(request, request.method);
    const entry: ServerEntry = { key, request, to, machine };
    this.#servers.set(entry.key, entry);
    if (machine instanceof InviteServerTransaction) {
      this.#carryOutServer(entry, machine.begin(now));
    }
    return entry;
  }

  /** Hands a response to its transaction. After a final one, only further 2xx to an INVITE leave. */
  respond(incoming: IncomingTransaction, response: SipResponse, now: Instant): void {
    const entry = this.#servers.get(incoming.key);
    if (entry === undefined || entry.request !== incoming.request) return;
    this.#carryOutServer(entry, entry.machine.respond(response, now));
  }

  /** Forgets a request that will never be answered (RFC 4320 §4.2). */
  abandon(incoming: IncomingTransaction): void {
    const entry = this.#servers.get(incoming.key);
    if (entry?.request === incoming.request) this.#forget(this.#servers, entry);
  }

  /** Forgets a request of ours: its responses are strays from now on (§16.8, §9.1). */
  forsake(outgoing: OutgoingTransaction): void {
    const entry = this.#clients.get(outgoing.key);
    if (entry?.request === outgoing.request) this.#forget(this.#clients, entry);
  }

  /**
   * A response from the network. One that matches nothing is dropped: nobody may forward
   * strays (RFC 6026 §8.9).
   */
  receiveResponse(response: SipResponse, now: Instant): void {
    const entry = this.#clients.get(clientKey(response));
    if (entry === undefined) return;
    // §18.1.2: a response whose sent-by is not what we wrote was not meant for us.
    if (sentByOf(topVia(response)) !== sentByOf(topVia(entry.request))) return;
    this.#carryOutClient(entry, entry.machine.receive(response, now), now);
  }

  /** The INVITE that a CANCEL is about (§9.2). */
  cancelled(cancel: SipRequest): IncomingTransaction | undefined {
    return this.#servers.get(serverKey(cancel, "INVITE"));
  }

  /** A message of this transaction could not be sent. */
  receiveTransportError(key: string, now: Instant): void {
    const client = this.#clients.get(key);
    if (client !== undefined) {
      this.#carryOutClient(client, client.machine.receiveTransportError(now), now);
    }
    // §16.9: a response that cannot be delivered is dropped, and nothing else happens.
  }

  /** {@link deadline} has passed. */
  handleTimeout(now: Instant): void {
    for (const entry of this.#deadlines.takeDue(now)) {
      const actions = entry.machine.handleTimeout(now);
      if ("user" in entry) this.#carryOutClient(entry, actions, now);
      else this.#carryOutServer(entry, actions);
    }
  }

  #carryOutClient(entry: ClientEntry, actions: readonly TransactionAction[], now: Instant): void {
    this.#keep(this.#clients, entry);
    for (const action of actions) {
      if (action.type === "send") {
        this.#options.outbox.transmit(action.message, entry.to, entry.key);
      } else if (action.type === "response") entry.user.receiveResponse(action.response, now);
      else if (action.type === "timed-out") entry.user.receiveFailure("timeout", now);
      else if (action.type === "transport-failed") entry.user.receiveFailure("transport", now);
    }
  }

  #carryOutServer(entry: ServerEntry, actions: readonly TransactionAction[]): void {
    this.#keep(this.#servers, entry);
    for (const action of actions) {
      if (action.type === "send") {
        this.#options.outbox.transmit(action.message, entry.to, entry.key);
      }
      // Nobody acknowledged, or nothing could be delivered: the protocol asks for no remedy (§16.7 step 9).
    }
  }

  #keep<Entry extends ClientEntry | ServerEntry>(map: Map<string, Entry>, entry: Entry): void {
    if (entry.machine.state === "Terminated") this.#forget(map, entry);
    else if (map.get(entry.key) === entry) this.#deadlines.set(entry, entry.machine.deadline);
  }

  #forget<Entry extends ClientEntry | ServerEntry>(map: Map<string, Entry>, entry: Entry): void {
    this.#deadlines.set(entry, undefined);
    if (map.get(entry.key) === entry) map.delete(entry.key);
  }
}
