/**
 * The user agent: octets, time and the application's wishes go in; messages for the network
 * and events come out, in order (RFC 3261 §8, §9, §11–15, §18).
 */

import { type PeerError, SottoError } from "../../base/errors.ts";
import type { Instant } from "../../base/output.ts";
import { dialogOfCallee, usableContact } from "../dialog/dialog.ts";
import { dialogIdOfRequest, dialogKey } from "../dialog/dialog_id.ts";
import type { CallId, SipOutput, UserAgentEvent } from "../events.ts";
import { contactsOf, fromOf, headerValue, toOf, topVia, viasOf } from "../message/header_fields.ts";
import type { HeaderField, SipRequest, SipResponse } from "../message/message.ts";
import { ascii } from "../../base/ascii.ts";
import { judgeSipMessage } from "../message/message_parser.ts";
import { tagOf } from "../message/name_address.ts";
import { parseSipUri } from "../message/uri.ts";
import { branchOf } from "../message/via.ts";
import { DEFAULT_TIMERS, type Timers } from "../transaction/timers.ts";
import type { RegistrationOptions } from "../registration/registration.ts";
import { type RegistrationId, Registrations } from "../registration/registrations.ts";
import { refusalOf } from "./admission.ts";
import type { CallContext } from "./call_context.ts";
import { ACCEPT, ALLOW, SUPPORTED } from "./capabilities.ts";
import { annotateVia, type Destination, type Flow, wayBack } from "./destination.ts";
import { type AnswerOptions, IncomingCall } from "./incoming_call.ts";
import { type InviteOptions, OutgoingCall } from "./outgoing_call.ts";
import { Outbox } from "./outbox.ts";
import { RequestCredentials } from "./request_credentials.ts";
import type { DeadServer } from "./pending_request.ts";
import { respondTo } from "./responses.ts";
import type { Session } from "./session.ts";
import { newTag } from "./tokens.ts";
import { refuseStateless, withTopVia } from "./stateless_refusal.ts";
import { type ServerTransaction, TransactionLayer } from "./transaction_layer.ts";
import type { UserAgentLimits, UserAgentOptions } from "./user_agent_options.ts";

/** One user agent with all its calls. */
export class UserAgentCore {
  readonly #options: UserAgentOptions;
  readonly #timers: Timers;
  readonly #limits: UserAgentLimits & { readonly transactions: number; readonly calls: number };
  readonly #outbox = new Outbox<UserAgentEvent>();
  readonly #layer: TransactionLayer;
  readonly #calls = new Map<CallId, OutgoingCall | IncomingCall>();
  readonly #sessions = new Map<string, Session>();
  readonly #registrations = new Registrations((registration) => ({
    ...this.#surroundings(),
    report: (event) => this.#outbox.report({ type: "registration", registration, event }),
  }));
  #callCount = 0;

  /** @param options What it is made with. */
  constructor(options: UserAgentOptions) {
    this.#options = options;
    this.#timers = { ...DEFAULT_TIMERS, ...options.timers };
    this.#limits = { transactions: 4096, calls: 256, ...options.limits };
    this.#layer = new TransactionLayer({
      random: options.random,
      timers: this.#timers,
      outbox: this.#outbox,
      localAddress: options.localAddress,
      limit: this.#limits.transactions,
    });
  }

  /** When {@link handleTimeout} wants to be called, if at all. */
  get deadline(): Instant | undefined {
    const times = [
      this.#layer.deadline,
      this.#registrations.deadline,
      ...[...this.#calls.values()].map((it) => it.deadline),
    ]
      .filter((it) => it !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Calls that are not over. */
  get callCount(): number {
    return this.#calls.size;
  }

  /** Transactions that are not over: a stopped user agent may still owe somebody a repetition. */
  get transactionCount(): number {
    return this.#layer.size;
  }

  /** {@link deadline} has passed. */
  handleTimeout(now: Instant): SipOutput[] {
    this.#layer.handleTimeout(now);
    for (const call of [...this.#calls.values()]) call.handleTimeout(now);
    this.#registrations.handleTimeout(now);
    return this.#outbox.take();
  }

  /**
   * One datagram, or one message that `StreamFramer` cut out of a stream.
   *
   * @param bytes Its octets.
   * @param flow How it came.
   */
  receive(bytes: Uint8Array, flow: Flow, now: Instant): SipOutput[] {
    const { transport } = flow;
    const judged = judgeSipMessage(bytes, { transport, limits: this.#limits });
    if (judged.verdict === "valid") {
      const { message } = judged;
      if (message.kind === "response") this.#receiveResponse(message, flow, now);
      else this.#receiveRequest(message, flow, now);
    } else {
      if (judged.verdict === "answer") {
        refuseStateless(this.#outbox, judged.request, flow, judged.status, []);
      }
      this.#outbox.report({ type: "malformed", error: judged.error, source: flow.remote });
    }
    return this.#outbox.take();
  }

  /** `StreamFramer` saw a keep-alive: it is answered (RFC 5626 §3.5.1). */
  receivePing(flow: Flow): SipOutput[] {
    this.#outbox.transmitBytes(ascii("\r\n"), wayBack(undefined, flow));
    return this.#outbox.take();
  }

  /**
   * `StreamFramer` lost its way: the request is answered if there was one, and the connection
   * closed (RFC 4475 §3.1.2.3).
   *
   * @param error What the framer said.
   * @param head What was read of the last message.
   */
  receiveBroken(error: PeerError, head: Uint8Array | undefined, flow: Flow): SipOutput[] {
    if (head !== undefined) {
      const judged = judgeSipMessage(head, { transport: flow.transport, limits: this.#limits });
      if (judged.verdict === "answer") {
        refuseStateless(this.#outbox, judged.request, flow, judged.status, []);
      }
    }
    this.#outbox.report({ type: "malformed", error, source: flow.remote });
    if (flow.connection !== undefined) this.#outbox.close(flow.connection);
    return this.#outbox.take();
  }

  /**
   * A message could not be sent.
   *
   * @param transaction As the `transmit` output named it.
   * @param error What went wrong: it is handed on in the `failed` event.
   */
  receiveTransportError(transaction: string, error: Error, now: Instant): SipOutput[] {
    this.#layer.receiveTransportError(transaction, now, error);
    return this.#outbox.take();
  }

  /** Places a call. */
  invite(
    options: InviteOptions,
    now: Instant,
  ): {
    readonly call: CallId;
    readonly callId: string;
    readonly localTag: string;
    readonly outputs: SipOutput[];
  } {
    const call = ++this.#callCount;
    const outgoing = new OutgoingCall(this.#contextFor(call), options, now);
    this.#calls.set(call, outgoing);
    const { callId, localTag } = outgoing;
    return { call, callId, localTag, outputs: this.#outbox.take() };
  }

  /**
   * Says 180 to an incoming call.
   *
   * @throws {SottoError} `sip/no-such-call`, `sip/call-answered`.
   */
  ring(call: CallId, now: Instant): SipOutput[] {
    this.#incomingCall(call)?.ring(now);
    return this.#outbox.take();
  }

  /**
   * Says 200 to an incoming call.
   *
   * @param body SDP: the answer, or our offer when the INVITE held none.
   * @throws {SottoError} `sip/no-such-call`, `sip/call-answered`.
   */
  answer(call: CallId, body: Uint8Array, options: AnswerOptions, now: Instant): SipOutput[] {
    this.#incomingCall(call)?.answer(body, options, now);
    return this.#outbox.take();
  }

  /**
   * Refuses an incoming call.
   *
   * @throws {SottoError} `sip/no-such-call`, `sip/call-answered`.
   * @throws {RangeError} when `status` is not one of 300 to 699.
   */
  reject(
    call: CallId,
    status: number,
    reason: string | undefined,
    headers: readonly HeaderField[],
    now: Instant,
  ): SipOutput[] {
    this.#incomingCall(call)?.reject(status, reason, headers, now);
    return this.#outbox.take();
  }

  /** Ends a call by whatever its state demands: CANCEL, 603 or BYE. One that is over stays so. */
  hangUp(call: CallId, now: Instant): SipOutput[] {
    this.#calls.get(call)?.hangUp(now);
    return this.#outbox.take();
  }

  /**
   * Sends a re-INVITE with an offer.
   *
   * @throws {SottoError} `sip/no-session` or `sip/offer-pending`.
   */
  offer(call: CallId, body: Uint8Array, now: Instant): SipOutput[] {
    const session = this.#calls.get(call)?.session;
    if (session === undefined) {
      throw new SottoError("sip/no-session", "there is no session that could be changed");
    }
    session.offers.offer(body, now);
    return this.#outbox.take();
  }

  /**
   * Answers an `offer` event.
   *
   * @param id Of the event. An offer that was withdrawn meanwhile is ignored.
   * @param body The answer, or our offer when the peer sent none; `undefined` refuses.
   * @param status Of the refusal; 488 by default.
   */
  respondToOffer(
    call: CallId,
    id: number,
    body: Uint8Array | undefined,
    status: number | undefined,
    now: Instant,
  ): SipOutput[] {
    this.#calls.get(call)?.session?.offers.respond(id, body, status, now);
    return this.#outbox.take();
  }

  /**
   * Registers an address, keeps it registered and tells by `registration` events.
   *
   * @throws {RangeError} when there are too many registrations.
   * @throws {TypeError} when the address is no SIP URI.
   */
  register(
    options: RegistrationOptions,
    now: Instant,
  ): { readonly registration: RegistrationId; readonly outputs: SipOutput[] } {
    const registration = this.#registrations.begin(options, now);
    return { registration, outputs: this.#outbox.take() };
  }

  /** Where the registrar is from now on, in order: DNS may say something else after a failure. */
  relocateRegistration(
    registration: RegistrationId,
    destinations: readonly Destination[],
  ): void {
    this.#registrations.relocate(registration, destinations);
  }

  /** Registers anew at once, without waiting for the time. */
  refreshRegistration(registration: RegistrationId, now: Instant): SipOutput[] {
    this.#registrations.refresh(registration, now);
    return this.#outbox.take();
  }

  /** Takes a registration back. */
  unregister(registration: RegistrationId, now: Instant): SipOutput[] {
    this.#registrations.end(registration, now);
    return this.#outbox.take();
  }

  /** A connection is gone, or its keep-alives are not answered: what was registered over it is again. */
  receiveFlowEnd(connection: number, now: Instant): SipOutput[] {
    this.#registrations.receiveFlowEnd(connection, now);
    return this.#outbox.take();
  }

  #incomingCall(call: CallId): IncomingCall | undefined {
    const found = this.#calls.get(call);
    if (found instanceof IncomingCall) return found;
    // A call that ended meanwhile is not the caller's mistake.
    if (found === undefined && call > 0 && call <= this.#callCount) return undefined;
    throw new SottoError("sip/no-such-call", `there is no incoming call ${call}`);
  }

  #receiveResponse(response: SipResponse, flow: Flow, now: Instant): void {
    // §8.1.3.3: with a second Via it was sent by somebody else, and went astray.
    if (viasOf(response).length !== 1) return;
    this.#layer.receiveResponse(response, flow, now);
  }

  #receiveRequest(received: SipRequest, flow: Flow, now: Instant): void {
    const via = annotateVia(topVia(received), flow);
    const request = withTopVia(received, via);
    const reception = this.#layer.receiveRequest(
      request,
      flow.transport,
      wayBack(via, flow),
      now,
    );
    switch (reception.type) {
      case "absorbed":
        break;
      case "stray-ack":
        this.#receiveAck(request, now);
        break;
      case "merged":
        refuseStateless(this.#outbox, request, flow, 482, []);
        break;
      case "overloaded":
        refuseStateless(this.#outbox, request, flow, 503, [{ name: "Retry-After", value: "5" }]);
        break;
      case "new":
        this.#dispatch(reception.server, flow, now);
        break;
      default:
        reception satisfies never;
    }
  }

  #receiveAck(request: SipRequest, now: Instant): void {
    this.#sessionOf(request)?.receiveAck(request, now); // §17.1.1.3: no ACK is ever answered.
  }

  #dispatch(server: ServerTransaction, flow: Flow, now: Instant): void {
    const { request } = server;
    const refusal = refusalOf(request);
    if (refusal !== undefined) {
      this.#respond(server, refusal.status, now, refusal.headers);
    } else if (request.method === "CANCEL") this.#receiveCancel(server, now);
    else if (dialogIdOfRequest(request) !== undefined) {
      const session = this.#sessionOf(request);
      if (session === undefined) this.#respond(server, 481, now);
      else session.receiveRequest(server, now);
    } else if (request.method === "INVITE") this.#receiveInvite(server, flow, now);
    else if (request.method === "OPTIONS") {
      this.#respond(server, 200, now, [ACCEPT, ALLOW, SUPPORTED, this.#serverField]);
    } else this.#respond(server, 481, now); // BYE, UPDATE and PRACK live in dialogs only.
  }

  #receiveCancel(server: ServerTransaction, now: Instant): void {
    const invite = this.#layer.cancelled(server.request);
    if (invite === undefined) {
      this.#respond(server, 481, now);
      return;
    }
    // §9.2: the CANCEL is answered 200 whatever becomes of the INVITE.
    this.#respond(server, 200, now);
    if (!this.#layer.isAnswered(invite)) invite.user?.receiveCancel?.(now);
  }

  #receiveInvite(server: ServerTransaction, flow: Flow, now: Instant): void {
    const { request } = server;
    const contacts = contactsOf(request);
    // SPEC NOTE sip-3: §8.1.1.8 asks for exactly one Contact; RFC 2543 did not.
    const mayLackContact = branchOf(topVia(request)) === undefined;
    const dialog = dialogOfCallee(request, newTag(this.#options.random));
    if (
      dialog === undefined || contacts.length > 1 ||
      (usableContact(request) === undefined && !mayLackContact)
    ) {
      this.#respond(server, 400, now);
      return;
    }
    if (this.#calls.size >= this.#limits.calls) {
      this.#respond(server, 486, now);
      return;
    }
    const call = ++this.#callCount;
    const context = this.#contextFor(call);
    const incoming = new IncomingCall({ context, server, dialog, flow, now });
    this.#calls.set(call, incoming);
    this.#outbox.report({
      type: "incoming-call",
      call,
      from: fromOf(request),
      to: toOf(request),
      requestUri: parseSipUri(request.requestUri),
      callId: dialog.id.callId,
      localTag: dialog.id.localTag,
      remoteTag: dialog.id.remoteTag,
      offer: incoming.offer,
      isFocus: dialog.isFocus,
      remoteContact: contacts[0],
      source: flow.remote,
      transport: flow.transport,
      userAgent: headerValue(request, "User-Agent"),
    });
  }

  #sessionOf(request: SipRequest): Session | undefined {
    const id = dialogIdOfRequest(request);
    return id === undefined ? undefined : this.#sessions.get(dialogKey(id));
  }

  #surroundings() {
    const { random, userAgent, localAddress } = this.#options;
    return {
      layer: this.#layer,
      random,
      timers: this.#timers,
      userAgent,
      localAddress,
      credentials: new RequestCredentials(this.#options, random),
      reportDeadServer: (server: DeadServer) =>
        this.#outbox.report({ type: "dead-server", ...server }),
    };
  }

  #contextFor(call: CallId): CallContext {
    return {
      ...this.#surroundings(),
      sessionExpires: this.#options.sessionExpires,
      reportBadProof: (error) =>
        this.#outbox.report({ type: "malformed", error, source: undefined }),
      report: (event) => this.#outbox.report({ type: "call", call, event }),
      adopt: (session) => this.#sessions.set(dialogKey(session.dialog.id), session),
      release: (session) => {
        const key = dialogKey(session.dialog.id);
        if (this.#sessions.get(key) === session) this.#sessions.delete(key);
      },
      forget: () => this.#calls.delete(call),
    };
  }

  get #serverField(): HeaderField {
    return { name: "Server", value: this.#options.userAgent };
  }

  #respond(
    server: ServerTransaction,
    status: number,
    now: Instant,
    headers: readonly HeaderField[] = [],
  ): void {
    const { request } = server;
    const toTag = tagOf(toOf(request)) === undefined ? newTag(this.#options.random) : undefined;
    this.#layer.respond(server, respondTo(request, status, { toTag, headers }), now);
  }
}
