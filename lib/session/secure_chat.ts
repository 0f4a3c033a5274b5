/**
 * When OTR is offered, what waits for it, and what never leaves without it: the encryption
 * policy of one chat, as a synchronous core. It speaks in message bodies; whoever drives it
 * puts them into CPIM and MSRP. The rules are those of docs/spec_notes/session.md.
 */

import { decodeUtf8Lossy, utf8 } from "../base/bytes.ts";
import { SottoError } from "../base/errors.ts";
import type { Instant } from "../base/output.ts";
import type { Conversation, ConversationEvent, ConversationOutput } from "../otr/mod.ts";
import { parseOtrMessage } from "../otr/mod.ts";
import {
  type BlockReason,
  type Content,
  describeBlock,
  type EncryptionPolicy,
  errorEvent,
  otrEvent,
  refused,
  type SecureChatOutput,
} from "./secure_chat_events.ts";
import {
  assessFingerprint,
  type FingerprintTrust,
  hasVerifiedRow,
  isTrustEnough,
  type KnownFingerprint,
  lockFor,
  type TrustLevel,
} from "./trust_policy.ts";

/** What a {@link SecureChat} is made of. */
export interface SecureChatOptions {
  /** The caller offers at once, the callee only after a while (facts on crossed offers: spec notes). */
  readonly role: "caller" | "callee";
  readonly encryption: EncryptionPolicy;
  readonly trustLevel: TrustLevel;
  /** Address of record of the peer, for events. */
  readonly peer: string;
  /** What is recorded about that address. */
  readonly known: readonly KnownFingerprint[];
  /** The remote Contact carries `isfocus`: OTR is never offered to it and never accepted. */
  readonly isFocus: boolean;
  /** Fresh, with the policy already in it; `undefined` for `off`. */
  readonly conversation: Conversation | undefined;
  readonly timers?: Partial<SecureChatTimers>;
  readonly limits?: Partial<SecureChatLimits>;
}

/** Milliseconds. */
export interface SecureChatTimers {
  /** An offer without an answer counts as declined after this long. Default 8,000. */
  readonly offerTimeout: number;
  /** How long a callee waits for the caller's offer before it makes one. Default 2,000. */
  readonly calleeOfferDelay: number;
  /** How long a v2 query that crossed ours waits for the peer's D-H Commit. Default 3,000. */
  readonly crossedQueryDelay: number;
}

/** Bounds on what waits. */
export interface SecureChatLimits {
  /** Messages that may wait for OTR. Default 256. */
  readonly waitingMessages: number;
  /** Octets of all of them. Default 8 MiB. */
  readonly waitingBytes: number;
}

type Phase =
  /** A callee that has not offered yet, or `accept` with a peer that is never sent plaintext. */
  | { readonly name: "waiting" }
  | { readonly name: "negotiating" }
  | { readonly name: "encrypted" }
  | { readonly name: "finished" }
  | { readonly name: "plaintext"; readonly state: "plaintext" | "unavailable" | "disabled" }
  | { readonly name: "blocked"; readonly block: BlockReason };

interface WaitingMessage {
  readonly id: string;
  readonly content: Content;
}

const DEFAULT_TIMERS: SecureChatTimers = {
  offerTimeout: 8_000,
  calleeOfferDelay: 2_000,
  crossedQueryDelay: 3_000,
};

const DEFAULT_LIMITS: SecureChatLimits = { waitingMessages: 256, waitingBytes: 8 * 2 ** 20 };

/** Blink asks this by itself when ZRTP gave it a string; we have none (facts: Blink §3.7). */
const ZRTP_QUESTION = "What is the ZRTP authentication string?";

/** The encryption policy of one chat. See the module comment. */
export class SecureChat {
  readonly #options: SecureChatOptions;
  readonly #timers: SecureChatTimers;
  readonly #limits: SecureChatLimits;
  readonly #conversation: Conversation | undefined;
  #known: readonly KnownFingerprint[];
  #isFocus: boolean;
  #phase: Phase = { name: "waiting" };
  #waiting: WaitingMessage[] = [];
  #isSettled = false;
  #offerDeadline: Instant | undefined;
  #calleeOfferAt: Instant | undefined;
  #heldQuery: { readonly text: string; readonly until: Instant } | undefined;
  #hasOffered = false;
  /** The peer sent something that only an OTR engine sends: plaintext no longer means "no". */
  #peerSpeaksOtr = false;
  #fingerprint: string | undefined;
  #trust: FingerprintTrust | undefined;
  #smpMessagesSent = 0;

  constructor(options: SecureChatOptions) {
    this.#options = options;
    this.#timers = { ...DEFAULT_TIMERS, ...options.timers };
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#conversation = options.encryption === "off" ? undefined : options.conversation;
    this.#known = options.known;
    this.#isFocus = options.isFocus;
  }

  /** When {@link handleTimeout} wants to be called next, if at all. */
  get deadline(): Instant | undefined {
    const deadlines = [
      this.#offerDeadline,
      this.#calleeOfferAt,
      this.#heldQuery?.until,
      this.#conversation?.deadline,
    ].filter((it) => it !== undefined);
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
    return this.isEncrypted ? this.#trust : undefined;
  }

  /** The peer's fingerprint while encrypted. */
  get fingerprint(): string | undefined {
    return this.isEncrypted ? this.#fingerprint : undefined;
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
      this.#calleeOfferAt = now + this.#timers.calleeOfferDelay;
      return [otrEvent("plaintext", "gray")];
    }
    if (!this.#mustEncrypt) return this.#goPlain("plaintext");
    this.#offerDeadline = now + this.#timers.offerTimeout;
    return [otrEvent("plaintext", "gray")];
  }

  /** Offers OTR now: `?OTRv23?` and a sentence for people without OTR. */
  offer(now: Instant): SecureChatOutput[] {
    const conversation = this.#usableConversation();
    this.#calleeOfferAt = undefined;
    this.#hasOffered = true;
    this.#isSettled = false;
    this.#phase = { name: "negotiating" };
    this.#offerDeadline = now + this.#timers.offerTimeout;
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
        this.#enqueue({ id, content });
        const mustOffer = this.#phase.name === "waiting" && this.#options.encryption !== "accept" &&
          this.#calleeOfferAt !== undefined;
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

    if (looksLikeOtr) {
      const held = this.#holdCrossedQuery(text, now);
      if (held) return [];
    }
    return this.#feed(text, content, isText, now);
  }

  /** The remote Contact says `isfocus` now (re-INVITE or UPDATE): OTR ends, whatever it was. */
  becomeFocus(now: Instant): SecureChatOutput[] {
    if (this.#isFocus) return [];
    this.#isFocus = true;
    if (this.#options.encryption === "off") return [];
    // What the engine wants to say on leaving is dropped: nothing of OTR goes to a focus.
    const outputs = this.#leave(now);
    this.#forgetOffer();
    return [...outputs, ...this.#refuseFocus(now)];
  }

  /** The user ends OTR; the peer is told. Under a policy that must encrypt, nothing follows. */
  endOtr(now: Instant): SecureChatOutput[] {
    if (this.#conversation === undefined || this.#isFocus) return [];
    const outputs = this.#leave(now);
    this.#forgetOffer();
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
    this.#smpMessagesSent = 0;
    return this.#carry(this.#usableConversation().startSmp(secret, question, now), now);
  }

  /** Answers the peer's SMP question. Throws as {@link startSmp}. */
  answerSmp(secret: Uint8Array, now: Instant): SecureChatOutput[] {
    return this.#carry(this.#usableConversation().answerSmp(secret, now), now);
  }

  /** Gives up the SMP exchange that is under way, if one is. */
  abortSmp(now: Instant): SecureChatOutput[] {
    this.#smpMessagesSent = 0; // Our own abort is no verdict of the other side's.
    return this.#carry(this.#conversation?.abortSmp(now) ?? [], now);
  }

  /** What is recorded about the peer changed (a person trusted a fingerprint): judge again. */
  updateKnown(known: readonly KnownFingerprint[], now: Instant): SecureChatOutput[] {
    this.#known = known;
    if (!this.isEncrypted || this.#fingerprint === undefined) return [];
    const { trust } = assessFingerprint(known, this.#fingerprint);
    if (trust === this.#trust) return [];
    this.#trust = trust;
    return [this.#encryptedEvent(), ...this.#settle(now)];
  }

  /** {@link deadline} has passed. */
  handleTimeout(now: Instant): SecureChatOutput[] {
    const outputs: SecureChatOutput[] = [];
    if (this.#heldQuery !== undefined && this.#heldQuery.until <= now) {
      const { text } = this.#heldQuery;
      this.#heldQuery = undefined;
      outputs.push(...this.#carry(this.#conversation?.receiveMessage(text, now) ?? [], now));
    }
    if (this.#calleeOfferAt !== undefined && this.#calleeOfferAt <= now) {
      outputs.push(...this.offer(now));
    }
    if (this.#offerDeadline !== undefined && this.#offerDeadline <= now) {
      this.#offerDeadline = undefined;
      if (this.#phase.name === "negotiating" || this.#phase.name === "waiting") {
        outputs.push(...this.#decline("no answer to the OTR offer", now));
      }
    }
    const conversation = this.#conversation;
    if (conversation?.deadline !== undefined && conversation.deadline <= now) {
      outputs.push(...this.#carry(conversation.handleTimeout(now), now));
    }
    return outputs;
  }

  /**
   * Plaintext is out of the question: by policy, because this peer was verified once, or
   * because messages go to verified peers alone, and plaintext has no fingerprint to verify.
   */
  get #mustEncrypt(): boolean {
    const { encryption, trustLevel } = this.#options;
    if (encryption === "off") return false;
    return encryption === "require" || trustLevel === "verified" || hasVerifiedRow(this.#known);
  }

  /** Ends the engine's session, and SMP with it, which is no verdict of the other side's. */
  #leave(now: Instant): SecureChatOutput[] {
    this.#smpMessagesSent = 0;
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

  #enqueue(message: WaitingMessage): void {
    let octets = message.content.body.length;
    for (const { content } of this.#waiting) octets += content.body.length;
    if (
      this.#waiting.length >= this.#limits.waitingMessages || octets > this.#limits.waitingBytes
    ) {
      throw new SottoError(
        "session/queue-full",
        `more than ${this.#limits.waitingMessages} messages or ${this.#limits.waitingBytes} ` +
          "octets wait for encryption",
      );
    }
    this.#waiting.push(message);
  }

  /**
   * potr never resolves crossed D-H Commits (spec notes): when its v2 query crosses ours, we
   * give it time to answer ours before we answer its.
   */
  #holdCrossedQuery(text: string, now: Instant): boolean {
    if (this.#phase.name !== "negotiating" || !this.#hasOffered || this.#peerSpeaksOtr) {
      return false;
    }
    const message = parseOtrMessage(text);
    if (message.type !== "query") return false;
    this.#peerSpeaksOtr = true;
    if (message.versions.includes("3")) return false;
    this.#heldQuery = { text, until: now + this.#timers.crossedQueryDelay };
    return true;
  }

  #feed(text: string, content: Content, isText: boolean, now: Instant): SecureChatOutput[] {
    const conversation = this.#usableConversation();
    const kind = parseOtrMessage(text).type;
    if (kind !== "plaintext" && kind !== "malformed" && kind !== "error") {
      this.#peerSpeaksOtr = true;
    }
    const outputs = conversation.receiveMessage(text, now, { plainContent: !isText });
    const answered = outputs.some((it) => it.type === "transmit" && it.kind === "ake");
    // One key exchange is enough: what was held is not answered on top of it.
    if (answered) this.#heldQuery = undefined;
    const begun = answered && this.#phase.name === "waiting" ? this.#beginAsAnswerer(now) : [];
    return [...begun, ...this.#carry(outputs, now, { received: content })];
  }

  /** Whoever offers first has offered: a callee does not offer on top of that. */
  #beginAsAnswerer(now: Instant): SecureChatOutput[] {
    this.#calleeOfferAt = undefined;
    this.#phase = { name: "negotiating" };
    this.#offerDeadline = now + this.#timers.offerTimeout;
    return [otrEvent("negotiating", "gray")];
  }

  #receivePlain(content: Content): SecureChatOutput[] {
    const unexpected = this.#phase.name === "encrypted" || this.#mustEncrypt;
    return [{
      type: "event",
      event: {
        type: "message-received",
        content,
        encryption: unexpected ? "failed" : "",
        ...(unexpected ? { warning: "the message was not encrypted" } : {}),
      },
    }];
  }

  /** Turns what the OTR engine wants into message bodies and events. */
  #carry(
    outputs: readonly ConversationOutput[],
    now: Instant,
    context: {
      readonly purpose?: "user" | "control";
      readonly id?: string;
      readonly contentType?: string;
      readonly received?: Content;
    } = {},
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
      if (output.kind === "smp") this.#smpMessagesSent += 1;
      const isOurs = output.kind === "data" && context.purpose !== undefined;
      carried.push({
        type: "transmit",
        purpose: isOurs ? context.purpose ?? "otr" : "otr",
        ...(isOurs && context.id !== undefined ? { id: context.id } : {}),
        content: {
          contentType: isOurs ? context.contentType ?? "text/plain" : "text/plain",
          body: utf8(output.message),
        },
      });
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
        return [{
          type: "event",
          event: {
            type: "message-received",
            content,
            encryption: this.#trust === "verified" ? "verified" : "unverified",
          },
        }];
      }
      case "state-changed":
        return this.#onStateChanged(event, now);
      case "smp":
        return this.#onSmp(event, now);
      case "message-unreadable":
        if (event.silent) return [];
        return [{ type: "event", event: { type: "message-unreadable", reason: event.reason } }];
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
    const isAnswer = this.#phase.name === "negotiating" && this.#hasOffered && !this.#peerSpeaksOtr;
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
        this.#forgetOffer();
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
    this.#forgetOffer();
    this.#fingerprint = fingerprint;
    const { trust, isFirst } = assessFingerprint(this.#known, fingerprint);
    this.#trust = trust;
    this.#phase = { name: "encrypted" };
    const outputs: SecureChatOutput[] = [this.#encryptedEvent()];
    if (isFirst) {
      this.#known = [{ fingerprint, trust: "unverified" }];
      outputs.push({ type: "event", event: { type: "fingerprint-learned", fingerprint } });
    }
    if (trust === "changed") {
      outputs.push({
        type: "event",
        event: {
          type: "fingerprint-changed",
          peer: this.#options.peer,
          fingerprint,
          known: this.#known,
        },
      });
    }
    return [...outputs, ...this.#settle(now)];
  }

  /** Encrypted: what waited leaves, or is refused because the peer is not trusted enough. */
  #settle(now: Instant): SecureChatOutput[] {
    const waiting = this.#waiting.splice(0);
    const block = this.#untrusted();
    const outputs: SecureChatOutput[] = [];
    if (block !== undefined) {
      outputs.push({ type: "event", event: { type: "blocked", ...block } });
    }
    if (!this.#isSettled) {
      this.#isSettled = true;
      outputs.push({ type: "event", event: { type: "settled" } });
    }
    for (const message of waiting) outputs.push(...this.#sendEncrypted(message, now));
    return outputs;
  }

  #untrusted(): BlockReason | undefined {
    if (this.#phase.name !== "encrypted" || this.#trust === undefined) return undefined;
    return isTrustEnough(this.#options.trustLevel, this.#trust)
      ? undefined
      : { reason: "untrusted", trust: this.#trust };
  }

  #sendEncrypted({ id, content }: WaitingMessage, now: Instant): SecureChatOutput[] {
    const block = this.#untrusted();
    if (block !== undefined) return [refused(id, describeBlock(block))];
    const isText = /^text\//i.test(content.contentType);
    const outputs = this.#conversation?.sendMessage(content.body, now, { plainContent: !isText }) ??
      [];
    return [
      {
        type: "event",
        event: {
          type: "message-out",
          id,
          content,
          encryption: this.#trust === "verified" ? "verified" : "unverified",
        },
      },
      ...this.#carry(outputs, now, { purpose: "user", id, contentType: content.contentType }),
    ];
  }

  #sendPlain({ id, content }: WaitingMessage): SecureChatOutput[] {
    return [
      { type: "event", event: { type: "message-out", id, content, encryption: "" } },
      { type: "transmit", purpose: "user", id, content },
    ];
  }

  #onSmp(
    event: Extract<ConversationEvent, { type: "smp" }>,
    now: Instant,
  ): SecureChatOutput[] {
    const state = event.what === "cheated" ? "error" : event.what;
    if (event.what === "asked") this.#smpMessagesSent = 0;
    const outputs: SecureChatOutput[] = [{
      type: "event",
      event: {
        type: "smp",
        state,
        question: event.question ?? null,
        role: event.role,
        // The second message of either side carries its P and Q: the proof.
        proofSeen: this.#smpMessagesSent >= 2,
      },
    }];
    if (event.what === "asked" && event.question === ZRTP_QUESTION) {
      outputs.push(...this.abortSmp(now));
    }
    // With a question only the side that asked gains trust.
    const gains = event.role === "initiator" || (event.question ?? null) === null;
    if (event.what === "success" && gains && this.#fingerprint !== undefined) {
      const fingerprint = this.#fingerprint;
      this.#known = [
        ...this.#known.filter((row) => row.fingerprint !== fingerprint),
        { fingerprint, trust: "verified" },
      ];
      const changed = this.#trust !== "verified";
      this.#trust = "verified";
      outputs.push({ type: "event", event: { type: "fingerprint-verified", fingerprint } });
      if (changed) outputs.push(this.#encryptedEvent(), ...this.#settle(now));
    }
    return outputs;
  }

  /** OTR will not come about (or has ended): plaintext, or nothing at all. */
  #decline(why: string, now: Instant): SecureChatOutput[] {
    this.#forgetOffer();
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
    if (!this.#isSettled) {
      this.#isSettled = true;
      outputs.push({ type: "event", event: { type: "settled" } });
    }
    for (const message of this.#waiting.splice(0)) outputs.push(...this.#sendPlain(message));
    return outputs;
  }

  #blockFor(why: string, isGoodbye = false): SecureChatOutput[] {
    const block: BlockReason = { reason: "not-encrypted", why, isGoodbye };
    this.#phase = { name: "blocked", block };
    const outputs: SecureChatOutput[] = [{ type: "event", event: { type: "blocked", ...block } }];
    if (!this.#isSettled) {
      this.#isSettled = true;
      outputs.push({ type: "event", event: { type: "settled" } });
    }
    for (const { id } of this.#waiting.splice(0)) outputs.push(refused(id, describeBlock(block)));
    return outputs;
  }

  #forgetOffer(): void {
    this.#offerDeadline = undefined;
    this.#calleeOfferAt = undefined;
    this.#heldQuery = undefined;
  }

  #encryptedEvent(): SecureChatOutput {
    const trust = this.#trust ?? "unverified";
    const conversation = this.#conversation;
    return {
      type: "event",
      event: {
        type: "otr",
        state: "encrypted",
        lock: lockFor(trust),
        trust,
        ...(conversation?.version !== undefined ? { version: conversation.version } : {}),
        ...(this.#fingerprint !== undefined ? { fingerprint: this.#fingerprint } : {}),
        ...(conversation?.ssid !== undefined ? { ssid: conversation.ssid } : {}),
      },
    };
  }
}
