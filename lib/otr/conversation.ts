/**
 * The core: text in, text and events out ("The protocol state machine"). One conversation
 * with one correspondent, who may have several clients.
 */
import { decodeUtf8, utf8 } from "../base/bytes.ts";
import { SottoError } from "../base/errors.ts";
import type { Instant } from "../base/output.ts";
import {
  type ConversationOptions,
  type ConversationSettings,
  settle,
} from "./conversation_options.ts";
import type { EncryptedSession } from "./data/encrypted_session.ts";
import { type KeptMessage, KeptMessages } from "./data/kept_messages.ts";
import { type ConversationOutput, type MessageStateName, tell } from "./events.ts";
import { InstanceTable } from "./instance_table.ts";
import { MessageReceiver, type ReceiveOptions } from "./message_receiver.ts";
import { STATE_NAMES } from "./peer_instance.ts";
import type { OtrVersion } from "./policy.ts";
import { offeredVersions, transmitQuery } from "./transmit.ts";
import { fragmentOverhead } from "./wire/fragment.ts";
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
  readonly #kept: KeptMessages;
  readonly #receiver: MessageReceiver;

  /** @throws {RangeError} when an option is out of its range. */
  constructor(options: ConversationOptions) {
    const settings = settle(options);
    this.#settings = settings;
    this.#instances = new InstanceTable(settings);
    this.#kept = new KeptMessages(settings.limits);
    this.#receiver = new MessageReceiver(settings, this.#instances, this.#kept);
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
      this.#receiver.deadline,
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
    this.#receiver.handleTimeout(now);
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
    return [transmitQuery(this.#settings)];
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
    return this.#receiver.receive(message, now, options);
  }

  /**
   * The user says something.
   *
   * @param content UTF-8 without NUL; with `plainContent` any octets.
   * @throws {RangeError} when the content is not that.
   * @throws {TypeError} when TLVs are to go with `plainContent`.
   * @throws {SottoError} `otr/not-encrypted` when there are TLVs and no session for them.
   * @throws {SottoError} `otr/too-many-fragments` when 65535 fragments are not enough.
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
    // Now and not later: what waits for encryption leaves while a message is received.
    if (!plainContent && octets.includes(0)) throw new RangeError("expected content without NUL");
    this.#requireFits(octets, tlvs);
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
    this.#receiver.forgetPlaintext();
    return this.#instances.all().flatMap((it) => it.end(now));
  }

  /**
   * Begins SMP with the current instance; one that is under way is aborted first.
   *
   * @param secret Octets that both know: UTF-8 as typed, neither trimmed nor folded.
   * @param question Shown to the peer; without one both must know what is meant.
   * @throws {SottoError} `otr/not-encrypted`.
   * @throws {SottoError} `otr/too-many-fragments` when 65535 fragments are not enough.
   * @throws {RangeError} when the question holds a NUL or is too long.
   */
  startSmp(secret: Uint8Array, question: string | undefined, now: Instant): ConversationOutput[] {
    const session = this.#needSession();
    this.#requireFits(utf8(question ?? ""), []);
    return session.startSmp(secret, question, now);
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
   * Does work ahead that the next messages would otherwise wait for, if there is any: the next
   * D-H key pairs. For when nothing else is to be done. It draws from the random source what a
   * message would have drawn, only earlier.
   */
  prepare(): void {
    for (const session of this.#sessions()) session.prepare();
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
   * @throws {RangeError} when `data` is longer than 65531 octets.
   */
  requestExtraKey(use: number, data: Uint8Array, now: Instant): ConversationOutput[] {
    const session = this.#needSession();
    this.#requireFits(data, []);
    return session.requestExtraKey(use, data, now);
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

  /** Before anything is encrypted: 65535 fragments must be enough. */
  #requireFits(content: Uint8Array, tlvs: readonly Tlv[]): void {
    const { maxMessageSize, padTo } = this.#settings;
    if (maxMessageSize === 0) return;
    const octets = tlvs.reduce((sum, it) => sum + 4 + it.value.length, content.length + padTo);
    const characters = (octets + LARGEST_FRAME) * 4 / 3;
    if (characters > 65535 * (maxMessageSize - fragmentOverhead(3))) {
      throw new SottoError(
        "otr/too-many-fragments",
        "expected a message of at most 65535 fragments",
      );
    }
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
    const mustTag = sendWhitespaceTag && versions.length > 0 && !this.#receiver.hasHeardPlaintext &&
      !message.plainContent;
    const tag = mustTag ? writeWhitespaceTag(offeredVersions(this.#settings.policy)) : "";
    return [{ type: "transmit", message: text + tag, kind: "plaintext" }];
  }
}

/** Octets of a data message beside its content: keys, old MAC keys of every pair, numbers of SMP. */
const LARGEST_FRAME = 4096;
