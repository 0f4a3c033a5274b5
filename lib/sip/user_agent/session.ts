/** The dialog of a call and what ends it: BYE both ways, ACKs and the wait for them (RFC 3261 §12.2, §15). */

import type { Instant } from "../../base/output.ts";
import type { Dialog } from "../dialog/dialog.ts";
import { cSeqOf, tokenList } from "../message/header_fields.ts";
import { sameHost } from "../message/host.ts";
import {
  type HeaderField,
  isReliable,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  type SipTransport,
} from "../message/message.ts";
import type { Parameter } from "../message/parameters.ts";
import { uriParameter } from "../message/uri.ts";
import { AcceptedInvite } from "./accepted_invite.ts";
import { sessionDescriptionOf } from "./admission.ts";
import { type CallContext, contactField } from "./call_context.ts";
import { ACCEPT, ALLOW, SUPPORTED } from "./capabilities.ts";
import { type Destination, destinationOf, type Flow } from "./destination.ts";
import { OfferExchange, type OfferOwner, type OpenOffer } from "./offer_exchange.ts";
import { credentialFields } from "./request_credentials.ts";
import { dialogRequest } from "./requests.ts";
import { respondTo } from "./responses.ts";
import { SessionRefresh } from "./session_refresh.ts";
import { SessionTimer } from "./session_timer.ts";
import { NOBODY, sendInDialog } from "./dialog_sender.ts";
import type { PendingUser } from "./pending_request.ts";
import type { LoneMessage, ServerTransaction } from "./transaction_layer.ts";

/** How far the dialog is. */
export type SessionState = "early" | "confirmed" | "closing" | "closed";

/** What a session begins with. */
export interface SessionOptions {
  readonly dialog: Dialog;
  readonly context: CallContext;
  /** How the INVITE travelled. */
  readonly transport: SipTransport;
  /** How the peer's messages come; a connection is used as long as it is open. */
  readonly link?: Flow | undefined;
  readonly isSecure: boolean;
  /** Whether we sent the INVITE: it decides who waits longer after a 491 (§14.1). */
  readonly isCaller: boolean;
  readonly contactParameters: readonly Parameter[];
  /** Whose offer the INVITE left open, until it is settled. */
  readonly openOffer: OpenOffer;
  /** Our offer in the INVITE, if that is what it held. */
  readonly localDescription?: Uint8Array | undefined;
  /** Seconds between signs of life that we ask for (RFC 4028). */
  readonly sessionExpires?: number | undefined;
  /** The PRACK of a reliable provisional response of ours (RFC 3262 §3). */
  readonly receivePrack?: (server: ServerTransaction, now: Instant) => void;
  /** The caller ended the early dialog with BYE instead of CANCEL (§15). */
  readonly receiveEarlyBye?: (now: Instant) => void;
}

/** One dialog with what goes on inside it. */
export class Session implements OfferOwner {
  readonly dialog: Dialog;
  /** The offers inside the dialog. */
  readonly offers: OfferExchange;
  /** How long the session lasts without a sign of life. */
  readonly timer: SessionTimer;
  /** The session description that we gave last. */
  localDescription: Uint8Array | undefined;
  readonly #refresh: SessionRefresh;
  #allowsUpdate = false;
  readonly #context: CallContext;
  readonly #options: SessionOptions;
  #state: SessionState = "early";
  #accepted: AcceptedInvite | undefined;
  #wantsBye = false;
  /** Whether the ACK to the 2xx that made the session came; a caller needs none. */
  #hasFirstAck: boolean;
  /** Our ACKs by the number of their INVITE, for repeated 2xx. */
  readonly #acknowledgements = new Map<number, LoneMessage>();

  /** @param options What it begins with. */
  constructor(options: SessionOptions) {
    const { dialog, context, isCaller, openOffer } = options;
    this.dialog = dialog;
    this.offers = new OfferExchange(this, context, { isCaller, open: openOffer });
    this.#context = context;
    this.#options = options;
    this.#hasFirstAck = isCaller;
    this.timer = new SessionTimer(options.sessionExpires);
    this.localDescription = options.localDescription;
    this.#refresh = new SessionRefresh(this, context, isCaller);
    context.adopt(this);
  }

  /** How far it is. */
  get state(): SessionState {
    return this.#state;
  }

  /** When {@link handleTimeout} wants to be called, if at all. */
  get deadline(): Instant | undefined {
    const timer = this.#state === "confirmed" ? this.timer.deadline : undefined;
    const times = [this.#accepted?.deadline, this.offers.deadline, timer]
      .filter((it) => it !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Whether the peer said that it takes UPDATE (RFC 3311 §4). */
  get allowsUpdate(): boolean {
    return this.#allowsUpdate;
  }

  /** Notes what the peer says about itself. */
  noteCapabilities(message: SipMessage): void {
    const methods = tokenList(message, "Allow");
    if (methods.length > 0) this.#allowsUpdate = methods.includes("UPDATE");
  }

  /** The INVITE was answered 2xx. */
  confirm(): void {
    if (this.#state === "early") this.#state = "confirmed";
  }

  /** Where our requests go: the peer's Contact, or the first Route. */
  get destination(): Destination {
    const { nextHop } = this.dialog.routing;
    const { transport, link } = this.#options;
    // SPEC NOTE sip-6: a Contact that names no transport would mean UDP; a peer that called
    // over a connection is found there.
    const isUnsaid = uriParameter(nextHop, "transport") === undefined && nextHop.scheme === "sip";
    const to = destinationOf(nextHop, isUnsaid && isReliable(transport) ? transport : undefined);
    // RFC 5923 §3: a connection is used both ways. A Contact on another host is somebody else.
    const isSameLink = link?.connection !== undefined && link.transport === to.transport &&
      sameHost(link.remote.host, to.host);
    return isSameLink ? { ...to, connection: link.connection } : to;
  }

  /** Our Contact for this peer. */
  get contact(): HeaderField {
    const { transport, link, isSecure, contactParameters } = this.#options;
    return contactField(this.#context, {
      transport,
      // Where the peer was seen says more about us than the name in its Contact.
      host: link?.remote.host ?? this.destination.host,
      local: this.dialog.local,
      isSecure,
      parameters: contactParameters,
    });
  }

  /**
   * Acknowledges a 2xx to our INVITE, and each repetition of it (§13.2.2.4).
   *
   * @param invite As it was sent: the ACK has its number and its credentials (§22.1).
   * @returns Whether it was acknowledged before.
   */
  acknowledge(invite: SipRequest): boolean {
    const sequence = cSeqOf(invite).number;
    const before = this.#acknowledgements.get(sequence);
    if (before !== undefined) {
      this.#context.layer.sendAgain(before);
      return true;
    }
    const ack = dialogRequest(this.dialog, "ACK", sequence, credentialFields(invite));
    this.#acknowledgements.set(sequence, this.#context.layer.sendAlone(ack, this.destination));
    return false;
  }

  /** Sends a 2xx to an INVITE and repeats it until its ACK. */
  accept(
    server: ServerTransaction,
    response: SipResponse,
    isOurOffer: boolean,
    now: Instant,
  ): void {
    const { layer, timers } = this.#context;
    const sequence = cSeqOf(server.request).number;
    this.offers.settle(isOurOffer ? "ours" : "none");
    const wait = { sequence, isOurOffer, timers };
    this.#accepted = new AcceptedInvite(layer, server, response, wait, now);
  }

  /** Ends the session because nothing was heard for as long as was agreed (RFC 4028 §10). */
  #expire(now: Instant): void {
    if (this.#state !== "confirmed") return;
    this.#sendBye(NOBODY, now);
    this.#end("timeout", "session expired");
  }

  /** Ends the session with a BYE, once the peer may get one (§15). */
  hangUp(now: Instant): void {
    if (this.#state === "closing" || this.#state === "closed") return;
    // §15: a callee must not send BYE before the ACK to its 2xx arrived.
    if (this.#accepted !== undefined) this.#wantsBye = true;
    else this.#hangUpNow(now);
  }

  /** Ends the session because the peer is silent, or knows nothing of it any more. */
  abandon(now: Instant): void {
    if (this.#state !== "confirmed") return;
    this.#sendBye(NOBODY, now);
    this.#end("timeout", "the peer does not answer");
  }

  /** Says nothing more to the peer, and hears nothing more from it. */
  close(): void {
    this.#state = "closed";
    this.#accepted = undefined;
    this.offers.close(undefined);
    this.#context.release(this);
  }

  /** A request of this dialog arrived and passed admission. */
  receiveRequest(server: ServerTransaction, now: Instant): void {
    const { request } = server;
    this.noteCapabilities(request);
    if (!this.dialog.acceptSequence(cSeqOf(request).number)) {
      this.#respond(server, 500, now); // §12.2.2: out of order.
      return;
    }
    switch (request.method) {
      case "BYE":
        this.#receiveBye(server, now);
        break;
      case "INVITE":
      case "UPDATE":
        this.offers.receive(server, request.method, now);
        break;
      case "PRACK":
        if (this.#options.receivePrack === undefined) this.#respond(server, 481, now);
        else this.#options.receivePrack(server, now);
        break;
      default:
        this.#respond(server, 200, now, [ALLOW, ACCEPT, SUPPORTED]); // OPTIONS
    }
  }

  /** An ACK of this dialog arrived. */
  receiveAck(request: SipRequest, now: Instant): void {
    const accepted = this.#accepted;
    if (accepted === undefined || cSeqOf(request).number !== accepted.sequence) return;
    this.#accepted = undefined;
    const answer = accepted.isOurOffer ? sessionDescriptionOf(request) : undefined;
    if (accepted.isOurOffer) this.offers.settle();
    if (!this.#hasFirstAck) this.#context.report({ type: "confirmed", answer });
    else if (accepted.isOurOffer) this.#context.report({ type: "offer-answered", answer });
    this.#hasFirstAck = true;
    if (this.#wantsBye) this.#hangUpNow(now);
  }

  /** Takes the Contact of a target refresh request, or of its 2xx. */
  refreshTarget(message: SipRequest | SipResponse): void {
    if (this.dialog.refreshTarget(message)) {
      this.#context.report({ type: "focus-changed", isFocus: this.dialog.isFocus });
    }
  }

  /** {@link deadline} may have passed. */
  handleTimeout(now: Instant): void {
    // §13.3.1.4: without an ACK within 64*T1 the session ends.
    if (this.#accepted?.handleTimeout(now) === "given-up") this.abandon(now);
    this.offers.handleTimeout(now);
    if (this.#state !== "confirmed") return;
    const action = this.timer.handleTimeout(now);
    if (action === "refresh") this.#refresh.send(now);
    else if (action === "expire") this.#expire(now);
  }

  #receiveBye(server: ServerTransaction, now: Instant): void {
    this.#respond(server, 200, now);
    if (this.#state === "early") {
      this.#options.receiveEarlyBye?.(now);
      return;
    }
    this.offers.close(now);
    this.#end("remote", "bye");
  }

  #hangUpNow(now: Instant): void {
    const user: PendingUser = {
      receiveResponse: ({ status }) => {
        if (status >= 200) this.#end("local", "bye");
      },
      // §15.1.1: without an answer the session is over all the same.
      receiveFailure: () => this.#end("local", "bye"),
    };
    this.#sendBye(user, now);
  }

  #sendBye(user: PendingUser, now: Instant): void {
    this.#state = "closing";
    const { dialog, destination } = this;
    const headers: HeaderField[] = [{ name: "User-Agent", value: this.#context.userAgent }];
    sendInDialog(this.#context, { dialog, method: "BYE", destination, headers, user }, now);
  }

  #end(by: "remote" | "local" | "timeout", reason: string): void {
    if (this.#state === "closed") return;
    this.close();
    this.#context.report({ type: "ended", by, reason });
    this.#context.forget();
  }

  #respond(
    server: ServerTransaction,
    status: number,
    now: Instant,
    headers: readonly HeaderField[] = [],
  ): void {
    this.#context.layer.respond(server, respondTo(server.request, status, { headers }), now);
  }
}
