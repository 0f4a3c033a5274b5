/** What a session reports, in the words and fields of the command line's contract. */

import type { FileEvent } from "./file_offer.ts";
import type { MessageEncryption, OtrState } from "./secure_chat_events.ts";
import type { FingerprintTrust, KnownFingerprint, Lock } from "./trust_policy.ts";

/** One event of a session. Fields are only ever added. */
export type SessionEvent =
  | CallEvent
  | MsrpStateEvent
  | OtrEvent
  | FingerprintChangedEvent
  | MessageEvent
  | DeliveryEvent
  | ComposingEvent
  | ImdnEvent
  | SmpEvent
  | FileEvent
  | ErrorEvent;

/** The SIP side of the session. */
export interface CallEvent {
  readonly type: "call";
  readonly state: "calling" | "ringing" | "connected" | "rejected" | "ended";
  /** Address of record of the other side. */
  readonly peer: string;
  readonly callId: string;
  readonly status?: number;
  readonly reason?: string;
  /** The other side is a conference focus. */
  readonly focus?: boolean;
}

/** The MSRP side of the session. */
export interface MsrpStateEvent {
  readonly type: "msrp";
  readonly state: "connecting" | "bound" | "closed";
  readonly localPath: string;
  readonly remotePath: string;
  readonly tls: boolean;
  /** Who connects and binds: we, when `active` (RFC 6135 §4.2). */
  readonly role?: "active" | "passive";
}

/** Whether and how well the conversation is encrypted. */
export interface OtrEvent {
  readonly type: "otr";
  readonly state: OtrState;
  readonly lock: Lock;
  readonly version?: number;
  /** 40 lower-case hexadecimal digits. */
  readonly fingerprint?: string;
  readonly trust?: FingerprintTrust;
  /** 16 hexadecimal digits. */
  readonly ssid?: string;
  readonly reason?: string;
}

/** The alarm. */
export interface FingerprintChangedEvent {
  readonly type: "fingerprint-changed";
  readonly peer: string;
  readonly fingerprint: string;
  readonly known: readonly KnownFingerprint[];
}

/** A message of a person, in or out. */
export interface MessageEvent {
  readonly type: "message";
  readonly direction: "in" | "out";
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly contentType: string;
  readonly body: string;
  readonly encryption: MessageEncryption;
  readonly warning?: string;
  /** In a conference: for one member alone. */
  readonly private?: true;
}

/** What became of a message that we sent. */
export interface DeliveryEvent {
  readonly type: "delivery";
  readonly id: string;
  readonly status: "delivered" | "failed";
  /** MSRP status code, where the other side gave one. */
  readonly code?: number;
  readonly reason?: string;
}

/** The other side is typing, or stopped. */
export interface ComposingEvent {
  readonly type: "composing";
  readonly from: string;
  readonly state: "active" | "idle";
}

/** What the other side's software, or the person at it, did with a message of ours (RFC 5438). */
export interface ImdnEvent {
  readonly type: "imdn";
  /** That of our message. */
  readonly id: string;
  readonly notification: "delivery" | "processing" | "display";
  /** `delivered`, `failed`, `displayed`, `forbidden`, `error`, … */
  readonly status: string;
  /** Who says so. */
  readonly from: string;
}

/** Verification by a shared secret. */
export interface SmpEvent {
  readonly type: "smp";
  readonly state: "asked" | "in-progress" | "success" | "failure" | "aborted" | "error";
  readonly question: string | null;
  readonly role: "initiator" | "responder";
  /** The other side had seen our proof when it ended: an abort then is a verdict. */
  readonly proofSeen: boolean;
}

/** Something went wrong that does not end the session by itself. */
export interface ErrorEvent {
  readonly type: "error";
  readonly code: string;
  readonly message: string;
  readonly side: "local" | "remote";
  readonly rule?: string;
}
