/** A message of a person, as the application is told of it. */

import { textOf } from "./message_text.ts";
import type { Content, MessageEncryption } from "./secure_chat_events.ts";
import type { MessageEvent } from "./session_event.ts";

/** Who talks: addresses of record. */
export interface Parties {
  readonly self: string;
  readonly peer: string;
}

/** What is told of one message. */
export interface TellableMessage {
  readonly id: string;
  readonly content: Content;
  readonly encryption: MessageEncryption;
  /** Set for plaintext where there should be none. */
  readonly warning?: string;
}

/** The event of a message that comes or goes. */
export function messageEvent(
  direction: "in" | "out",
  { self, peer }: Parties,
  { id, content, encryption, warning }: TellableMessage,
): MessageEvent {
  return {
    type: "message",
    direction,
    id,
    from: direction === "in" ? peer : self,
    to: direction === "in" ? self : peer,
    contentType: content.contentType,
    body: textOf(content),
    encryption,
    ...(warning !== undefined ? { warning } : {}),
  };
}
