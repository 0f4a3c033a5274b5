/**
 * What happens inside the dialog of a call: BYE, re-INVITE and UPDATE both ways, the wait for
 * ACKs (RFC 3261 §12.2, §14, §15; RFC 3311; RFC 6141 §3 on what a failed re-INVITE leaves).
 */

import { SottoError } from "../../base/errors.ts";
import type { Instant } from "../../base/output.ts";
import type { Dialog } from "../dialog/dialog.ts";
import { cSeqOf } from "../message/header_fields.ts";
import { sameHost } from "../message/host.ts";
import {
  type HeaderField,
  isReliable,
  type SipRequest,
  type SipResponse,
  type SipTransport,
} from "../message/message.ts";
import type { Parameter } from "../message/parameters.ts";
import { uriParameter } from "../message/uri.ts";
import { AcceptedInvite } from "./accepted_invite.ts";
import { sessionDescriptionOf } from "./admission.ts";
import { type CallContext, contactField } from "./call_context.ts";
import { ACCEPT, ALLOW, SDP_TYPE, SUPPORTED } from "./capabilities.ts";
import { type Destination, destinationOf, type Flow } from "./destination.ts";
import { dialogRequest } from "./requests.ts";
import { respondTo } from "./responses.ts";
import { randomUpTo } from "./tokens.ts";
import type {
  ClientUser,
  Failure,
  LoneMessage,
  ServerTransaction,
  ServerUser,
} from "./transaction_layer.ts";

/** How far the dialog is. */
export type SessionState = "early" | "confirmed" | "closing" | "closed";

/** What a session begins with. */
export interface SessionOptions {
  readonly dialog: Dialog;
  readonly context: CallContext;
  /** How the INVITE travelled. */
  readonly transport: SipTransport;
  /** The connection to the peer, used as long as it is open. */
  readonly link?: Flow | undefined;
  readonly isSecure: boolean;
  /** Whether we sent the INVITE: it decides who waits longer after a 491 (§14.1). */
  readonly isCaller: boolean;
  readonly contactParameters: readonly Parameter[];
  /** Whose offer the INVITE left open, until {@link Session.settleOffer}. */
  readonly openOffer: "ours" | "theirs" | "none";
  /** The PRACK of a reliable provisional response of ours (RFC 3262 §3). */
  readonly receivePrack?: (server: ServerTransaction, now: Instant) => void;
  /** The caller ended the early dialog with BYE instead of CANCEL (§15). */
  readonly receiveEarlyBye?: (now: Instant) => void;
}

/** An offer of the peer that waits for the application. */
interface TheirOffer {
  readonly id: number;
  readonly server: ServerTransaction;
  readonly via: "INVITE" | "UPDATE";
  /** The peer wants our offer. */
  readonly isEmpty: boolean;
}

/** One dialog with what goes on inside it. */
export class Session {
  readonly dialog: Dialog;
  readonly #context: CallContext;
  readonly #options: SessionOptions;
  #state: SessionState = "early";
  #openOffer: "ours" | "theirs" | "none";
  #theirs: TheirOffer | undefined;
  #offerCount = 0;
  #accepted: AcceptedInvite | undefined;
  #wantsBye = false;
  /** Whether the ACK to the 2xx that made the session came; a caller needs none. */
  #hasFirstAck: boolean;
  /** Our ACKs by the number of their INVITE, for repeated 2xx. */
  readonly #acknowledgements = new Map<number, LoneMessage>();
  /** Our offer that met one of the peer's, until it is tried again. */
  #retry: { readonly at: Instant; readonly body: Uint8Array } | undefined;

  /** @param options What it begins with. */
  constructor(options: SessionOptions) {
    this.dialog = options.dialog;
    this.#context = options.context;
    this.#options = options;
    this.#openOffer = options.openOffer;
    this.#hasFirstAck = options.isCaller;
    options.context.adopt(this);
  }

  /** How far it is. */
  get state(): SessionState {
    return this.#state;
  }

  /** When {@link handleTimeout} wants to be called, if at all. */
  get deadline(): Instant | undefined {
    const times = [this.#accepted?.deadline, this.#retry?.at].filter((it) => it !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** The INVITE was answered 2xx. */
  confirm(): void {
    if (this.#state === "early") this.#state = "confirmed";
  }

  /** The offer that the INVITE opened was answered. */
  settleOffer(): void {
    this.#openOffer = "none";
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
    return contactField(this.#context, {
      transport: this.#options.transport,
      host: this.destination.host,
      local: this.dialog.local,
      isSecure: this.#options.isSecure,
      parameters: this.#options.contactParameters,
    });
  }

  /** Acknowledges a 2xx to our INVITE, and each repetition of it (§13.2.2.4). */
  acknowledge(sequence: number): void {
    const before = this.#acknowledgements.get(sequence);
    if (before !== undefined) {
      this.#context.layer.sendAgain(before);
      return;
    }
    const ack = dialogRequest(this.dialog, "ACK", sequence);
    this.#acknowledgements.set(sequence, this.#context.layer.sendAlone(ack, this.destination));
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
    this.#openOffer = isOurOffer ? "ours" : "none";
    this.#accepted = new AcceptedInvite(
      layer,
      server,
      response,
      { sequence, isOurOffer, timers },
      now,
    );
  }

  /** Ends the session with a BYE, once the peer may get one (§15). */
  hangUp(now: Instant): void {
    if (this.#state === "closing" || this.#state === "closed") return;
    // §15: a callee must not send BYE before the ACK to its 2xx arrived.
    if (this.#accepted !== undefined) this.#wantsBye = true;
    else this.#sendBye("local", now);
  }

  /** Says nothing more to the peer, and hears nothing more from it. */
  close(): void {
    this.#state = "closed";
    this.#accepted = undefined;
    this.#retry = undefined;
    this.#context.release(this);
  }

  /**
   * Sends a re-INVITE with an offer.
   *
   * @throws {SottoError} `sip/offer-pending` while another offer is open, `sip/no-session`
   * when the session does not stand.
   */
  offer(body: Uint8Array, now: Instant): void {
    if (this.#state !== "confirmed") {
      throw new SottoError("sip/no-session", "there is no session that could be changed");
    }
    if (this.#openOffer !== "none" || this.#retry !== undefined) {
      throw new SottoError("sip/offer-pending", "an earlier offer was not answered yet");
    }
    this.#sendOffer(body, now);
  }

  /**
   * Answers an offer that was reported.
   *
   * @param id Of the `offer` event. One that was withdrawn meanwhile is ignored.
   * @param body The answer, or our offer when the peer sent none; `undefined` refuses.
   * @param status 200 with a body; of the refusal without, 488 by default.
   */
  respondToOffer(
    id: number,
    body: Uint8Array | undefined,
    status: number | undefined,
    now: Instant,
  ): void {
    const theirs = this.#theirs;
    if (theirs?.id !== id) return;
    this.#theirs = undefined;
    this.#openOffer = "none";
    const { layer } = this.#context;
    if (body === undefined) {
      layer.respond(theirs.server, respondTo(theirs.server.request, status ?? 488), now);
      return;
    }
    const response = this.#success(theirs.server.request, body);
    if (theirs.via === "INVITE") this.accept(theirs.server, response, theirs.isEmpty, now);
    else layer.respond(theirs.server, response, now);
  }

  /** A request of this dialog arrived and passed admission. */
  receiveRequest(server: ServerTransaction, now: Instant): void {
    const { request } = server;
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
        this.#receiveOffer(server, request.method, now);
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
    if (accepted.isOurOffer) this.#openOffer = "none";
    if (!this.#hasFirstAck) this.#context.report({ type: "confirmed", answer });
    else if (accepted.isOurOffer) this.#context.report({ type: "offer-answered", answer });
    this.#hasFirstAck = true;
    if (this.#wantsBye) this.#sendBye("local", now);
  }

  /** {@link deadline} may have passed. */
  handleTimeout(now: Instant): void {
    if (this.#accepted?.handleTimeout(now) === "given-up") {
      this.#accepted = undefined;
      this.#sendBye("timeout", now); // §13.3.1.4: no ACK within 64*T1.
    }
    const retry = this.#retry;
    if (retry !== undefined && retry.at <= now) {
      this.#retry = undefined;
      if (this.#openOffer === "none") this.#sendOffer(retry.body, now);
      else this.#retry = { at: now + this.#context.timers.t1, body: retry.body };
    }
  }

  #receiveBye(server: ServerTransaction, now: Instant): void {
    this.#respond(server, 200, now);
    if (this.#state === "early") {
      this.#options.receiveEarlyBye?.(now);
      return;
    }
    // §15.1.2: what is still pending in the dialog ends 487.
    if (this.#theirs !== undefined) this.#respond(this.#theirs.server, 487, now);
    this.#theirs = undefined;
    this.#end("remote", "bye");
  }

  #receiveOffer(server: ServerTransaction, via: "INVITE" | "UPDATE", now: Instant): void {
    const { request } = server;
    const offer = sessionDescriptionOf(request);
    const opensOffer = via === "INVITE" || offer !== undefined;
    if (opensOffer && (this.#openOffer === "theirs" || this.#theirs !== undefined)) {
      // §14.2, RFC 3311 §5.2: the one before has to be answered first.
      const seconds = String(randomUpTo(this.#context.random, 10));
      this.#respond(server, 500, now, [{ name: "Retry-After", value: seconds }]);
      return;
    }
    if (opensOffer && this.#openOffer === "ours") {
      this.#respond(server, 491, now);
      return;
    }
    if (via === "INVITE" && this.#state !== "confirmed") {
      this.#respond(server, this.#state === "early" ? 500 : 481, now);
      return;
    }
    this.#refreshTarget(request);
    if (!opensOffer) {
      // An UPDATE without an offer says nothing but where the peer is.
      this.#context.layer.respond(server, this.#success(request), now);
      return;
    }
    this.#openOffer = "theirs";
    this.#theirs = { id: ++this.#offerCount, server, via, isEmpty: offer === undefined };
    server.user = this.#offerUser;
    this.#context.report({
      type: "offer",
      via,
      id: this.#theirs.id,
      offer,
      isFocus: this.dialog.isFocus,
    });
  }

  /** Stands behind a re-INVITE of the peer. */
  readonly #offerUser: ServerUser = {
    receiveAck: (request, now) => this.receiveAck(request, now),
    receiveCancel: (now) => {
      if (this.#theirs === undefined) return;
      this.#respond(this.#theirs.server, 487, now);
      this.#theirs = undefined;
      this.#openOffer = "none";
    },
  };

  #sendOffer(body: Uint8Array, now: Instant): void {
    const sequence = this.dialog.nextSequence();
    const headers: HeaderField[] = [
      this.contact,
      ALLOW,
      SUPPORTED,
      { name: "User-Agent", value: this.#context.userAgent },
      { name: "Content-Type", value: SDP_TYPE },
    ];
    this.#openOffer = "ours";
    const request = dialogRequest(this.dialog, "INVITE", sequence, headers, body);
    const user: ClientUser = {
      receiveResponse: (response, at) => this.#receiveOfferResponse(response, sequence, body, at),
      receiveFailure: (failure, at) => this.#receiveOfferFailure(failure, at),
    };
    this.#context.layer.send(request, this.destination, user, now);
  }

  #receiveOfferResponse(
    response: SipResponse,
    sequence: number,
    body: Uint8Array,
    now: Instant,
  ): void {
    const { status, reason } = response;
    if (status < 200) return;
    if (status < 300) {
      const isRepeated = this.#acknowledgements.has(sequence);
      if (!isRepeated) this.#refreshTarget(response);
      this.acknowledge(sequence);
      if (isRepeated) return;
      this.#openOffer = "none";
      this.#context.report({ type: "offer-answered", answer: sessionDescriptionOf(response) });
      return;
    }
    this.#openOffer = "none";
    if (this.#state !== "confirmed") return;
    if (status === 491) {
      // §14.1: who owns the Call-ID waits 2.1–4 s, the other 0–2 s, in steps of 10 ms.
      const steps = this.#options.isCaller
        ? 210 + randomUpTo(this.#context.random, 190)
        : randomUpTo(this.#context.random, 200);
      this.#retry = { at: now + 10 * steps, body };
    } else if (status === 481 || status === 408) {
      this.#sendBye("timeout", now); // §12.2.1.2: the dialog is gone.
    } else this.#context.report({ type: "offer-rejected", status, reason });
  }

  #receiveOfferFailure(failure: Failure, now: Instant): void {
    this.#openOffer = "none";
    if (this.#state !== "confirmed") return;
    if (failure === "timeout") this.#sendBye("timeout", now);
    else this.#context.report({ type: "offer-rejected", status: 503, reason: "not delivered" });
  }

  #sendBye(by: "local" | "timeout", now: Instant): void {
    if (this.#state !== "confirmed" && this.#state !== "early") return;
    this.#state = "closing";
    const headers: HeaderField[] = [{ name: "User-Agent", value: this.#context.userAgent }];
    const bye = dialogRequest(this.dialog, "BYE", this.dialog.nextSequence(), headers);
    const reason = by === "local" ? "bye" : "the peer does not answer";
    const user: ClientUser = {
      receiveResponse: (response) => {
        if (response.status >= 200) this.#end(by, reason);
      },
      // §15.1.1: without an answer the session is over all the same.
      receiveFailure: () => this.#end(by, reason),
    };
    this.#context.layer.send(bye, this.destination, user, now);
  }

  #end(by: "remote" | "local" | "timeout", reason: string): void {
    if (this.#state === "closed") return;
    this.close();
    this.#context.report({ type: "ended", by, reason });
    this.#context.forget();
  }

  #refreshTarget(message: SipRequest | SipResponse): void {
    if (this.dialog.refreshTarget(message)) {
      this.#context.report({ type: "focus-changed", isFocus: this.dialog.isFocus });
    }
  }

  #success(request: SipRequest, body?: Uint8Array): SipResponse {
    const headers: HeaderField[] = [
      this.contact,
      ALLOW,
      SUPPORTED,
      { name: "Server", value: this.#context.userAgent },
    ];
    if (body !== undefined) headers.push({ name: "Content-Type", value: SDP_TYPE });
    return respondTo(request, 200, { headers, body });
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
