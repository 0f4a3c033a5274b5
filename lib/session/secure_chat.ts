/**
 * When OTR is offered, what waits for it, and what never leaves without it: the encryption
 * policy of one chat, as a synchronous core. It speaks in message bodies; whoever drives it
 * puts them into CPIM and MSRP. The rules are those of docs/spec_notes/session.md.
 */

import { decodeUtf8Lossy } from "../base/bytes.ts";
import { SottoError } from "../base/errors.ts";
import type { Instant } from "../base/output.ts";
import type { Conversation, ConversationEvent, ConversationOutput } from "../otr/mod.ts";
import { OtrOffer } from "./otr_offer.ts";
import { PeerTrust } from "./peer_trust.ts";
import {
  type BlockReason,
  type Content,
  describeBlock,
  errorEvent,
  otrEvent,
  refused,
  type SecureChatOutput,
} from "./secure_chat_events.ts";
import type { SecureChatOptions } from "./secure_chat_options.ts";
import {
  bodyOf,
  encryptedWith,
  type Origin,
  outputOf,
  plaintextReceived,
} from "./secure_chat_outputs.ts";
import { SmpVerdicts } from "./smp_verdicts.ts";
import type { FingerprintTrust, KnownFingerprint } from "./trust_policy.ts";
import { type WaitingMessage, WaitingMessages } from "./waiting_messages.ts";

type Phase =
  /** A callee that has not offered yet, or `accept` with a peer that is never sent plaintext. */
  | { readonly name: "waiting" }
  | { readonly name: "negotiating" }
  | { readonly name: "encrypted" }
  | { readonly name: "finished" }
  | { readonly name: "plaintext"; readonly state: "plaintext" | "unavailable" | "disabled" }
  | { readonly name: "blocked"; readonly block: BlockReason };

/** The encryption policy of one chat. See the module comment. */
export class SecureChat {
  readonly #options: SecureChatOptions;
  readonly #conversation: Conversation | undefined;
  readonly #offer: OtrOffer;
  readonly #waiting: WaitingMessages;
  readonly #trust: PeerTrust;
  readonly #smp = new SmpVerdicts();
  #isFocus: boolean;
  #phase: Phase = { name: "waiting" };
  #isSettled = false;

  constructor(options: SecureChatOptions) {
    this.#options = options;
    this.#offer = new OtrOffer(options.timers);
    this.#waiting = new WaitingMessages(options.limits);
    this.#trust = new PeerTrust(options.trustLevel, options.known);
    this.#conversation = options.encryption === "off" ? undefined : options.conversation;
    this.#isFocus = options.isFocus;
  }

  /** When {@link handleTimeout} wants to be called next, if at all. */
  get deadline(): Instant | undefined {
    const deadlines = [this.#offer.deadline, this.#conversation?.deadline]
      .filter((it) => it !== undefined);
    return deadlines.length > 0 ? Math.min(...deadlines) : undefined;
  }

  /** Nothing is to be done at the moment: time for what the next message would wait for. */
  prepare(): void {
    this.#conversation?.prepare();
  }

  /** Whether messages are encrypted now. */
  get isEncrypted(): boolean {
    return this.#phase.name === "encrypted";
  }

  /** Why nothing is sent, if nothing is. */
  get block(): BlockReason | undefined {
    return this.#phase.name === "blocked" ? this.#phase.block : this.#untrusted();
  }

  /** What the encrypted peer's fingerprint is worth; `undefined` while nothing is encrypted. */
  get trust(): FingerprintTrust | undefined {
    return this.isEncrypted ? this.#trust.trust : undefined;
  }

  /** The peer's fingerprint while encrypted. */
  get fingerprint(): string | undefined {
    return this.isEncrypted ? this.#trust.fingerprint : undefined;
  }

  /** Whether SMP can be started or answered now. */
  get canVerify(): boolean {
    return this.#conversation?.messageState === "encrypted";
  }

  /** The stream is bound: begin as the policy says. */
  start(now: Instant): SecureChatOutput[] {
    if (this.#options.encryption === "off") return this.#goPlain("disabled");
    if (this.#isFocus) return this.#refuseFocus(now);
    const offers = this.#options.encryption !== "accept";
    if (offers && this.#options.role === "caller") return this.offer(now);
    if (offers) {
      this.#offer.delay(now);
      return [otrEvent("plaintext", "gray")];
    }
    if (!this.#mustEncrypt) return this.#goPlain("plaintext");
    this.#offer.awaitAnswer(now);
    return [otrEvent("plaintext", "gray")];
  }

  /** Offers OTR now: `?OTRv23?` and a sentence for people without OTR. */
  offer(now: Instant): SecureChatOutput[] {
    const conversation = this.#usableConversation();
    this.#offer.make(now);
    this.#isSettled = false;
    this.#phase = { name: "negotiating" };
    return [
      otrEvent("negotiating", "gray"),
      ...this.#carry(conversation.query(now), now),
    ];
  }

  /**
   * The user says something. It leaves now, waits for OTR, or is refused, as the policy says.
   *
   * @param id The application's name for the message; comes back in events.
   * @throws {SottoError} `session/queue-full` when too much waits for OTR already.
   */
  send(id: string, content: Content, now: Instant): SecureChatOutput[] {
    switch (this.#phase.name) {
      case "plaintext":
        return this.#sendPlain({ id, content });
      case "encrypted":
        return this.#sendEncrypted({ id, content }, now);
      case "finished":
        return [refused(id, "the other side ended the encrypted conversation")];
      case "blocked":
        return [refused(id, describeBlock(this.#phase.block))];
      case "waiting":
      case "negotiating": {
        this.#waiting.push({ id, content });
        const mustOffer = this.#phase.name === "waiting" && this.#options.encryption !== "accept" &&
          this.#offer.isDelayed;
        return mustOffer ? this.offer(now) : [];
      }
      default:
        return this.#phase satisfies never;
    }
  }

  /**
   * Something that is not the user's words (isComposing, IMDN, private types): encrypted where
   * messages are, in clear only where plaintext messages would leave, otherwise not sent.
   */
  sendControl(content: Content, now: Instant): SecureChatOutput[] {
    if (this.#phase.name === "plaintext" && !this.#mustEncrypt) {
      return [{ type: "transmit", purpose: "control", content }];
    }
    if (this.#phase.name !== "encrypted" || this.#untrusted() !== undefined) return [];
    const outputs = this.#conversation?.sendMessage(content.body, now, { plainContent: true }) ??
      [];
    return this.#carry(outputs, now, { purpose: "control", contentType: content.contentType });
  }

  /** A body arrived from the peer (out of its CPIM, if it was in one). */
  receive(content: Content, now: Instant): SecureChatOutput[] {
    const isText = /^text\//i.test(content.contentType);
    const text = decodeUtf8Lossy(content.body);
    const looksLikeOtr = text.includes("?OTR");
    if (this.#isFocus && this.#options.encryption !== "off") {
      // Whoever speaks OTR inside a conference does not speak it to us.
      return looksLikeOtr ? [] : this.#receivePlain(content);
    }
    if (this.#conversation === undefined) return this.#receivePlain(content);
    if (!isText && !looksLikeOtr) return this.#receivePlain(content);

    if (
      looksLikeOtr && this.#phase.name === "negotiating" && this.#offer.holdCrossedQuery(text, now)
    ) return [];
    return this.#feed(text, content, isText, now);
  }

  /** The remote Contact says `isfocus` now (re-INVITE or UPDATE): OTR ends, whatever it was. */
  becomeFocus(now: Instant): SecureChatOutput[] {
    if (this.#isFocus) return [];
    this.#isFocus = true;
    if (this.#options.encryption === "off") return [];
    // What the engine wants to say on leaving is dropped: nothing of OTR goes to a focus.
    const outputs = this.#leave(now);
    this.#offer.forget();
    return [...outputs, ...this.#refuseFocus(now)];
  }

  /** The user ends OTR; the peer is told. Under a policy that must encrypt, nothing follows. */
  endOtr(now: Instant): SecureChatOutput[] {
    if (this.#conversation === undefined || this.#isFocus) return [];
    const outputs = this.#leave(now);
    this.#offer.forget();
    if (this.#phase.name === "plaintext" || this.#phase.name === "blocked") return outputs;
    return [...outputs, ...this.#decline("encryption was ended here", now)];
  }

  /** The session ends: the peer's engine is told, nothing else changes here. */
  sayGoodbye(now: Instant): SecureChatOutput[] {
    return this.#isFocus ? [] : this.#leave(now);
  }

  /** After the peer ended OTR, a person agrees to go on in plaintext. */
  continueInPlaintext(now: Instant): SecureChatOutput[] {
    if (this.#phase.name !== "finished") return [];
    return [...this.#leave(now), ...this.#goPlain("plaintext")];
  }

  /**
   * Starts SMP.
   *
   * @param secret Octets that both sides know, used as they are.
   * @throws {SottoError} `otr/…` when nothing is encrypted.
   */
  startSmp(secret: Uint8Array, question: string | undefined, now: Instant): SecureChatOutput[] {
    this.#smp.restart();
    return this.#carry(this.#usableConversation().startSmp(secret, question, now), now);
  }

  /** Answers the peer's SMP question. Throws as {@link startSmp}. */
  answerSmp(secret: Uint8Array, now: Instant): SecureChatOutput[] {
    return this.#carry(this.#usableConversation().answerSmp(secret, now), now);
  }

  /** Gives up the SMP exchange that is under way, if one is. */
  abortSmp(now: Instant): SecureChatOutput[] {
    this.#smp.restart(); // Our own abort is no verdict of the other side's.
    return this.#carry(this.#conversation?.abortSmp(now) ?? [], now);
  }

  /** What is recorded about the peer changed (a person trusted a fingerprint): judge again. */
  updateKnown(known: readonly KnownFingerprint[], now: Instant): SecureChatOutput[] {
    if (!this.#trust.update(known, this.isEncrypted)) return [];
    return [this.#encryptedEvent(), ...this.#settle(now)];
  }

  /** {@link deadline} has passed. */
  handleTimeout(now: Instant): SecureChatOutput[] {
    const outputs: SecureChatOutput[] = [];
    const held = this.#offer.takeHeldQuery(now);
    if (held !== undefined) {
      outputs.push(...this.#carry(this.#conversation?.receiveMessage(held, now) ?? [], now));
    }
    if (this.#offer.isDue(now)) outputs.push(...this.offer(now));
    if (
      this.#offer.takeTimeout(now) &&
      (this.#phase.name === "negotiating" || this.#phase.name === "waiting")
    ) {
      outputs.push(...this.#decline("no answer to the OTR offer", now));
    }
    const conversation = this.#conversation;
    if (conversation?.deadline !== undefined && conversation.deadline <= now) {
      outputs.push(...this.#carry(conversation.handleTimeout(now), now));
    }
    return outputs;
  }

  /** Plaintext is out of the question: by policy, or for this peer. */
  get #mustEncrypt(): boolean {
    const { encryption } = this.#options;
    if (encryption === "off") return false;
    return encryption === "require" || this.#trust.forbidsPlaintext;
  }

  /** Ends the engine's session, and SMP with it, which is no verdict of the other side's. */
  #leave(now: Instant): SecureChatOutput[] {
    this.#smp.restart();
    return this.#carry(this.#conversation?.endSession(now) ?? [], now);
  }

  #usableConversation(): Conversation {
    if (this.#conversation === undefined) {
      throw new SottoError("session/otr-off", "OTR is switched off for this session");
    }
    if (this.#isFocus) {
      throw new SottoError("session/otr-focus", "OTR is not possible with a conference");
    }
    return this.#conversation;
  }

  #feed(text: string, content: Content, isText: boolean, now: Instant): SecureChatOutput[] {
    const conversation = this.#usableConversation();
    this.#offer.hear(text);
    const outputs = conversation.receiveMessage(text, now, { plainContent: !isText });
    const answered = outputs.some((it) => it.type === "transmit" && it.kind === "ake");
    if (answered) this.#offer.dropHeldQuery();
    const begun = answered && this.#phase.name === "waiting" ? this.#beginAsAnswerer(now) : [];
    return [...begun, ...this.#carry(outputs, now, { received: content })];
  }

  /** Whoever offers first has offered: a callee does not offer on top of that. */
  #beginAsAnswerer(now: Instant): SecureChatOutput[] {
    this.#offer.awaitAnswer(now);
    this.#phase = { name: "negotiating" };
    return [otrEvent("negotiating", "gray")];
  }

  #receivePlain(content: Content): SecureChatOutput[] {
    return [plaintextReceived(content, this.#phase.name === "encrypted" || this.#mustEncrypt)];
  }

  /** Turns what the OTR engine wants into message bodies and events. */
  #carry(
    outputs: readonly ConversationOutput[],
    now: Instant,
    context: Origin & { readonly received?: Content } = {},
  ): SecureChatOutput[] {
    const carried: SecureChatOutput[] = [];
    for (const output of outputs) {
      if (output.type === "event") {
        carried.push(...this.#onEvent(output.event, now, context.received));
        continue;
      }
      // Under `require` nothing but query, AKE and data leaves: no error text either.
      if (this.#mustEncrypt && (output.kind === "error" || output.kind === "plaintext")) continue;
      if (this.#isFocus) continue;
      if (output.kind === "smp") this.#smp.sent();
      carried.push(bodyOf(output, context));
    }
    return carried;
  }

  #onEvent(
    event: ConversationEvent,
    now: Instant,
    received: Content | undefined,
  ): SecureChatOutput[] {
    switch (event.type) {
      case "message-received": {
        const contentType = received?.contentType ?? "text/plain";
        const content = { contentType, body: event.content };
        if (!event.encrypted) return this.#onPlaintext(content, now);
        return [
          outputOf({ type: "message-received", content, encryption: this.#trust.encryption }),
        ];
      }
      case "state-changed":
        return this.#onStateChanged(event, now);
      case "smp":
        return this.#onSmp(event, now);
      case "message-unreadable":
        if (event.silent) return [];
        return [outputOf({ type: "message-unreadable", reason: event.reason })];
      case "error-received":
        return [errorEvent("otr/error-received", event.text, "remote")];
      case "peer-error":
        return [errorEvent(event.error.code, event.error.message, "remote", event.error)];
      default:
        return []; // Heartbeats, other instances, extra keys: nothing that a chat shows.
    }
  }

  #onPlaintext(content: Content, now: Instant): SecureChatOutput[] {
    const outputs = this.#receivePlain(content);
    const isAnswer = this.#phase.name === "negotiating" && this.#offer.isDeclinedByPlaintext;
    if (isAnswer) outputs.push(...this.#decline("the other side answered in plaintext", now));
    return outputs;
  }

  #onStateChanged(
    event: Extract<ConversationEvent, { type: "state-changed" }>,
    now: Instant,
  ): SecureChatOutput[] {
    switch (event.state) {
      case "encrypted":
        return this.#onEncrypted(event.fingerprint, now);
      case "finished":
        this.#offer.forget();
        this.#phase = { name: "finished" };
        return [
          otrEvent("finished", "gray", "the other side ended the encrypted conversation"),
          ...(this.#mustEncrypt
            ? this.#blockFor("the other side ended the encrypted conversation", true)
            : []),
        ];
      case "plaintext":
        return []; // By our own verb, which says what follows.
      default:
        return event.state satisfies never;
    }
  }

  #onEncrypted(fingerprint: string | undefined, now: Instant): SecureChatOutput[] {
    if (fingerprint === undefined) return [];
    this.#offer.forget();
    const news = this.#trust.meet(fingerprint, this.#options.peer);
    this.#phase = { name: "encrypted" };
    return [this.#encryptedEvent(), ...news.map(outputOf), ...this.#settle(now)];
  }

  /** Encrypted: what waited leaves, or is refused because the peer is not trusted enough. */
  #settle(now: Instant): SecureChatOutput[] {
    const waiting = this.#waiting.takeAll();
    const block = this.#untrusted();
    const outputs: SecureChatOutput[] = [];
    if (block !== undefined) {
      outputs.push(outputOf({ type: "blocked", ...block }));
    }
    outputs.push(...this.#decided());
    for (const message of waiting) outputs.push(...this.#sendEncrypted(message, now));
    return outputs;
  }

  /** The policy's decision stands, since this offer for the first time or not. */
  #decided(): SecureChatOutput[] {
    if (this.#isSettled) return [];
    this.#isSettled = true;
    return [outputOf({ type: "settled" })];
  }

  #untrusted(): BlockReason | undefined {
    return this.isEncrypted ? this.#trust.block : undefined;
  }

  #sendEncrypted({ id, content }: WaitingMessage, now: Instant): SecureChatOutput[] {
    const block = this.#untrusted();
    if (block !== undefined) return [refused(id, describeBlock(block))];
    const isText = /^text\//i.test(content.contentType);
    const outputs = this.#conversation?.sendMessage(content.body, now, { plainContent: !isText }) ??
      [];
    return [
      outputOf({ type: "message-out", id, content, encryption: this.#trust.encryption }),
      ...this.#carry(outputs, now, { purpose: "user", id, contentType: content.contentType }),
    ];
  }

  #sendPlain({ id, content }: WaitingMessage): SecureChatOutput[] {
    return [
      outputOf({ type: "message-out", id, content, encryption: "" }),
      { type: "transmit", purpose: "user", id, content },
    ];
  }

  #onSmp(
    event: Extract<ConversationEvent, { type: "smp" }>,
    now: Instant,
  ): SecureChatOutput[] {
    const verdict = this.#smp.read(event);
    const outputs = [outputOf(verdict.event)];
    if (verdict.isHopeless) outputs.push(...this.abortSmp(now));
    const verified = verdict.givesTrust ? this.#trust.verify() : undefined;
    if (verified !== undefined) {
      const { fingerprint, isNew } = verified;
      outputs.push(outputOf({ type: "fingerprint-verified", fingerprint }));
      if (isNew) outputs.push(this.#encryptedEvent(), ...this.#settle(now));
    }
    return outputs;
  }

  /** OTR will not come about (or has ended): plaintext, or nothing at all. */
  #decline(why: string, now: Instant): SecureChatOutput[] {
    this.#offer.forget();
    // A refresh that nobody answers leaves the session as encrypted as it was.
    if (this.#conversation?.messageState === "encrypted") {
      this.#phase = { name: "encrypted" };
      return [this.#encryptedEvent(), ...this.#settle(now)];
    }
    return this.#mustEncrypt
      ? [otrEvent("unavailable", "gray", why), ...this.#blockFor(why)]
      : this.#goPlain("unavailable", why);
  }

  #refuseFocus(now: Instant): SecureChatOutput[] {
    return this.#decline("the other side is a conference, and OTR is for two", now);
  }

  #goPlain(state: "plaintext" | "unavailable" | "disabled", why?: string): SecureChatOutput[] {
    this.#phase = { name: "plaintext", state };
    const outputs: SecureChatOutput[] = [otrEvent(state, "gray", why)];
    outputs.push(...this.#decided());
    for (const message of this.#waiting.takeAll()) outputs.push(...this.#sendPlain(message));
    return outputs;
  }

  #blockFor(why: string, isGoodbye = false): SecureChatOutput[] {
    const block: BlockReason = { reason: "not-encrypted", why, isGoodbye };
    this.#phase = { name: "blocked", block };
    const outputs: SecureChatOutput[] = [outputOf({ type: "blocked", ...block })];
    outputs.push(...this.#decided());
    for (const { id } of this.#waiting.takeAll()) outputs.push(refused(id, describeBlock(block)));
    return outputs;
  }

  #encryptedEvent(): SecureChatOutput {
    return encryptedWith(this.#trust, this.#conversation);
  }
}
