/** How connections of a relay begin and end, and what their end means for what was on its way (RFC 4976 §6.1, §6.3, §6.5). */
import type { PeerError } from "../../base/errors.ts";
import type { Instant } from "../../base/output.ts";
import type { ChunkParserLimits } from "../chunk_parser.ts";
import { RESPONSE_TIMEOUT } from "../transaction.ts";
import { type MsrpUri, msrpUrisMatch } from "../uri.ts";
import type { RelayCloseReason, RelayConnectionFacts, RelayConnectionId } from "./events.ts";
import type { ForwardedSend } from "./forwarded_send.ts";
import type { HopTransaction } from "./hop_transactions.ts";
import type { IssuedUri } from "./issued_uris.ts";
import type { RelayBounds } from "./limits.ts";
import { RelayConnection } from "./relay_connection.ts";
import type { RelayTable } from "./relay_table.ts";
import { haveSameAuthority } from "./request_routing.ts";

/** What a {@link RelayLifecycle} is told. */
export interface RelayLifecycleOptions {
  readonly authorities: readonly MsrpUri[];
  readonly bounds: Pick<RelayBounds, "connections" | "transactions" | "windowLength">;
  readonly parserLimits: ChunkParserLimits;
}

/** Opens, accepts and closes. */
export class RelayLifecycle {
  readonly #table: RelayTable;
  readonly #options: RelayLifecycleOptions;
  #count = 0;
  #now: Instant = 0;

  /** @param table What it works on. */
  constructor(table: RelayTable, options: RelayLifecycleOptions) {
    this.#table = table;
    this.#options = options;
  }

  /** The present, for what happens in the middle of sending. */
  set now(now: Instant) {
    this.#now = now;
  }

  /** Somebody connected. Past the limit the longest-waiting stranger makes room, or nobody does. */
  accept(
    facts: RelayConnectionFacts & { readonly authority?: MsrpUri | undefined },
  ): RelayConnection {
    const authority = facts.authority ?? this.#authorityFor(facts.isSecure);
    const connection = this.#add(facts, authority, undefined);
    const timer = { kind: "probation", connection: connection.id } as const;
    connection.lifeTimer = this.#table.timers.set(this.#now + PROBATION, timer);
    this.#makeRoom(connection);
    return connection;
  }

  /** Opens a connection to a next hop; `undefined` when there is no room for one. */
  open(to: MsrpUri): RelayConnection | undefined {
    if (this.#table.connections.size >= this.#options.bounds.connections) {
      const stranger = this.#table.find((it) => !it.isProven);
      if (stranger === undefined) return undefined;
      this.close(stranger, "evicted");
    }
    const isSecure = to.scheme === "msrps";
    const connection = this.#add({ isSecure }, this.#authorityFor(isSecure), to);
    const timer = { kind: "connect", connection: connection.id } as const;
    connection.lifeTimer = this.#table.timers.set(this.#now + CONNECT_TIMEOUT, timer);
    this.#table.put({ type: "connect", connection: connection.id, to });
    return connection;
  }

  /** A connection that was asked for stands. */
  connected(connection: RelayConnection, facts: RelayConnectionFacts): void {
    connection.facts = facts;
    connection.isOpen = true;
    this.prove(connection);
    this.#table.touch(connection);
  }

  /** A request succeeded: the probation is over, and idleness counts from now on. */
  prove(connection: RelayConnection): void {
    connection.isProven = true;
    this.watchIdleness(connection, this.#now + IDLE_TIMEOUT);
  }

  /** Looks again at `at` whether the connection is still of use. */
  watchIdleness(connection: RelayConnection, at: Instant): void {
    const { timers } = this.#table;
    const timer = connection.lifeTimer;
    if (timer?.what.kind === "idle" && timer.at > this.#now) return;
    timers.cancel(timer);
    connection.lifeTimer = timers.set(at, { kind: "idle", connection: connection.id });
  }

  /** The best connection towards `next` for a session (§6.4.2: one that stands, before a new one). */
  towards(next: MsrpUri, session: IssuedUri): RelayConnection | undefined {
    const { connections } = this.#table;
    const peer = session.peers.find((it) => msrpUrisMatch(it.uri, next));
    const known = peer === undefined ? undefined : connections.get(peer.connection);
    if (known !== undefined) return known;
    return this.#relay(next) ?? this.open(next);
  }

  /** The connection towards the client of a session. */
  towardsClient({ owner, clientPath: [next] }: IssuedUri): RelayConnection | undefined {
    if (owner.kind === "client") return this.#table.connections.get(owner.connection);
    return next === undefined ? undefined : this.#relay(next) ?? this.open(next);
  }

  /** Ends a connection, and everything that depended on it. Safe to call twice. */
  close(connection: RelayConnection, reason: RelayCloseReason, error?: PeerError): void {
    if (connection.isClosed) return;
    const { timers, connections, issued } = this.#table;
    connection.isClosed = true;
    connections.delete(connection.id);
    timers.cancel(connection.lifeTimer);
    timers.cancel(connection.stallTimer);
    this.#breakOff(connection);
    for (const session of issued.of(connection.id)) {
      if (session.owner.kind === "client") this.forget(session, "connection");
    }
    this.#table.put({ type: "close", connection: connection.id });
    this.#table.tell({ type: "connection-closed", connection: connection.id, reason, error });
    this.#failAll(connection);
  }

  /** A URI is no good any more. What is under way with it arrives. */
  forget(session: IssuedUri, reason: "expired" | "connection"): void {
    if (!this.#table.issued.remove(session)) return;
    this.#table.timers.cancel(session.timer);
    this.#table.tell({ type: "session-closed", uri: session.uri, reason });
  }

  /** A URI was handed out or prolonged: it ends when its time is over (§6.3). */
  watchExpiry(session: IssuedUri): void {
    const { timers } = this.#table;
    timers.cancel(session.timer);
    session.timer = timers.set(session.expiresAt, { kind: "expiry", session });
  }

  /** A chunk left: the time of its answer begins. */
  chunkEnded(connection: RelayConnection, send: ForwardedSend, transactionId: string): void {
    const transaction = connection.transactions.get(transactionId);
    if (transaction?.kind !== "send") return;
    const { start } = transaction;
    transaction.range = { ...send.rangeFrom(start), end: Math.max(0, send.position - 1) };
    // Without failure reports nobody is interested in an answer.
    if (send.failureReport === "no") connection.transactions.finish(transactionId);
    else this.#arm(connection, transactionId);
  }

  /** A request left whose response goes all the way back. */
  requestLeft(connection: RelayConnection, transaction: HopTransaction): void {
    connection.transactions.begin(transaction);
    this.#arm(connection, transaction.transactionId);
  }

  #arm(connection: RelayConnection, transactionId: string): void {
    const timer = { kind: "transaction", connection: connection.id, transactionId } as const;
    connection.transactions.arm(
      transactionId,
      this.#table.timers.set(this.#now + RESPONSE_TIMEOUT, timer),
    );
  }

  /** The frame that was being read will not be finished. */
  #breakOff({ id, incoming }: RelayConnection): void {
    if (incoming.kind !== "send" || incoming.send.end !== undefined) return;
    const { send, target } = incoming;
    // A peer may come back and go on; a client cannot, for its URI dies with the connection.
    const isOver = this.#table.issued.countOf(id) > 0;
    if (send.buffered > 0 && !isOver) send.end = "+";
    else target.queue.giveUp(send, isOver ? "#" : "+", send.position > 1);
    this.#table.touch(target);
  }

  /** Nothing more reaches the other end, and no answer comes. */
  #failAll(connection: RelayConnection): void {
    const waiting = connection.queue.drain();
    for (const { transaction, timer } of connection.transactions.drain()) {
      this.#table.timers.cancel(timer);
      if (transaction.kind === "request") {
        this.#table.connections.get(transaction.returnPath.source)?.pendingRequests.delete(
          transaction.originalId,
        );
        continue;
      }
      const { send, range, start } = transaction;
      if (range === undefined) this.#lose(send, start);
      else if (send.failureReport === "yes") this.#table.report(send, 408, range);
    }
    for (const item of waiting) {
      if (item.kind === "request") {
        this.#table.release(item.source, item.length);
        item.onLost();
        continue;
      }
      if (!item.isRefused) this.#lose(item, item.position);
      this.#table.release(item.returnPath.source, item.overhead);
    }
  }

  /** What did not leave completely is lost from `start` on. */
  #lose(send: ForwardedSend, start: number): void {
    if (!send.isRefused) this.#table.report(send, 408, send.rangeFrom(start));
    this.#table.release(send.returnPath.source, send.refuse());
  }

  /** A connection to the relay that `uri` names, or to that very place. */
  #relay(uri: MsrpUri): RelayConnection | undefined {
    const host = uri.host.toLowerCase();
    return this.#table.find((it) =>
      (it.target !== undefined && haveSameAuthority(it.target, uri)) ||
      (uri.scheme === "msrps" && it.facts.relayHosts?.includes(host) === true)
    );
  }

  #add(
    facts: RelayConnectionFacts,
    authority: MsrpUri,
    target: MsrpUri | undefined,
  ): RelayConnection {
    const id: RelayConnectionId = ++this.#count;
    const table = this.#table;
    const { bounds, parserLimits } = this.#options;
    const connection: RelayConnection = new RelayConnection({
      id,
      facts,
      authority,
      target,
      parserLimits,
      transactionLimit: bounds.transactions,
      windowLength: bounds.windowLength,
      now: this.#now,
      host: {
        random: table.random,
        transmit: (data) => table.put({ type: "transmit", connection: id, data }),
        chunkBegan: (send, transactionId) =>
          connection.transactions.begin({
            kind: "send",
            transactionId,
            send,
            start: send.position,
            range: undefined,
          }),
        chunkEnded: (send, transactionId) => this.chunkEnded(connection, send, transactionId),
        released: (source, octets) => table.release(source, octets),
      },
    });
    table.connections.set(id, connection);
    return connection;
  }

  #makeRoom(newcomer: RelayConnection): void {
    if (this.#table.connections.size <= this.#options.bounds.connections) return;
    const stranger = this.#table.find((it) => !it.isProven);
    this.close(stranger ?? newcomer, "evicted");
  }

  #authorityFor(isSecure: boolean): MsrpUri {
    const [first] = this.#options.authorities;
    const found = this.#options.authorities.find((it) => (it.scheme === "msrps") === isSecure);
    const authority = found ?? first;
    if (authority === undefined) throw new RangeError("a relay needs a URI that it is reached by");
    return authority;
  }
}

/** Milliseconds until the first request must have succeeded (§6.1). */
export const PROBATION = 30_000;
/** Milliseconds that opening a connection may take. */
const CONNECT_TIMEOUT = 30_000;
/** Milliseconds after which a connection that nobody used may go (§6.5). */
export const IDLE_TIMEOUT = 3_600_000;
