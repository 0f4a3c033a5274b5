/** A call as the application holds it: what it can do, and what it hears (RFC 3261 §13–15). */

import { SottoError } from "../base/errors.ts";
import type { HostPort } from "../base/wire_tap.ts";
import type {
  CallEvent,
  HeaderField,
  IncomingCallEvent,
  NameAddress,
  Parameter,
  SipTransport,
  SipUri,
} from "../sip/mod.ts";
import { EventQueue } from "./event_queue.ts";

/**
 * What happens to a call. The same as the core's events, but that an offer brings its own
 * door: `respond(answer)` accepts it, `respond(undefined, status)` refuses it (488 by default).
 */
export type SipCallEvent =
  | Exclude<CallEvent, { readonly type: "offer" }>
  | OfferEvent;

/** The peer wants to change the session. Answer at once: nobody waits for a person here. */
export interface OfferEvent {
  readonly type: "offer";
  readonly via: "INVITE" | "UPDATE";
  /** `undefined` when the peer wants our offer: it comes in `respond`. */
  readonly offer: Uint8Array | undefined;
  readonly isFocus: boolean;
  /** Only the first call counts. */
  readonly respond: (answer: Uint8Array | undefined, status?: number) => void;
}

/** What both directions have in common. */
export interface Call {
  readonly callId: string;
  readonly localTag: string;
  /** The peer's tag, once there is a dialog. */
  readonly remoteTag: string | undefined;
  /** Whether nothing more will happen. */
  readonly isOver: boolean;
  /**
   * Everything that happens, in order, for one reader. The last event is `rejected`, `failed`
   * or `ended`, and the iteration ends after it.
   */
  events(): AsyncIterable<SipCallEvent>;
  /**
   * Ends the call by whatever its state demands: CANCEL, 603, BYE. Resolves when the peer has
   * answered, or when it had its time. Never rejects; safe to call twice.
   */
  hangup(): Promise<void>;
  /**
   * Changes the session by a re-INVITE. The outcome is an event: `offer-answered` or
   * `offer-rejected`.
   *
   * @param sdp Our offer.
   * @throws {SottoError} `sip/no-session` or `sip/offer-pending`.
   */
  reoffer(sdp: Uint8Array): void;
}

/** A call that we placed. */
export interface OutgoingCall extends Call {
  readonly target: SipUri;
}

/** A call that somebody placed to us. */
export interface IncomingCall extends Call {
  /** Who says to call. Nobody checked it. */
  readonly from: NameAddress;
  readonly to: NameAddress;
  readonly requestUri: SipUri;
  /** SDP, or `undefined` when the caller wants our offer. */
  readonly offer: Uint8Array | undefined;
  readonly isFocus: boolean;
  readonly remoteContact: NameAddress | undefined;
  /** Where the INVITE came from. */
  readonly source: HostPort;
  readonly transport: SipTransport;
  readonly userAgent: string | undefined;
  /**
   * Says 180.
   * @throws {SottoError} `sip/call-answered` after a final response.
   */
  ring(): void;
  /**
   * Says 200.
   *
   * @param sdp The answer, or our offer when the INVITE held none.
   * @throws {SottoError} `sip/call-answered` after a final response.
   */
  answer(sdp: Uint8Array, options?: { readonly contactParams?: readonly Parameter[] }): void;
  /**
   * Refuses the call. Resolves once the answer was handed to the network.
   *
   * @param status From 300 to 699.
   * @throws {SottoError} `sip/call-answered` after a 2xx.
   * @throws {RangeError} for another status.
   */
  reject(status: number, reason?: string, headers?: readonly HeaderField[]): Promise<void>;
}

/** What a call handle asks of the endpoint. Each does nothing for a call that is over. */
export interface CallControl {
  hangUp(call: CallHandle): Promise<void>;
  reoffer(call: CallHandle, sdp: Uint8Array): void;
  respond(
    call: CallHandle,
    id: number,
    answer: Uint8Array | undefined,
    status: number | undefined,
  ): void;
  ring(call: CallHandle): void;
  answer(call: CallHandle, sdp: Uint8Array, contactParameters: readonly Parameter[]): void;
  reject(
    call: CallHandle,
    status: number,
    reason: string | undefined,
    headers: readonly HeaderField[],
  ): Promise<void>;
}

/** The part that both directions share. */
export class CallHandle implements Call {
  readonly callId: string;
  readonly localTag: string;
  readonly #control: CallControl;
  readonly #queue = new EventQueue<SipCallEvent>(1_000);
  readonly #over = Promise.withResolvers<void>();
  /** The core's number; none while an outgoing call looks for its way. */
  number: number | undefined;
  #remoteTag: string | undefined;
  #isOver = false;

  /** @param ids What the dialog is known by. */
  constructor(
    control: CallControl,
    ids: { readonly callId: string; readonly localTag: string; readonly remoteTag?: string },
  ) {
    this.#control = control;
    this.callId = ids.callId;
    this.localTag = ids.localTag;
    this.#remoteTag = ids.remoteTag;
  }

  get remoteTag(): string | undefined {
    return this.#remoteTag;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Resolves when {@link isOver}. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  events(): AsyncIterable<SipCallEvent> {
    return this.#queue;
  }

  hangup(): Promise<void> {
    return this.#control.hangUp(this);
  }

  reoffer(sdp: Uint8Array): void {
    this.#control.reoffer(this, sdp);
  }

  /** Something happened. Returns `false` when nobody reads, and the call cannot go on. */
  take(event: CallEvent): boolean {
    if (this.#isOver) return true;
    if (event.type === "answered") this.#remoteTag = event.remoteTag;
    try {
      this.#queue.push(event.type === "offer" ? this.#withDoor(event) : event);
    } catch (error) {
      if (!(error instanceof SottoError)) throw error;
      this.finish();
      return false;
    }
    if (event.type === "rejected" || event.type === "failed" || event.type === "ended") {
      this.finish();
    }
    return true;
  }

  /** Nothing follows. */
  finish(): void {
    this.#isOver = true;
    this.#queue.close();
    this.#over.resolve();
  }

  #withDoor(event: CallEvent & { readonly type: "offer" }): OfferEvent {
    const { via, offer, isFocus, id } = event;
    return {
      type: "offer",
      via,
      offer,
      isFocus,
      respond: (answer, status) => this.#control.respond(this, id, answer, status),
    };
  }
}

/** A call of ours. */
export class OutgoingCallHandle extends CallHandle implements OutgoingCall {
  readonly target: SipUri;
  /** Calls somebody else after a refusal; `false` when the refusal stands. */
  redirect: ((event: CallEvent) => boolean) | undefined;

  /** @param target What was called. */
  constructor(
    control: CallControl,
    ids: { readonly callId: string; readonly localTag: string },
    target: SipUri,
  ) {
    super(control, ids);
    this.target = target;
  }

  override take(event: CallEvent): boolean {
    if (!this.isOver && this.redirect?.(event) === true) return true;
    return super.take(event);
  }
}

/** A call of theirs. */
export class IncomingCallHandle extends CallHandle implements IncomingCall {
  readonly from: NameAddress;
  readonly to: NameAddress;
  readonly requestUri: SipUri;
  readonly offer: Uint8Array | undefined;
  readonly isFocus: boolean;
  readonly remoteContact: NameAddress | undefined;
  readonly source: HostPort;
  readonly transport: SipTransport;
  readonly userAgent: string | undefined;
  readonly #control: CallControl;

  /** @param event What the core said of it. */
  constructor(control: CallControl, event: IncomingCallEvent) {
    super(control, event);
    this.#control = control;
    this.number = event.call;
    this.from = event.from;
    this.to = event.to;
    this.requestUri = event.requestUri;
    this.offer = event.offer;
    this.isFocus = event.isFocus;
    this.remoteContact = event.remoteContact;
    this.source = event.source;
    this.transport = event.transport;
    this.userAgent = event.userAgent;
  }

  ring(): void {
    this.#control.ring(this);
  }

  answer(
    sdp: Uint8Array,
    { contactParams = [] }: { readonly contactParams?: readonly Parameter[] } = {},
  ): void {
    this.#control.answer(this, sdp, contactParams);
  }

  reject(
    status: number,
    reason?: string,
    headers: readonly HeaderField[] = [],
  ): Promise<void> {
    return this.#control.reject(this, status, reason, headers);
  }
}
