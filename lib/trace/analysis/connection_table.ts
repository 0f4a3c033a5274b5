/** The byte streams of a trace: both directions of each, followed and counted. */
import type { EndArrival, GapArrival, OctetsArrival } from "../arrival.ts";
import type { HostPort } from "../../base/wire_tap.ts";
import { type StreamEvent, StreamFollower } from "./stream_follower.ts";
import type { StreamKind } from "./stream_kind.ts";

/** One connection, for the summary. */
export interface TraceConnection {
  readonly id: number;
  /** Who spoke first, as far as the trace shows. */
  readonly src: HostPort | undefined;
  readonly dst: HostPort | undefined;
  readonly firstFrame: number;
  kind: StreamKind;
  octets: number;
  /** Octets that were sent and not captured. */
  missing: number;
  /** Records of TLS in both directions. */
  tlsHandshakes: number;
  tlsRecords: number;
  serverName: string | undefined;
}

/** Follows connections. Memory: two followers for each open one; `limit` records for the summary. */
export class ConnectionTable {
  readonly #limit: number;
  readonly #followers = new Map<number, Map<string, StreamFollower>>();
  readonly #records = new Map<number, TraceConnection>();
  /** Connections that the summary has no record of. */
  unlisted = 0;

  /** @param limit Most connections that the summary lists. Default 10 000. */
  constructor(limit = 10_000) {
    this.#limit = limit;
  }

  /** Those that are listed, in order of appearance. */
  connections(): TraceConnection[] {
    for (const [id, followers] of this.#followers) this.#count(id, followers.values());
    return [...this.#records.values()];
  }

  /** Octets arrived. */
  receive(arrival: OctetsArrival): StreamEvent[] {
    const { connection, src, data } = arrival;
    const followers = this.#followersOf(arrival);
    const key = keyOf(src);
    let follower = followers.get(key);
    if (follower === undefined) {
      follower = new StreamFollower(arrival.protocol ?? "unknown");
      followers.set(key, follower);
    }
    const events = follower.receive(arrival, data);
    // One direction tells what the other one is: a capture may begin in the middle of a body.
    for (const other of followers.values()) {
      if (other === follower) continue;
      if (follower.kind === "unknown" && isTelling(other.kind)) {
        events.push(...follower.become(other.kind));
      } else if (other.kind === "unknown" && isTelling(follower.kind)) {
        events.unshift(...other.become(follower.kind));
      }
    }
    const record = this.#records.get(connection);
    if (record !== undefined && (record.kind === "unknown" || record.kind === "other")) {
      record.kind = follower.kind;
    }
    return events;
  }

  /** Octets are missing. */
  receiveGap({ connection, src, octets }: GapArrival): StreamEvent[] {
    const record = this.#records.get(connection);
    if (record !== undefined) record.missing += octets;
    return this.#followers.get(connection)?.get(keyOf(src))?.receiveGap(octets) ?? [];
  }

  /** A direction, or with a reset both, has ended. */
  receiveEnd({ connection, src, how }: EndArrival): StreamEvent[] {
    const followers = this.#followers.get(connection);
    if (followers === undefined) return [];
    const ending = [...followers].filter(([key]) => how === "rst" || key === keyOf(src));
    const events = ending.flatMap(([, follower]) => follower.end());
    this.#count(connection, ending.map(([, follower]) => follower));
    for (const [key] of ending) followers.delete(key);
    if (followers.size === 0) this.#followers.delete(connection);
    return events;
  }

  /** The input has ended. */
  end(): StreamEvent[] {
    const events: StreamEvent[] = [];
    for (const [connection, followers] of this.#followers) {
      for (const follower of followers.values()) events.push(...follower.end());
      this.#count(connection, followers.values());
    }
    this.#followers.clear();
    return events;
  }

  #followersOf({ connection, src, dst, frame }: OctetsArrival): Map<string, StreamFollower> {
    let followers = this.#followers.get(connection);
    if (followers !== undefined) return followers;
    followers = new Map();
    this.#followers.set(connection, followers);
    if (this.#records.has(connection)) return followers;
    if (this.#records.size >= this.#limit) this.unlisted++;
    else {
      this.#records.set(connection, {
        id: connection,
        src,
        dst,
        firstFrame: frame,
        kind: "unknown",
        octets: 0,
        missing: 0,
        tlsHandshakes: 0,
        tlsRecords: 0,
        serverName: undefined,
      });
    }
    return followers;
  }

  /** Moves what followers counted into the record. */
  #count(connection: number, followers: Iterable<StreamFollower>): void {
    const record = this.#records.get(connection);
    if (record === undefined) return;
    for (const follower of followers) {
      record.octets += follower.octets;
      follower.octets = 0;
      const { tls } = follower;
      if (tls === undefined) continue;
      record.tlsHandshakes += tls.handshake;
      record.tlsRecords += tls.application;
      record.serverName ??= tls.serverName;
      tls.handshake = tls.application = 0;
    }
  }
}

function isTelling(kind: StreamKind): boolean {
  return kind !== "unknown" && kind !== "other";
}

function keyOf(src: HostPort | undefined): string {
  return src === undefined ? "" : `${src.host} ${src.port}`;
}
