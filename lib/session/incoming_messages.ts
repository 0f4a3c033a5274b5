/**
 * What the peer's messages mean: out of their CPIM, and after decryption words of a person,
 * "is typing", a notification, or nothing that a chat shows (RFC 3862, RFC 3994, RFC 5438).
 */

import { PeerError } from "../base/errors.ts";
import { IMDN_TYPE, IS_COMPOSING_TYPE, parseIsComposing } from "../im/mod.ts";
import type { ComposingTalk } from "./composing_talk.ts";
import type { Arrival, Dispositions, Notification } from "./dispositions.ts";
import { messageEvent, type Parties } from "./message_event.ts";
import { tryParse } from "./message_text.ts";
import { unwrapMessage, type UnwrappedMessage } from "./message_wrapping.ts";
import { roomSender } from "./room_member.ts";
import type { Content, SecureChatEvent } from "./secure_chat_events.ts";
import type { SessionTeller } from "./session_teller.ts";

/** Who is told of what. */
export interface IncomingMessagesOptions {
  readonly parties: Parties;
  readonly teller: Pick<SessionTeller, "tell" | "peerFault">;
  readonly composing: Pick<ComposingTalk, "heard" | "received">;
  readonly dispositions: Pick<Dispositions, "receive" | "delivered" | "failed">;
  /** The sender's engine is told that its message was no use (RFC 4975 §7.1.2). */
  readonly report: (id: string, status: number, comment: string) => void;
  /** The sender is told what became of its message, if it asked. */
  readonly notify: (notification: Notification | undefined) => void;
  /** Whether the peer is a conference. */
  readonly isFocus: () => boolean;
  /** A name for a message that has none. */
  readonly newId: () => string;
}

/** The way in. */
export class IncomingMessages {
  readonly #options: IncomingMessagesOptions;

  /** @param options Who is told of what. */
  constructor(options: IncomingMessagesOptions) {
    this.#options = options;
  }

  /** Takes a message out of its CPIM. What cannot be taken out is reported, and told. */
  unwrap(
    { contentType, body, messageId }: Content & { readonly messageId: string },
  ): { readonly content: Content; readonly arrival: Arrival } | undefined {
    const { report, teller } = this.#options;
    let unwrapped: UnwrappedMessage;
    try {
      unwrapped = unwrapMessage({ contentType, body });
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      report(messageId, 400, "CPIM parser error");
      teller.peerFault(error);
      return undefined;
    }
    const { content, ...about } = unwrapped;
    return { content, arrival: { ...about, id: messageId } };
  }

  /**
   * A content is readable now.
   * @param arrival The message that it came in; what waits in the engine may have none.
   */
  receive(
    event: Extract<SecureChatEvent, { type: "message-received" }>,
    arrival: Arrival | undefined,
  ): void {
    const { composing, dispositions, isFocus, newId, notify, parties, teller } = this.#options;
    const { contentType, body } = event.content;
    const type = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
    if (type === IS_COMPOSING_TYPE) {
      const status = tryParse(() => parseIsComposing(body));
      if (status !== undefined) composing.heard(status);
      return;
    }
    if (type === IMDN_TYPE) {
      const imdn = dispositions.receive(body, parties.peer);
      if (imdn !== undefined) teller.tell(imdn);
      return;
    }
    // Blink's private types are not a person's words.
    if (!type.startsWith("text/")) return;
    const id = arrival?.id ?? newId();
    composing.received();
    teller.tell({
      ...messageEvent("in", parties, { ...event, id }),
      ...(isFocus() && arrival !== undefined ? roomSender(arrival, parties.peer) : {}),
    });
    if (arrival !== undefined) notify(dispositions.delivered(arrival));
  }

  /** A content could not be decrypted. */
  unreadable(reason: string, arrival: Arrival | undefined): void {
    const { dispositions, notify, report, teller } = this.#options;
    if (arrival !== undefined) {
      report(arrival.id, 400, "undecryptable OTR message");
      notify(dispositions.failed(arrival));
    }
    teller.tell({ type: "error", code: "otr/unreadable", message: reason, side: "remote" });
  }
}
