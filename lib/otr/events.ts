/** What a conversation tells the application. */
import type { PeerError } from "../base/errors.ts";
import type { SmpOutcome, SmpRole } from "./smp/smp_state.ts";
import type { OtrVersion } from "./policy.ts";

/** What an output asks to be sent, for those who count or filter. */
export type TransmitKind =
  | "query"
  | "ake"
  | "data"
  | "heartbeat"
  | "smp"
  | "disconnect"
  | "extra-key"
  | "error"
  | "plaintext";

/** What the conversation asks its driver to do, in this order. */
export type ConversationOutput =
  | {
    readonly type: "transmit";
    /** Text for the network; encode it as UTF-8. All kinds but query and plaintext are ASCII. */
    readonly message: string;
    readonly kind: TransmitKind;
  }
  | { readonly type: "event"; readonly event: ConversationEvent };

/** msgstate, by short names. */
export type MessageStateName = "plaintext" | "encrypted" | "finished";

/** Everything that can happen. `instance` is the peer's instance tag, 0 in version 2 and in plaintext. */
export type ConversationEvent =
  | MessageReceived
  | StateChanged
  | { readonly type: "session-ended-by-peer"; readonly instance: number }
  | MessageUnreadable
  | MessageKept
  | SmpEvent
  | ExtraKey
  | {
    readonly type: "query-received";
    readonly agreed: OtrVersion | undefined;
    readonly text: string;
  }
  | { readonly type: "error-received"; readonly text: string }
  | { readonly type: "peer-error"; readonly error: PeerError; readonly instance: number }
  | { readonly type: "unknown-message"; readonly version: number; readonly messageType: number }
  | { readonly type: "other-instance"; readonly senderTag: number; readonly receiverTag: number }
  | { readonly type: "ake-expired"; readonly instance: number };

/** Something to show to the user. */
export interface MessageReceived {
  readonly type: "message-received";
  readonly content: Uint8Array;
  /** {@link content} as UTF-8; what is not becomes U+FFFD. */
  readonly text: string;
  readonly encrypted: boolean;
  /** Plaintext came where encryption was to be expected: show that. */
  readonly warning?: "unencrypted";
  readonly instance: number;
}

/** msgstate changed, or an encrypted session got new keys. */
export interface StateChanged {
  readonly type: "state-changed";
  readonly state: MessageStateName;
  readonly instance: number;
  /** When encrypted. */
  readonly version?: OtrVersion;
  /** When encrypted: 16 hexadecimal digits. */
  readonly ssid?: string;
  /** When encrypted: which half of the ssid is ours to read aloud, shown in bold. */
  readonly ssidHalf?: "first" | "second";
  /** When encrypted: the peer's, 40 lower-case hexadecimal digits. */
  readonly fingerprint?: string;
  /** Encrypted before, with the same fingerprint. */
  readonly isRefresh: boolean;
}

/** An encrypted message that cannot be read. */
export interface MessageUnreadable {
  readonly type: "message-unreadable";
  readonly instance: number;
  /** For people. */
  readonly reason: string;
  /** What did not check out; undefined when nothing is encrypted here. */
  readonly error: PeerError | undefined;
  /** The sender asked for silence (IGNORE_UNREADABLE): do not tell the user. */
  readonly silent: boolean;
}

/** What became of a message of ours that was not simply sent. */
export interface MessageKept {
  /**
   * `message-refused`: the peer ended the session, nothing was sent and nothing is kept.
   * `message-stored`: it will be sent once a session is encrypted.
   * `message-resent`: a kept message was now sent, encrypted.
   */
  readonly type: "message-refused" | "message-stored" | "message-resent";
  readonly content: Uint8Array;
}

/** How the Socialist Millionaires' Protocol goes. */
export interface SmpEvent {
  readonly type: "smp";
  readonly what: SmpOutcome;
  readonly role: SmpRole;
  readonly question: string | undefined;
  /**
   * On success: whether it lets *us* trust the fingerprint. With a question only the side
   * that asked learns something: the other only showed that it knows the answer.
   */
  readonly verified: boolean;
  /** What the peer did wrong, on `error` and `cheated`. */
  readonly error?: PeerError;
  readonly instance: number;
}

/** The extra symmetric key was asked for (TLV 8). */
export interface ExtraKey {
  readonly type: "extra-key";
  /** 32 bits that say what for. */
  readonly use: number;
  readonly data: Uint8Array;
  /** 32 octets. Secret. */
  readonly key: Uint8Array;
  /** Whether we asked. */
  readonly ours: boolean;
  readonly instance: number;
}

/** An event as an output. */
export function tell(event: ConversationEvent): ConversationOutput {
  return { type: "event", event };
}
