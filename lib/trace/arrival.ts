/** What every kind of input is turned into before it is explained: octets that arrived somewhere. */
import type { HostPort } from "../base/wire_tap.ts";
import type { Finding } from "./finding.ts";

/** When and where something was seen. */
export interface Sighting {
  /** Packet, log record or raw chunk, counted from 1. */
  readonly frame: number;
  /** Milliseconds since 1970; `undefined` when the input has no times. */
  readonly at: number | undefined;
  /** `undefined` when the input does not say. */
  readonly src: HostPort | undefined;
  readonly dst: HostPort | undefined;
}

/** One datagram. */
export interface DatagramArrival extends Sighting {
  readonly type: "datagram";
  readonly data: Uint8Array;
}

/** Octets of one direction of a byte stream, in order and without repetition. */
export interface OctetsArrival extends Sighting {
  readonly type: "octets";
  /** One number a connection, both directions alike; never used again. */
  readonly connection: number;
  readonly data: Uint8Array;
  /** What the octets belong to, when the input says so. */
  readonly protocol?: "sip" | "msrp" | undefined;
  /** `tls`: they were encrypted, and the recorder removed that. */
  readonly transport: "tcp" | "tls";
}

/** One message that a log holds as a record: complete, whatever it says of itself. */
export interface UnitArrival extends Sighting {
  readonly type: "unit";
  /** As for {@link OctetsArrival}; 0 when there is no connection (UDP). */
  readonly connection: number;
  readonly data: Uint8Array;
  readonly protocol: "sip" | "msrp";
  readonly transport: "udp" | "tcp" | "tls";
  /** The log replaced a body by a remark: sizes do not fit, and that is nobody's fault. */
  readonly isStripped: boolean;
}

/** Octets of a stream that were sent and that the input does not have. */
export interface GapArrival extends Sighting {
  readonly type: "gap";
  readonly connection: number;
  readonly octets: number;
}

/** Nothing follows in this direction. */
export interface EndArrival extends Sighting {
  readonly type: "end";
  readonly connection: number;
  /** `lost`: the trace ends, or its memory ran out, before the stream did. */
  readonly how: "fin" | "rst" | "lost";
}

/** A line of text that a log holds between its records. */
export interface RemarkArrival extends Sighting {
  readonly type: "remark";
  readonly text: string;
}

/** Something about the input itself. */
export interface FindingArrival {
  readonly type: "finding";
  readonly finding: Finding;
}

/** What a {@link TraceReader} yields. */
export type Arrival =
  | DatagramArrival
  | OctetsArrival
  | UnitArrival
  | GapArrival
  | EndArrival
  | RemarkArrival
  | FindingArrival;

/** Reads one kind of input, in pieces of any size. Never throws because of what it reads. */
export interface TraceReader {
  /** Takes the next octets of the input and returns what they completed. */
  feed(bytes: Uint8Array): Arrival[];
  /** The input has ended: returns what was waiting. */
  end(): Arrival[];
}
