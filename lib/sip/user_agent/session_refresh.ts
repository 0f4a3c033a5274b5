/** Gives the signs of life that a session timer asks for, by UPDATE or re-INVITE (RFC 4028 §7.4, §10). */

import type { Instant } from "../../base/output.ts";
import type { Dialog } from "../dialog/dialog.ts";
import type { HeaderField, SipRequest, SipResponse } from "../message/message.ts";
import type { CallContext } from "./call_context.ts";
import { ALLOW, SDP_TYPE, SUPPORTED } from "./capabilities.ts";
import type { Destination } from "./destination.ts";
import { sendInDialog } from "./dialog_sender.ts";
import type { PendingUser } from "./pending_request.ts";
import type { SessionTimer } from "./session_timer.ts";
import { randomUpTo } from "./tokens.ts";

/** The session that is kept alive. */
export interface RefreshOwner {
  readonly dialog: Dialog;
  readonly state: "early" | "confirmed" | "closing" | "closed";
  readonly destination: Destination;
  readonly contact: HeaderField;
  readonly timer: SessionTimer;
  /** Whether the peer said UPDATE in an Allow header field. */
  readonly allowsUpdate: boolean;
  /** The session description that we gave last, for a re-INVITE that changes nothing. */
  readonly localDescription: Uint8Array | undefined;
  /** Whether no offer is open in either direction; `hold` keeps the peer's away meanwhile. */
  readonly offers: { readonly isIdle: boolean; settle(open?: "ours" | "none"): void };
  /** Acknowledges a 2xx; `true` when it was acknowledged before. */
  acknowledge(invite: SipRequest): boolean;
  /** Takes the Contact of a target refresh request's 2xx. */
  refreshTarget(message: SipResponse): void;
  /** The peer does not know the dialog any more, or is silent. */
  abandon(now: Instant): void;
}

/** Between two attempts while another offer is open or a refresh was refused, in milliseconds. */
const PAUSE = 10_000;
/** How often a 422 is followed in a row. */
const MOST_TOO_SHORT = 2;

/** The refreshes of one session. */
export class SessionRefresh {
  readonly #owner: RefreshOwner;
  readonly #context: CallContext;
  readonly #isCaller: boolean;
  #isUnderWay = false;
  #tooShort = 0;
  /** UPDATE was refused although it was allowed. */
  #isUpdateRefused = false;

  /** @param isCaller Whether we sent the first INVITE: it decides who waits longer after a 491. */
  constructor(owner: RefreshOwner, context: CallContext, isCaller: boolean) {
    this.#owner = owner;
    this.#context = context;
    this.#isCaller = isCaller;
  }

  /** Refreshes the session without changing it; later, when that is not possible now. */
  send(now: Instant): void {
    const owner = this.#owner;
    if (this.#isUnderWay || owner.state !== "confirmed") return;
    const { dialog, destination, contact, timer, localDescription } = owner;
    const isUpdate = owner.allowsUpdate && !this.#isUpdateRefused;
    if (!isUpdate && (!owner.offers.isIdle || localDescription === undefined)) {
      timer.postpone(now + PAUSE);
      return;
    }
    this.#isUnderWay = true;
    if (!isUpdate) owner.offers.settle("ours");
    const user: PendingUser = {
      receiveResponse: (response, at) => this.#receiveResponse(response, pending.request, at),
      receiveFailure: (failure, at) => {
        this.#settle(isUpdate);
        if (failure === "timeout") owner.abandon(at);
        else timer.postpone(at + PAUSE);
      },
      receiveRetry: () => owner.state === "confirmed",
    };
    const pending = sendInDialog(this.#context, {
      dialog,
      method: isUpdate ? "UPDATE" : "INVITE",
      destination,
      headers: [
        contact,
        ALLOW,
        SUPPORTED,
        ...timer.requestFields(),
        { name: "User-Agent", value: this.#context.userAgent },
        ...isUpdate ? [] : [{ name: "Content-Type", value: SDP_TYPE }],
      ],
      body: isUpdate ? undefined : localDescription,
      user,
    }, now);
  }

  #receiveResponse(response: SipResponse, request: SipRequest, now: Instant): void {
    const { status } = response;
    if (status < 200) return;
    const owner = this.#owner;
    const isUpdate = request.method === "UPDATE";
    if (status < 300) {
      if (!isUpdate && owner.acknowledge(request)) return;
      this.#settle(isUpdate);
      this.#tooShort = 0;
      owner.refreshTarget(response);
      owner.timer.receiveSuccess(response, now);
      return;
    }
    this.#settle(isUpdate);
    if (owner.state !== "confirmed") return;
    if (status === 408 || status === 481) owner.abandon(now);
    else if (status === 422 && this.#tooShort < MOST_TOO_SHORT) {
      this.#tooShort++;
      if (owner.timer.receiveTooShort(response)) this.send(now);
    } else if (isUpdate && (status === 405 || status === 501)) {
      this.#isUpdateRefused = true;
      this.send(now);
    } else {
      // RFC 3261 §14.1: after a glare each waits another time. Other refusals may pass as well.
      const steps = this.#isCaller
        ? 210 + randomUpTo(this.#context.random, 190)
        : randomUpTo(this.#context.random, 200);
      owner.timer.postpone(now + (status === 491 ? 10 * steps : PAUSE));
    }
  }

  #settle(isUpdate: boolean): void {
    this.#isUnderWay = false;
    if (!isUpdate) this.#owner.offers.settle();
  }
}
