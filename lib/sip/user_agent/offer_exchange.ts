/**
 * Offers inside an established dialog, one at a time: re-INVITE and UPDATE of the peer's, our
 * own re-INVITEs, and what happens when both meet (RFC 3261 §14, RFC 3264 §4, RFC 3311 §5).
 */

import { SottoError } from "../../base/errors.ts";
import type { Instant } from "../../base/output.ts";
import type { Dialog } from "../dialog/dialog.ts";
import type { HeaderField, SipRequest, SipResponse } from "../message/message.ts";
import { sessionDescriptionOf } from "./admission.ts";
import type { CallContext } from "./call_context.ts";
import { ALLOW, SDP_TYPE, SUPPORTED } from "./capabilities.ts";
import type { Destination } from "./destination.ts";
import { sendInDialog } from "./dialog_sender.ts";
import type { PendingUser } from "./pending_request.ts";
import { respondTo } from "./responses.ts";
import type { SessionTimer } from "./session_timer.ts";
import { randomUpTo } from "./tokens.ts";
import type { Failure, ServerTransaction, ServerUser } from "./transaction_layer.ts";

/** Whose offer waits for its answer. */
export type OpenOffer = "ours" | "theirs" | "none";

/** The session that the offers are about. */
export interface OfferOwner {
  readonly dialog: Dialog;
  readonly state: "early" | "confirmed" | "closing" | "closed";
  readonly destination: Destination;
  readonly contact: HeaderField;
  /** Acknowledges a 2xx; `true` when it was acknowledged before. */
  acknowledge(invite: SipRequest): boolean;
  /** Sends a 2xx to an INVITE and repeats it until its ACK. */
  accept(
    server: ServerTransaction,
    response: SipResponse,
    isOurOffer: boolean,
    now: Instant,
  ): void;
  /** The ACK to such a 2xx. */
  receiveAck(request: SipRequest, now: Instant): void;
  /** Takes the Contact of a target refresh request, or of its 2xx. */
  refreshTarget(message: SipRequest | SipResponse): void;
  /** What a re-INVITE does to it beside its offer (RFC 4028 §7.2). */
  readonly timer: SessionTimer;
  /** The session description that we gave last. */
  localDescription: Uint8Array | undefined;
  /** The peer does not know the dialog any more, or is silent. */
  abandon(now: Instant): void;
}

/** An offer of the peer that waits for the application. */
interface TheirOffer {
  readonly id: number;
  readonly server: ServerTransaction;
  readonly via: "INVITE" | "UPDATE";
  /** The peer wants our offer. */
  readonly isEmpty: boolean;
}

/** All offers of one dialog. */
export class OfferExchange {
  readonly #owner: OfferOwner;
  readonly #context: CallContext;
  readonly #isCaller: boolean;
  #open: OpenOffer;
  #theirs: TheirOffer | undefined;
  #count = 0;
  /** Our offer that met one of the peer's, until it is tried again. */
  #retry: { readonly at: Instant; readonly body: Uint8Array } | undefined;

  /**
   * @param owner The session that the offers are about.
   * @param options Whether we sent the first INVITE, and whose offer it left open.
   */
  constructor(
    owner: OfferOwner,
    context: CallContext,
    options: { readonly isCaller: boolean; readonly open: OpenOffer },
  ) {
    this.#owner = owner;
    this.#context = context;
    this.#isCaller = options.isCaller;
    this.#open = options.open;
  }

  /** When {@link handleTimeout} wants to be called, if at all. */
  get deadline(): Instant | undefined {
    return this.#retry?.at;
  }

  /** Whether no offer is open, and none waits to be tried again. */
  get isIdle(): boolean {
    return this.#open === "none" && this.#retry === undefined;
  }

  /** The offer that was open got its answer, or another one is open now. */
  settle(open: OpenOffer = "none"): void {
    this.#open = open;
  }

  /** The session is over: what is pending ends 487, nothing is tried again (§15.1.2). */
  close(now: Instant | undefined): void {
    if (now !== undefined) this.#withdraw(now);
    this.#theirs = undefined;
    this.#retry = undefined;
  }

  /**
   * Sends a re-INVITE with an offer.
   *
   * @throws {SottoError} `sip/offer-pending` while another offer is open, `sip/no-session`
   * when the session does not stand.
   */
  offer(body: Uint8Array, now: Instant): void {
    if (this.#owner.state !== "confirmed") {
      throw new SottoError("sip/no-session", "there is no session that could be changed");
    }
    if (!this.isIdle) {
      throw new SottoError("sip/offer-pending", "an earlier offer was not answered yet");
    }
    this.#send(body, now);
  }

  /**
   * Answers an offer that was reported.
   *
   * @param id Of the `offer` event. One that was withdrawn meanwhile is ignored.
   * @param body The answer, or our offer when the peer sent none; `undefined` refuses.
   * @param status 200 with a body; of the refusal without, 488 by default.
   */
  respond(
    id: number,
    body: Uint8Array | undefined,
    status: number | undefined,
    now: Instant,
  ): void {
    const theirs = this.#theirs;
    if (theirs?.id !== id) return;
    this.#theirs = undefined;
    this.#open = "none";
    const { layer } = this.#context;
    const { server } = theirs;
    if (body === undefined) {
      layer.respond(server, respondTo(server.request, status ?? 488), now);
      return;
    }
    const response = this.#success(server.request, now, body);
    this.#owner.localDescription = body;
    if (theirs.via === "INVITE") this.#owner.accept(server, response, theirs.isEmpty, now);
    else layer.respond(server, response, now);
  }

  /** A re-INVITE or UPDATE of the peer. */
  receive(server: ServerTransaction, via: "INVITE" | "UPDATE", now: Instant): void {
    const { request } = server;
    const offer = sessionDescriptionOf(request);
    const opensOffer = via === "INVITE" || offer !== undefined;
    const refusal = this.#refusal(opensOffer);
    if (refusal !== undefined) {
      // §14.2, RFC 3311 §5.2: what came before has to be answered first.
      const seconds = String(randomUpTo(this.#context.random, 10));
      const headers = refusal === 500 ? [{ name: "Retry-After", value: seconds }] : [];
      this.#context.layer.respond(server, respondTo(request, refusal, { headers }), now);
      return;
    }
    this.#owner.refreshTarget(request);
    this.#owner.timer.receiveRequest(request);
    if (!opensOffer) {
      // An UPDATE without an offer says nothing but where the peer is, and that it is.
      this.#context.layer.respond(server, this.#success(request, now), now);
      return;
    }
    this.#open = "theirs";
    this.#theirs = { id: ++this.#count, server, via, isEmpty: offer === undefined };
    server.user = this.#serverUser;
    const { isFocus } = this.#owner.dialog;
    this.#context.report({ type: "offer", via, id: this.#theirs.id, offer, isFocus });
  }

  /** {@link deadline} may have passed. */
  handleTimeout(now: Instant): void {
    const retry = this.#retry;
    if (retry === undefined || retry.at > now) return;
    this.#retry = undefined;
    if (this.#open === "none") this.#send(retry.body, now);
    else this.#retry = { at: now + this.#context.timers.t1, body: retry.body };
  }

  #refusal(opensOffer: boolean): 481 | 491 | 500 | undefined {
    const { state } = this.#owner;
    if (state === "closing") return 481;
    if (!opensOffer) return undefined;
    if (this.#open === "ours") return 491;
    return state === "early" || this.#open === "theirs" ? 500 : undefined;
  }

  /** Stands behind a re-INVITE of the peer. */
  readonly #serverUser: ServerUser = {
    receiveAck: (request, now) => this.#owner.receiveAck(request, now),
    receiveCancel: (now) => this.#withdraw(now),
  };

  #withdraw(now: Instant): void {
    const theirs = this.#theirs;
    if (theirs === undefined) return;
    this.#context.layer.respond(theirs.server, respondTo(theirs.server.request, 487), now);
    this.#theirs = undefined;
    this.#open = "none";
  }

  #send(body: Uint8Array, now: Instant): void {
    const { dialog, contact, destination } = this.#owner;
    const headers: HeaderField[] = [
      contact,
      ALLOW,
      SUPPORTED,
      ...this.#owner.timer.requestFields(),
      { name: "User-Agent", value: this.#context.userAgent },
      { name: "Content-Type", value: SDP_TYPE },
    ];
    this.#open = "ours";
    const user: PendingUser = {
      receiveResponse: (response, at) => this.#receiveResponse(response, pending.request, at),
      receiveFailure: (failure, at, error) => this.#receiveFailure(failure, at, error),
      receiveRetry: () => this.#owner.state === "confirmed",
    };
    const pending = sendInDialog(this.#context, {
      dialog,
      method: "INVITE",
      destination,
      headers,
      body,
      user,
    }, now);
  }

  #receiveResponse(response: SipResponse, invite: SipRequest, now: Instant): void {
    if (response.status < 200) return;
    if (response.status < 300) {
      if (this.#owner.acknowledge(invite)) return;
      this.#owner.refreshTarget(response);
      this.#owner.timer.receiveSuccess(response, now);
      this.#owner.localDescription = invite.body;
      this.#open = "none";
      this.#context.report({ type: "offer-answered", answer: sessionDescriptionOf(response) });
      return;
    }
    this.#open = "none";
    if (this.#owner.state !== "confirmed") return;
    const isTooShort = response.status === 422 && this.#owner.timer.receiveTooShort(response);
    if (isTooShort) this.#send(invite.body, now);
    else this.#receiveRefusal(response, invite.body, now);
  }

  #receiveRefusal({ status, reason }: SipResponse, body: Uint8Array, now: Instant): void {
    if (status === 491) {
      // §14.1: who owns the Call-ID waits 2.1–4 s, the other 0–2 s, in steps of 10 ms.
      const steps = this.#isCaller
        ? 210 + randomUpTo(this.#context.random, 190)
        : randomUpTo(this.#context.random, 200);
      this.#retry = { at: now + 10 * steps, body };
    } else if (status === 481 || status === 408) {
      this.#owner.abandon(now); // §12.2.1.2: the dialog is gone.
    } else this.#context.report({ type: "offer-rejected", status, reason });
  }

  #receiveFailure(failure: Failure | "credentials", now: Instant, error?: Error): void {
    this.#open = "none";
    if (this.#owner.state !== "confirmed") return;
    if (failure === "timeout") this.#owner.abandon(now);
    else if (failure === "credentials") {
      const reason = error?.message ?? "credentials rejected";
      this.#context.report({ type: "offer-rejected", status: 401, reason });
    } else this.#context.report({ type: "offer-rejected", status: 503, reason: "not delivered" });
  }

  #success(request: SipRequest, now: Instant, body?: Uint8Array): SipResponse {
    const headers: HeaderField[] = [
      this.#owner.contact,
      ALLOW,
      SUPPORTED,
      ...this.#owner.timer.answer(request, now),
      { name: "Server", value: this.#context.userAgent },
    ];
    if (body !== undefined) headers.push({ name: "Content-Type", value: SDP_TYPE });
    return respondTo(request, 200, { headers, body });
  }
}
