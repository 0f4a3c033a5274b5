/** Bounds on everything that clients, peers or time could make a relay hold. */
import type { ChunkParserLimits } from "../chunk_parser.ts";

/** What a relay may be asked to hold. */
export interface RelayLimits extends ChunkParserLimits {
  /** Connections at a time; default 8192. */
  readonly connections?: number | undefined;
  /** URIs handed out at a time; default 16384. */
  readonly sessions?: number | undefined;
  /** URIs handed out over one connection; default 256. */
  readonly sessionsPerConnection?: number | undefined;
  /** Peers of one URI whose connections are remembered; default 16. */
  readonly peersPerSession?: number | undefined;
  /** Octets that came over one connection and did not leave yet, above which it is not read; default 131072. */
  readonly sourceLength?: number | undefined;
  /** Octets handed to a stream and not taken by it; default 65536. */
  readonly windowLength?: number | undefined;
  /** Octets of our own responses and reports that wait on one connection; default 262144. */
  readonly controlLength?: number | undefined;
  /** Requests that may wait for their responses on one connection; default 4096. */
  readonly transactions?: number | undefined;
  /** Octets of the body of a request that is no SEND (RFC 4975 §7.1); default 10240. */
  readonly requestBodyLength?: number | undefined;
  /** Failed requests in a row after which a connection is closed (RFC 4976 §6.1, §6.3); default 5. */
  readonly failures?: number | undefined;
}

/** {@link RelayLimits} with the defaults filled in. */
export type RelayBounds = { readonly [K in keyof Required<RelayLimits>]: number };

/** Fills in the defaults. Those of the parser are its own. */
export function relayBounds(limits: RelayLimits = {}): Omit<RelayBounds, keyof ChunkParserLimits> {
  return {
    connections: limits.connections ?? 8_192,
    sessions: limits.sessions ?? 16_384,
    sessionsPerConnection: limits.sessionsPerConnection ?? 256,
    peersPerSession: limits.peersPerSession ?? 16,
    sourceLength: limits.sourceLength ?? 131_072,
    windowLength: limits.windowLength ?? 65_536,
    controlLength: limits.controlLength ?? 262_144,
    transactions: limits.transactions ?? 4_096,
    requestBodyLength: limits.requestBodyLength ?? 10_240,
    failures: limits.failures ?? 5,
  };
}
