/**
 * One instance of the peer: its authstate and its msgstate ("The protocol state machine").
 * In version 2, which has no instance tags, there is exactly one, with tag 0.
 */
import {
  type AkeContext,
  type AkeResult,
  type AkeState,
  type AkeTransition,
  AUTH_NONE,
  receiveAkeMessage,
  startAke,
  wipeAkeState,
} from "./ake/ake_state.ts";
import { PeerError } from "../base/errors.ts";
import type { Instant } from "../base/output.ts";
import type { ConversationSettings } from "./conversation_options.ts";
import { EncryptedSession } from "./data/encrypted_session.ts";
import { type ConversationOutput, type MessageStateName, tell } from "./events.ts";
import type { OtrVersion } from "./policy.ts";
import { transmitEncoded } from "./transmit.ts";
import type { DataBody } from "./wire/data_message.ts";
import type { AkeBody } from "./wire/encoded_message.ts";
import type { EncodedHeader } from "./wire/encoded_header.ts";

/** msgstate: only the encrypted one has anything to use. */
export type MessageState =
  | { readonly name: "MSGSTATE_PLAINTEXT" }
  | { readonly name: "MSGSTATE_ENCRYPTED"; readonly session: EncryptedSession }
  | { readonly name: "MSGSTATE_FINISHED" };

/** The short names of events. */
export const STATE_NAMES: Readonly<Record<MessageState["name"], MessageStateName>> = {
  MSGSTATE_PLAINTEXT: "plaintext",
  MSGSTATE_ENCRYPTED: "encrypted",
  MSGSTATE_FINISHED: "finished",
};

/** Everything that is kept for one instance. */
export class PeerInstance {
  readonly tag: number;
  readonly #settings: ConversationSettings;
  #auth: AkeState = AUTH_NONE;
  #authExpires: Instant | undefined;
  #message: MessageState = { name: "MSGSTATE_PLAINTEXT" };

  /** @param tag The peer's instance tag, 0 for version 2 and for whoever answers a Commit to nobody. */
  constructor(tag: number, settings: ConversationSettings) {
    this.tag = tag;
    this.#settings = settings;
  }

  /** authstate. */
  get auth(): AkeState {
    return this.#auth;
  }

  /** msgstate. */
  get message(): MessageState {
    return this.#message;
  }

  /** The encrypted session, if there is one. */
  get session(): EncryptedSession | undefined {
    return this.#message.name === "MSGSTATE_ENCRYPTED" ? this.#message.session : undefined;
  }

  /** When an unfinished key exchange is forgotten. */
  get deadline(): Instant | undefined {
    return this.#authExpires;
  }

  /** Sends a D-H Commit and waits for whoever answers. */
  commit(version: OtrVersion, now: Instant): ConversationOutput[] {
    wipeAkeState(this.#auth);
    return this.#follow(startAke(version, this.#context), now).outputs;
  }

  /** Takes over a state from the instance that stood for everybody. The caller copied it. */
  adopt(auth: AkeState, now: Instant): void {
    this.#enter(auth, now);
  }

  /**
   * Feeds an AKE message.
   *
   * @returns Outputs, and whether a session was just encrypted. A message that does not
   * check out is reported and changes nothing.
   */
  receiveAke(
    version: OtrVersion,
    body: AkeBody,
    now: Instant,
  ): { readonly outputs: ConversationOutput[]; readonly isSecured: boolean } {
    try {
      const transition = receiveAkeMessage(this.#auth, body, version, this.#context);
      if (transition === undefined) return { outputs: [], isSecured: false };
      return this.#follow(transition, now);
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      const outputs = [tell({ type: "peer-error", error, instance: this.tag })];
      return { outputs, isSecured: false };
    }
  }

  /**
   * Feeds a data message of an encrypted session.
   * @throws {PeerError} when it cannot be read; nothing has changed then.
   */
  receiveData(
    session: EncryptedSession,
    header: EncodedHeader,
    body: DataBody,
    now: Instant,
    plainContent: boolean,
  ): ConversationOutput[] {
    const { outputs, isEnded } = session.receive(header, body, now, plainContent);
    if (!isEnded) return outputs;
    const abandoned = session.abandon(now).outputs;
    this.#message = { name: "MSGSTATE_FINISHED" };
    return [
      ...outputs,
      ...abandoned,
      this.#stateChanged("finished"),
      tell({ type: "session-ended-by-peer", instance: this.tag }),
    ];
  }

  /** The user ends it: the peer is told if it is encrypted, and PLAINTEXT follows. */
  end(now: Instant): ConversationOutput[] {
    this.#enter(AUTH_NONE, now);
    const before = this.#message;
    if (before.name === "MSGSTATE_PLAINTEXT") return [];
    const outputs = before.name === "MSGSTATE_ENCRYPTED" ? before.session.end(now) : [];
    this.#message = { name: "MSGSTATE_PLAINTEXT" };
    return [...outputs, this.#stateChanged("plaintext")];
  }

  /** Forgets an unfinished key exchange that is overdue. */
  handleTimeout(now: Instant): ConversationOutput[] {
    if (this.#authExpires === undefined || now < this.#authExpires) return [];
    this.#enter(AUTH_NONE, now);
    return [tell({ type: "ake-expired", instance: this.tag })];
  }

  /** Overwrites what an unfinished key exchange holds: the instance is being forgotten. */
  forget(): void {
    wipeAkeState(this.#auth);
    this.#auth = AUTH_NONE;
  }

  get #context(): AkeContext {
    return this.#settings;
  }

  #follow(
    { next, send, result }: AkeTransition,
    now: Instant,
  ): { readonly outputs: ConversationOutput[]; readonly isSecured: boolean } {
    this.#move(next, now);
    const outputs = send === undefined ? [] : this.#transmit(send.version, send.body);
    if (result !== undefined) outputs.push(...this.#secure(result, now));
    return { outputs, isSecured: result !== undefined };
  }

  #secure(result: AkeResult, now: Instant): ConversationOutput[] {
    const before = this.session;
    const { outputs, unrevealed } = before?.abandon(now) ?? { outputs: [], unrevealed: [] };
    const session = new EncryptedSession(result, this.tag, this.#settings, now, unrevealed);
    this.#message = { name: "MSGSTATE_ENCRYPTED", session };
    const isRefresh = before?.fingerprint === session.fingerprint;
    return [...outputs, tell(session.describe(isRefresh))];
  }

  #transmit(version: OtrVersion, body: AkeBody): ConversationOutput[] {
    const tags = version === 3
      ? { senderTag: this.#settings.instanceTag, receiverTag: this.tag }
      : { senderTag: 0, receiverTag: 0 };
    return transmitEncoded({ version, ...tags, ...body }, "ake", this.#settings.maxMessageSize);
  }

  /** The next state of the same exchange: what it shares with the last one stays. */
  #move(next: AkeState, now: Instant): void {
    this.#auth = next;
    this.#authExpires = next.name === "AUTHSTATE_NONE"
      ? undefined
      : now + this.#settings.limits.akeTimeout;
  }

  /** Another exchange or none: the secrets of the last one are overwritten. */
  #enter(next: AkeState, now: Instant): void {
    wipeAkeState(this.#auth);
    this.#move(next, now);
  }

  #stateChanged(state: "plaintext" | "finished"): ConversationOutput {
    return tell({ type: "state-changed", state, instance: this.tag, isRefresh: false });
  }
}
