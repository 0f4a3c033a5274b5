/** What the encryption policy of a chat is told and tells: states, contents, events. */

import { PeerError, type SottoError } from "../base/errors.ts";
import type { FingerprintTrust, KnownFingerprint, Lock } from "./trust_policy.ts";

/** How much the user insists on encryption. `accept` never offers. */
export type EncryptionPolicy = "require" | "prefer" | "accept" | "off";

/** What people and scripts are told about OTR. */
export type OtrState =
  | "plaintext"
  | "negotiating"
  | "encrypted"
  | "finished"
  | "unavailable"
  | "disabled";

/** How a message was protected: the words of Blink's history. `failed`: it should have been, and was not. */
export type MessageEncryption = "" | "unverified" | "verified" | "failed";

/** A body with its media type, before or after encryption. */
export interface Content {
  /** Media type with parameters, as in a Content-Type header. */
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** Why nothing may be sent any more: exit status 5 or 7 of the contract. */
export type BlockReason =
  | { readonly reason: "untrusted"; readonly trust: FingerprintTrust }
  | {
    readonly reason: "not-encrypted";
    readonly why: string;
    /** The peer ended OTR in good order: that is also how a hang-up begins. */
    readonly isGoodbye: boolean;
  };

/** What happened, for the application. */
export type SecureChatEvent =
  | {
    readonly type: "otr";
    readonly state: OtrState;
    readonly lock: Lock;
    readonly version?: number;
    readonly fingerprint?: string;
    readonly trust?: FingerprintTrust;
    readonly ssid?: string;
    /** For people: why the state is what it is, where that needs saying. */
    readonly reason?: string;
  }
  | {
    readonly type: "fingerprint-changed";
    readonly peer: string;
    readonly fingerprint: string;
    readonly known: readonly KnownFingerprint[];
  }
  /** The first fingerprint of an address: to be recorded if the address may be recorded. */
  | { readonly type: "fingerprint-learned"; readonly fingerprint: string }
  /** SMP says that this fingerprint is the peer's: to be recorded as verified. */
  | { readonly type: "fingerprint-verified"; readonly fingerprint: string }
  | {
    readonly type: "message-received";
    readonly content: Content;
    readonly encryption: MessageEncryption;
    /** Set for plaintext where there should be none. */
    readonly warning?: string;
  }
  | {
    readonly type: "message-out";
    readonly id: string;
    readonly content: Content;
    readonly encryption: MessageEncryption;
  }
  | { readonly type: "message-refused"; readonly id: string; readonly reason: string }
  /** A received message could not be decrypted. */
  | { readonly type: "message-unreadable"; readonly reason: string }
  | {
    readonly type: "smp";
    readonly state: "asked" | "in-progress" | "success" | "failure" | "aborted" | "error";
    readonly question: string | null;
    readonly role: "initiator" | "responder";
    /** The other side had seen our proof when it ended: an abort then is a verdict. */
    readonly proofSeen: boolean;
  }
  /** The policy's decision stands: messages flow (or `blocked` says why not). */
  | { readonly type: "settled" }
  | ({ readonly type: "blocked" } & BlockReason)
  | {
    readonly type: "error";
    readonly code: string;
    readonly message: string;
    readonly side: "local" | "remote";
    readonly rule?: string;
  };

/** What the driver has to do, in order. */
export type SecureChatOutput =
  | {
    readonly type: "transmit";
    /** `user`: reports are asked for. `otr`: protocol, nobody is told. `control`: isComposing and its like. */
    readonly purpose: "user" | "otr" | "control";
    /** The application's id of a `user` message. */
    readonly id?: string;
    readonly content: Content;
    /** Whom it is for, for the CPIM, where that is not the peer as we know it. */
    readonly to?: string;
  }
  | { readonly type: "event"; readonly event: SecureChatEvent };

/** For people: why nothing may be sent. */
export function describeBlock(block: BlockReason): string {
  if (block.reason === "not-encrypted") {
    return `encryption is required and did not come about: ${block.why}`;
  }
  return block.trust === "changed"
    ? "the peer's fingerprint changed"
    : "the peer's fingerprint is not verified";
}

/** The `otr` event of a state without encryption. */
export function otrEvent(state: OtrState, lock: Lock, reason?: string): SecureChatOutput {
  return {
    type: "event",
    event: { type: "otr", state, lock, ...(reason !== undefined ? { reason } : {}) },
  };
}

/** A message of ours that does not leave. */
export function refused(id: string, reason: string): SecureChatOutput {
  return { type: "event", event: { type: "message-refused", id, reason } };
}

/** Something that went wrong and ends nothing. */
export function errorEvent(
  code: string,
  message: string,
  side: "local" | "remote",
  error?: SottoError,
): SecureChatOutput {
  const rule = error instanceof PeerError ? { rule: error.rule } : {};
  return { type: "event", event: { type: "error", code, message, side, ...rule } };
}
