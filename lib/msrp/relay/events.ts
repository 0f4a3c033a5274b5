/** What a relay is told of its connections, and what it asks of its driver. */
import type { PeerError } from "../../base/errors.ts";
import type { MsrpUri } from "../uri.ts";

/** Names one connection of a relay; never used again after that connection. */
export type RelayConnectionId = number;

/** What is known of a connection besides its octets. */
export interface RelayConnectionFacts {
  /** Whether TLS protects it. */
  readonly isSecure: boolean;
  /**
   * Host names for which the other end showed a certificate that an authority of ours vouches
   * for: it is a relay (RFC 4976 §6.3). Empty for clients.
   */
  readonly relayHosts?: readonly string[] | undefined;
}

/** What a relay asks its driver to do, in order. */
export type RelayOutput =
  | {
    readonly type: "transmit";
    readonly connection: RelayConnectionId;
    readonly data: Uint8Array;
  }
  /** Open a connection: `connected` or `connectFailed` answers. */
  | { readonly type: "connect"; readonly connection: RelayConnectionId; readonly to: MsrpUri }
  /** Read nothing more from it, until `resume`. */
  | { readonly type: "pause"; readonly connection: RelayConnectionId }
  | { readonly type: "resume"; readonly connection: RelayConnectionId }
  /** Nothing follows: close it once everything before was written. */
  | { readonly type: "close"; readonly connection: RelayConnectionId }
  | { readonly type: "event"; readonly event: RelayEvent };

/** A client was given a URI. */
export interface RelaySessionOpened {
  readonly type: "session-opened";
  readonly connection: RelayConnectionId;
  readonly username: string;
  readonly uri: MsrpUri;
  /** Seconds that the URI is good for. */
  readonly expires: number;
}

/** A URI is no good any more. */
export interface RelaySessionClosed {
  readonly type: "session-closed";
  readonly uri: MsrpUri;
  readonly reason: "expired" | "connection";
}

/** A request was not forwarded, or a client not let in. */
export interface RelayRefused {
  readonly type: "request-refused";
  readonly connection: RelayConnectionId;
  readonly method: string;
  /** What it was answered, or would have been without its Failure-Report `no`. */
  readonly code: number;
  readonly error: PeerError;
}

/** A part of a message was lost or refused on its way; its sender was told, if it wanted to be. */
export interface RelayMessageFailed {
  readonly type: "message-failed";
  readonly messageId: string | undefined;
  readonly code: number;
}

/** A connection is gone. */
export interface RelayConnectionClosed {
  readonly type: "connection-closed";
  readonly connection: RelayConnectionId;
  readonly reason: RelayCloseReason;
  /** What the peer did wrong, if anything. */
  readonly error?: PeerError | undefined;
}

/** Why a connection of a relay ended. */
export type RelayCloseReason =
  /** The other end closed it. */
  | "ended"
  /** It could not be opened. */
  | "unreachable"
  /** What came was not MSRP, or not for us (RFC 4976 §6.2). */
  | "fault"
  /** No valid request came within the probation, or too many that were not (§6.1). */
  | "probation"
  /** It took no octets for too long. */
  | "stalled"
  /** Nothing used it for an hour (§6.5). */
  | "idle"
  /** Others needed its place. */
  | "evicted"
  /** The relay was shut down. */
  | "shutdown";

/** Everything that a relay reports. */
export type RelayEvent =
  | RelaySessionOpened
  | RelaySessionClosed
  | RelayRefused
  | RelayMessageFailed
  | RelayConnectionClosed;
