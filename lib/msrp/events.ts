/** What an MSRP connection reports to whoever owns it. */
import type { PeerError } from "../base/errors.ts";
import type { HeaderField } from "./chunk.ts";
import type { FailureReport } from "./header_fields.ts";
import type { RelayPathEvent } from "./relay_client/events.ts";

/** The session belongs to this connection now (RFC 4975 §5.4). */
export interface SessionBound {
  readonly type: "session-bound";
  readonly session: string;
  /** `us`: our first SEND was answered 200. `peer`: the peer's first request arrived. */
  readonly by: "us" | "peer";
}

/** The session can no longer be used: renegotiate it or give it up (§7.3.2, §10.8, §10.10). */
export interface SessionFailed {
  readonly type: "session-failed";
  readonly session: string;
  readonly code: number;
  readonly comment: string;
}

/** A whole message arrived. */
export interface MessageReceived {
  readonly type: "message-received";
  readonly session: string;
  readonly messageId: string;
  /** Value of Content-Type, parameters included. */
  readonly contentType: string;
  readonly body: Uint8Array;
  /** Header fields of the first chunk that arrived. */
  readonly headers: readonly HeaderField[];
  readonly successReport: boolean;
  readonly failureReport: FailureReport;
  /** Of the chunk that completed the message. */
  readonly transactionId: string;
  /** A message with this Message-ID arrived before (§5.4: do not show it twice unmarked). */
  readonly isRepeat: boolean;
}

/** The first chunk of a message began, in a session that streams what it receives. */
export interface MessageBegan {
  readonly type: "message-began";
  readonly session: string;
  readonly messageId: string;
  /** Value of Content-Type, parameters included. */
  readonly contentType: string;
  /** Header fields of the first chunk that arrived. */
  readonly headers: readonly HeaderField[];
  /** What its sender says that the whole message will have, if it says so. Nobody holds it to that. */
  readonly total?: number | undefined;
}

/**
 * Octets of a message in a session that streams what it receives. Chunks may arrive out of
 * order and overlap: what comes last wins (§7.3.1).
 */
export interface MessageOctets {
  readonly type: "message-octets";
  readonly session: string;
  readonly messageId: string;
  /** Offset in the message, from 0. */
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** All octets of a message have arrived, in a session that streams what it receives. */
export interface MessageEnded {
  readonly type: "message-ended";
  readonly session: string;
  readonly messageId: string;
  /** Octets of the whole message. */
  readonly length: number;
  readonly successReport: boolean;
  readonly failureReport: FailureReport;
}

/** A streamed body is to be fed: `MsrpConnection.supply` with exactly these octets. */
export interface OctetsWanted {
  readonly type: "octets-wanted";
  readonly session: string;
  readonly messageId: string;
  /** Offset in the message, from 0. */
  readonly position: number;
  readonly length: number;
}

/** The answer to `MsrpConnection.askFileOffset`, or that there is none. */
export interface FileOffset {
  readonly type: "file-offset";
  readonly session: string;
  /** Octets of the file that the peer has; 0 where it does not say. */
  readonly offset: number;
}

/** Why the rest of an incoming message is not awaited. */
export type AbortReason =
  /** The sender gave it up with `#`. */
  | "sender"
  /** No chunk came for too long. */
  | "timeout"
  /** It passes a limit of ours and was refused with 413. */
  | "too-large";

/** An incoming message will never be complete. */
export interface MessageAborted {
  readonly type: "message-aborted";
  readonly session: string;
  readonly messageId: string;
  readonly reason: AbortReason;
  /** Octets that had arrived. */
  readonly received: number;
}

/** Some octets of ours were confirmed by success reports, not all yet. */
export interface MessageProgress {
  readonly type: "message-progress";
  readonly session: string;
  readonly messageId: string;
  /** Octets confirmed so far. */
  readonly delivered: number;
  readonly total: number;
}

/** Every chunk was answered 200, or left and no answer is due (Failure-Report `no` and `partial`). */
export interface MessageSent {
  readonly type: "message-sent";
  readonly session: string;
  readonly messageId: string;
}

/** Success reports cover the whole message. */
export interface MessageDelivered {
  readonly type: "message-delivered";
  readonly session: string;
  readonly messageId: string;
}

/** The message failed, wholly or as far as we know. */
export interface MessageFailed {
  readonly type: "message-failed";
  readonly session: string;
  readonly messageId: string;
  /** As in §10; 408 when nobody answered in time. */
  readonly code: number;
  readonly comment: string;
  readonly cause: "response" | "report" | "timeout" | "connection" | "aborted";
}

/** The session ended, and the success report that we asked for had not come (§7.1.1). */
export interface MessageUnconfirmed {
  readonly type: "message-unconfirmed";
  readonly session: string;
  readonly messageId: string;
}

/** A response to our NICKNAME came, or none in time (RFC 7701 §7.1). */
export interface NicknameAnswered {
  readonly type: "nickname-answered";
  readonly session: string;
  /** What we asked for; empty gave the nickname up. */
  readonly nickname: string;
  /** 200, or as in RFC 7701 §10.3; 408 when nobody answered. */
  readonly code: number;
  readonly comment: string;
}

/** The peer asked for a nickname, and was answered by `MsrpSessionConfig.reserveNickname`. */
export interface NicknameRequested {
  readonly type: "nickname-requested";
  readonly session: string;
  readonly nickname: string;
  /** What the answer was. */
  readonly code: number;
}

/** An empty SEND with `Keep-Alive: yes` was answered. */
export interface KeepAliveAnswered {
  readonly type: "keep-alive-answered";
  readonly session: string;
}

/** The peer broke a rule. After a fault of framing the connection closes; else it goes on. */
export interface PeerFault {
  readonly type: "peer-error";
  /** Absent when the fault belongs to no session. */
  readonly session?: string | undefined;
  readonly error: PeerError;
}

/** The stream ended; all sessions on it have failed (§5.4). */
export interface ConnectionClosed {
  readonly type: "connection-closed";
}

/** Everything that a connection reports. `session` is what `addSession` returned, `authorization` what `authorize` was told. */
export type MsrpEvent =
  | SessionBound
  | SessionFailed
  | MessageReceived
  | MessageBegan
  | MessageOctets
  | MessageEnded
  | OctetsWanted
  | FileOffset
  | MessageAborted
  | MessageProgress
  | MessageSent
  | MessageDelivered
  | MessageFailed
  | MessageUnconfirmed
  | KeepAliveAnswered
  | NicknameAnswered
  | NicknameRequested
  | RelayPathEvent
  | PeerFault
  | ConnectionClosed;
