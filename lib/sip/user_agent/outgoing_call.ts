/** A call that we place: INVITE, its provisional and final responses, forks, CANCEL (RFC 3261 §9.1, §13.2; RFC 3262 §4). */

import { SottoError } from "../../base/errors.ts";
import type { Instant } from "../../base/output.ts";
import { dialogOfCaller, usableContact } from "../dialog/dialog.ts";
import { asRequestUri, routeTo, type Routing } from "../dialog/route_set.ts";
import { headerValue, tokenList, toOf } from "../message/header_fields.ts";
import type { HeaderField, SipRequest, SipResponse, SipTransport } from "../message/message.ts";
import { type NameAddress, tagOf } from "../message/name_address.ts";
import type { Parameter } from "../message/parameters.ts";
import { type SipUri, writeUri } from "../message/uri.ts";
import { sessionDescriptionOf } from "./admission.ts";
import { type CallContext, contactField } from "./call_context.ts";
import { ACCEPT, ALLOW, SDP_TYPE, SUPPORTED } from "./capabilities.ts";
import { type Destination, destinationOf } from "./destination.ts";
import { NOBODY, sendInDialog } from "./dialog_sender.ts";
import { PendingRequest, type PendingUser } from "./pending_request.ts";
import { cancelRequest, freshRequest, withTag } from "./requests.ts";
import { Session } from "./session.ts";
import { SessionTimer } from "./session_timer.ts";
import { newCallId, newSequence, newTag } from "./tokens.ts";
import type { Failure } from "./transaction_layer.ts";

/** What is called, and how. */
export interface InviteOptions {
  readonly target: SipUri;
  readonly from: NameAddress;
  /** What the To header field says; the target if left out. */
  readonly to?: NameAddress | undefined;
  readonly offer: Uint8Array;
  /** Default `application/sdp`. */
  readonly contentType?: string | undefined;
  /** Over what the target says. */
  readonly transport?: SipTransport | undefined;
  /** More header fields. */
  readonly headers?: readonly HeaderField[] | undefined;
  /** Parameters of our Contact, such as `isfocus`. */
  readonly contactParameters?: readonly Parameter[] | undefined;
  /** Made up if left out; see {@link newCallId}. */
  readonly callId?: string | undefined;
  /** Made up if left out; see {@link newTag}. */
  readonly localTag?: string | undefined;
  /** Number of the INVITE; made up if left out. Higher than the last one of the same Call-ID. */
  readonly sequence?: number | undefined;
  /** The way through an outbound proxy, and through others behind it (RFC 3261 §8.1.2). */
  readonly routes?: readonly NameAddress[] | undefined;
  /**
   * Where the request goes, tried in order when one is dead or says 503 (RFC 3263 §4.3).
   * What the first route or the target say if left out.
   */
  readonly destinations?: readonly Destination[] | undefined;
}

/** One dialog that the INVITE made. Forking proxies make several. */
interface Leg {
  readonly session: Session;
  /** The last reliable provisional response (RFC 3262 §4). */
  reliable: number | undefined;
  /** SDP of a reliable provisional response: the answer, if the 2xx repeats none. */
  answer: Uint8Array | undefined;
  /** Whether its 2xx came. */
  isAnswered: boolean;
}

/** A call of ours. */
export class OutgoingCall implements PendingUser {
  readonly callId: string;
  readonly localTag: string;
  readonly #context: CallContext;
  readonly #options: InviteOptions;
  readonly #invite: PendingRequest;
  readonly #legs = new Map<string, Leg>();
  /** Until there is a dialog with a timer of its own. */
  readonly #timer: SessionTimer;
  #state: "calling" | "proceeding" | "answered" | "over" = "calling";
  #session: Session | undefined;
  #wantsCancel = false;
  /** When an INVITE that was cancelled is given up for lost (§9.1). */
  #givesUpAt: Instant | undefined;

  /** Sends the INVITE. */
  constructor(context: CallContext, options: InviteOptions, now: Instant) {
    this.#context = context;
    this.#options = options;
    this.callId = options.callId ?? newCallId(context.random);
    this.localTag = options.localTag ?? newTag(context.random);
    this.#timer = new SessionTimer(context.sessionExpires);
    const routing = routeTo(options.target, options.routes ?? []);
    let sequence = (options.sequence ?? newSequence(context.random)) - 1;
    this.#invite = new PendingRequest({
      layer: context.layer,
      credentials: context.credentials,
      write: (number, to) => this.#write(routing, number, to),
      nextSequence: () => ++sequence,
      destinations: options.destinations ?? [destinationOf(routing.nextHop, options.transport)],
      user: this,
      reportBadProof: context.reportBadProof,
      reportDeadServer: context.reportDeadServer,
    }, now);
  }

  #write(routing: Routing, sequence: number, to: Destination): SipRequest {
    const options = this.#options;
    const context = this.#context;
    const contact = contactField(context, {
      transport: to.transport,
      host: to.host,
      local: options.from,
      isSecure: options.target.scheme === "sips",
      parameters: options.contactParameters ?? [],
    });
    return freshRequest({
      method: "INVITE",
      requestUri: writeUri(routing.requestUri),
      routes: routing.routes,
      from: withTag(options.from, this.localTag),
      to: options.to ?? { uri: asRequestUri(options.target), parameters: [] },
      callId: this.callId,
      sequence,
      headers: [
        contact,
        ALLOW,
        ACCEPT,
        SUPPORTED,
        ...this.#timer.requestFields(),
        { name: "User-Agent", value: context.userAgent },
        ...options.headers ?? [],
        { name: "Content-Type", value: options.contentType ?? SDP_TYPE },
      ],
      body: options.offer,
    });
  }

  /** The dialog of the call, once it was answered. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** When {@link handleTimeout} wants to be called, if at all. */
  get deadline(): Instant | undefined {
    const times = [this.#givesUpAt, this.#session?.deadline].filter((it) => it !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** {@link deadline} may have passed. */
  handleTimeout(now: Instant): void {
    this.#session?.handleTimeout(now);
    if (this.#givesUpAt !== undefined && this.#givesUpAt <= now) {
      this.#givesUpAt = undefined;
      this.#finish({ type: "ended", by: "local", reason: "cancelled" });
    }
  }

  /** CANCEL before the answer, as soon as that is allowed; BYE after it. */
  hangUp(now: Instant): void {
    if (this.#state === "answered") this.#session?.hangUp(now);
    else if (this.#state !== "over" && !this.#wantsCancel) {
      this.#wantsCancel = true;
      // §9.1: a CANCEL that overtakes its INVITE finds nothing to cancel.
      if (this.#state === "proceeding") this.#cancel(now);
    }
  }

  /** A response to the INVITE. */
  receiveResponse(response: SipResponse, now: Instant): void {
    if (response.status < 200) this.#receiveProvisional(response, now);
    else if (response.status < 300) this.#receiveSuccess(response, now);
    else this.#receiveRefusal(response, now);
  }

  /** Credentials or another server are tried: dialogs of the INVITE that failed are over. */
  receiveRetry(): boolean {
    if (this.#wantsCancel || this.#state === "answered" || this.#state === "over") return false;
    for (const { session } of this.#legs.values()) session.close();
    this.#legs.clear();
    this.#state = "calling";
    return true;
  }

  /** The INVITE got no final response, or none that credentials could change. */
  receiveFailure(failure: Failure | "credentials", _now: Instant, error?: Error): void {
    if (this.#state === "over") return;
    if (this.#wantsCancel) {
      this.#finish({ type: "ended", by: "local", reason: "cancelled" });
      return;
    }
    const { host, port, transport } = this.#invite.destination;
    this.#finish({
      type: "failed",
      error: failure === "timeout"
        ? new SottoError("sip/timeout", `no answer from ${host}:${port} over ${transport}`)
        : error instanceof SottoError
        ? error
        : new SottoError("sip/not-delivered", `nothing could be sent to ${host}:${port}`, {
          cause: error,
        }),
    });
  }

  #receiveProvisional(response: SipResponse, now: Instant): void {
    if (this.#state === "calling") this.#state = "proceeding";
    if (this.#state !== "proceeding") return;
    if (this.#wantsCancel && this.#givesUpAt === undefined) this.#cancel(now);
    const { status, reason } = response;
    if (status === 100) return;
    const leg = this.#legOf(response);
    if (leg !== undefined && !this.#acceptReliable(leg, response, now)) return;
    if (!this.#wantsCancel) this.#context.report({ type: "ringing", status, reason });
  }

  /** Acknowledges a reliable provisional response; `false` for one out of order or repeated. */
  #acceptReliable(leg: Leg, response: SipResponse, now: Instant): boolean {
    const number = headerValue(response, "RSeq");
    const isReliable = tokenList(response, "Require").includes("100rel");
    if (!isReliable || number === undefined || !/^\d{1,10}$/.test(number)) return true;
    const isNext = leg.reliable === undefined || Number(number) === leg.reliable + 1;
    // RFC 3262 §4: what was acknowledged before is a repetition, a gap waits for what is missing.
    if (!isNext) return false;
    leg.reliable = Number(number);
    leg.answer ??= sessionDescriptionOf(response);
    const { dialog } = leg.session;
    sendInDialog(this.#context, {
      dialog,
      method: "PRACK",
      destination: leg.session.destination,
      headers: [{ name: "RAck", value: `${number} ${this.#invite.sequence} INVITE` }],
      user: NOBODY,
    }, now);
    return true;
  }

  #receiveSuccess(response: SipResponse, now: Instant): void {
    this.#givesUpAt = undefined;
    const leg = this.#legOf(response);
    if (leg === undefined) return; // Without a To tag there is nothing to acknowledge to.
    const { session } = leg;
    if (leg.isAnswered) {
      session.acknowledge(this.#invite.request);
      return;
    }
    leg.isAnswered = true;
    session.dialog.confirm(response);
    session.dialog.refreshTarget(response);
    session.confirm();
    session.noteCapabilities(response);
    session.timer.receiveSuccess(response, now);
    session.acknowledge(this.#invite.request);
    if (this.#state === "answered" || this.#state === "over" || this.#wantsCancel) {
      // §13.2.2.4, §9.1: another fork was faster, or the CANCEL came too late.
      if (this.#state === "proceeding" || this.#state === "calling") {
        this.#state = "answered";
        this.#session = session;
        session.hangUp(now);
      } else this.#dismiss(session, now);
      return;
    }
    this.#state = "answered";
    this.#session = session;
    session.offers.settle();
    for (const [, other] of this.#legs) {
      if (!other.isAnswered) other.session.close();
    }
    this.#context.report({
      type: "answered",
      status: response.status,
      answer: sessionDescriptionOf(response) ?? leg.answer,
      isFocus: session.dialog.isFocus,
      contact: usableContact(response)?.address,
      remoteTag: session.dialog.id.remoteTag,
    });
  }

  #receiveRefusal(response: SipResponse, now: Instant): void {
    if (this.#state === "answered" || this.#state === "over") return;
    const { status, reason, headers } = response;
    // RFC 4028 §7.3: with a longer interval it may do.
    if (status === 422 && this.#timer.receiveTooShort(response) && this.receiveRetry()) {
      this.#invite.sendAgain(now);
      return;
    }
    this.#finish(
      this.#wantsCancel
        ? { type: "ended", by: "local", reason: "cancelled" }
        : { type: "rejected", status, reason, headers },
    );
  }

  /** The dialog of a response, made if it is new; none without a To tag. */
  #legOf(response: SipResponse): Leg | undefined {
    const tag = tagOf(toOf(response));
    // SPEC NOTE sip-2: a 2xx without a tag comes from an RFC 2543 callee (§12.1.2).
    if (tag === undefined && response.status < 200) return undefined;
    const known = this.#legs.get(tag ?? "");
    if (known !== undefined) return known;
    if (this.#legs.size >= MOST_LEGS) return undefined;
    const session = new Session({
      dialog: dialogOfCaller(this.#invite.request, response),
      context: this.#context,
      transport: this.#invite.destination.transport,
      link: this.#invite.link,
      isSecure: this.#options.target.scheme === "sips",
      isCaller: true,
      contactParameters: this.#options.contactParameters ?? [],
      openOffer: "ours",
      localDescription: this.#invite.request.body,
      sessionExpires: this.#context.sessionExpires,
    });
    const leg: Leg = {
      session,
      reliable: undefined,
      answer: undefined,
      isAnswered: false,
    };
    this.#legs.set(tag ?? "", leg);
    return leg;
  }

  /** Ends the dialog of another fork, of which the application never hears. */
  #dismiss(session: Session, now: Instant): void {
    const { dialog, destination } = session;
    sendInDialog(this.#context, { dialog, method: "BYE", destination, user: NOBODY }, now);
    session.close();
  }

  #cancel(now: Instant): void {
    this.#context.layer.cancel(this.#invite, cancelRequest(this.#invite.request), NOBODY, now);
    this.#givesUpAt = now + 64 * this.#context.timers.t1;
  }

  #finish(event: Parameters<CallContext["report"]>[0]): void {
    this.#state = "over";
    this.#givesUpAt = undefined;
    for (const { session } of this.#legs.values()) session.close();
    this.#context.report(event);
    this.#context.forget();
  }
}

/** Far above what forking proxies make; a bound on memory. */
const MOST_LEGS = 16;
