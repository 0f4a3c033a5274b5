/** A packet as a capture file holds it, before anybody looks into it. */
import type { Finding } from "../finding.ts";

/** One captured packet. */
export interface Packet {
  /** Counted from 1 over the whole file, as other analysers number frames. */
  readonly number: number;
  /** Milliseconds since 1970; `undefined` when the file does not say. */
  readonly at: number | undefined;
  /** The link-layer type of the interface (the registry of tcpdump's LINKTYPE_ values). */
  readonly linkType: number;
  /** What was captured: may be less than was on the wire. */
  readonly data: Uint8Array;
  /** Octets on the wire. */
  readonly originalLength: number;
  /** The file says of this packet that its octets were sent inside TLS. */
  readonly wasTls?: boolean;
}

/** The comment by which our own captures say so. */
export const TLS_REMOVED: string = "sent inside TLS, which was removed";

/** What a capture reader yields. */
export type CaptureItem =
  | { readonly type: "packet"; readonly packet: Packet }
  | { readonly type: "finding"; readonly finding: Finding };

/** Bounds of a capture reader. */
export interface CaptureLimits {
  /** Most octets of one packet or block. Default 16 MiB; a greater length is damage. */
  readonly blockSize?: number;
}

/** The default of {@link CaptureLimits.blockSize}. */
export const DEFAULT_BLOCK_SIZE: number = 16 * 1024 * 1024;

/** The finding for a file that stops making sense: the rest cannot be read. */
export function damage(clause: string, message: string, offset: number): CaptureItem {
  return {
    type: "finding",
    finding: { id: "TRACE-damaged-capture", severity: "error", clause, message, offset },
  };
}

/** The finding for a file that ends within a packet or block. */
export function truncation(clause: string, pending: number, offset: number): CaptureItem {
  const message = `the capture ends within a record, ${pending} octets of it are there`;
  return {
    type: "finding",
    finding: { id: "TRACE-truncated-capture", severity: "warning", clause, message, offset },
  };
}
