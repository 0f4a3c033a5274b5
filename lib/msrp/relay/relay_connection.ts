/** What a relay keeps of one connection. */
import type { Instant } from "../../base/output.ts";
import type { ChunkHead } from "../chunk.ts";
import { ChunkParser, type ChunkParserLimits } from "../chunk_parser.ts";
import type { MsrpUri } from "../uri.ts";
import type { RelayConnectionFacts, RelayConnectionId } from "./events.ts";
import type { ForwardedSend } from "./forwarded_send.ts";
import { HopTransactions } from "./hop_transactions.ts";
import type { IssuedUri } from "./issued_uris.ts";
import { type OutboundHost, OutboundQueue } from "./outbound_queue.ts";
import type { Arrival, Forwarding } from "./request_routing.ts";
import type { Timer } from "./timers.ts";

/** What a timer of a relay is for. */
export type RelayTimer =
  | {
    readonly kind: "transaction";
    readonly connection: RelayConnectionId;
    readonly transactionId: string;
  }
  | {
    readonly kind: "probation" | "connect" | "stall" | "idle";
    readonly connection: RelayConnectionId;
  }
  | { readonly kind: "expiry"; readonly session: IssuedUri };

/** The frame that is being read. */
export type IncomingFrame =
  | {
    readonly kind: "send";
    readonly head: ChunkHead;
    readonly send: ForwardedSend;
    readonly target: RelayConnection;
  }
  | {
    readonly kind: "request";
    readonly head: ChunkHead;
    readonly hasBody: boolean;
    readonly routing: Forwarding;
    readonly pieces: Uint8Array[];
    length: number;
  }
  | { readonly kind: "auth"; readonly head: ChunkHead }
  /** Of no interest: refused already, or a response. */
  | { readonly kind: "skip" };

/** How a {@link RelayConnection} begins. */
export interface RelayConnectionOptions {
  readonly id: RelayConnectionId;
  readonly facts: RelayConnectionFacts;
  /** What URIs that are handed out over it begin with. */
  readonly authority: MsrpUri;
  /** Where it leads, when it was opened by us. */
  readonly target?: MsrpUri | undefined;
  readonly parserLimits: ChunkParserLimits;
  readonly transactionLimit: number;
  readonly windowLength: number;
  readonly host: Pick<
    OutboundHost,
    "random" | "transmit" | "chunkBegan" | "chunkEnded" | "released"
  >;
  readonly now: Instant;
}

/** One connection: accepted, or opened towards a next hop. */
export class RelayConnection {
  readonly id: RelayConnectionId;
  readonly authority: MsrpUri;
  readonly target: MsrpUri | undefined;
  readonly parser: ChunkParser;
  readonly queue: OutboundQueue;
  readonly transactions: HopTransactions<RelayTimer>;
  /** Identifiers of requests that came over it and wait for the response of a later hop. */
  readonly pendingRequests: Set<string> = new Set<string>();
  facts: RelayConnectionFacts;
  isOpen: boolean;
  isClosed = false;
  /** Whether a request over it succeeded (RFC 4976 §6.1). Those that we opened need no probation. */
  isProven: boolean;
  failures = 0;
  incoming: IncomingFrame = { kind: "skip" };
  /** Octets that came over it and were not sent on yet. */
  held = 0;
  isPaused = false;
  lastUsed: Instant;
  /** Probation, connecting or idleness: one at a time. */
  lifeTimer: Timer<RelayTimer> | undefined;
  stallTimer: Timer<RelayTimer> | undefined;

  /** @param options Who, where to, and who is told. */
  constructor(options: RelayConnectionOptions) {
    const { id, facts, authority, target, host, windowLength, now } = options;
    this.id = id;
    this.facts = facts;
    this.authority = authority;
    this.target = target;
    this.isOpen = target === undefined;
    this.isProven = target !== undefined;
    this.lastUsed = now;
    this.parser = new ChunkParser({ limits: options.parserLimits });
    this.transactions = new HopTransactions(options.transactionLimit);
    this.queue = new OutboundQueue({
      ...host,
      isTaken: (transactionId) => this.transactions.has(transactionId),
      isFull: () => this.transactions.isFull,
    }, windowLength);
  }

  /** Who sends what comes over it. */
  get arrival(): Arrival {
    return { ...this.facts, connection: this.id };
  }
}
