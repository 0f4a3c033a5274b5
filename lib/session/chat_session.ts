/**
 * One conversation, start to end: a SIP dialog, the MSRP session it sets up, and OTR inside
 * it, with the policy of {@link SecureChat}. The only place that knows all three.
 */

import { toHex, utf8 } from "../base/bytes.ts";
import { SottoError } from "../base/errors.ts";
import type { SipUri } from "../sip/mod.ts";
import {
  type AnsweredCall,
  type CallSetup,
  placeCall,
  type PlacedCall,
  takeCall,
} from "./call_setup.ts";
import { followCall } from "./call_following.ts";
import { ChatMedia } from "./chat_media.ts";
import type {
  ChatSessionOptions,
  PeerRecords,
  SendOutcome,
  SessionEnd,
  SmpOutcome,
} from "./chat_options.ts";
import type { Clock } from "./clock.ts";
import { ComposingTalk } from "./composing_talk.ts";
import { Deliveries } from "./deliveries.ts";
import { type Arrival, Dispositions } from "./dispositions.ts";
import { Goodbye } from "./goodbye.ts";
import { InCallOffers } from "./in_call_offers.ts";
import { IncomingMessages } from "./incoming_messages.ts";
import { messageEvent, type Parties } from "./message_event.ts";
import type { MsrpSession } from "./msrp_endpoint.ts";
import { followMsrp } from "./msrp_following.ts";
import { relayTrouble } from "./msrp_relay_errors.ts";
import { OutgoingMessages } from "./outgoing_messages.ts";
import { PolicyTimers } from "./policy_timers.ts";
import { RecordWriter } from "./record_writer.ts";
import { type NicknameOutcome, type RoomFacts, RoomMember } from "./room_member.ts";
import { SecureChat } from "./secure_chat.ts";
import type {
  BlockReason,
  Content,
  SecureChatEvent,
  SecureChatOutput,
} from "./secure_chat_events.ts";
import type { SessionEvent } from "./session_event.ts";
import type { Call, IncomingCall, SipCallEvent, SipEndpoint } from "./sip_endpoint.ts";
import { asSottoError, SessionTeller } from "./session_teller.ts";
import { blockCode, Settling } from "./settling.ts";
import { SideTalk } from "./side_talk.ts";
import { SmpTalk } from "./smp_talk.ts";

const TEXT_TYPE = "text/plain; charset=utf-8";

/** One conversation. See the module comment. */
export class ChatSession implements AsyncDisposable {
  readonly #options: ChatSessionOptions;
  readonly #clock: Clock;
  readonly #media: ChatMedia;
  // Whoever reads the events has stopped: the session cannot be told of, so it ends.
  readonly #teller = new SessionTeller((error) => void this.#end({ by: "network", error }));
  readonly #settling = new Settling();
  readonly #ended = Promise.withResolvers<SessionEnd>();
  readonly #stopping = new AbortController();
  readonly #deliveries = new Deliveries((event) => this.#teller.tell(event));
  readonly #writer = new RecordWriter((error) => this.#teller.fault(error));
  #call: Call | undefined;
  #msrp: MsrpSession | undefined;
  #chat: SecureChat | undefined;
  readonly #timers: PolicyTimers;
  readonly #outgoing: OutgoingMessages;
  readonly #incoming: IncomingMessages;
  readonly #side: SideTalk;
  readonly #goodbye: Goodbye;
  readonly #offers: InCallOffers;
  readonly #smp: SmpTalk;
  readonly #member = new RoomMember();
  readonly #dispositions: Dispositions;
  readonly #composing: ComposingTalk;
  #isFocus = false;
  #hasEnded = false;
  readonly #msrpEnded = Promise.withResolvers<void>();
  #sequence = 0;

  private constructor(options: ChatSessionOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#media = new ChatMedia({
      ...options.media,
      onRelay: (event) => {
        if (event.type === "relay-granted" && event.occasion === "moved") {
          this.#offers.movePath(event.usePath);
        }
        const trouble = relayTrouble(event);
        if (trouble !== undefined) this.#teller.fault(trouble);
        options.media.onRelay?.(event);
      },
    });
    this.#dispositions = new Dispositions(options.askFor);
    this.#composing = new ComposingTalk({
      clock: options.clock,
      signal: this.#stopping.signal,
      send: (state, refresh) => this.sendComposing(state, refresh),
      tell: (state) => this.#teller.tell({ type: "composing", from: options.peer, state }),
    });
    this.#goodbye = new Goodbye(options.clock, this.#stopping.signal);
    this.#offers = new InCallOffers({
      media: this.#media,
      reoffer: (sdp) => this.#call?.reoffer(sdp),
      onFault: (error) => this.#teller.fault(error),
    });
    this.#timers = new PolicyTimers(options.clock, this.#stopping.signal);
    this.#outgoing = this.#outgoingMessages();
    this.#incoming = this.#incomingMessages();
    this.#side = new SideTalk({
      peer: options.peer,
      media: this.#media,
      isFocus: () => this.#isFocus,
      send: (content, to) => this.#sendControl(content, to),
    });
    this.#smp = this.#smpTalk();
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
    how: PlacedCall,
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
    return this.#teller.events;
  }

  /**
   * Resolves when messages may flow as the policy says.
   * Rejects with what made that impossible: `session/rejected`, `session/timeout`,
   * `session/untrusted`, `session/unencrypted`, `transport/…`.
   */
  get settled(): Promise<void> {
    return this.#settling.settled;
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
    return this.#settling.broken;
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
    return this.#chat?.block && blockCode(this.#chat.block);
  }

  /**
   * Sends a message of the user's. Resolves when its fate is known: the 200, and the REPORT
   * that we ask for. Waits for OTR where the policy says so.
   *
   * @param options `to`: address of the one member of a conference that is to see it.
   * @throws {SottoError} `session/not-open` before MSRP is bound or after the end,
   * `session/queue-full` when too much waits for OTR, `session/no-room` for `to` where there
   * is no conference that has private messages.
   */
  async send(
    text: string,
    contentType: string = TEXT_TYPE,
    { to }: { readonly to?: string } = {},
  ): Promise<SendOutcome> {
    const chat = this.#openChat();
    const id = this.#newId();
    if (to !== undefined) this.#member.address(this.#room, id, to);
    this.#composing.said();
    const outcome = this.#deliveries.expect(id);
    try {
      this.#act((now) => chat.send(id, { contentType, body: utf8(text) }, now));
    } catch (error) {
      this.#deliveries.forget(id);
      throw error;
    } finally {
      void outcome.then(() => this.#member.forget(id));
    }
    return await outcome;
  }

  /**
   * Sends the file that was offered as the one at `at` of `media.files.outgoing`. Resolves when
   * its fate is known.
   * @throws {SottoError} `session/ended`.
   */
  async sendFile(at: number): Promise<SendOutcome> {
    return await this.#media.files.send(at);
  }

  /** The user pressed a key: the other side is told as RFC 3994 §3.2 says, and of the end too. */
  typed(): void {
    this.#composing.typed();
  }

  /** What the user typed is no message. */
  stoppedTyping(): void {
    this.#composing.stopped();
  }

  /** The user saw the message with this `id`: its sender is told, if it asked for that. */
  displayed(id: string): void {
    this.#side.notify(this.#dispositions.displayed(id));
  }

  /**
   * Asks the conference for a nickname; an empty one gives the present one up.
   * @throws {SottoError} `session/no-room` where there is none that has nicknames,
   * `session/not-open`; `msrp/…`. {@link RangeError} for what cannot be a nickname.
   */
  async useNickname(nickname: string): Promise<NicknameOutcome> {
    this.#openChat();
    return await this.#member.useNickname(this.#room, this.#msrp, nickname);
  }

  /** Says once that the user types, or stopped; encrypted or not at all, as the policy says. */
  sendComposing(state: "active" | "idle", refresh: number = 120): void {
    this.#side.composing(state, refresh);
  }

  /**
   * Verifies the peer with a secret; resolves at the verdict. Runs on a changed fingerprint too.
   *
   * @throws {SottoError} `session/unencrypted` when nothing is encrypted.
   */
  async verify(secret: Uint8Array, question?: string): Promise<SmpOutcome> {
    return await this.#smp.verify(secret, question);
  }

  /** Waits for the peer's SMP question (it may be there already), and answers it. */
  async answer(secret: Uint8Array): Promise<SmpOutcome> {
    return await this.#smp.answer(secret);
  }

  /** Answers the SMP question that is open, if the guard lets us. Throws as {@link verify}. */
  async answerNow(secret: Uint8Array): Promise<SmpOutcome> {
    return await this.#smp.answerNow(secret);
  }

  /** Gives up the SMP exchange that is under way. */
  abortSmp(): void {
    this.#act((now, chat) => chat.abortSmp(now));
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
    this.#settling.restart();
    this.#act((now) => chat.offer(now));
    await this.#settling.settled;
  }

  /** A person agrees to go on in plaintext after the peer ended OTR. */
  continueInPlaintext(): void {
    this.#openChat();
    this.#act((now, chat) => chat.continueInPlaintext(now));
  }

  /**
   * Records the peer's present fingerprint as verified.
   * @throws {SottoError} `session/unencrypted` when there is none, `session/anonymous` when
   * the peer's address stands for nobody.
   */
  async trust(): Promise<void> {
    const chat = this.#verifiableChat();
    const fingerprint = chat.fingerprint;
    if (fingerprint === undefined) return;
    if (this.#options.peerIsAnonymous === true) {
      throw new SottoError("session/anonymous", "nobody can be trusted under an anonymous address");
    }
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

  // -- its parts -------------------------------------------------------------------------

  #outgoingMessages(): OutgoingMessages {
    const { clock, peer, self, timeout } = this.#options;
    return new OutgoingMessages({
      clock,
      self,
      peer,
      timeout,
      media: this.#media,
      deliveries: this.#deliveries,
      dispositions: this.#dispositions,
      member: this.#member,
      isFocus: () => this.#isFocus,
      newId: () => this.#newId(),
    });
  }

  #incomingMessages(): IncomingMessages {
    return new IncomingMessages({
      parties: this.#parties,
      teller: this.#teller,
      composing: this.#composing,
      dispositions: this.#dispositions,
      report: (id, status, comment) => this.#msrp?.report(id, status, comment),
      notify: (notification) => this.#side.notify(notification),
      isFocus: () => this.#isFocus,
      newId: () => this.#newId(),
    });
  }

  #smpTalk(): SmpTalk {
    const { clock, peer, smpAnswer, smpGuard, smpTimeout, timeout } = this.#options;
    return new SmpTalk({
      clock,
      engine: {
        canVerify: () => this.canVerify,
        fingerprint: () => this.fingerprint,
        demand: () => void this.#verifiableChat(),
        start: (secret, question) => this.#act((now, chat) => chat.startSmp(secret, question, now)),
        answer: (secret) => this.#act((now, chat) => chat.answerSmp(secret, now)),
        abort: () => this.abortSmp(),
      },
      peer,
      timeout: smpTimeout ?? timeout,
      guard: smpGuard,
      secret: smpAnswer,
      writer: this.#writer,
      over: this.#ended.promise,
      onRefused: (message) =>
        this.#teller.tell({ type: "error", code: "session/smp-refused", message, side: "local" }),
      onFault: (error) => this.#teller.fault(error),
    });
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
    how: PlacedCall,
  ): Promise<void> {
    await this.#converse("caller", await placeCall(this.#setup(sip), target, how));
  }

  async #acceptCall(sip: SipEndpoint, incoming: IncomingCall): Promise<void> {
    await this.#converse("callee", await takeCall(this.#setup(sip), incoming));
  }

  #setup(sip: SipEndpoint): CallSetup {
    return {
      sip,
      media: this.#media,
      clock: this.#clock,
      deadline: this.#clock.now() + this.#options.timeout,
      peer: this.#options.peer,
      signal: this.#stopping.signal,
      onCall: (call) => {
        this.#call = call;
      },
      onProgress: (state, details) => {
        if (state !== "calling") this.#goodbye.heard();
        this.#emitCall(state, details);
      },
    };
  }

  async #converse(role: "caller" | "callee", answered: AnsweredCall): Promise<void> {
    this.#goodbye.heard();
    this.#isFocus = answered.isFocus;
    this.#emitCall("connected", { status: answered.status });
    const calls = this.#followCall(answered.events);
    this.#media.files.run({
      timeout: this.#options.timeout,
      signal: this.#stopping.signal,
      report: (event) => this.#teller.tell(event),
      onOver: (index) => this.#closeMedium(index, answered.remote === undefined),
    });
    if (answered.remote === undefined) {
      // RFC 5547 alone: there is nobody to talk to.
      this.#settling.settle();
      return await calls;
    }
    const [conversation, known] = await Promise.all([
      this.#options.createConversation(),
      this.#options.records.lookup(this.#options.peer),
    ]);
    this.#emitMsrp("connecting");
    this.#msrp = await this.#media.open(answered.remote, {
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
    this.#act((now, chat) => chat.start(now));
    await Promise.all([calls, this.#followMsrp(this.#msrp), this.#followTimers(this.#chat)]);
  }

  // -- what arrives -------------------------------------------------------------------------

  async #followCall(events: AsyncIterator<SipCallEvent>): Promise<void> {
    await followCall(events, {
      offers: this.#offers,
      onFocus: () => this.#becomeFocus(),
      onHangUp: (by) => void this.#onHungUp(by),
      onFailed: (error) => void this.#end({ by: "network", error }),
      isOver: () => this.#hasEnded,
    });
  }

  async #onHungUp(by: "local" | "remote"): Promise<void> {
    if (by === "remote") {
      const words = this.#msrp === undefined ? Promise.resolve() : this.#msrpEnded.promise;
      await this.#goodbye.hearOut(words, () => this.#media.files.received());
    }
    await this.#end({ by });
  }

  /** A medium is over before the call is (RFC 5547 §8.4); the last one takes the call with it. */
  #closeMedium(index: number, isFilesOnly: boolean): void {
    if (this.#hasEnded || this.#goodbye.hasHungUp) return;
    if (isFilesOnly && !this.#media.files.isBusy) {
      void this.#endAfterGrace("the file was not transferred");
      return;
    }
    this.#offers.dropMedium(index);
  }

  async #followMsrp(msrp: MsrpSession): Promise<void> {
    await followMsrp(msrp.events, {
      onMessage: (event) => {
        const message = this.#incoming.unwrap(event);
        if (message === undefined) return;
        this.#act((now, chat) => chat.receive(message.content, now), message.arrival);
      },
      onFault: (error) => this.#teller.peerFault(error),
      told: () => this.#deliveries.told(),
      onRefused: (error) => void this.#end({ by: "network", error }),
    });
    this.#msrpEnded.resolve();
    await this.#endAfterGrace("the MSRP connection was closed by the other side", msrp.failure);
  }

  /** The session has lost what it was for. A BYE may be on its way: its story is the better one. */
  async #endAfterGrace(why: string, failure?: SottoError): Promise<void> {
    if (this.#hasEnded || this.#goodbye.hasHungUp) return;
    await this.#goodbye.awaitBye();
    if (this.#hasEnded || this.#goodbye.hasHungUp) return;
    void this.#end({
      by: "network",
      error: failure ?? new SottoError("session/connection-lost", why),
    });
  }

  async #followTimers(chat: SecureChat): Promise<void> {
    await this.#timers.follow(
      chat,
      () => this.#act((now) => chat.handleTimeout(now)),
      () => this.#hasEnded,
    );
  }

  #becomeFocus(): void {
    if (this.#isFocus) return;
    this.#isFocus = true;
    this.#emitCall("connected", { focus: true });
    this.#act((now, chat) => chat.becomeFocus(now));
  }

  // -- what the policy wants ----------------------------------------------------------------

  /** The one door to {@link SecureChat}: outputs are carried out in order, at once. */
  #act(verb: (now: number, chat: SecureChat) => SecureChatOutput[], arrival?: Arrival): void {
    const chat = this.#chat;
    if (this.#hasEnded || chat === undefined) return;
    const msrp = this.#msrp;
    for (const output of verb(this.#clock.now(), chat)) {
      if (output.type === "event") this.#onChatEvent(output.event, arrival);
      else if (msrp !== undefined) this.#outgoing.send(output, msrp);
    }
    this.#timers.nudge();
  }

  #sendControl(content: Content, to: string | undefined): void {
    this.#act((now, chat) => {
      const outputs = chat.sendControl(content, now);
      return to === undefined ? outputs : outputs.map((it) => ({ ...it, to }));
    });
  }

  #onChatEvent(event: SecureChatEvent, arrival: Arrival | undefined): void {
    switch (event.type) {
      case "otr":
      case "fingerprint-changed":
      case "error":
        this.#teller.tell(event);
        break;
      case "message-received":
        this.#incoming.receive(event, arrival);
        break;
      case "message-out":
        this.#teller.tell(messageEvent("out", this.#parties, event));
        break;
      case "message-refused":
        this.#deliveries.finish(event.id, {
          status: "failed",
          cause: "refused",
          reason: event.reason,
        });
        break;
      case "message-unreadable":
        this.#incoming.unreadable(event.reason, arrival);
        break;
      case "smp":
        this.#teller.tell(event);
        this.#smp.receive(event);
        break;
      case "fingerprint-learned":
        if (this.#options.mayLearn) {
          this.#record((records, peer) => records.learn(peer, event.fingerprint));
        }
        break;
      case "fingerprint-verified":
        this.#record((records, peer) => records.verify(peer, event.fingerprint, "smp"));
        break;
      case "blocked":
        void this.#onBlocked(event);
        break;
      case "settled":
        this.#settling.settle();
        break;
      default:
        event satisfies never;
    }
  }

  async #onBlocked(block: BlockReason): Promise<void> {
    const { error, breakOff } = this.#settling.block(block);
    if (block.reason === "not-encrypted" && block.isGoodbye) {
      // OTR's disconnect and the BYE travel apart. Together they are a hang-up, not a failure.
      await this.#goodbye.awaitBye();
      if (this.#hasEnded || this.#goodbye.hasHungUp) return;
    }
    this.#teller.fault(error);
    breakOff();
  }

  // -- ending -------------------------------------------------------------------------------

  async #end(end: SessionEnd): Promise<void> {
    if (this.#hasEnded) {
      await this.#ended.promise;
      return;
    }
    // The disconnect is the last thing of OTR's, and only to somebody who still listens.
    if (end.by === "local" && this.#chat?.isEncrypted === true) {
      this.#act((now, chat) => chat.sayGoodbye(now));
    }
    this.#hasEnded = true;
    const error = end.error ?? new SottoError("session/ended", "the session ended");
    this.#settling.fail(error);
    this.#deliveries.endAll(error.message);
    await this.#goodbye.leave(
      end.by,
      this.#outgoing.said,
      () => this.#call?.hangup() ?? Promise.resolve(),
    );
    this.#stopping.abort(error);
    const wasBound = this.#msrp !== undefined;
    await this.#msrp?.close();
    await this.#media.close();
    if (wasBound) this.#emitMsrp("closed");
    await this.#writer.written;
    this.#emitCall("ended", {
      reason: end.by === "network" ? error.message : `${end.by} hang-up`,
    });
    this.#teller.close();
    this.#ended.resolve(end);
  }

  // -- small things -------------------------------------------------------------------------

  #record(write: (records: PeerRecords, peer: string) => Promise<void>): void {
    if (this.#options.peerIsAnonymous === true) return;
    this.#writer.write(() => write(this.#options.records, this.#options.peer));
  }

  #openChat(): SecureChat {
    if (this.#chat === undefined || this.#hasEnded) {
      throw new SottoError("session/not-open", "the session is not open");
    }
    return this.#chat;
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

  get #parties(): Parties {
    return { self: this.#options.self.aor, peer: this.#options.peer };
  }

  get #room(): RoomFacts {
    return { isFocus: this.#isFocus, chatroom: this.#media.chatroom };
  }

  #newId(): string {
    this.#sequence += 1;
    return `${toHex(this.#options.random(8))}-${this.#sequence}`;
  }

  #emitCall(
    state: "calling" | "ringing" | "connected" | "rejected" | "ended",
    details: { readonly status?: number; readonly reason?: string; readonly focus?: boolean } = {},
  ): void {
    this.#teller.tell({
      type: "call",
      state,
      peer: this.#options.peer,
      callId: this.#call?.callId ?? "",
      ...details,
      ...(state === "connected" ? { focus: this.#isFocus } : {}),
    });
  }

  #emitMsrp(state: "connecting" | "bound" | "closed"): void {
    this.#teller.tell({
      type: "msrp",
      state,
      localPath: this.#media.localPath,
      remotePath: this.#media.remotePath,
      tls: this.#media.isTls,
      ...(this.#media.role !== undefined ? { role: this.#media.role } : {}),
    });
  }
}
