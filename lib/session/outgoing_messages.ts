/** What the policy lets leave, on its way: wrapped for the peer, sent, and followed to its fate (RFC 4975 §7.1). */

import { IMDN_TYPE, type ImdnRequest } from "../im/mod.ts";
import type { ChatMedia } from "./chat_media.ts";
import type { ChatSessionOptions, SendOutcome } from "./chat_options.ts";
import type { Clock } from "./clock.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Dispositions } from "./dispositions.ts";
import { wrapMessage } from "./message_wrapping.ts";
import type { MsrpDelivery, MsrpSession } from "./msrp_endpoint.ts";
import type { RoomMember } from "./room_member.ts";
import type { SecureChatOutput } from "./secure_chat_events.ts";

/** Something that leaves. */
export type Transmission = Extract<SecureChatOutput, { type: "transmit" }>;

/** Between whom messages go, and what is known of the peer. */
export interface OutgoingMessagesOptions {
  readonly clock: Clock;
  readonly self: ChatSessionOptions["self"];
  /** Address of record of the peer. */
  readonly peer: string;
  /** How long a delivery may take, in milliseconds. */
  readonly timeout: number;
  readonly media: Pick<ChatMedia, "peerReceives" | "carriageOf">;
  /** Told of every fate. */
  readonly deliveries: Deliveries;
  readonly dispositions: Pick<Dispositions, "requestFor">;
  readonly member: Pick<RoomMember, "recipientOf">;
  /** Whether the peer is a conference. */
  readonly isFocus: () => boolean;
  readonly newId: () => string;
}

/** The way out. */
export class OutgoingMessages {
  readonly #options: OutgoingMessagesOptions;
  #lastWords: Promise<void> = Promise.resolve();

  /** @param options Between whom messages go, and what is known of the peer. */
  constructor(options: OutgoingMessagesOptions) {
    this.#options = options;
  }

  /** Resolves when the connection has taken, or lost, the last thing that no user waits for. */
  get said(): Promise<void> {
    return this.#lastWords;
  }

  /** Sends it now, in order; the fate of a user's message is told by the deliveries. */
  send(output: Transmission, msrp: Pick<MsrpSession, "send">): void {
    const { clock, deliveries, media, member, peer, self } = this.#options;
    const { id } = output;
    const isUser = output.purpose === "user";
    if (!media.peerReceives) {
      // RFC 4975 §8.9: nothing goes to a peer that said sendonly or inactive. Its description
      // is an answer of a kind.
      const reason = "the other side does not receive messages now";
      if (id !== undefined) deliveries.finish(id, { status: "failed", cause: "response", reason });
      return;
    }
    const wrapped = wrapMessage(output.content, {
      carriage: media.carriageOf(output.content.contentType),
      from: self,
      to: output.to ?? member.recipientOf(id) ?? peer,
      at: clock.wallNow(),
      imdn: this.#imdnOf(output),
    });
    const sent = msrp.send({
      ...wrapped,
      ...(id !== undefined ? { messageId: id } : {}),
      successReport: isUser,
      failureReport: isUser ? "yes" : "no",
    });
    if (id !== undefined) void this.#follow(id, sent);
    else this.#lastWords = sent.then(() => {}, () => {}); // Its loss is the connection's.
  }

  #imdnOf({ id, content }: Transmission): ImdnRequest | undefined {
    const { dispositions, isFocus, newId } = this.#options;
    if (content.contentType === IMDN_TYPE) return { messageId: newId(), requests: [] };
    return id === undefined || isFocus() ? undefined : dispositions.requestFor(id);
  }

  async #follow(id: string, sent: Promise<MsrpDelivery>): Promise<void> {
    const { clock, deliveries, timeout } = this.#options;
    const waiting = new AbortController();
    const late = clock.reached(clock.now() + timeout, waiting.signal)
      .then((): SendOutcome => ({
        status: "failed",
        cause: "timeout",
        reason: "no report of its delivery",
      }));
    await deliveries.follow(id, sent, late);
    waiting.abort();
  }
}
