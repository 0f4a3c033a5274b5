/**
 * Offers inside a call that stands, from either side: what the peer changes, a path of ours that
 * moved, and a medium that is over (RFC 3264 §8, RFC 4976 §9.4, RFC 5547 §8.4).
 */

import { SottoError } from "../base/errors.ts";
import type { MsrpUri } from "../msrp/mod.ts";
import type { ChatMedia } from "./chat_media.ts";
import { tryParse } from "./message_text.ts";
import { moveRefused } from "./path_move.ts";
import { asSottoError } from "./session_teller.ts";
import type { SipCallEvent } from "./sip_endpoint.ts";

/** What offers are made of, and where they go. */
export interface InCallOffersOptions {
  readonly media: Pick<
    ChatMedia,
    "current" | "readReoffer" | "offerMove" | "completeMove" | "withoutMedia"
  >;
  /**
   * Sends our offer; does nothing while there is no call.
   * @throws {SottoError} `sip/no-session`, `sip/offer-pending`.
   */
  readonly reoffer: (sdp: Uint8Array) => void;
  /** Something went wrong here. */
  readonly onFault: (error: SottoError) => void;
}

/** One offer at a time; SIP sees to that. */
export class InCallOffers {
  readonly #options: InCallOffersOptions;

  /** @param options What offers are made of, and where they go. */
  constructor(options: InCallOffersOptions) {
    this.#options = options;
  }

  /** The peer offers something, or wants our offer. */
  answer(event: Extract<SipCallEvent, { type: "offer" }>): void {
    const { media } = this.#options;
    const { offer } = event;
    if (offer === undefined) {
      event.respond(media.current);
      return;
    }
    const outcome = tryParse(() => media.readReoffer(offer));
    if (outcome === undefined) event.respond(undefined, 400);
    else if ("answer" in outcome) event.respond(outcome.answer);
    else event.respond(undefined, outcome.refusal.status);
  }

  /** The peer took our offer. */
  taken(): void {
    this.#options.media.completeMove(true);
  }

  /** The peer did not take it. */
  refused({ status, reason }: { readonly status: number; readonly reason: string }): void {
    const { media, onFault } = this.#options;
    if (media.completeMove(false)) onFault(moveRefused(`${status} ${reason}`));
  }

  /** Our relay has another path for us, of which the peer must be told (RFC 4976 §9.4). */
  movePath(usePath: readonly MsrpUri[]): void {
    const { media, onFault, reoffer } = this.#options;
    const offer = media.offerMove(usePath);
    if (offer === undefined) return;
    try {
      reoffer(offer);
    } catch (error) {
      media.completeMove(false);
      onFault(moveRefused(asSottoError(error).message));
    }
  }

  /** A medium is over before the call is (RFC 5547 §8.4). */
  dropMedium(index: number): void {
    const { media, reoffer } = this.#options;
    const sdp = media.withoutMedia([index]);
    try {
      reoffer(sdp);
    } catch (error) {
      // Another offer is under way: the next answer says it as well.
      if (!(error instanceof SottoError)) throw error;
    }
  }
}
