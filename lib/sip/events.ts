/** What the user agent core reports (RFC 3261 §13–15, RFC 3264). */

import type { PeerError, SottoError } from "../base/errors.ts";
import type { HostPort } from "../base/wire_tap.ts";
import type { HeaderField, SipTransport } from "./message/message.ts";
import type { NameAddress } from "./message/name_address.ts";
import type { SipUri } from "./message/uri.ts";
import type { RegistrationEvent } from "./registration/registration.ts";
import type { RegistrationId } from "./registration/registrations.ts";
import type { Destination } from "./user_agent/destination.ts";
import type { DeadServer } from "./user_agent/pending_request.ts";

/** The core's number of a call; never used twice. */
export type CallId = number;

/** A call that wants to be answered. */
export interface IncomingCallEvent {
  readonly type: "incoming-call";
  readonly call: CallId;
  /** Who says to call. Nobody checked it. */
  readonly from: NameAddress;
  readonly to: NameAddress;
  readonly requestUri: SipUri;
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** SDP, or `undefined` when the caller wants our offer. */
  readonly offer: Uint8Array | undefined;
  /** Whether the caller's Contact says that it is a conference focus. */
  readonly isFocus: boolean;
  readonly remoteContact: NameAddress | undefined;
  readonly source: HostPort;
  readonly transport: SipTransport;
  readonly userAgent: string | undefined;
}

/** What happens to one call. */
export type CallEvent =
  /** Ours: a provisional response above 100. */
  | { readonly type: "ringing"; readonly status: number; readonly reason: string }
  /** Ours: a 2xx. `answer` is `undefined` when it held no SDP. */
  | {
    readonly type: "answered";
    readonly status: number;
    readonly answer: Uint8Array | undefined;
    readonly isFocus: boolean;
    readonly contact: NameAddress | undefined;
    readonly remoteTag: string;
  }
  /** Theirs: the ACK to our 2xx. It holds the answer when ours was the offer. */
  | { readonly type: "confirmed"; readonly answer: Uint8Array | undefined }
  /** Ours: a final response of 300 or more. */
  | {
    readonly type: "rejected";
    readonly status: number;
    readonly reason: string;
    readonly headers: readonly HeaderField[];
  }
  /** Ours: nobody answered, or nothing could be sent. */
  | { readonly type: "failed"; readonly error: SottoError }
  /** A re-INVITE or UPDATE. `offer` is `undefined` when the peer wants ours. Answer it at once. */
  | {
    readonly type: "offer";
    readonly via: "INVITE" | "UPDATE";
    readonly id: number;
    readonly offer: Uint8Array | undefined;
    readonly isFocus: boolean;
  }
  /** Our re-INVITE, or the offer that we made in a 2xx, was answered. */
  | { readonly type: "offer-answered"; readonly answer: Uint8Array | undefined }
  /** Our re-INVITE was refused; the session stays as it was. */
  | { readonly type: "offer-rejected"; readonly status: number; readonly reason: string }
  /** The peer became a conference focus in the middle of the call, or ceased to be one. */
  | { readonly type: "focus-changed"; readonly isFocus: boolean }
  /** The call is over; nothing follows. */
  | {
    readonly type: "ended";
    readonly by: "remote" | "local" | "timeout";
    readonly reason: string;
  };

/** What the core reports. */
export type UserAgentEvent =
  | IncomingCallEvent
  | { readonly type: "call"; readonly call: CallId; readonly event: CallEvent }
  | {
    readonly type: "registration";
    readonly registration: RegistrationId;
    readonly event: RegistrationEvent;
  }
  /** A server is silent, unreachable, or says 503: it should be tried last for a while (RFC 3263 §4.3). */
  | { readonly type: "dead-server" } & DeadServer
  /**
   * Octets that were dropped, or answered with an error; or a response that was taken although
   * its sender does not prove what it should (`auth/…`), then without a source.
   */
  | {
    readonly type: "malformed";
    readonly error: PeerError;
    readonly source: HostPort | undefined;
  };

/** What a core of SIP asks its driver to do. */
export type SipTask<Event> =
  | {
    readonly type: "transmit";
    readonly data: Uint8Array;
    readonly to: Destination;
    /** To be named in `receiveTransportError` when the message cannot be sent. */
    readonly transaction?: string | undefined;
  }
  /** Nothing follows on this connection: close it once everything before was written. */
  | { readonly type: "close"; readonly connection: number }
  | { readonly type: "event"; readonly event: Event };

/** What the user agent asks its driver to do, in order. */
export type SipOutput = SipTask<UserAgentEvent>;
