/**
 * What a received message leads to: told apart, addressed to an instance, answered ("State
 * transitions", received messages). The user's side of a conversation is in conversation.ts.
 */
import { utf8 } from "../base/bytes.ts";
import { PeerError } from "../base/errors.ts";
import type { Instant } from "../base/output.ts";
import type { ConversationSettings } from "./conversation_options.ts";
import type { KeptMessages } from "./data/kept_messages.ts";
import { type ConversationOutput, type MessageReceived, tell } from "./events.ts";
import { FragmentAssembler } from "./fragment_assembler.ts";
import type { InstanceTable } from "./instance_table.ts";
import type { PeerInstance } from "./peer_instance.ts";
import { chooseVersion, type OtrVersion } from "./policy.ts";
import { RateLimit } from "./rate_limit.ts";
import { transmitQuery } from "./transmit.ts";
import { type DataBody, IGNORE_UNREADABLE } from "./wire/data_message.ts";
import type { EncodedHeader } from "./wire/encoded_header.ts";
import type { EncodedMessage } from "./wire/encoded_message.ts";
import { writeErrorMessage } from "./wire/error_message.ts";
import type { Fragment } from "./wire/fragment.ts";
import { SMALLEST_INSTANCE_TAG } from "./wire/instance_tag.ts";
import { type OtrMessage, parseOtrMessage } from "./wire/message_kind.ts";

/** How a received message is to be read. */
export interface ReceiveOptions {
  /**
   * The decrypted octets are the content as they are: neither NUL nor TLVs are looked for.
   * For content types other than text, as one family of clients has it. Default false.
   */
  readonly plainContent?: boolean;
}

/** The receiving half of a conversation. */
export class MessageReceiver {
  readonly #settings: ConversationSettings;
  readonly #instances: InstanceTable;
  readonly #kept: KeptMessages;
  readonly #fragments: FragmentAssembler;
  readonly #errorReplies: RateLimit;
  readonly #automaticQueries: RateLimit;
  #hasHeardPlaintext = false;

  /** Instances and kept messages are shared with the sending half. */
  constructor(settings: ConversationSettings, instances: InstanceTable, kept: KeptMessages) {
    const { limits } = settings;
    this.#settings = settings;
    this.#instances = instances;
    this.#kept = kept;
    this.#fragments = new FragmentAssembler(limits);
    this.#errorReplies = new RateLimit(limits.errorReplies, limits.rateWindow);
    this.#automaticQueries = new RateLimit(limits.automaticQueries, limits.rateWindow);
  }

  /** The peer spoke plaintext since {@link forgetPlaintext}: no more whitespace tags. */
  get hasHeardPlaintext(): boolean {
    return this.#hasHeardPlaintext;
  }

  /** When the next unfinished fragmented message is forgotten. */
  get deadline(): Instant | undefined {
    return this.#fragments.deadline;
  }

  /** Forgets unfinished fragmented messages that are overdue. */
  handleTimeout(now: Instant): void {
    this.#fragments.handleTimeout(now);
  }

  /** PLAINTEXT was entered anew. */
  forgetPlaintext(): void {
    this.#hasHeardPlaintext = false;
  }

  /** Acts on a message. Nothing is thrown: what the peer got wrong is an event. */
  receive(text: string, now: Instant, options: ReceiveOptions): ConversationOutput[] {
    const { policy, limits } = this.#settings;
    if (policy.versions.length === 0) {
      return [tell(plaintextReceived(text, policy.requireEncryption))];
    }
    if (text.length > limits.message) {
      return [peerError(
        new PeerError(
          "otr/message-too-long",
          "OTRv3 Encoded messages",
          `expected a message of at most ${limits.message} characters`,
        ),
      )];
    }
    return this.#receive(parseOtrMessage(text), now, options);
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
        return [peerError(message.error)];
      case "unknown": {
        const { version, messageType } = message;
        return [tell({ type: "unknown-message", version, messageType })];
      }
      default:
        return this.#receiveEncoded(message, now, options);
    }
  }

  #receivePlaintext(text: string): ConversationOutput[] {
    this.#hasHeardPlaintext = true;
    const isUnexpected = this.#settings.policy.requireEncryption ||
      this.#instances.all().some((it) => it.message.name !== "MSGSTATE_PLAINTEXT");
    return [tell(plaintextReceived(text, isUnexpected))];
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
    return mustQuery ? [event, transmitQuery(this.#settings)] : [event];
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
      return [peerError(error, fragment.senderTag)];
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
    if (message.version === 2 && this.#isBeyondVersion2) return [downgrade()];
    try {
      const instance = this.#instances.forAke(message.senderTag, message, now);
      if (instance === undefined) return [];
      const { outputs, isSecured } = instance.receiveAke(message.version, message, now);
      return isSecured ? [...outputs, ...this.#secured(instance, now)] : outputs;
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      return [peerError(error, message.senderTag)];
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
      return [peerError(
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
    return [event, { type: "transmit", message: writeErrorMessage(` ${text}`), kind: "error" }];
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

function peerError(error: PeerError, instance = 0): ConversationOutput {
  return tell({ type: "peer-error", error, instance });
}

function downgrade(): ConversationOutput {
  return peerError(
    new PeerError(
      "otr/downgrade",
      "OTRv3 Receiving a D-H Commit Message",
      "expected no version 2 key exchange while a version 3 session is open",
    ),
  );
}
