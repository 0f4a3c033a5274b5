/** Two conversations that talk to each other in memory, in simulated time. */
import { utf8 } from "../../lib/base/bytes.ts";
import {
  Conversation,
  type ConversationEvent,
  type ConversationOptions,
  type ConversationOutput,
  DEFAULT_POLICY,
  DsaPrivateKey,
  type OtrPolicy,
  parseOtrMessage,
} from "../../lib/otr/mod.ts";
import { seededRandom } from "./seeded_random.ts";

/** A name in a story. */
export type Side = "alice" | "bob";

/** What one side may differ in from the usual. */
export type SideOptions = Partial<Omit<ConversationOptions, "policy">> & {
  readonly policy?: Partial<OtrPolicy>;
};

/** A message on its way. */
export interface InFlight {
  readonly from: Side;
  readonly message: string;
  readonly kind: string;
}

const KEYS: Record<Side, string> = { alice: "alice", bob: "bob" };
const FOLDER = new URL("../../fixtures/keys/", import.meta.url);
const loaded = new Map<string, DsaPrivateKey>();

/** One of the throw-away keys in fixtures/keys, read once. */
export function testKey(name: string): DsaPrivateKey {
  let key = loaded.get(name);
  if (key === undefined) {
    key = DsaPrivateKey.parse(Deno.readFileSync(new URL(`${name}.private_key.dsa`, FOLDER)));
    loaded.set(name, key);
  }
  return key;
}

/** A conversation with a test key and reproducible randomness. */
export function testConversation(
  name: string,
  instanceTag: number,
  { policy, ...options }: SideOptions = {},
): Conversation {
  return new Conversation({
    key: testKey(name),
    instanceTag,
    random: seededRandom(instanceTag),
    ...options,
    policy: { ...DEFAULT_POLICY, ...policy },
  });
}

/** Alice, Bob, the messages between them, and what happened to each. */
export class Pair {
  readonly alice: Conversation;
  readonly bob: Conversation;
  /** Milliseconds. Set it to let time pass. */
  now = 1_000_000;
  /** Every message that was ever sent, in order. */
  readonly wire: InFlight[] = [];
  readonly #events: Record<Side, ConversationEvent[]> = { alice: [], bob: [] };
  #inFlight: InFlight[] = [];

  constructor(alice: SideOptions = {}, bob: SideOptions = {}) {
    this.alice = testConversation(KEYS.alice, 0x1000_0001, alice);
    this.bob = testConversation(KEYS.bob, 0x2000_0002, bob);
  }

  /** An encrypted pair: Alice asked, Bob committed. */
  static encrypted(alice: SideOptions = {}, bob: SideOptions = {}): Pair {
    const pair = new Pair(alice, bob);
    pair.does("alice", (it, now) => it.query(now)).run();
    pair.take("alice");
    pair.take("bob");
    pair.wire.length = 0;
    return pair;
  }

  /** Lets one side act; what it sends is on its way. */
  does(
    side: Side,
    act: (conversation: Conversation, now: number) => ConversationOutput[],
  ): this {
    this.#carry(side, act(this[side], this.now));
    return this;
  }

  /** A side says something. */
  says(side: Side, text: string): this {
    return this.does(side, (it, now) => it.sendMessage(text, now));
  }

  /** Delivers the oldest message on its way to `side`, or none. */
  deliver(side: Side): InFlight | undefined {
    const at = this.#inFlight.findIndex((it) => it.from !== side);
    const [message] = at < 0 ? [] : this.#inFlight.splice(at, 1);
    if (message !== undefined) this.hears(side, message.message);
    return message;
  }

  /** Hands a message to `side`, whoever sent it. */
  hears(side: Side, message: string, options: { plainContent?: boolean } = {}): this {
    return this.does(side, (it, now) => it.receiveMessage(message, now, options));
  }

  /** Delivers everything, oldest first, until nothing is on its way. */
  run(): this {
    for (let left = 1000; this.#inFlight.length > 0; left--) {
      if (left === 0) throw new Error("the two talk for ever");
      const [next] = this.#inFlight;
      if (next !== undefined) this.deliver(next.from === "alice" ? "bob" : "alice");
    }
    return this;
  }

  /** Takes what is on its way from `side` away from the network. */
  intercept(side: Side): string[] {
    const taken = this.#inFlight.filter((it) => it.from === side).map((it) => it.message);
    this.#inFlight = this.#inFlight.filter((it) => it.from !== side);
    return taken;
  }

  /** The events of one side since the last time, all of them. */
  take(side: Side): ConversationEvent[] {
    return this.#events[side].splice(0);
  }

  /** The events of one type since the last time; the others are forgotten. */
  taken<T extends ConversationEvent["type"]>(
    side: Side,
    type: T,
  ): Extract<ConversationEvent, { type: T }>[] {
    return this.take(side).filter((it): it is Extract<ConversationEvent, { type: T }> =>
      it.type === type
    );
  }

  /** Texts that were shown to one side since the last time. */
  heard(side: Side): string[] {
    return this.taken(side, "message-received").map((it) => it.text);
  }

  #carry(side: Side, outputs: readonly ConversationOutput[]): void {
    for (const output of outputs) {
      if (output.type === "event") {
        this.#events[side].push(output.event);
        continue;
      }
      const sent = { from: side, message: output.message, kind: output.kind };
      this.wire.push(sent);
      this.#inFlight.push(sent);
    }
  }
}

/** Messages that conversation outputs ask to be sent. */
export function sent(outputs: readonly ConversationOutput[]): string[] {
  return outputs.flatMap((it) => it.type === "transmit" ? [it.message] : []);
}

/** Events among conversation outputs. */
export function eventsOf(outputs: readonly ConversationOutput[]): ConversationEvent[] {
  return outputs.flatMap((it) => it.type === "event" ? [it.event] : []);
}

/** What each message is, by `parseOtrMessage`. */
export function kinds(messages: readonly string[]): string[] {
  return messages.map((it) => parseOtrMessage(it).type);
}

/** Octets of a secret. */
export function secret(text: string): Uint8Array {
  return utf8(text);
}
