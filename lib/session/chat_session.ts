/**
 * One conversation, start to end: a SIP dialog, the MSRP session it sets up, and OTR inside
 * it, with the policy of {@link SecureChat}. The only place that knows all three.
 */

import { decodeUtf8Lossy, toHex, utf8 } from "../base/bytes.ts";
import { PeerError, SottoError } from "../base/errors.ts";
import type { RandomSource } from "../base/output.ts";
import {
  decodeText,
  htmlToText,
  IS_COMPOSING_TYPE,
  parseContentType,
  parseIsComposing,
  writeIsComposing,
} from "../im/mod.ts";
import type { Conversation } from "../otr/mod.ts";
import type { SipUri } from "../sip/mod.ts";
import { type Clock, delay } from "./clock.ts";
import { EventQueue } from "./event_queue.ts";
import { unwrapMessage, wrapMessage } from "./message_wrapping.ts";
import type { MsrpDelivery, MsrpSession } from "./msrp_endpoint.ts";
import {
  ChatMedia,
  type MediaSettings,
  type OfferOutcome,
  type RemoteMedia,
} from "./chat_media.ts";
import {
  type BlockReason,
  type Content,
  describeBlock,
  type EncryptionPolicy,
  SecureChat,
  type SecureChatEvent,
  type SecureChatOutput,
  type SecureChatTimers,
} from "./secure_chat.ts";
import type { MessageEvent, SessionEvent } from "./session_event.ts";
import type { Call, IncomingCall, SipCallEvent, SipEndpoint } from "./sip_endpoint.ts";
import type { KnownFingerprint, TrustLevel } from "./trust_policy.ts";

/** Where fingerprints are recorded. The session serialises its calls. */
export interface PeerRecords {
  /** Everything recorded for an address of record. */
  lookup(peer: string): Promise<readonly KnownFingerprint[]>;
  /** Records the first fingerprint of an address, without trust. */
  learn(peer: string, fingerprint: string): Promise<void>;
  /** Records a fingerprint as verified; earlier rows stay. */
  verify(peer: string, fingerprint: string, how: "manual" | "smp"): Promise<void>;
}

/** Who may verify us, and what is remembered of those who guess. */
export interface SmpGuard {
  /** Why this peer's question is not answered, or `undefined` when it may be. */
  refusal(peer: string, fingerprint: string): Promise<string | undefined>;
  /** An exchange that we answered ended without a match. */
  failed(peer: string, fingerprint: string): Promise<void>;
  /** An exchange that we answered ended with a match. */
  succeeded(peer: string, fingerprint: string): Promise<void>;
}

/** What a session is made of; the same for both directions. */
export interface ChatSessionOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly encryption: EncryptionPolicy;
  readonly trustLevel: TrustLevel;
  /** A fresh OTR engine with the user's key; `undefined` for `off`. Called once, before anything is sent. */
  readonly createConversation: () => Promise<Conversation | undefined>;
  readonly records: PeerRecords;
  /** Whether the first fingerprint of this peer is recorded. */
  readonly mayLearn: boolean;
  /** Our address of record, for CPIM and events. */
  readonly self: { readonly aor: string; readonly displayName?: string };
  /** The other side's, in the canonical form that trust is kept under. */
  readonly peer: string;
  /** The peer's address stands for nobody (anonymous): nothing is recorded for it. */
  readonly peerIsAnonymous?: boolean;
  readonly media: MediaSettings;
  /** Bounds set-up, each delivery and each SMP exchange, in milliseconds. */
  readonly timeout: number;
  /** Octets that answer the peer's SMP questions by themselves. */
  readonly smpAnswer?: Uint8Array | undefined;
  readonly smpGuard?: SmpGuard;
  readonly timers?: Partial<SecureChatTimers>;
}

/** What became of a message that was sent. */
export interface SendOutcome {
  readonly status: "delivered" | "failed";
  readonly cause?: "response" | "connection" | "timeout" | "refused";
  readonly code?: number;
  readonly reason?: string;
}

/** How an SMP exchange that we started (or answered) ended. */
export interface SmpOutcome {
  readonly verdict: "match" | "mismatch" | "refused" | "cheated" | "timeout";
}

/** How a session ended. */
export interface SessionEnd {
  readonly by: "local" | "remote" | "network";
  /** Why it could not begin or go on; absent for a hang-up. */
  readonly error?: SottoError;
}

const TEXT_TYPE = "text/plain; charset=utf-8";

/** How long a lost MSRP connection waits for the BYE that explains it, in milliseconds. */
const BYE_GRACE = 1_500;

/** How long our last words may take to leave before the BYE, in milliseconds. */
const GOODBYE_TIME = 2_000;

/** How long after the peer's BYE its MSRP connection is read on, in milliseconds. */
const LAST_WORDS = 1_000;

/** One conversation. See the module comment. */
export class ChatSession implements AsyncDisposable {
  readonly #options: ChatSessionOptions;
  readonly #clock: Clock;
  readonly #media: ChatMedia;
  readonly #queue = new EventQueue<SessionEvent>();
  #settled = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<SessionEnd>();
  readonly #broken = Promise.withResolvers<SottoError>();
  readonly #stopping = new AbortController();
  readonly #outgoing = new Map<string, PromiseWithResolvers<SendOutcome>>();
  #call: Call | undefined;
  #msrp: MsrpSession | undefined;
  #chat: SecureChat | undefined;
  #timerNudge = Promise.withResolvers<void>();
  #smp: PromiseWithResolvers<SmpOutcome> | undefined;
  #smpQuestion = Promise.withResolvers<void>();
  #smpAnswered = false;
  #records: Promise<void> = Promise.resolve();
  #isFocus = false;
  #hasEnded = false;
  #hasSettled = false;
  #hasHungUp = false;
  #lastWords: Promise<void> = Promise.resolve();
  readonly #msrpEnded = Promise.withResolvers<void>();
  #sequence = 0;

  private constructor(options: ChatSessionOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#media = new ChatMedia(options.media);
    this.#settled.promise.catch(() => {}); // Also surfaces through `ended`.
  }

  /**
   * Calls `target`. Returns at once; what happens comes through {@link events},
   * {@link settled} and {@link ended}.
   *
   * @param transport Overrules the transport that the URI asks for.
   * @param signal Gives up: CANCEL while it rings, a clean end afterwards.
   */
  static place(
    sip: SipEndpoint,
    target: SipUri,
    options: ChatSessionOptions,
    how: {
      readonly transport?: "udp" | "tcp" | "tls";
      readonly from: { readonly uri: SipUri; readonly displayName?: string };
    },
  ): ChatSession {
    const session = new ChatSession(options);
    void session.#run(() => session.#placeCall(sip, target, how));
    return session;
  }

  /** Takes an incoming call. Returns at once, as {@link place} does. */
  static accept(
    sip: SipEndpoint,
    incoming: IncomingCall,
    options: ChatSessionOptions,
  ): ChatSession {
    const session = new ChatSession(options);
    void session.#run(() => session.#acceptCall(sip, incoming));
    return session;
  }

  /** Everything that happens, in order, for one reader. Ends after the session has. */
  get events(): AsyncIterable<SessionEvent> {
    return this.#queue;
  }

  /**
   * Resolves when messages may flow as the policy says.
   * Rejects with what made that impossible: `session/rejected`, `session/timeout`,
   * `session/untrusted`, `session/unencrypted`, `transport/…`.
   */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** Resolves when everything is over. Never rejects. */
  get ended(): Promise<SessionEnd> {
    return this.#ended.promise;
  }

  /**
   * Resolves when the policy forbids to go on although messages flowed before, or flow never:
   * encryption that is required ended (`session/unencrypted`), or another fingerprint came in
   * a session that had settled (`session/untrusted`).
   */
  get broken(): Promise<SottoError> {
    return this.#broken.promise;
  }

  /** The peer's address of record. */
  get peer(): string {
    return this.#options.peer;
  }

  /** The encrypted peer's fingerprint, if there is one. */
  get fingerprint(): string | undefined {
    return this.#chat?.fingerprint;
  }

  /** Whether SMP can run now. */
  get canVerify(): boolean {
    return this.#chat?.canVerify === true;
  }

  /** What forbids sending now, if something does. */
  get blockCode(): "session/untrusted" | "session/unencrypted" | undefined {
    return this.#chat?.block && blockError(this.#chat.block).code;
  }

  /**
   * Sends a message of the user's. Resolves when its fate is known: the 200, and the REPORT
   * that we ask for. Waits for OTR where the policy says so.
   *
   * @throws {SottoError} `session/not-open` before MSRP is bound or after the end.
   */
  async send(text: string, contentType: string = TEXT_TYPE): Promise<SendOutcome> {
    const chat = this.#openChat();
    const id = this.#newId();
    const outcome = Promise.withResolvers<SendOutcome>();
    this.#outgoing.set(id, outcome);
    this.#act((now) => chat.send(id, { contentType, body: utf8(text) }, now));
    return await outcome.promise;
  }

  /** Tells the other side that the user types, or stopped; encrypted or not at all, as the policy says. */
  sendComposing(state: "active" | "idle"): void {
    const chat = this.#chat;
    const msrp = this.#msrp;
    if (chat === undefined || msrp === undefined) return;
    // RFC 3994 §3, RFC 4975 §8.6: only to peers that list the type.
    if (this.#media.carriageOf(IS_COMPOSING_TYPE) === "refused") return;
    const body = writeIsComposing({ state, contentType: "text/plain", refresh: 120 });
    this.#act((now) => chat.sendControl({ contentType: IS_COMPOSING_TYPE, body }, now));
  }

  /**
   * Verifies the peer with a secret; resolves at the verdict. Runs on a changed fingerprint too.
   *
   * @throws {SottoError} `session/unencrypted` when nothing is encrypted.
   */
  async verify(secret: Uint8Array, question?: string): Promise<SmpOutcome> {
    const chat = this.#verifiableChat();
    const smp = this.#beginSmp();
    this.#act((now) => chat.startSmp(secret, question, now));
    return await this.#within(smp, () => this.#act((now) => chat.abortSmp(now)));
  }

  /** Waits for the peer's SMP question (it may be there already), and answers it. */
  async answer(secret: Uint8Array): Promise<SmpOutcome> {
    const asked = await this.#within<"asked" | SmpOutcome>(
      { promise: this.#smpQuestion.promise.then(() => "asked" as const) },
      () => {},
    );
    if (asked !== "asked") return asked;
    return await this.answerNow(secret);
  }

  /** Answers the SMP question that is open. Throws as {@link verify}. */
  async answerNow(secret: Uint8Array): Promise<SmpOutcome> {
    const chat = this.#verifiableChat();
    const smp = this.#smp ?? this.#beginSmp();
    if (!this.#smpAnswered) {
      this.#smpAnswered = true;
      this.#act((now) => chat.answerSmp(secret, now));
    }
    return await this.#within(smp, () => this.#act((now) => chat.abortSmp(now)));
  }

  /** Gives up the SMP exchange that is under way. */
  abortSmp(): void {
    const chat = this.#chat;
    if (chat !== undefined) this.#act((now) => chat.abortSmp(now));
  }

  /**
   * `start` offers OTR, `refresh` makes a new key exchange, `stop` ends it and tells the peer.
   * Resolves when an offer was answered or declined.
   *
   * @throws {SottoError} `session/unencrypted`, `session/untrusted` as {@link settled} does.
   */
  async changeOtr(action: "start" | "stop" | "refresh"): Promise<void> {
    const chat = this.#openChat();
    if (action === "stop") {
      this.#act((now) => chat.endOtr(now));
      return;
    }
    this.#settled = Promise.withResolvers<void>();
    this.#settled.promise.catch(() => {}); // Reported to whoever awaits it.
    this.#act((now) => chat.offer(now));
    await this.#settled.promise;
  }

  /** A person agrees to go on in plaintext after the peer ended OTR. */
  continueInPlaintext(): void {
    const chat = this.#openChat();
    this.#act((now) => chat.continueInPlaintext(now));
  }

  /**
   * Records the peer's present fingerprint as verified.
   * @throws {SottoError} `session/unencrypted` when there is none.
   */
  async trust(): Promise<void> {
    const chat = this.#verifiableChat();
    const fingerprint = chat.fingerprint;
    if (fingerprint === undefined) return;
    await this.#options.records.verify(this.#options.peer, fingerprint, "manual");
    const known = await this.#options.records.lookup(this.#options.peer);
    this.#act((now) => chat.updateKnown(known, now));
  }

  /** Ends the session in good order: OTR's disconnect, BYE, and the connection. Safe to call again. */
  async hangUp(): Promise<void> {
    await this.#end({ by: "local" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hangUp();
  }

  // -- setting up ---------------------------------------------------------------------------

  async #run(begin: () => Promise<void>): Promise<void> {
    try {
      await begin();
    } catch (error) {
      await this.#end({ by: "network", error: asSottoError(error) });
    }
  }

  async #placeCall(
    sip: SipEndpoint,
    target: SipUri,
    how: Parameters<typeof ChatSession.place>[3],
  ): Promise<void> {
    const deadline = this.#clock.now() + this.#options.timeout;
    const offer = await this.#media.createOffer(await sip.localHostFor(target, how.transport));
    const call = sip.invite({
      target,
      from: how.from,
      offer,
      ...(how.transport !== undefined ? { transport: how.transport } : {}),
      signal: this.#stopping.signal,
    });
    this.#call = call;
    this.#emitCall("calling");
    const events = call.events()[Symbol.asyncIterator]();
    const answer = await this.#untilAnswered(events, deadline);
    this.#isFocus = answer.isFocus;
    this.#emitCall("connected", { status: answer.status });
    await this.#openMedia("caller", this.#media.readAnswer(answer.answer), events);
  }

  async #acceptCall(sip: SipEndpoint, incoming: IncomingCall): Promise<void> {
    this.#call = incoming;
    this.#isFocus = incoming.isFocus;
    this.#emitCall("ringing");
    incoming.ring();
    const host = await sip.localHostForCall(incoming);
    if (incoming.offer === undefined) return await this.#offerToCaller(incoming, host);
    const media = await this.#readOffer(incoming, incoming.offer, host);
    incoming.answer(media.answer);
    this.#emitCall("connected", { status: 200 });
    await this.#openMedia("callee", media.remote, incoming.events()[Symbol.asyncIterator]());
  }

  async #readOffer(
    incoming: IncomingCall,
    offer: Uint8Array,
    host: string,
  ): Promise<Extract<OfferOutcome, { answer: Uint8Array }>> {
    try {
      const outcome = await this.#media.readOffer(offer, host);
      if (outcome.refusal === undefined) return outcome;
      const { status, reason, headers, text } = outcome.refusal;
      await incoming.reject(status, reason, headers);
      throw new SottoError("session/offer-refused", `refused the call: ${text}`);
    } catch (error) {
      // RFC 3261 §21.4.1: what cannot be read is a bad request.
      if (error instanceof PeerError) await incoming.reject(400, "Malformed SDP");
      throw error;
    }
  }

  /** The INVITE held no offer: ours goes into the 200, the answer comes in the ACK (RFC 3261 §13.2.1). */
  async #offerToCaller(incoming: IncomingCall, host: string): Promise<void> {
    const deadline = this.#clock.now() + this.#options.timeout;
    incoming.answer(await this.#media.createOffer(host));
    const events = incoming.events()[Symbol.asyncIterator]();
    const answer = await this.#untilConfirmed(events, deadline);
    this.#emitCall("connected", { status: 200 });
    await this.#openMedia("callee", this.#media.readAnswer(answer), events);
  }

  async #untilConfirmed(
    events: AsyncIterator<SipCallEvent>,
    deadline: number,
  ): Promise<Uint8Array | undefined> {
    for (;;) {
      const event = await this.#nextCallEvent(events, deadline);
      if (event.type === "confirmed") return event.answer;
      if (event.type === "failed") throw event.error;
      if (event.type === "ended") throw new SottoError("session/ended", "the caller gave up");
    }
  }

  /** The next event, unless the deadline or the end of the call comes first. */
  async #nextCallEvent(
    events: AsyncIterator<SipCallEvent>,
    deadline: number,
  ): Promise<SipCallEvent> {
    const waiting = new AbortController();
    const late = this.#clock.reached(deadline, waiting.signal).then(() => "late" as const);
    const next = await Promise.race([events.next(), late]).finally(() => waiting.abort());
    if (next === "late") {
      throw new SottoError(
        "session/timeout",
        `no answer from ${this.#options.peer} within ${this.#options.timeout / 1000} s`,
      );
    }
    if (next.done) throw new SottoError("session/ended", "the call ended before it was answered");
    return next.value;
  }

  async #untilAnswered(
    events: AsyncIterator<SipCallEvent>,
    deadline: number,
  ): Promise<Extract<SipCallEvent, { type: "answered" }>> {
    for (;;) {
      const event = await this.#nextCallEvent(events, deadline);
      switch (event.type) {
        case "answered":
          return event;
        case "ringing":
          this.#emitCall("ringing", { status: event.status, reason: event.reason });
          break;
        case "rejected":
          this.#emitCall("rejected", { status: event.status, reason: event.reason });
          throw rejection(event.status, event.reason);
        case "failed":
          throw event.error;
        case "ended":
          throw new SottoError("session/ended", "the call ended before it was answered");
        default:
          break; // Nothing else can come before the answer.
      }
    }
  }

  async #openMedia(
    role: "caller" | "callee",
    remote: RemoteMedia,
    callEvents: AsyncIterator<SipCallEvent>,
  ): Promise<void> {
    const calls = this.#followCall(callEvents);
    const [conversation, known] = await Promise.all([
      this.#options.createConversation(),
      this.#options.records.lookup(this.#options.peer),
    ]);
    this.#emitMsrp("connecting");
    this.#msrp = await this.#media.open(remote, {
      timeout: this.#options.timeout,
      signal: this.#stopping.signal,
    });
    this.#chat = new SecureChat({
      role,
      encryption: this.#options.encryption,
      trustLevel: this.#options.trustLevel,
      peer: this.#options.peer,
      known,
      isFocus: this.#isFocus,
      conversation,
      ...(this.#options.timers !== undefined ? { timers: this.#options.timers } : {}),
    });
    this.#emitMsrp("bound");
    const chat = this.#chat;
    this.#act((now) => chat.start(now));
    await Promise.all([calls, this.#followMsrp(this.#msrp), this.#followTimers(chat)]);
  }

  // -- what arrives -------------------------------------------------------------------------

  async #followCall(events: AsyncIterator<SipCallEvent>): Promise<void> {
    for (;;) {
      const next = await events.next();
      if (next.done || this.#hasEnded) return;
      const event = next.value;
      switch (event.type) {
        case "offer": {
          if (event.isFocus) this.#becomeFocus();
          this.#answerReoffer(event);
          break;
        }
        case "focus-changed":
          if (event.isFocus) this.#becomeFocus();
          break;
        case "ended":
          void this.#onCallEnded(event);
          return;
        case "failed":
          void this.#end({ by: "network", error: event.error });
          return;
        default:
          break; // Repeated answers and late rings change nothing.
      }
    }
  }

  async #onCallEnded(event: Extract<SipCallEvent, { type: "ended" }>): Promise<void> {
    if (event.by === "timeout") {
      await this.#end({
        by: "network",
        error: new SottoError("session/timeout", event.reason),
      });
      return;
    }
    // What the peer said before its BYE may still be on its way through the other socket.
    if (event.by === "remote" && this.#msrp !== undefined) {
      this.#hasHungUp = true;
      await Promise.race([
        this.#msrpEnded.promise,
        delay(this.#clock, LAST_WORDS, this.#stopping.signal).catch(() => {}),
      ]);
    }
    await this.#end({ by: event.by });
  }

  async #followMsrp(msrp: MsrpSession): Promise<void> {
    for await (const event of msrp.events) {
      switch (event.type) {
        case "message-received":
          this.#onMessage(event, msrp);
          break;
        case "peer-error":
          this.#emit({
            type: "error",
            code: event.error.code,
            message: event.error.message,
            side: "remote",
            rule: event.error.rule,
          });
          break;
        default:
          break; // Deliveries come through the promise of send().
      }
    }
    this.#msrpEnded.resolve();
    if (this.#hasEnded || this.#hasHungUp) return;
    // A BYE may be on its way: its story is the better one.
    await delay(this.#clock, BYE_GRACE, this.#stopping.signal).catch(() => {});
    if (this.#hasEnded || this.#hasHungUp) return;
    void this.#end({
      by: "network",
      error: msrp.failure ??
        new SottoError(
          "session/connection-lost",
          "the MSRP connection was closed by the other side",
        ),
    });
  }

  async #followTimers(chat: SecureChat): Promise<void> {
    const stopped = new Promise<"stop">((resolve) => {
      this.#stopping.signal.addEventListener("abort", () => resolve("stop"), { once: true });
      if (this.#stopping.signal.aborted) resolve("stop");
    });
    for (;;) {
      const waiting = new AbortController();
      this.#timerNudge = Promise.withResolvers<void>();
      const woken = await Promise.race([
        this.#clock.reached(chat.deadline, waiting.signal).then(() => "due" as const),
        this.#timerNudge.promise,
        stopped,
      ]).finally(() => waiting.abort());
      if (woken === "stop") return;
      if (woken === "due") this.#act((now) => chat.handleTimeout(now));
    }
  }

  #onMessage(
    event: { readonly contentType: string; readonly body: Uint8Array; readonly messageId: string },
    msrp: MsrpSession,
  ): void {
    const chat = this.#chat;
    if (chat === undefined) return;
    let content: Content;
    try {
      ({ content } = unwrapMessage({ contentType: event.contentType, body: event.body }));
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      msrp.report(event.messageId, 400, "CPIM parser error");
      this.#emit({
        type: "error",
        code: error.code,
        message: error.message,
        side: "remote",
        rule: error.rule,
      });
      return;
    }
    this.#act((now) => chat.receive(content, now), event.messageId);
  }

  #answerReoffer(event: Extract<SipCallEvent, { type: "offer" }>): void {
    if (event.offer === undefined) {
      event.respond(this.#media.current);
      return;
    }
    const { offer } = event;
    const outcome = tryParse(() => this.#media.readReoffer(offer));
    if (outcome === undefined) event.respond(undefined, 400);
    else if ("answer" in outcome) event.respond(outcome.answer);
    else event.respond(undefined, outcome.refusal.status);
  }

  #becomeFocus(): void {
    if (this.#isFocus) return;
    this.#isFocus = true;
    this.#emitCall("connected", { focus: true });
    const chat = this.#chat;
    if (chat !== undefined) this.#act((now) => chat.becomeFocus(now));
  }

  // -- what the policy wants ----------------------------------------------------------------

  /** The one door to {@link SecureChat}: outputs are carried out in order, at once. */
  #act(verb: (now: number) => SecureChatOutput[], receivedId?: string): void {
    if (this.#hasEnded) return;
    const outputs = verb(this.#clock.now());
    for (const output of outputs) {
      if (output.type === "transmit") this.#transmit(output);
      else this.#onChatEvent(output.event, receivedId);
    }
    this.#timerNudge.resolve();
  }

  #transmit(output: Extract<SecureChatOutput, { type: "transmit" }>): void {
    const msrp = this.#msrp;
    if (msrp === undefined) return;
    const isUser = output.purpose === "user";
    const wrapped = wrapMessage(output.content, {
      carriage: this.#media.carriageOf(output.content.contentType),
      from: this.#options.self,
      to: this.#options.peer,
      at: this.#clock.wallNow(),
    });
    const sent = msrp.send({
      ...wrapped,
      ...(output.id !== undefined ? { messageId: output.id } : {}),
      successReport: isUser,
      failureReport: isUser ? "yes" : "no",
    });
    if (output.id !== undefined) void this.#followDelivery(output.id, sent);
    else this.#lastWords = sent.then(() => {}, () => {}); // Its loss is the connection's.
  }

  async #followDelivery(id: string, sent: Promise<MsrpDelivery>): Promise<void> {
    const outcome = await this.#within<SendOutcome>(
      { promise: sent.then(outcomeOf, (error) => lostBy(error)) },
      () => {},
      { status: "failed", cause: "timeout", reason: "no report of its delivery" },
      { status: "failed", cause: "connection", reason: "the session ended" },
    );
    this.#finishSend(id, outcome);
  }

  #finishSend(id: string, outcome: SendOutcome): void {
    const waiting = this.#outgoing.get(id);
    if (waiting === undefined) return;
    this.#outgoing.delete(id);
    this.#emit({
      type: "delivery",
      id,
      status: outcome.status,
      ...(outcome.code !== undefined ? { code: outcome.code } : {}),
      ...(outcome.reason !== undefined ? { reason: outcome.reason } : {}),
    });
    waiting.resolve(outcome);
  }

  #onChatEvent(event: SecureChatEvent, receivedId: string | undefined): void {
    switch (event.type) {
      case "otr":
      case "fingerprint-changed":
      case "error":
        this.#emit(event);
        break;
      case "message-received":
        this.#onReceived(event, receivedId);
        break;
      case "message-out":
        this.#emit(this.#messageEvent("out", event.id, event.content, event.encryption));
        break;
      case "message-refused":
        this.#finishSend(event.id, { status: "failed", cause: "refused", reason: event.reason });
        break;
      case "message-unreadable":
        this.#onUnreadable(event.reason, receivedId);
        break;
      case "smp":
        this.#onSmp(event);
        break;
      case "fingerprint-learned":
        if (this.#options.mayLearn) {
          this.#record((records, peer) => records.learn(peer, event.fingerprint));
        }
        break;
      case "fingerprint-verified":
        this.#record((records, peer) => records.verify(peer, event.fingerprint, "smp"));
        break;
      case "blocked": {
        const error = blockError(event);
        this.#emit({ type: "error", code: error.code, message: error.message, side: "local" });
        const hadSettled = this.#hasSettled;
        this.#hasSettled = true;
        this.#settled.reject(error);
        if (event.reason === "not-encrypted" || hadSettled) this.#broken.resolve(error);
        break;
      }
      case "settled":
        this.#hasSettled = true;
        this.#settled.resolve();
        break;
      default:
        event satisfies never;
    }
  }

  #onReceived(
    event: Extract<SecureChatEvent, { type: "message-received" }>,
    receivedId: string | undefined,
  ): void {
    const { contentType, body } = event.content;
    const type = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
    if (type === IS_COMPOSING_TYPE) {
      const composing = tryParse(() => parseIsComposing(body));
      if (composing !== undefined) {
        this.#emit({ type: "composing", from: this.#options.peer, state: composing.state });
      }
      return;
    }
    // IMDN and Blink's private types are not a person's words.
    if (!type.startsWith("text/")) return;
    this.#emit(
      this.#messageEvent(
        "in",
        receivedId ?? this.#newId(),
        event.content,
        event.encryption,
        event.warning,
      ),
    );
  }

  #onUnreadable(reason: string, receivedId: string | undefined): void {
    if (receivedId !== undefined) this.#msrp?.report(receivedId, 400, "undecryptable OTR message");
    this.#emit({ type: "error", code: "otr/unreadable", message: reason, side: "remote" });
  }

  #messageEvent(
    direction: "in" | "out",
    id: string,
    content: Content,
    encryption: MessageEvent["encryption"],
    warning?: string,
  ): MessageEvent {
    const { self, peer } = this.#options;
    return {
      type: "message",
      direction,
      id,
      from: direction === "in" ? peer : self.aor,
      to: direction === "in" ? self.aor : peer,
      contentType: content.contentType,
      body: textOf(content),
      encryption,
      ...(warning !== undefined ? { warning } : {}),
    };
  }

  // -- SMP ----------------------------------------------------------------------------------

  #beginSmp(): PromiseWithResolvers<SmpOutcome> {
    this.#smp ??= Promise.withResolvers<SmpOutcome>();
    return this.#smp;
  }

  #onSmp(event: Extract<SecureChatEvent, { type: "smp" }>): void {
    this.#emit(event);
    switch (event.state) {
      case "asked":
        this.#beginSmp();
        this.#smpAnswered = false;
        this.#smpQuestion.resolve();
        void this.#answerByItself();
        break;
      case "in-progress":
        break;
      case "success":
        this.#finishSmp({ verdict: "match" }, event.role);
        break;
      case "failure":
        this.#finishSmp({ verdict: "mismatch" }, event.role);
        break;
      case "aborted":
        this.#finishSmp({ verdict: event.proofSeen ? "mismatch" : "refused" }, event.role);
        break;
      case "error":
        this.#finishSmp({ verdict: "cheated" }, event.role);
        break;
      default:
        event.state satisfies never;
    }
  }

  #finishSmp(outcome: SmpOutcome, role: "initiator" | "responder"): void {
    const fingerprint = this.#chat?.fingerprint;
    const guard = this.#options.smpGuard;
    if (this.#smpAnswered && role === "responder" && guard && fingerprint !== undefined) {
      const { peer } = this.#options;
      const note = outcome.verdict === "match" ? guard.succeeded : guard.failed;
      this.#records = this.#records.then(() => note(peer, fingerprint))
        .catch((error) => this.#emitError(error));
    }
    this.#smp?.resolve(outcome);
    this.#smp = undefined;
    this.#smpAnswered = false;
    this.#smpQuestion = Promise.withResolvers<void>();
  }

  async #answerByItself(): Promise<void> {
    const chat = this.#chat;
    const secret = this.#options.smpAnswer;
    const fingerprint = chat?.fingerprint;
    if (chat === undefined || fingerprint === undefined) return;
    const refusal = await this.#options.smpGuard?.refusal(this.#options.peer, fingerprint);
    if (refusal !== undefined) {
      this.#emit({ type: "error", code: "session/smp-refused", message: refusal, side: "local" });
      this.#act((now) => chat.abortSmp(now));
      return;
    }
    if (secret === undefined || this.#smpAnswered || !this.canVerify) return;
    this.#smpAnswered = true;
    this.#act((now) => chat.answerSmp(secret, now));
  }

  #verifiableChat(): SecureChat {
    const chat = this.#openChat();
    if (!chat.canVerify) {
      throw new SottoError(
        "session/unencrypted",
        "nothing to verify: the session is not encrypted",
      );
    }
    return chat;
  }

  // -- ending -------------------------------------------------------------------------------

  async #end(end: SessionEnd): Promise<void> {
    if (this.#hasEnded) {
      await this.#ended.promise;
      return;
    }
    const chat = this.#chat;
    // The disconnect is the last thing of OTR's, and only to somebody who still listens.
    if (end.by === "local" && chat?.isEncrypted === true) this.#act((now) => chat.sayGoodbye(now));
    this.#hasEnded = true;
    const error = end.error ?? new SottoError("session/ended", "the session ended");
    this.#settled.reject(error);
    for (const id of [...this.#outgoing.keys()]) {
      this.#finishSend(id, { status: "failed", cause: "connection", reason: error.message });
    }
    if (end.by === "local") await this.#untilSaid();
    if (end.by !== "remote") await this.#call?.hangup().catch(() => {});
    this.#stopping.abort(error);
    const wasBound = this.#msrp !== undefined;
    await this.#msrp?.close();
    await this.#media.close();
    if (wasBound) this.#emitMsrp("closed");
    await this.#records;
    this.#emitCall("ended", {
      reason: end.by === "network" ? error.message : `${end.by} hang-up`,
    });
    this.#queue.close();
    this.#ended.resolve(end);
  }

  /** Waits until OTR's last message was taken by the connection, and everything before it. */
  async #untilSaid(): Promise<void> {
    const waiting = new AbortController();
    await Promise.race([
      this.#lastWords,
      this.#clock.reached(this.#clock.now() + GOODBYE_TIME, waiting.signal),
    ]);
    waiting.abort();
  }

  // -- small things -------------------------------------------------------------------------

  /** Waits for `promise` as long as the timeout and the session last. */
  async #within<T>(
    { promise }: { readonly promise: Promise<T> },
    onLate: () => void,
    late: T = { verdict: "timeout" } as T,
    over: T = { verdict: "refused" } as T,
  ): Promise<T> {
    const waiting = new AbortController();
    try {
      const deadline = this.#clock.now() + this.#options.timeout;
      return await Promise.race([
        promise,
        this.#clock.reached(deadline, waiting.signal).then(() => {
          onLate();
          return late;
        }),
        this.#ended.promise.then(() => over),
      ]);
    } finally {
      waiting.abort();
    }
  }

  #record(write: (records: PeerRecords, peer: string) => Promise<void>): void {
    if (this.#options.peerIsAnonymous === true) return;
    this.#records = this.#records.then(() => write(this.#options.records, this.#options.peer))
      .catch((error) => this.#emitError(error));
  }

  #openChat(): SecureChat {
    if (this.#chat === undefined || this.#hasEnded) {
      throw new SottoError("session/not-open", "the session is not open");
    }
    return this.#chat;
  }

  #newId(): string {
    this.#sequence += 1;
    return `${toHex(this.#options.random(8))}-${this.#sequence}`;
  }

  #emit(event: SessionEvent): void {
    if (!this.#queue.isFull) {
      this.#queue.push(event);
      return;
    }
    // Whoever reads the events has stopped: the session cannot be told of, so it ends.
    void this.#end({
      by: "network",
      error: new SottoError("session/queue-full", "nobody reads what happens in the session"),
    });
  }

  #emitError(error: unknown): void {
    const known = asSottoError(error);
    this.#emit({ type: "error", code: known.code, message: known.message, side: "local" });
  }

  #emitCall(
    state: "calling" | "ringing" | "connected" | "rejected" | "ended",
    details: { readonly status?: number; readonly reason?: string; readonly focus?: boolean } = {},
  ): void {
    this.#emit({
      type: "call",
      state,
      peer: this.#options.peer,
      callId: this.#call?.callId ?? "",
      ...details,
      ...(state === "connected" ? { focus: this.#isFocus } : {}),
    });
  }

  #emitMsrp(state: "connecting" | "bound" | "closed"): void {
    this.#emit({
      type: "msrp",
      state,
      localPath: this.#media.localPath,
      remotePath: this.#media.remotePath,
      tls: this.#media.isTls,
    });
  }
}

/** Text of a message as a person reads it: HTML is rendered, everything else stays. */
export function readableText(message: MessageEvent): string {
  return /^text\/html\b/i.test(message.contentType) ? htmlToText(message.body) : message.body;
}

function blockError(
  block: BlockReason,
): SottoError & { readonly code: "session/untrusted" | "session/unencrypted" } {
  const code = block.reason === "untrusted" ? "session/untrusted" : "session/unencrypted";
  return Object.assign(new SottoError(code, describeBlock(block)), { code } as const);
}

function outcomeOf(delivery: MsrpDelivery): SendOutcome {
  if (delivery.status === "delivered") return { status: "delivered" };
  const { cause } = delivery;
  return {
    status: "failed",
    cause: cause === "report" || cause === "response"
      ? "response"
      : cause === "timeout"
      ? "timeout"
      : "connection",
    ...(delivery.code !== undefined ? { code: delivery.code } : {}),
    ...(delivery.comment !== undefined ? { reason: delivery.comment } : {}),
  };
}

function lostBy(error: unknown): SendOutcome {
  return { status: "failed", cause: "connection", reason: asSottoError(error).message };
}

function rejection(status: number, reason: string): SottoError {
  const code = status === 408
    ? "session/timeout"
    : status === 503
    ? "session/unavailable"
    : "session/rejected";
  return new SottoError(code, `the other side refused the call: ${status} ${reason}`);
}

function asSottoError(error: unknown): SottoError {
  if (error instanceof SottoError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new SottoError("session/failed", message, { cause: error });
}

/** The words in a body, in the character set that its type names; `utf8` is one of Blink's names. */
function textOf({ contentType, body }: Content): string {
  const type = tryParse(() => parseContentType(contentType));
  return type === undefined ? decodeUtf8Lossy(body) : decodeText(type, body);
}

function tryParse<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof PeerError) return undefined; // Decoration only: nothing is lost.
    throw error;
  }
}
