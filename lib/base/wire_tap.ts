/** What a recorder is told of every octet that a driver sends or receives. */

/** Host and port as the socket has them; IPv6 without brackets. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** One datagram, or the octets of one read or write on a stream, after TLS was removed. */
export interface WireRecord {
  /** Milliseconds since 1970, fractions allowed. */
  readonly at: number;
  readonly direction: "in" | "out";
  readonly protocol: "sip" | "msrp";
  readonly transport: "udp" | "tcp" | "tls";
  readonly local: HostPort;
  readonly remote: HostPort;
  readonly data: Uint8Array;
}

/** Receives records in the order they happened. Must not throw and must not keep `data` changing. */
export type WireTap = (record: WireRecord) => void;
