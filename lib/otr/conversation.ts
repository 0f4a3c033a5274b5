/**
 * The core: text in, text and events out ("The protocol state machine"). One conversation
 * with one correspondent, who may have several clients.
 */
import { decodeUtf8, utf8 } from "../base/bytes.ts";
import { PeerError, SottoError } from "../base/errors.ts";
import type { Instant } from "../base/output.ts";
import {
  type ConversationOptions,
  type ConversationSettings,
  settle,
} from "./conversation_options.ts";
import type { EncryptedSession } from "./data/encrypted_session.ts";
import { type KeptMessage, KeptMessages } from "./data/kept_messages.ts";
import {
  type ConversationOutput,
  type MessageReceived,
  type MessageStateName,
  tell,
  type TransmitKind,
} from "./events.ts";
import { FragmentAssembler } from "./fragment_assembler.ts";
import { InstanceTable } from "./instance_table.ts";
import { type PeerInstance, STATE_NAMES } from "./peer_instance.ts";
import { chooseVersion, type OtrVersion } from "./policy.ts";
import { RateLimit } from "./rate_limit.ts";
import { type DataBody, IGNORE_UNREADABLE } from "./wire/data_message.ts";
import type { EncodedHeader } from "./wire/encoded_header.ts";
import type { EncodedMessage } from "./wire/encoded_message.ts";
import { writeErrorMessage } from "./wire/error_message.ts";
import type { Fragment } from "./wire/fragment.ts";
import { SMALLEST_INSTANCE_TAG } from "./wire/instance_tag.ts";
import { type OtrMessage, parseOtrMessage } from "./wire/message_kind.ts";
import { writeQueryTag } from "./wire/query_message.ts";
import type { Tlv } from "./wire/tlv.ts";
import { writeWhitespaceTag } from "./wire/whitespace_tag.ts";

/** What one instance of the peer is to us. */
export interface InstanceFacts {
  /** The peer's instance tag; 0 in version 2. */
  readonly tag: number;
  readonly state: MessageStateName;
  readonly isCurrent: boolean;
  /** When encrypted. */
  readonly version: OtrVersion | undefined;
  /** When encrypted: 16 hexadecimal digits. */
  readonly ssid: string | undefined;
  /** When encrypted: 40 lower-case hexadecimal digits. */
  readonly fingerprint: string | undefined;
}

/** How a received message is to be read. */
export interface ReceiveOptions {
  /**
   * The decrypted octets are the content as they are: neither NUL nor TLVs are looked for.
   * For content types other than text, as one family of clients has it. Default false.
   */
  readonly plainContent?: boolean;
}

/** How a message is to be sent. */
export interface SendOptions {
  /** As in {@link ReceiveOptions}. Default false. */
  readonly plainContent?: boolean;
  /** Records to send along; only when encrypted, and not with `plainContent`. */
  readonly tlvs?: readonly Tlv[];
}

/**
 * A conversation. Every method returns what to do, in order; none of them throws for what
 * the peer did.
 */
export class Conversation {
  readonly #settings: ConversationSettings;
  readonly #instances: InstanceTable;
  readonly #fragments: FragmentAssembler;
  readonly #kept: KeptMessages;
  readonly #errorReplies: RateLimit;
  readonly #automaticQueries: RateLimit;
  /** The peer answered in plaintext since we last entered PLAINTEXT: no more whitespace tags. */
  #peerSpokePlain = false;

  /** @throws {RangeError} when an option is out of its range. */
  constructor(options: ConversationOptions) {
    const settings = settle(options);
    const { limits } = settings;
    this.#settings = settings;
    this.#instances = new InstanceTable(settings);
    this.#fragments = new FragmentAssembler(limits);
    this.#kept = new KeptMessages(limits);
    this.#errorReplies = new RateLimit(limits.errorReplies, limits.rateWindow);
    this.#automaticQueries = new RateLimit(limits.automaticQueries, limits.rateWindow);
  }

  /** msgstate towards the current instance. */
  get messageState(): MessageStateName {
    return STATE_NAMES[this.#instances.current.message.name];
  }

  /** The version of the current session, when encrypted. */
  get version(): OtrVersion | undefined {
    return this.#session?.version;
  }

  /** The secure session id: 16 hexadecimal digits, when encrypted. */
  get ssid(): string | undefined {
    return this.#session?.describe(false).ssid;
  }

  /** Which half of the ssid is ours to read aloud (shown in bold), when encrypted. */
  get ssidHalf(): "first" | "second" | undefined {
    return this.#session?.ssidHalf;
  }

  /** The peer's fingerprint: 40 lower-case hexadecimal digits, when encrypted. */
  get theirFingerprint(): string | undefined {
    return this.#session?.fingerprint;
  }

  /** Whether SMP is going on with the current instance, an open question included. */
  get isSmpInProgress(): boolean {
    return this.#session?.isSmpInProgress ?? false;
  }

  /** When {@link handleTimeout} wants to be called next, if at all. */
  get deadline(): Instant | undefined {
    const deadlines = [
      this.#fragments.deadline,
      this.#kept.deadline,
      ...this.#instances.all().map((it) => it.deadline),
    ].filter((it) => it !== undefined);
    return deadlines.length === 0 ? undefined : Math.min(...deadlines);
  }

  /** Every instance of the peer that is known; the one with tag 0 only if it has a session. */
  instances(): InstanceFacts[] {
    return this.#instances.all()
      .filter((it) => it.tag !== 0 || it.message.name !== "MSGSTATE_PLAINTEXT")
      .map((it) => {
        const facts = it.session?.describe(false);
        return {
          tag: it.tag,
          state: STATE_NAMES[it.message.name],
          isCurrent: it === this.#instances.current,
          version: facts?.version,
          ssid: facts?.ssid,
          fingerprint: facts?.fingerprint,
        };
      });
  }

  /**
   * Speaks to another instance from now on.
   * @throws {SottoError} `otr/unknown-instance` when there is none with this tag.
   */
  selectInstance(tag: number): void {
    const instance = this.#instances.find(tag);
    if (instance === undefined) {
      throw new SottoError("otr/unknown-instance", "the peer has no instance with this tag");
    }
    this.#instances.current = instance;
  }

  /** {@link deadline} has passed: overdue key exchanges, fragments and kept messages are forgotten. */
  handleTimeout(now: Instant): ConversationOutput[] {
    this.#fragments.handleTimeout(now);
    this.#kept.handleTimeout(now);
    return this.#instances.all().flatMap((it) => it.handleTimeout(now));
  }

  /**
   * The user asks for a private conversation.
   * @throws {SottoError} `otr/disabled` when the policy allows no version.
   */
  query(_now: Instant): ConversationOutput[] {
    const { versions } = this.#settings.policy;
    if (versions.length === 0) {
      throw new SottoError("otr/disabled", "the policy allows no version of OTR");
    }
    return [this.#query()];
  }

  /**
   * A message arrived, as text (octets from the network decoded as UTF-8).
   *
   * What the peer got wrong comes back as an event. Nothing is thrown.
   */
  receiveMessage(
    message: string,
    now: Instant,
    options: ReceiveOptions = {},
  ): ConversationOutput[] {
    if (this.#settings.policy.versions.length === 0) return this.#untouched(message);
    if (message.length > this.#settings.limits.message) {
      return [this.#peerError(
        new PeerError(
          "otr/message-too-long",
          "OTRv3 Encoded messages",
          `expected a message of at most ${this.#settings.limits.message} characters`,
        ),
      )];
    }
    return this.#receive(parseOtrMessage(message), now, options);
  }

  /**
   * The user says something.
   *
   * @param content UTF-8 without NUL; with `plainContent` any octets.
   * @throws {RangeError} when the content is not that.
   * @throws {TypeError} when TLVs are to go with `plainContent`.
   * @throws {SottoError} `otr/not-encrypted` when there are TLVs and no session for them.
   * @throws {SottoError} `otr/too-many-stored` when encryption is required, not there, and
   * too much waits for it already.
   */
  sendMessage(
    content: Uint8Array | string,
    now: Instant,
    options: SendOptions = {},
  ): ConversationOutput[] {
    const { plainContent = false, tlvs = [] } = options;
    if (plainContent && tlvs.length > 0) {
      throw new TypeError("expected no TLVs beside plain content, which has no place for them");
    }
    if (tlvs.length > 0) this.#needSession();
    const octets = typeof content === "string" ? utf8(content) : content;
    const state = this.#instances.current.message;
    switch (state.name) {
      case "MSGSTATE_PLAINTEXT":
        return this.#sendUnencrypted({ content: octets, plainContent }, now);
      case "MSGSTATE_ENCRYPTED": {
        const outputs = state.session.send(octets, now, { plainContent, tlvs });
        this.#kept.sent({ content: octets, plainContent }, state.session.fingerprint, now);
        return outputs;
      }
      case "MSGSTATE_FINISHED":
        // SPEC NOTE otr-6: not kept. The user was told that it was not sent.
        return [tell({ type: "message-refused", content: octets })];
      default:
        return state satisfies never;
    }
  }

  /** The user ends the private conversation: with every instance, and every key exchange under way. */
  endSession(now: Instant): ConversationOutput[] {
    this.#peerSpokePlain = false;
    return this.#instances.all().flatMap((it) => it.end(now));
  }

  /**
   * Begins SMP with the current instance; one that is under way is aborted first.
   *
   * @param secret Octets that both know: UTF-8 as typed, neither trimmed nor folded.
   * @param question Shown to the peer; without one both must know what is meant.
   * @throws {SottoError} `otr/not-encrypted`.
   * @throws {RangeError} when the question holds a NUL or is too long.
   */
  startSmp(secret: Uint8Array, question: string | undefined, now: Instant): ConversationOutput[] {
    return this.#needSession().startSmp(secret, question, now);
  }

  /**
   * Answers the instance that asked for a secret.
   * @throws {SottoError} `otr/not-encrypted`, or `otr/no-smp-question` when nobody asked.
   */
  answerSmp(secret: Uint8Array, now: Instant): ConversationOutput[] {
    const asking = this.#sessions().find((it) => it.smpState === "SMPSTATE_EXPECT1_ASKED");
    return (asking ?? this.#needSession()).answerSmp(secret, now);
  }

  /**
   * Gives up SMP; the peer is told in any case.
   * @throws {SottoError} `otr/not-encrypted`.
   */
  abortSmp(now: Instant): ConversationOutput[] {
    const busy = this.#sessions().find((it) => it.isSmpInProgress);
    return (busy ?? this.#needSession()).abortSmp(now);
  }

  /**
   * Tells the peer that the extra symmetric key is going to be used, and us what it is.
   *
   * @param use 32 bits that say what for; nobody has defined any.
   * @throws {SottoError} `otr/not-encrypted`, or `otr/extra-key-needs-v3`.
   */
  requestExtraKey(use: number, data: Uint8Array, now: Instant): ConversationOutput[] {
    return this.#needSession().requestExtraKey(use, data, now);
  }

  get #session(): EncryptedSession | undefined {
    return this.#instances.current.session;
  }

  #needSession(): EncryptedSession {
    const session = this.#session;
    if (session === undefined) {
      throw new SottoError("otr/not-encrypted", "the conversation is not encrypted");
    }
    return session;
  }

  /** Encrypted sessions, the current one first. */
  #sessions(): EncryptedSession[] {
    return [this.#instances.current, ...this.#instances.all()]
      .map((it) => it.session)
      .filter((it) => it !== undefined);
  }

  #receive(
    message: OtrMessage,
    now: Instant,
    options: ReceiveOptions,
  ): ConversationOutput[] {
    switch (message.type) {
      case "plaintext":
        this.#fragments.clearAll();
        return this.#receivePlaintext(message.text);
      case "tagged-plaintext": {
        this.#fragments.clearAll();
        const offer = this.#settings.policy.whitespaceStartAke
          ? this.#commit(message.versions, now)
          : [];
        return [...this.#receivePlaintext(message.text), ...offer];
      }
      case "query": {
        this.#fragments.clearAll();
        const agreed = this.#agree(message.versions);
        const text = message.prefix + message.suffix;
        const event = tell({ type: "query-received", agreed, text });
        return [event, ...this.#commit(message.versions, now)];
      }
      case "error":
        this.#fragments.clearAll();
        return this.#receiveError(message.text, now);
      case "fragment":
        return this.#receiveFragment(message, now, options);
      case "malformed":
        return [this.#peerError(message.error)];
      case "unknown": {
        const { version, messageType } = message;
        return [tell({ type: "unknown-message", version, messageType })];
      }
      default:
        return this.#receiveEncoded(message, now, options);
    }
  }

  #receivePlaintext(text: string): ConversationOutput[] {
    this.#peerSpokePlain = true;
    const isUnexpected = this.#settings.policy.requireEncryption ||
      this.#instances.all().some((it) => it.message.name !== "MSGSTATE_PLAINTEXT");
    return [tell(plaintextReceived(text, isUnexpected))];
  }

  #untouched(text: string): ConversationOutput[] {
    return [tell(plaintextReceived(text, this.#settings.policy.requireEncryption))];
  }

  /** A query or a tag offers versions: commit to the best that both allow. */
  #commit(offered: readonly string[], now: Instant): ConversationOutput[] {
    const version = this.#agree(offered);
    if (version === undefined) return [];
    this.#instances.forgetAnswers();
    return this.#instances.anybody.commit(version, now);
  }

  #agree(offered: readonly string[]): OtrVersion | undefined {
    const version = chooseVersion(offered, this.#settings.policy);
    return version === 2 && this.#isBeyondVersion2 ? undefined : version;
  }

  /**
   * SPEC NOTE otr-22: offers are not authenticated. Whoever has a version 3 session open is
   * not talked down to version 2.
   */
  get #isBeyondVersion2(): boolean {
    return this.#instances.all().some((it) => it.session?.version === 3);
  }

  /** An error is never answered by an error, and by queries only so often. */
  #receiveError(text: string, now: Instant): ConversationOutput[] {
    this.#kept.peerFailedToRead();
    const event = tell({ type: "error-received", text: text.trim() });
    const mustQuery = this.#settings.policy.errorStartAke && this.#automaticQueries.allow(now);
    return mustQuery ? [event, this.#query()] : [event];
  }

  #receiveFragment(
    fragment: Fragment,
    now: Instant,
    options: ReceiveOptions,
  ): ConversationOutput[] {
    const refusal = this.#refuse(fragment, true);
    if (refusal !== undefined) return refusal;
    try {
      const whole = this.#fragments.receive(fragment, now);
      if (whole === undefined) return [];
      // Pieces hold no comma, so this cannot be a fragment again: those that were nested are
      // malformed by now ("you can't fragment a fragment").
      return this.#receive(parseOtrMessage(whole), now, options);
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      return [this.#peerError(error, fragment.senderTag)];
    }
  }

  #receiveEncoded(
    message: EncodedMessage,
    now: Instant,
    options: ReceiveOptions,
  ): ConversationOutput[] {
    const refusal = this.#refuse(message, message.type === "dh-commit");
    if (refusal !== undefined) return refusal;
    this.#fragments.clear(message.version, message.senderTag);
    if (message.type === "data") return this.#receiveData(message, now, options);
    if (message.version === 2 && this.#isBeyondVersion2) return [this.#downgrade()];
    try {
      const instance = this.#instances.forAke(message.senderTag, message, now);
      if (instance === undefined) return [];
      const { outputs, isSecured } = instance.receiveAke(message.version, message, now);
      return isSecured ? [...outputs, ...this.#secured(instance, now)] : outputs;
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      return [this.#peerError(error, message.senderTag)];
    }
  }

  /** Versions that the policy forbids, and instance tags that are not ours or not tags. */
  #refuse(header: EncodedHeader, mayBeToAnybody: boolean): ConversationOutput[] | undefined {
    const { version, senderTag, receiverTag } = header;
    if (!this.#settings.policy.versions.includes(version)) return [];
    if (version === 2) return undefined;
    const isBad = senderTag < SMALLEST_INSTANCE_TAG ||
      receiverTag > 0 && receiverTag < SMALLEST_INSTANCE_TAG;
    if (isBad) {
      return [this.#peerError(
        new PeerError("otr/bad-instance-tag", "OTRv3 Instance Tags", "expected tags above 0xff"),
      )];
    }
    if (receiverTag === this.#settings.instanceTag) return undefined;
    if (receiverTag === 0 && mayBeToAnybody) return undefined;
    return [tell({ type: "other-instance", senderTag, receiverTag })];
  }

  #receiveData(
    message: EncodedHeader & DataBody,
    now: Instant,
    { plainContent = false }: ReceiveOptions,
  ): ConversationOutput[] {
    const instance = this.#instances.find(message.senderTag);
    const session = instance?.session;
    if (instance === undefined || session === undefined) {
      return this.#unreadable(message, "nothing is encrypted here", undefined, now);
    }
    try {
      return instance.receiveData(session, message, message, now, plainContent);
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      return this.#unreadable(message, error.message, error, now);
    }
  }

  #unreadable(
    { senderTag, flags }: EncodedHeader & DataBody,
    reason: string,
    error: PeerError | undefined,
    now: Instant,
  ): ConversationOutput[] {
    const silent = (flags & IGNORE_UNREADABLE) !== 0;
    const event = tell({
      type: "message-unreadable",
      instance: senderTag,
      reason,
      error,
      silent,
    });
    if (silent || !this.#errorReplies.allow(now)) return [event];
    const text = error === undefined
      ? "Your encrypted message could not be read: no private conversation is open here."
      : "Your encrypted message could not be read.";
    return [event, transmit(writeErrorMessage(` ${text}`), "error")];
  }

  /** An AKE completed: speak to this instance, and send what waited for it. */
  #secured(instance: PeerInstance, now: Instant): ConversationOutput[] {
    this.#instances.current = instance;
    const { session } = instance;
    if (session === undefined) return [];
    return this.#kept.take(session.fingerprint, now).flatMap(({ content, plainContent }) => [
      ...session.send(content, now, { plainContent }),
      tell({ type: "message-resent", content }),
    ]);
  }

  #sendUnencrypted(message: KeptMessage, now: Instant): ConversationOutput[] {
    const { versions, requireEncryption, sendWhitespaceTag } = this.#settings.policy;
    if (requireEncryption && versions.length > 0) {
      this.#kept.store(message);
      const { content } = message;
      return [tell({ type: "message-stored", content }), ...this.query(now)];
    }
    const text = decodeUtf8(message.content);
    if (text === undefined) throw new RangeError("expected UTF-8 in a plaintext message");
    const mustTag = sendWhitespaceTag && versions.length > 0 && !this.#peerSpokePlain &&
      !message.plainContent;
    const tag = mustTag ? writeWhitespaceTag(this.#offered()) : "";
    return [transmit(text + tag, "plaintext")];
  }

  #query(): ConversationOutput {
    const { queryText } = this.#settings;
    const text = queryText === "" ? "" : ` ${queryText}`;
    return transmit(writeQueryTag(this.#offered()) + text, "query");
  }

  #offered(): string[] {
    return [...new Set(this.#settings.policy.versions)].sort().map(String);
  }

  #downgrade(): ConversationOutput {
    return this.#peerError(
      new PeerError(
        "otr/downgrade",
        "OTRv3 Receiving a D-H Commit Message",
        "expected no version 2 key exchange while a version 3 session is open",
      ),
    );
  }

  #peerError(error: PeerError, instance = 0): ConversationOutput {
    return tell({ type: "peer-error", error, instance });
  }
}

function transmit(message: string, kind: TransmitKind): ConversationOutput {
  return { type: "transmit", message, kind };
}

function plaintextReceived(text: string, isUnexpected: boolean): MessageReceived {
  return {
    type: "message-received",
    content: utf8(text),
    text,
    encrypted: false,
    ...(isUnexpected ? { warning: "unencrypted" } : {}),
    instance: 0,
  };
}
