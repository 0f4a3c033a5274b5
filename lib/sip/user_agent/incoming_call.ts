/** A call that reaches us: what an INVITE is answered with, and when (RFC 3261 §13.3, §9.2; RFC 3262 §3). */

import { SottoError } from "../../base/errors.ts";
import type { Instant } from "../../base/output.ts";
import type { Dialog } from "../dialog/dialog.ts";
import { cSeqOf, headerValue, headerValues, tokenList } from "../message/header_fields.ts";
import type { HeaderField, SipRequest, SipResponse, SipTransport } from "../message/message.ts";
import type { Parameter } from "../message/parameters.ts";
import { sessionDescriptionOf } from "./admission.ts";
import type { CallContext } from "./call_context.ts";
import { ACCEPT, ALLOW, SDP_TYPE, SUPPORTED } from "./capabilities.ts";
import type { Flow } from "./destination.ts";
import { respondTo } from "./responses.ts";
import { Session } from "./session.ts";
import type { ServerTransaction, ServerUser } from "./transaction_layer.ts";
import { randomUpTo } from "./tokens.ts";

/** What an answer says beside its SDP. */
export interface AnswerOptions {
  /** Parameters of our Contact, such as `isfocus`. */
  readonly contactParameters?: readonly Parameter[] | undefined;
  /** More header fields. */
  readonly headers?: readonly HeaderField[] | undefined;
}

/** A provisional response that has to arrive. */
interface ReliableRinging {
  readonly number: number;
  readonly response: SipResponse;
  readonly givesUpAt: Instant;
  interval: number;
  repeatAt: Instant;
}

/** What an incoming call begins with. */
export interface IncomingCallOptions {
  readonly context: CallContext;
  readonly server: ServerTransaction;
  readonly dialog: Dialog;
  readonly flow: Flow;
  readonly now: Instant;
}

/** A call of theirs. */
export class IncomingCall implements ServerUser {
  readonly #context: CallContext;
  readonly #server: ServerTransaction;
  readonly #transport: SipTransport;
  readonly #dialog: Dialog;
  readonly #flow: Flow;
  readonly #offer: Uint8Array | undefined;
  #session: Session;
  #state: "waiting" | "answered" | "over" = "waiting";
  #ringing: ReliableRinging | undefined;
  #ringingNumber: number | undefined;
  /** When the caller loses its patience, if it said so. */
  #expiresAt: Instant | undefined;

  /** @param options What it begins with. */
  constructor({ context, server, dialog, flow, now }: IncomingCallOptions) {
    this.#context = context;
    this.#server = server;
    this.#dialog = dialog;
    this.#flow = flow;
    this.#transport = flow.transport;
    this.#offer = sessionDescriptionOf(server.request);
    this.#session = this.#newSession([]);
    const expires = headerValue(server.request, "Expires") ?? "";
    if (/^\d{1,9}$/.test(expires)) this.#expiresAt = now + 1000 * Number(expires);
    server.user = this;
  }

  /** SDP of the INVITE. */
  get offer(): Uint8Array | undefined {
    return this.#offer;
  }

  /** The dialog of the call; early until it is answered. */
  get session(): Session {
    return this.#session;
  }

  /** When {@link handleTimeout} wants to be called, if at all. */
  get deadline(): Instant | undefined {
    const times = [
      this.#ringing?.repeatAt,
      this.#ringing?.givesUpAt,
      this.#expiresAt,
      this.#session.deadline,
    ].filter((it) => it !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** {@link deadline} may have passed. */
  handleTimeout(now: Instant): void {
    this.#session.handleTimeout(now);
    if (this.#expiresAt !== undefined && now >= this.#expiresAt) {
      // §13.3.1: the invitation lasted as long as its Expires header field said.
      this.#refuse(487, undefined, [], now);
      this.#finish("remote", "expired");
      return;
    }
    const ringing = this.#ringing;
    if (ringing === undefined) return;
    if (now >= ringing.givesUpAt) {
      // RFC 3262 §3: nobody acknowledged it within 64*T1.
      this.#refuse(500, undefined, [], now);
      this.#finish("timeout", "the peer does not answer");
    } else if (now >= ringing.repeatAt) {
      ringing.interval *= 2;
      ringing.repeatAt = now + ringing.interval;
      this.#context.layer.respond(this.#server, ringing.response, now);
    }
  }

  /**
   * Says 180: somebody is being told of the call.
   *
   * @throws {SottoError} `sip/call-answered` after a final response.
   */
  ring(now: Instant): void {
    if (this.#state === "over") return; // Cancelled meanwhile: the event is on its way.
    if (this.#state === "answered") throw answered();
    if (this.#ringing !== undefined) return;
    const { request } = this.#server;
    const headers = [this.#session.contact, ...this.#recordRoutes(), ALLOW];
    if (!tokenList(request, "Require").includes("100rel")) {
      this.#context.layer.respond(this.#server, this.#response(180, headers), now);
      return;
    }
    const number = (this.#ringingNumber ?? randomUpTo(this.#context.random, 9_999)) + 1;
    this.#ringingNumber = number;
    const response = this.#response(180, [
      ...headers,
      { name: "Require", value: "100rel" },
      { name: "RSeq", value: String(number) },
    ]);
    const { t1 } = this.#context.timers;
    this.#ringing = {
      number,
      response,
      interval: t1,
      repeatAt: now + t1,
      givesUpAt: now + 64 * t1,
    };
    this.#context.layer.respond(this.#server, response, now);
  }

  /**
   * Says 200.
   *
   * @param body The answer, or our offer when the INVITE held none.
   * @throws {SottoError} `sip/call-answered` after a final response.
   */
  answer(body: Uint8Array, options: AnswerOptions, now: Instant): void {
    if (this.#state === "over") return;
    if (this.#state === "answered") throw answered();
    this.#state = "answered";
    this.#ringing = undefined;
    this.#expiresAt = undefined;
    if (options.contactParameters !== undefined) {
      this.#session.close();
      this.#session = this.#newSession(options.contactParameters);
    }
    const session = this.#session;
    session.confirm();
    session.localDescription = body;
    session.noteCapabilities(this.#server.request);
    session.timer.receiveRequest(this.#server.request);
    const response = this.#response(200, [
      this.#session.contact,
      ...this.#recordRoutes(),
      ALLOW,
      ACCEPT,
      SUPPORTED,
      ...session.timer.answer(this.#server.request, now),
      { name: "Server", value: this.#context.userAgent },
      ...options.headers ?? [],
      { name: "Content-Type", value: SDP_TYPE },
    ], body);
    this.#session.accept(this.#server, response, this.#offer === undefined, now);
  }

  /**
   * Refuses the call, which is over then.
   *
   * @throws {SottoError} `sip/call-answered` after a 2xx.
   * @throws {RangeError} when `status` is not one of 300 to 699.
   */
  reject(
    status: number,
    reason: string | undefined,
    headers: readonly HeaderField[],
    now: Instant,
  ): void {
    if (!Number.isInteger(status) || status < 300 || status > 699) {
      throw new RangeError(`a call is refused with a status of 300 to 699, not ${status}`);
    }
    if (this.#state === "over") return;
    if (this.#state === "answered") throw answered();
    this.#refuse(status, reason, headers, now);
    this.#finish("local", "rejected");
  }

  /** BYE after the answer; before it, 603. */
  hangUp(now: Instant): void {
    if (this.#state === "answered") this.#session.hangUp(now);
    else if (this.#state === "waiting") this.reject(603, undefined, [], now);
  }

  /** The ACK to our 2xx. */
  receiveAck(request: SipRequest, now: Instant): void {
    this.#session.receiveAck(request, now);
  }

  /** The caller takes the call back. */
  receiveCancel(now: Instant): void {
    if (this.#state !== "waiting") return;
    this.#refuse(487, undefined, [], now);
    this.#finish("remote", "cancelled");
  }

  #newSession(contactParameters: readonly Parameter[]): Session {
    const { request } = this.#server;
    return new Session({
      dialog: this.#dialog,
      context: this.#context,
      transport: this.#transport,
      link: this.#flow,
      isSecure: isSecureCall(request),
      isCaller: false,
      contactParameters,
      openOffer: this.#offer === undefined ? "none" : "theirs",
      receivePrack: (server, now) => this.#receivePrack(server, now),
      receiveEarlyBye: (now) => this.receiveCancel(now),
    });
  }

  #receivePrack(server: ServerTransaction, now: Instant): void {
    const { request } = server;
    const invite = cSeqOf(this.#server.request).number;
    const wanted = `${this.#ringing?.number} ${invite} INVITE`;
    const named = headerValue(request, "RAck")?.replace(/[ \t]+/g, " ");
    // RFC 3262 §3: one that acknowledges nothing which waits is answered 481.
    const matches = this.#ringing !== undefined && named === wanted;
    // Our provisional responses hold no SDP, so an offer in PRACK cannot be answered (§5).
    const status = !matches ? 481 : sessionDescriptionOf(request) === undefined ? 200 : 488;
    if (matches) this.#ringing = undefined;
    this.#context.layer.respond(server, respondTo(request, status), now);
  }

  #refuse(
    status: number,
    reason: string | undefined,
    headers: readonly HeaderField[],
    now: Instant,
  ): void {
    this.#ringing = undefined;
    const server: HeaderField = { name: "Server", value: this.#context.userAgent };
    const response = respondTo(this.#server.request, status, {
      reason,
      toTag: this.#dialog.id.localTag,
      headers: [server, ...headers],
    });
    this.#context.layer.respond(this.#server, response, now);
  }

  #finish(by: "remote" | "local" | "timeout", reason: string): void {
    this.#state = "over";
    this.#expiresAt = undefined;
    this.#session.close();
    this.#context.report({ type: "ended", by, reason });
    this.#context.forget();
  }

  #response(status: number, headers: readonly HeaderField[], body?: Uint8Array): SipResponse {
    const toTag = this.#dialog.id.localTag;
    return respondTo(this.#server.request, status, { toTag, headers, body });
  }

  /** §12.1.1: responses that make a dialog repeat every Record-Route. */
  #recordRoutes(): HeaderField[] {
    return headerValues(this.#server.request, "Record-Route")
      .map((value) => ({ name: "Record-Route", value }));
  }
}

/** §12.1.1: the caller used a `sips` URI, or came through one. */
export function isSecureCall(request: SipRequest): boolean {
  return /^sips:/i.test(request.requestUri);
}

function answered(): SottoError {
  return new SottoError("sip/call-answered", "the call has its final response already");
}
