/** Two conversations of ours that talk in memory, with real randomness and a clock that stands still. */
import { utf8 } from "../../lib/base/bytes.ts";
import {
  Conversation,
  type ConversationOutput,
  DEFAULT_POLICY,
  DsaPrivateKey,
  type OtrVersion,
} from "../../lib/otr/mod.ts";
import { platformRandom } from "../../lib/session/mod.ts";

/** The two parties. */
export type Party = "alice" | "bob";

/** What both know when they verify each other. */
export const SHARED_SECRET: Uint8Array = utf8("the eagle has landed");
/** A clock that stands still makes no heartbeats, which would be an exchange of keys now and then. */
const NOW = 1_000_000;

let keys: Readonly<Record<Party, DsaPrivateKey>> | undefined;

/** The parties' keys, made at the first call. */
export function partyKeys(): Readonly<Record<Party, DsaPrivateKey>> {
  keys ??= {
    alice: DsaPrivateKey.generate(platformRandom),
    bob: DsaPrivateKey.generate(platformRandom),
  };
  return keys;
}

/** Both sides of a conversation. What one sends, the other has received when a method returns. */
export class ConversationPair {
  readonly #sides: Readonly<Record<Party, Conversation>>;
  #heard = 0;
  #verified = 0;

  /** Not encrypted yet. */
  constructor(
    version: OtrVersion = 3,
    { alice, bob }: Readonly<Record<Party, DsaPrivateKey>> = partyKeys(),
  ) {
    const policy = { ...DEFAULT_POLICY, versions: [version] };
    const common = { policy, random: platformRandom };
    this.#sides = {
      alice: new Conversation({ key: alice, instanceTag: 0x1001, ...common }),
      bob: new Conversation({ key: bob, instanceTag: 0x2002, ...common }),
    };
  }

  /** Encrypted, and both have spoken: the keys of the key exchange are behind them. */
  static settled(): ConversationPair {
    const pair = new ConversationPair();
    pair.exchangeKeys();
    pair.say("alice", "hello");
    pair.say("bob", "hello");
    return pair;
  }

  /** The whole key exchange, from the query on. */
  exchangeKeys(): void {
    this.#deliver("alice", this.#sides.alice.query(NOW));
    const { alice, bob } = this.#sides;
    if (alice.messageState !== "encrypted" || bob.messageState !== "encrypted") {
      throw new Error("a key exchange failed");
    }
  }

  /** One message, sent, received and read. */
  say(from: Party, content: Uint8Array | string): void {
    const heard = this.#heard;
    this.#deliver(from, this.#sides[from].sendMessage(content, NOW));
    if (this.#heard !== heard + 1) throw new Error("a message was not heard");
  }

  /** SMP without a question, from the first message to both verdicts. */
  verify(): void {
    const verified = this.#verified;
    this.#deliver("alice", this.#sides.alice.startSmp(SHARED_SECRET, undefined, NOW));
    this.#deliver("bob", this.#sides.bob.answerSmp(SHARED_SECRET, NOW));
    if (this.#verified !== verified + 2) throw new Error("SMP failed");
  }

  /** Ends the session and lets go of its keys. */
  end(): void {
    this.#deliver("alice", this.#sides.alice.endSession(NOW));
    this.#deliver("bob", this.#sides.bob.endSession(NOW));
  }

  #deliver(from: Party, outputs: readonly ConversationOutput[]): void {
    const to = from === "alice" ? "bob" : "alice";
    for (const output of outputs) {
      if (output.type === "transmit") {
        this.#deliver(to, this.#sides[to].receiveMessage(output.message, NOW));
      } else if (output.event.type === "message-received") this.#heard++;
      else if (output.event.type === "smp" && output.event.what === "success") this.#verified++;
    }
  }
}
