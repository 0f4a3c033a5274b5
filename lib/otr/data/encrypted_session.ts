/**
 * MSGSTATE_ENCRYPTED with one instance of the peer: text, TLVs and SMP over the data
 * channel, from the end of an AKE to the end of the session.
 */
import { decodeUtf8Lossy, fromHex, toHex } from "../../base/bytes.ts";
import { PeerError, SottoError } from "../../base/errors.ts";
import type { Instant } from "../../base/output.ts";
import type { AkeResult } from "../ake/ake_state.ts";
import type { ConversationSettings } from "../conversation_options.ts";
import { type ConversationOutput, type StateChanged, tell, type TransmitKind } from "../events.ts";
import { fingerprintOf } from "../keys/fingerprint.ts";
import type { OtrVersion } from "../policy.ts";
import { encodeQuestion, isSmpTlv, readSmpMessage } from "../smp/smp_messages.ts";
import { smpSecret } from "../smp/smp_secret.ts";
import {
  abandonSmp,
  abortSmp,
  answerSmp,
  EXPECT1,
  failSmp,
  isInProgress,
  receiveSmpMessage,
  type SmpRole,
  type SmpState,
  type SmpTransition,
  startSmp,
} from "../smp/smp_state.ts";
import { transmitEncoded } from "../transmit.ts";
import { type DataBody, IGNORE_UNREADABLE } from "../wire/data_message.ts";
import type { EncodedHeader } from "../wire/encoded_header.ts";
import { readPlaintext, TLV, type Tlv, writePlaintext } from "../wire/tlv.ts";
import { decryptData, encryptData } from "./data_channel.ts";
import { Heartbeat } from "./heartbeat.ts";
import { KeyRotation } from "./key_rotation.ts";
import { paddingFor } from "./padding.ts";

/** What a received data message led to. */
export interface DataReceived {
  readonly outputs: ConversationOutput[];
  /** The peer ended the session (TLV 1). */
  readonly isEnded: boolean;
}

/** How a message of ours is to be encrypted. */
export interface EncryptOptions {
  /** The content is the whole plaintext: no NUL, no TLVs, no padding. */
  readonly plainContent?: boolean;
  readonly tlvs?: readonly Tlv[];
  readonly flags?: number;
}

/** One encrypted session. */
export class EncryptedSession {
  readonly version: OtrVersion;
  /** 8 octets. */
  readonly ssid: Uint8Array;
  readonly ssidHalf: "first" | "second";
  /** The peer's, 40 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  readonly #settings: ConversationSettings;
  readonly #header: EncodedHeader;
  readonly #rotation: KeyRotation;
  readonly #heartbeat: Heartbeat;
  #smp: SmpState = EXPECT1;

  /**
   * @param peerTag The peer's instance tag, 0 in version 2.
   * @param unrevealed MAC keys of the session that this one replaces.
   */
  constructor(
    result: AkeResult,
    peerTag: number,
    settings: ConversationSettings,
    now: Instant,
    unrevealed: Uint8Array[],
  ) {
    this.version = result.version;
    this.ssid = result.ssid;
    this.ssidHalf = result.ssidHalf;
    this.fingerprint = fingerprintOf(result.theirPublicKey);
    this.#settings = settings;
    const senderTag = result.version === 3 ? settings.instanceTag : 0;
    this.#header = { version: result.version, senderTag, receiverTag: peerTag };
    this.#rotation = new KeyRotation(result, settings.random, unrevealed);
    this.#heartbeat = new Heartbeat(settings.heartbeatInterval, now);
  }

  /** Does work ahead that the next message would otherwise wait for. */
  prepare(): void {
    this.#rotation.prepare();
  }

  /** smpstate, for the application's display. */
  get smpState(): SmpState["name"] {
    return this.#smp.name;
  }

  /** The facts for an event. */
  describe(isRefresh: boolean): StateChanged {
    return {
      type: "state-changed",
      state: "encrypted",
      instance: this.#header.receiverTag,
      version: this.version,
      ssid: toHex(this.ssid),
      ssidHalf: this.ssidHalf,
      fingerprint: this.fingerprint,
      isRefresh,
    };
  }

  /**
   * Encrypts a message of the user's.
   * @throws {RangeError} when the content holds a NUL and is not `plainContent`.
   */
  send(content: Uint8Array, now: Instant, options: EncryptOptions = {}): ConversationOutput[] {
    return this.#encrypt(content, "data", now, options);
  }

  /**
   * Decrypts a message of the peer's and acts on its TLVs.
   *
   * @param plainContent The decrypted octets are the content, whatever they are.
   * @throws {PeerError} when it cannot be read; nothing has changed then.
   */
  receive(
    header: EncodedHeader,
    body: DataBody,
    now: Instant,
    plainContent: boolean,
  ): DataReceived {
    const { plaintext, extraKey } = decryptData(this.#rotation, header, body);
    const { content, tlvs, ignored } = plainContent
      ? { content: plaintext, tlvs: [], ignored: undefined }
      : readPlaintext(plaintext, this.#settings.limits.tlvs);
    const outputs: ConversationOutput[] = [];
    if (content.length > 0) {
      const text = decodeUtf8Lossy(content);
      outputs.push(
        tell({
          type: "message-received",
          content: content.slice(),
          text,
          encrypted: true,
          instance: this.#header.receiverTag,
        }),
      );
    }
    if (ignored !== undefined) outputs.push(this.#complainOfTlvs(ignored));
    let isEnded = false;
    for (const tlv of tlvs) {
      isEnded = tlv.type === TLV.disconnected;
      if (isEnded) break; // The keys are gone: nothing behind it can be answered.
      outputs.push(...this.#receiveTlv(tlv, extraKey, now));
    }
    extraKey.fill(0);
    if (!isEnded && content.length > 0 && this.#heartbeat.isDue(now)) {
      outputs.push(...this.#silent([], "heartbeat", now));
    }
    return { outputs, isEnded };
  }

  /** Tells the peer that this is the end and forgets all keys. */
  end(now: Instant): ConversationOutput[] {
    const abandoned = this.#perform(abandonSmp(this.#smp), now);
    const disconnect: Tlv = { type: TLV.disconnected, value: new Uint8Array() };
    // SPEC NOTE otr-5: nothing will be accepted any more, so nothing is "still in use".
    this.#rotation.retireReceivingKeys();
    const outputs = [...abandoned, ...this.#silent([disconnect], "disconnect", now)];
    this.#rotation.forget();
    return outputs;
  }

  /** Forgets all keys without a word: the peer ended it, or a new session takes over. */
  abandon(
    now: Instant,
  ): { readonly outputs: ConversationOutput[]; readonly unrevealed: Uint8Array[] } {
    const outputs = this.#perform(abandonSmp(this.#smp), now);
    return { outputs, unrevealed: this.#rotation.forget() };
  }

  /** Begins SMP. @throws {RangeError} when the question does not fit into a TLV. */
  startSmp(input: Uint8Array, question: string | undefined, now: Instant): ConversationOutput[] {
    const octets = question === undefined ? undefined : encodeQuestion(question);
    const x = this.#smpSecret("initiator", input);
    return this.#perform(startSmp(this.#smp, x, octets, this.#settings.random), now);
  }

  /** Answers the peer's SMP. @throws {SottoError} `otr/no-smp-question` when it did not ask. */
  answerSmp(input: Uint8Array, now: Instant): ConversationOutput[] {
    if (this.#smp.name !== "SMPSTATE_EXPECT1_ASKED") {
      throw new SottoError("otr/no-smp-question", "the peer has not asked for a secret");
    }
    const y = this.#smpSecret("responder", input);
    return this.#perform(answerSmp(this.#smp, y, this.#settings.random), now);
  }

  /** Gives up SMP; the abort is sent whether or not anything was going on. */
  abortSmp(now: Instant): ConversationOutput[] {
    return this.#perform(abortSmp(this.#smp), now);
  }

  /** Whether SMP is going on, an open question included. */
  get isSmpInProgress(): boolean {
    return isInProgress(this.#smp);
  }

  /**
   * Announces a use of the extra symmetric key.
   * @throws {SottoError} `otr/extra-key-needs-v3` in version 2.
   */
  requestExtraKey(use: number, data: Uint8Array, now: Instant): ConversationOutput[] {
    if (this.version !== 3) {
      throw new SottoError("otr/extra-key-needs-v3", "the extra symmetric key needs version 3");
    }
    const value = new Uint8Array(4 + data.length);
    new DataView(value.buffer).setUint32(0, use);
    value.set(data, 4);
    const { extraKey, outputs } = this.#encryptWithKey(
      new Uint8Array(),
      "extra-key",
      now,
      { tlvs: [{ type: TLV.extraKey, value }], flags: IGNORE_UNREADABLE },
    );
    const instance = this.#header.receiverTag;
    const event = { type: "extra-key", use, data, key: extraKey, ours: true, instance } as const;
    return [...outputs, tell(event)];
  }

  #receiveTlv(tlv: Tlv, extraKey: Uint8Array, now: Instant): ConversationOutput[] {
    if (isSmpTlv(tlv)) return this.#receiveSmp(tlv, now);
    // Padding and unknown types are skipped; so is the extra key in version 2, which has none.
    if (tlv.type !== TLV.extraKey || this.version !== 3 || tlv.value.length < 4) return [];
    const use = new DataView(tlv.value.buffer, tlv.value.byteOffset).getUint32(0);
    const instance = this.#header.receiverTag;
    const key = extraKey.slice();
    return [tell({ type: "extra-key", use, data: tlv.value.slice(4), key, ours: false, instance })];
  }

  #receiveSmp(tlv: Tlv, now: Instant): ConversationOutput[] {
    try {
      const message = readSmpMessage(tlv);
      return this.#perform(receiveSmpMessage(this.#smp, message, this.#settings.random), now);
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      return this.#perform(failSmp(this.#smp, error), now);
    }
  }

  #perform({ next, send, outcome }: SmpTransition, now: Instant): ConversationOutput[] {
    this.#smp = next;
    const outputs = send.flatMap((tlv) => this.#silent([tlv], "smp", now));
    if (outcome === undefined) return outputs;
    const { what, role, error } = outcome;
    const question = outcome.question === undefined ? undefined : decodeUtf8Lossy(outcome.question);
    const verified = what === "success" && (role === "initiator" || question === undefined);
    const instance = this.#header.receiverTag;
    const event = {
      type: "smp",
      what,
      role,
      question,
      verified,
      ...(error === undefined ? {} : { error }),
      instance,
    } as const;
    return [...outputs, tell(event)];
  }

  #smpSecret(role: SmpRole, input: Uint8Array): Uint8Array {
    const ours = fromHex(this.#settings.key.fingerprint);
    const theirs = fromHex(this.fingerprint);
    const [initiatorFingerprint, responderFingerprint] = role === "initiator"
      ? [ours, theirs]
      : [theirs, ours];
    return smpSecret({ initiatorFingerprint, responderFingerprint, ssid: this.ssid, input });
  }

  /** An empty message that nobody is told of when it cannot be read. */
  #silent(tlvs: readonly Tlv[], kind: TransmitKind, now: Instant): ConversationOutput[] {
    return this.#encrypt(new Uint8Array(), kind, now, { tlvs, flags: IGNORE_UNREADABLE });
  }

  #encrypt(
    content: Uint8Array,
    kind: TransmitKind,
    now: Instant,
    options: EncryptOptions,
  ): ConversationOutput[] {
    const { extraKey, outputs } = this.#encryptWithKey(content, kind, now, options);
    extraKey.fill(0);
    return outputs;
  }

  #encryptWithKey(
    content: Uint8Array,
    kind: TransmitKind,
    now: Instant,
    { plainContent = false, tlvs = [], flags = 0 }: EncryptOptions,
  ): { readonly extraKey: Uint8Array; readonly outputs: ConversationOutput[] } {
    const plaintext = plainContent
      ? content
      : writePlaintext(content, [...tlvs, ...paddingFor(content, tlvs, this.#settings.padTo)]);
    const { body, extraKey } = encryptData(this.#rotation, this.#header, flags, plaintext);
    this.#heartbeat.sent(now);
    const message = { ...this.#header, ...body };
    return { extraKey, outputs: transmitEncoded(message, kind, this.#settings.maxMessageSize) };
  }

  #complainOfTlvs(ignored: "length-beyond-end" | "too-many"): ConversationOutput {
    const message = ignored === "too-many"
      ? `expected at most ${this.#settings.limits.tlvs} TLVs; the rest was ignored`
      : "a TLV is longer than its message; the rest was ignored";
    const error = new PeerError("otr/bad-tlv", "OTRv3 Data Message", message);
    return tell({ type: "peer-error", error, instance: this.#header.receiverTag });
  }
}
