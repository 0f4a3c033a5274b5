/** How the policy core words what it puts out: what the OTR engine sends as bodies, and what people are told of messages and locks. */

import { utf8 } from "../base/bytes.ts";
import type { Conversation, ConversationOutput } from "../otr/mod.ts";
import type { PeerTrust } from "./peer_trust.ts";
import type { Content, SecureChatEvent, SecureChatOutput } from "./secure_chat_events.ts";
import { lockFor } from "./trust_policy.ts";

/** Whose content the engine was given, if it was somebody's. */
export interface Origin {
  readonly purpose?: "user" | "control";
  /** The application's id of a user's message. */
  readonly id?: string;
  readonly contentType?: string;
}

/** An event as an output. */
export function outputOf(event: SecureChatEvent): SecureChatOutput {
  return { type: "event", event };
}

/** What the engine wants to send, as a body: its own, or `origin`'s content encrypted. */
export function bodyOf(
  { kind, message }: Pick<Extract<ConversationOutput, { type: "transmit" }>, "kind" | "message">,
  origin: Origin,
): SecureChatOutput {
  const isOurs = kind === "data" && origin.purpose !== undefined;
  const { purpose = "otr", id, contentType = "text/plain" } = isOurs ? origin : {};
  return {
    type: "transmit",
    purpose,
    ...(id !== undefined ? { id } : {}),
    content: { contentType, body: utf8(message) },
  };
}

/** Plaintext of the peer's, with a warning where there should be none. */
export function plaintextReceived(content: Content, isUnexpected: boolean): SecureChatOutput {
  return outputOf({
    type: "message-received",
    content,
    encryption: isUnexpected ? "failed" : "",
    ...(isUnexpected ? { warning: "the message was not encrypted" } : {}),
  });
}

/** Encrypted: with whom, how well, and by which session of the engine. */
export function encryptedWith(
  { trust = "unverified", fingerprint }: Pick<PeerTrust, "trust" | "fingerprint">,
  { version, ssid }: Partial<Pick<Conversation, "version" | "ssid">> = {},
): SecureChatOutput {
  return outputOf({
    type: "otr",
    state: "encrypted",
    lock: lockFor(trust),
    trust,
    ...(version !== undefined ? { version } : {}),
    ...(fingerprint !== undefined ? { fingerprint } : {}),
    ...(ssid !== undefined ? { ssid } : {}),
  });
}
