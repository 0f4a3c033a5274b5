/**
 * TCP connections out of segments: both directions in order, holes named, memory bounded.
 *
 * A hole is given up when the other side has acknowledged octets after it (so that nobody will
 * send them again) and some time has passed, when too much waits behind it, or at the end.
 */
import type { Arrival, Sighting } from "../arrival.ts";
import { type DirectionOutput, TcpDirection } from "./tcp_direction.ts";
import type { TcpSegment } from "./tcp_segment.ts";

/** Bounds of {@link TcpReassembler}. */
export interface TcpReassemblyLimits {
  /** Most connections at once; past it the one longest silent is given up. Default 4096. */
  readonly connections?: number;
  /** Most octets that wait behind a hole, in one direction. Default 1 MiB. */
  readonly heldOctets?: number;
  /** The same over all connections. Default 64 MiB. */
  readonly heldTotal?: number;
  /** Most segments that wait behind a hole, in one direction. Default 1024. */
  readonly heldSegments?: number;
  /** How long an acknowledged hole is waited for, in milliseconds of the capture. Default 500. */
  readonly holePatience?: number;
}

interface Connection {
  readonly id: number;
  readonly directions: Map<string, TcpDirection>;
  isReset: boolean;
  transport: "tcp" | "tls";
}

/** What the reassembler counted, for the summary. */
export interface TcpStatistics {
  connections: number;
  retransmissions: number;
  gaps: number;
  missingOctets: number;
}

/** Segments → octets. */
export class TcpReassembler {
  readonly #limits: Required<TcpReassemblyLimits>;
  readonly #connections = new Map<string, Connection>();
  #held = 0;
  /** Counts over the whole input. */
  readonly statistics: TcpStatistics = {
    connections: 0,
    retransmissions: 0,
    gaps: 0,
    missingOctets: 0,
  };

  /** @param limits See {@link TcpReassemblyLimits}. */
  constructor(limits: TcpReassemblyLimits = {}) {
    this.#limits = {
      connections: 4096,
      heldOctets: 1024 * 1024,
      heldTotal: 64 * 1024 * 1024,
      heldSegments: 1024,
      holePatience: 500,
      ...limits,
    };
  }

  /**
   * Takes a segment and returns what became ready, in order.
   *
   * @param transport `tls` when the recorder removed TLS from these octets.
   */
  receive(
    segment: TcpSegment,
    frame: number,
    at: number | undefined,
    transport: "tcp" | "tls" = "tcp",
  ): Arrival[] {
    const seen: Sighting = {
      frame,
      at,
      src: { host: segment.src, port: segment.srcPort },
      dst: { host: segment.dst, port: segment.dstPort },
    };
    const from = `${segment.src} ${segment.srcPort}`;
    const to = `${segment.dst} ${segment.dstPort}`;
    const key = from < to ? `${from} ${to}` : `${to} ${from}`;
    const arrivals: Arrival[] = [];
    const connection = this.#connectionOf(key, from, segment, arrivals);
    if (transport === "tls") connection.transport = transport;
    const ours = directionOf(connection, from);
    const theirs = directionOf(connection, to);

    if (segment.isSyn) ours.synchronise(segment.sequence);
    const sequence = segment.sequence + (segment.isSyn ? 1 : 0);
    const before = ours.retransmissions;
    const { payload, payloadLength, isFin } = segment;
    const receive = () => ours.receive(seen, sequence >>> 0, payload, payloadLength, isFin);
    this.#take(connection, ours, receive, arrivals);
    this.statistics.retransmissions += ours.retransmissions - before;

    if (segment.isAck && theirs.runs > 0) {
      this.#weighHole(connection, theirs, segment, seen, arrivals);
    }
    while (this.#isTooMuch(ours)) {
      this.#take(connection, ours, () => ours.skipHole(seen), arrivals);
    }
    if (segment.isRst && !connection.isReset) this.#reset(connection, seen, arrivals);
    return arrivals;
  }

  /** The input has ended: every hole is given up, every open connection is named as lost. */
  end(): Arrival[] {
    const arrivals: Arrival[] = [];
    for (const connection of this.#connections.values()) this.#lose(connection, arrivals);
    this.#connections.clear();
    return arrivals;
  }

  #connectionOf(
    key: string,
    from: string,
    segment: TcpSegment,
    arrivals: Arrival[],
  ): Connection {
    let connection = this.#connections.get(key);
    this.#connections.delete(key); // Set again below: insertion order is the order of silence.
    const isReuse = connection !== undefined && segment.isSyn && !segment.isAck &&
      (connection.isReset || directionOf(connection, from).isForeignSyn(segment.sequence));
    if (connection !== undefined && isReuse) {
      this.#lose(connection, arrivals);
      connection = undefined;
    }
    if (connection === undefined) {
      connection = {
        id: ++this.statistics.connections,
        directions: new Map(),
        isReset: false,
        transport: "tcp",
      };
      if (this.#connections.size >= this.#limits.connections) this.#loseOldest(arrivals);
    }
    this.#connections.set(key, connection);
    return connection;
  }

  #loseOldest(arrivals: Arrival[]): void {
    const [oldest] = this.#connections;
    if (oldest === undefined) return;
    this.#lose(oldest[1], arrivals);
    this.#connections.delete(oldest[0]);
  }

  #weighHole(
    connection: Connection,
    direction: TcpDirection,
    segment: TcpSegment,
    seen: Sighting,
    arrivals: Arrival[],
  ): void {
    const waited = (seen.at ?? 0) - (direction.waitsSince ?? 0);
    if (!direction.isPastHole(segment.acknowledgement)) return;
    if (waited < this.#limits.holePatience) return;
    this.#take(connection, direction, () => direction.skipHole(seen), arrivals);
  }

  #reset(connection: Connection, seen: Sighting, arrivals: Arrival[]): void {
    connection.isReset = true;
    for (const direction of connection.directions.values()) {
      this.#take(connection, direction, () => direction.finish(seen), arrivals);
    }
    arrivals.push({ type: "end", connection: connection.id, how: "rst", ...seen });
  }

  #lose(connection: Connection, arrivals: Arrival[]): void {
    const nowhere: Sighting = { frame: 0, at: undefined, src: undefined, dst: undefined };
    for (const [from, direction] of connection.directions) {
      this.#take(connection, direction, () => direction.finish(nowhere), arrivals);
      if (direction.isFinished || connection.isReset) continue;
      const [host = "", port = "0"] = from.split(" ");
      const src = { host, port: Number(port) };
      arrivals.push({ type: "end", connection: connection.id, how: "lost", ...nowhere, src });
    }
  }

  #isTooMuch({ held, runs }: TcpDirection): boolean {
    const { heldOctets, heldSegments, heldTotal } = this.#limits;
    if (runs === 0) return false;
    return held > heldOctets || runs > heldSegments || this.#held > heldTotal;
  }

  /** Lets a direction act, keeps count of what it holds, and reports what it yields. */
  #take(
    connection: Connection,
    direction: TcpDirection,
    act: () => DirectionOutput[],
    arrivals: Arrival[],
  ): void {
    const { id, transport } = connection;
    const before = direction.held;
    const outputs = act();
    this.#held += direction.held - before;
    for (const output of outputs) {
      if (output.type === "octets") {
        const { seen, data } = output;
        arrivals.push({ type: "octets", connection: id, data, transport, ...seen });
      } else if (output.type === "gap") {
        this.statistics.gaps++;
        this.statistics.missingOctets += output.octets;
        arrivals.push({ type: "gap", connection: id, octets: output.octets, ...output.seen });
      } else arrivals.push({ type: "end", connection: id, how: "fin", ...output.seen });
    }
  }
}

function directionOf(connection: Connection, from: string): TcpDirection {
  let direction = connection.directions.get(from);
  if (direction === undefined) {
    direction = new TcpDirection();
    connection.directions.set(from, direction);
  }
  return direction;
}
