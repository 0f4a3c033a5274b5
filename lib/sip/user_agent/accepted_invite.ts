/** A 2xx to an INVITE, repeated until its ACK comes (RFC 3261 §13.3.1.4 as RFC 6026 §8.1 has it). */

import type { Instant } from "../../base/output.ts";
import type { SipResponse } from "../message/message.ts";
import type { Timers } from "../transaction/timers.ts";
import type { ServerTransaction, TransactionLayer } from "./transaction_layer.ts";

/** What the wait for an ACK has come to. */
export type AcknowledgementWait = "waiting" | "given-up";

/** The 2xx, on its way as long as nobody says that it arrived. Whatever the transport is. */
export class AcceptedInvite {
  /** Number of the INVITE, which its ACK repeats. */
  readonly sequence: number;
  /** Whether the 2xx held our offer: the ACK then holds the answer. */
  readonly isOurOffer: boolean;
  readonly #layer: TransactionLayer;
  readonly #server: ServerTransaction;
  readonly #response: SipResponse;
  readonly #longest: number;
  readonly #givesUpAt: Instant;
  #interval: number;
  #repeatAt: Instant;

  /** Sends the 2xx for the first time. */
  constructor(
    layer: TransactionLayer,
    server: ServerTransaction,
    response: SipResponse,
    options: { readonly sequence: number; readonly isOurOffer: boolean; readonly timers: Timers },
    now: Instant,
  ) {
    this.sequence = options.sequence;
    this.isOurOffer = options.isOurOffer;
    this.#layer = layer;
    this.#server = server;
    this.#response = response;
    this.#interval = options.timers.t1;
    this.#longest = options.timers.t2;
    this.#repeatAt = now + this.#interval;
    this.#givesUpAt = now + 64 * options.timers.t1;
    layer.respond(server, response, now);
  }

  /** When {@link handleTimeout} wants to be called. */
  get deadline(): Instant {
    return Math.min(this.#repeatAt, this.#givesUpAt);
  }

  /** {@link deadline} may have passed. */
  handleTimeout(now: Instant): AcknowledgementWait {
    if (now >= this.#givesUpAt) return "given-up";
    if (now >= this.#repeatAt) {
      this.#interval = Math.min(2 * this.#interval, this.#longest);
      this.#repeatAt = now + this.#interval;
      this.#layer.respond(this.#server, this.#response, now);
    }
    return "waiting";
  }
}
