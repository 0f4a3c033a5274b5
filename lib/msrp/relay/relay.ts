/**
 * An MSRP relay as a synchronous core: octets of many connections in, octets for others out
 * (RFC 4976 §6). Bodies are passed on as they come; nothing holds a whole message.
 */
import type { Instant, RandomSource } from "../../base/output.ts";
import type { ChunkParserEvent } from "../chunk_parser.ts";
import type { MsrpUri } from "../uri.ts";
import type { RelayConnectionFacts, RelayConnectionId, RelayOutput } from "./events.ts";
import { relayBounds, type RelayLimits } from "./limits.ts";
import { RelayAuth, type RelayAuthOptions } from "./relay_auth.ts";
import type { RelayConnection, RelayTimer } from "./relay_connection.ts";
import { IDLE_TIMEOUT, RelayLifecycle } from "./relay_lifecycle.ts";
import { RelayRequests } from "./relay_requests.ts";
import { receiveResponse } from "./relay_responses.ts";
import { RelayTable } from "./relay_table.ts";

/** What a {@link MsrpRelay} is made of. */
export interface MsrpRelayOptions {
  readonly random: RandomSource;
  /**
   * The URIs that it is reached by, without session-id and with a port: one for each host
   * name, port and scheme. What is handed out begins with the first that fits, or with what
   * {@link MsrpRelay.accept} says; RFC 4976 §4.2 wants a host name there.
   */
  readonly authorities: readonly MsrpUri[];
  readonly auth: RelayAuthOptions;
  /** Methods that are answered 501 instead of being forwarded (§6.4.2). Default: none. */
  readonly blockedMethods?: readonly string[] | undefined;
  /** Whether a client may have a next hop called. Default: any. */
  readonly mayConnect?: ((to: MsrpUri) => boolean) | undefined;
  readonly limits?: RelayLimits | undefined;
}

/** The core of a relay. */
export class MsrpRelay {
  readonly #table: RelayTable;
  readonly #lifecycle: RelayLifecycle;
  readonly #requests: RelayRequests;
  readonly #controlLength: number;

  /**
   * @throws {RangeError} when it is reached by nothing, or a URI of it has no port.
   * @throws {TypeError} for digest algorithms that RFC 4976 forbids.
   */
  constructor(options: MsrpRelayOptions) {
    const { random, authorities, auth, blockedMethods = [], limits = {} } = options;
    if (authorities.length === 0 || authorities.some((it) => it.port === undefined)) {
      throw new RangeError("a relay needs URIs with a port that it is reached by");
    }
    const bounds = relayBounds(limits);
    this.#controlLength = bounds.controlLength;
    this.#table = new RelayTable(random, bounds);
    this.#lifecycle = new RelayLifecycle(this.#table, {
      authorities,
      bounds,
      parserLimits: limits,
    });
    const judge = new RelayAuth(auth, random, this.#table.issued, bounds);
    this.#requests = new RelayRequests(this.#table, this.#lifecycle, judge, {
      authorities,
      blockedMethods,
      mayConnect: options.mayConnect ?? (() => true),
      bounds,
    });
  }

  /** When {@link handleTimeout} wants to be called next, if at all. */
  get deadline(): Instant | undefined {
    return this.#table.timers.deadline;
  }

  /** Connections that are open or being opened. */
  get connectionCount(): number {
    return this.#table.connections.size;
  }

  /** URIs that are good now. */
  get sessionCount(): number {
    return this.#table.issued.size;
  }

  /**
   * Somebody connected.
   *
   * @param facts `authority`: what URIs handed out over this connection begin with.
   * @returns The connection's name; among the outputs may be its end, when there is no room.
   */
  accept(
    facts: RelayConnectionFacts & { readonly authority?: MsrpUri | undefined },
    now: Instant,
  ): { readonly connection: RelayConnectionId; readonly outputs: RelayOutput[] } {
    this.#lifecycle.now = now;
    const { id } = this.#lifecycle.accept(facts);
    return { connection: id, outputs: this.#table.taken(now) };
  }

  /** A connection that was asked for by `connect` stands. */
  connected(id: RelayConnectionId, facts: RelayConnectionFacts, now: Instant): RelayOutput[] {
    return this.#with(id, now, (connection) => this.#lifecycle.connected(connection, facts));
  }

  /** It could not be opened. */
  connectFailed(id: RelayConnectionId, now: Instant): RelayOutput[] {
    return this.#with(id, now, (it) => this.#lifecycle.close(it, "unreachable"));
  }

  /** Octets came. */
  receive(id: RelayConnectionId, bytes: Uint8Array, now: Instant): RelayOutput[] {
    return this.#with(id, now, (connection) => {
      connection.lastUsed = now;
      for (const event of connection.parser.feed(bytes)) this.#handle(connection, event, now);
    });
  }

  /** The other end closed its half, or the stream was cut: the connection is over. */
  receiveEnd(id: RelayConnectionId, now: Instant): RelayOutput[] {
    return this.#with(id, now, (it) => this.#lifecycle.close(it, "ended"));
  }

  /** The stream has taken everything that was transmitted. */
  handleWritable(id: RelayConnectionId, now: Instant): RelayOutput[] {
    return this.#with(id, now, (connection) => {
      this.#table.timers.cancel(connection.stallTimer);
      connection.stallTimer = undefined;
      connection.queue.handleWritable();
      this.#table.touch(connection);
    });
  }

  /** {@link deadline} has passed. */
  handleTimeout(now: Instant): RelayOutput[] {
    this.#lifecycle.now = now;
    for (;;) {
      const due = this.#table.timers.takeDue(now);
      if (due === undefined) break;
      this.#expire(due, now);
    }
    return this.#table.taken(now);
  }

  /** Closes everything. */
  shutDown(now: Instant): RelayOutput[] {
    this.#lifecycle.now = now;
    for (const it of [...this.#table.connections.values()]) this.#lifecycle.close(it, "shutdown");
    return this.#table.taken(now);
  }

  #with(
    id: RelayConnectionId,
    now: Instant,
    act: (connection: RelayConnection) => void,
  ): RelayOutput[] {
    this.#lifecycle.now = now;
    const connection = this.#table.connections.get(id);
    if (connection !== undefined) act(connection);
    const outputs = this.#table.taken(now);
    if (connection !== undefined && connection.queue.controlLength > this.#controlLength) {
      this.#lifecycle.close(connection, "stalled");
      outputs.push(...this.#table.taken(now));
    }
    return outputs;
  }

  #handle(connection: RelayConnection, event: ChunkParserEvent, now: Instant): void {
    if (connection.isClosed) return;
    switch (event.type) {
      case "chunk-start":
        if (event.head.startLine.kind === "request") {
          this.#requests.begin(connection, event.head, event.hasBody);
        } else {
          connection.incoming = { kind: "skip" };
          receiveResponse(
            this.#table,
            connection,
            event.head,
            (source, error) => this.#requests.countFailure(source, error),
          );
        }
        return;
      case "chunk-data":
        this.#requests.add(connection, event.bytes);
        return;
      case "chunk-end":
        this.#requests.end(connection, event.continuation, now);
        return;
      case "parse-error":
        this.#lifecycle.close(connection, "fault", event.error);
        return;
    }
  }

  #expire(due: RelayTimer, now: Instant): void {
    if (due.kind === "expiry") {
      this.#lifecycle.forget(due.session, "expired");
      return;
    }
    const connection = this.#table.connections.get(due.connection);
    if (connection === undefined) return;
    switch (due.kind) {
      case "transaction": {
        const transaction = connection.transactions.get(due.transactionId);
        connection.transactions.finish(due.transactionId);
        this.#table.touch(connection);
        if (transaction?.kind === "request") {
          const source = this.#table.connections.get(transaction.returnPath.source);
          source?.pendingRequests.delete(transaction.originalId);
        } else if (transaction?.send.failureReport === "yes" && transaction.range !== undefined) {
          this.#table.report(transaction.send, 408, transaction.range);
        }
        return;
      }
      case "probation":
        this.#lifecycle.close(connection, "probation");
        return;
      case "connect":
        this.#lifecycle.close(connection, "unreachable");
        return;
      case "stall":
        this.#lifecycle.close(connection, "stalled");
        return;
      case "idle": {
        const isInUse = this.#table.issued.countOf(connection.id) > 0;
        const since = isInUse ? now : connection.lastUsed;
        if (now - since >= IDLE_TIMEOUT) this.#lifecycle.close(connection, "idle");
        else this.#lifecycle.watchIdleness(connection, since + IDLE_TIMEOUT);
        return;
      }
    }
  }
}
