/** What leaves beside a person's words, if the peer can take it: "is typing", and what became of its messages (RFC 3994, RFC 5438). */

import { IMDN_TYPE, IS_COMPOSING_TYPE, writeIsComposing } from "../im/mod.ts";
import { canonicalAor } from "../storage/mod.ts";
import type { ChatMedia } from "./chat_media.ts";
import type { Notification } from "./dispositions.ts";
import type { Content } from "./secure_chat_events.ts";

/** Whom it goes to, and how. */
export interface SideTalkOptions {
  /** Address of record of the peer. */
  readonly peer: string;
  readonly media: Pick<ChatMedia, "carriageOf">;
  /** Whether the peer is a conference. */
  readonly isFocus: () => boolean;
  /** Lets it leave as the policy allows. `to`: whom the CPIM names, where that is not the peer. */
  readonly send: (content: Content, to?: string) => void;
}

/** Says nothing that the peer did not list. */
export class SideTalk {
  readonly #options: SideTalkOptions;

  /** @param options Whom it goes to, and how. */
  constructor(options: SideTalkOptions) {
    this.#options = options;
  }

  /** Says that the user types, or stopped; `refresh` in seconds. */
  composing(state: "active" | "idle", refresh: number): void {
    const { media, send } = this.#options;
    // RFC 3994 §3, RFC 4975 §8.6: only to peers that list the type.
    if (media.carriageOf(IS_COMPOSING_TYPE) === "refused") return;
    const body = writeIsComposing({ state, contentType: "text/plain", refresh });
    send({ contentType: IS_COMPOSING_TYPE, body });
  }

  /** A notification leaves as isComposing does, and never to a whole conference. */
  notify(notification: Notification | undefined): void {
    const { isFocus, media, peer, send } = this.#options;
    if (notification === undefined || isFocus()) return;
    // RFC 5438 §7.2.1: it is nothing outside a CPIM.
    if (media.carriageOf(IMDN_TYPE) !== "cpim") return;
    send(notification.content, canonicalAor(notification.to ?? "") ?? peer);
  }
}
