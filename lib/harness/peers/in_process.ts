/** This library's OTR engine behind the peer protocol (docs/interop/otr.md), in this process. */
import { SottoError } from "../../base/errors.ts";
import { toHex, utf8 } from "../../base/bytes.ts";
import type { RandomSource } from "../../base/output.ts";
import {
  Conversation,
  type ConversationEvent,
  type ConversationOutput,
  type DsaPrivateKey,
  type MessageStateName,
  type OtrPolicy,
  type OtrVersion,
  type SmpEvent,
} from "../../otr/mod.ts";
import { type Clock, platformRandom, SystemClock } from "../../session/mod.ts";
import type { Peer, PeerEvent, PeerInit, PeerOperation, PeerState } from "../peer.ts";

/** What a name stands for. */
export interface PeerIdentity {
  readonly key: DsaPrivateKey;
  /** At least 0x100. */
  readonly instanceTag: number;
}

/** What the engine is given from outside. */
export interface InProcessPeerOptions {
  /** Finds or makes the identity that `init` names. */
  readonly identity: (name: string) => PeerIdentity | Promise<PeerIdentity>;
  /** Reported in `ready`. Default `sotto`. */
  readonly engine?: string;
  readonly random?: RandomSource;
  readonly clock?: Clock;
}

/** Smallest outgoing message that a fragment header and one character fit in. */
const SMALLEST_FRAGMENT = 37;
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/;
const POLICIES = ["require", "no-whitespace-start", "error-start"];

/** A peer made of this library's {@link Conversation}. */
export class InProcessPeer implements Peer {
  readonly label: string;
  readonly #options: InProcessPeerOptions;
  readonly #random: RandomSource;
  readonly #clock: Clock;
  #conversation: Conversation | undefined;

  /** @param options Identities, randomness and time. */
  constructor(options: InProcessPeerOptions) {
    this.label = options.engine ?? "sotto";
    this.#options = options;
    this.#random = options.random ?? platformRandom;
    this.#clock = options.clock ?? new SystemClock();
  }

  /** The conversation, once `init` was performed. */
  get conversation(): Conversation | undefined {
    return this.#conversation;
  }

  async perform(operation: PeerOperation): Promise<PeerEvent[]> {
    if (operation.op === "quit") return [];
    const conversation = this.#conversation;
    if (operation.op === "init") {
      if (conversation !== undefined) return [{ ev: "error", error: "init came twice" }];
      return await this.#init(operation);
    }
    if (conversation === undefined) return [{ ev: "error", error: "init must come first" }];
    const now = this.#clock.now();
    const due = conversation.deadline !== undefined && conversation.deadline <= now
      ? conversation.handleTimeout(now)
      : [];
    return [...this.#report(due), ...this.#run(conversation, operation, now)];
  }

  async #init(operation: PeerInit): Promise<PeerEvent[]> {
    if (typeof operation.name !== "string" || !NAME.test(operation.name)) {
      const error = "init needs a name of letters, digits, '.', '_' and '-'";
      return [{ ev: "error", error }];
    }
    const policy = policyOf(operation);
    const fragment = operation.fragment ?? 0;
    if (!Number.isSafeInteger(fragment) || fragment < 0) {
      return [{ ev: "error", error: "fragment: expected a number of octets" }];
    }
    if (fragment !== 0 && fragment < SMALLEST_FRAGMENT) {
      throw unsupported(`messages of at most ${fragment} octets`);
    }
    const { key, instanceTag } = await this.#options.identity(operation.name);
    this.#conversation = new Conversation({
      key,
      instanceTag,
      policy,
      random: this.#random,
      maxMessageSize: fragment,
    });
    return [{ ev: "ready", peer: this.label, fingerprint: key.fingerprint, whitespace: true }];
  }

  #run(conversation: Conversation, operation: PeerOperation, now: number): PeerEvent[] {
    try {
      switch (operation.op) {
        case "query":
          return this.#report(conversation.query(now));
        case "recv":
          return this.#report(conversation.receiveMessage(text(operation.msg, "msg"), now));
        case "send":
          return this.#report(conversation.sendMessage(text(operation.text, "text"), now));
        case "smp_start": {
          const secret = utf8(text(operation.secret, "secret"));
          return this.#report(
            conversation.startSmp(secret, operation.question ?? undefined, now),
          );
        }
        case "smp_answer":
          return this.#report(conversation.answerSmp(utf8(text(operation.secret, "secret")), now));
        case "smp_abort":
          return this.#report(conversation.abortSmp(now));
        case "end":
          return this.#report(conversation.endSession(now));
        case "state":
          return [stateOf(conversation)];
        default:
          return [{ ev: "error", error: "unknown operation" }];
      }
    } catch (error) {
      // What was asked for at the wrong moment, or is nonsense: said to whoever asked.
      const isCallers = error instanceof SottoError || error instanceof TypeError ||
        error instanceof RangeError;
      if (!isCallers) throw error;
      return [{ ev: "error", error: error.message }];
    }
  }

  #report(outputs: readonly ConversationOutput[]): PeerEvent[] {
    return outputs.flatMap((it): PeerEvent[] =>
      it.type === "transmit" ? [{ ev: "inject", msg: it.message }] : translate(it.event)
    );
  }

  /** Forgets the conversation without telling the other side. */
  close(): Promise<void> {
    this.#conversation = undefined;
    return Promise.resolve();
  }

  /** As {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** What a state is made of, whether it was asked for or reported. */
interface StateFacts {
  readonly state: MessageStateName;
  readonly version?: OtrVersion | undefined;
  readonly ssid?: string | undefined;
  readonly fingerprint?: string | undefined;
}

/** What an event of the engine's is in the peer protocol: nothing, for those it has no word for. */
function translate(event: ConversationEvent): PeerEvent[] {
  switch (event.type) {
    case "message-received":
      return [{
        ev: "plaintext",
        text: event.text,
        encrypted: event.encrypted,
        ...event.warning === undefined ? {} : { warning: event.warning },
      }];
    case "state-changed":
      return [stateChange(event)];
    case "smp":
      return smpReport(event);
    case "extra-key":
      if (event.ours) return [];
      return [{ ev: "extra_key", use: event.use, data: toHex(event.data), key: toHex(event.key) }];
    case "error-received":
      return [{ ev: "received_error", text: event.text }];
    case "message-unreadable":
      return event.silent ? [] : [{ ev: "error", error: "an unreadable encrypted message came" }];
    case "message-refused":
      return [{ ev: "error", error: "not sent: the other side ended the private conversation" }];
    case "peer-error":
      return [{ ev: "error", error: event.error.message }];
    case "unknown-message":
      return [{ ev: "error", error: "an OTR message of an unknown kind came" }];
    case "other-instance":
      return [{ ev: "error", error: "a message for another instance came" }];
    case "query-received": // What follows from it is reported.
    case "session-ended-by-peer": // Reported as a change of state.
    case "message-stored":
    case "message-resent":
    case "ake-expired":
      return [];
    default:
      return event satisfies never;
  }
}

function stateOf(conversation: Conversation): PeerState {
  const { messageState: state, version, ssid, theirFingerprint: fingerprint } = conversation;
  return stateChange({ state, version, ssid, fingerprint });
}

function stateChange(event: StateFacts): PeerState {
  const { state, version, ssid, fingerprint } = event;
  const isWhole = version !== undefined && ssid !== undefined && fingerprint !== undefined;
  return { ev: "state", state, ...isWhole ? { version, ssid, fingerprint } : {} };
}

function smpReport(event: SmpEvent): PeerEvent[] {
  const { what } = event;
  if (what === "in-progress") return [];
  if (what === "asked") return [{ ev: "smp", what, question: event.question ?? null }];
  return [{ ev: "smp", what }];
}

function policyOf(init: PeerInit): OtrPolicy {
  const items: readonly string[] = init.policy ?? [];
  const unknown = items.find((it) => !POLICIES.includes(it));
  if (unknown !== undefined) throw unsupported(`the policy ${JSON.stringify(unknown)}`);
  const versions = [...init.versions ?? "23"].map(Number);
  if (versions.length === 0 || versions.some((it) => it !== 2 && it !== 3)) {
    throw unsupported(`the versions ${JSON.stringify(init.versions)}`);
  }
  return {
    versions: versions as OtrVersion[],
    requireEncryption: items.includes("require"),
    sendWhitespaceTag: init.whitespace === true,
    whitespaceStartAke: !items.includes("no-whitespace-start"),
    errorStartAke: items.includes("error-start"),
  };
}

function unsupported(what: string): SottoError {
  return new SottoError("harness/unsupported", `init with ${what}`);
}

function text(value: unknown, name: string): string {
  if (typeof value !== "string") throw new TypeError(`${name}: expected a string`);
  return value;
}
