/** A peer who went through the key exchange like everybody else, and then does not keep the rules. */
import { equalBytes } from "../../../lib/base/bytes.ts";
import { fromBigInt } from "../../../lib/otr/crypto/arithmetic/mod.ts";
import {
  type Conversation,
  type ConversationOutput,
  HmacSha1,
  maccedPart,
  parseOtrMessage,
} from "../../../lib/otr/mod.ts";
import { Listener, type Rewriting } from "../../helpers/otr_passive.ts";
import { Pair, type SideOptions } from "../../helpers/otr_pair.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

/** Sits on Alice's chair and talks to Bob. */
export class Mallory {
  readonly pair: Pair;
  readonly #listener = new Listener();
  #heard = 0;

  /** @param options Bob's and Mallory's. */
  constructor(options: SideOptions = {}, seed = 1) {
    const tracked = (from: number): SideOptions => {
      const source = options.random ?? seededRandom(from);
      return {
        ...options,
        random: (length) => {
          const octets = source(length);
          this.#listener.learn(octets);
          return octets;
        },
      };
    };
    this.pair = new Pair(tracked(2 * seed), tracked(2 * seed + 1));
  }

  /** After a key exchange that Bob began. */
  static encrypted(options: SideOptions = {}, seed = 1): Mallory {
    const mallory = new Mallory(options, seed);
    mallory.pair.does("alice", (it, now) => it.query(now)).run();
    mallory.pair.take("bob");
    mallory.pair.take("alice");
    return mallory;
  }

  /** What Mallory would have sent, were she honest. It does not arrive. */
  honest(act: (conversation: Conversation, now: number) => ConversationOutput[]): string[] {
    this.pair.does("alice", act);
    const messages = this.pair.intercept("alice");
    this.listen();
    return messages;
  }

  /** A Data Message of hers with something else in it. */
  rewrite(message: string, edit: Rewriting): string {
    this.listen();
    return this.#listener.rewrite("alice", message, edit);
  }

  /** The plaintext of a message of hers, NUL and records included. */
  read(message: string): Uint8Array {
    return this.readFrom("alice", message);
  }

  /** The same of a message that somebody else sent. */
  readFrom(from: "alice" | "bob", message: string): Uint8Array {
    this.listen();
    return this.#listener.hear(from, message) ?? new Uint8Array();
  }

  /** Whether `key` is the MAC key of a Data Message of hers. */
  isMacKeyOf(message: string, key: Uint8Array): boolean {
    const data = parseOtrMessage(message);
    if (data.type !== "data") return false;
    return equalBytes(new HmacSha1(key).compute(maccedPart(data, data)), data.mac);
  }

  /** Bob hears a message; what he answers is returned and does not arrive. */
  tell(message: string): string[] {
    this.pair.hears("bob", message);
    return this.pair.intercept("bob");
  }

  /** Follows what went over the wire so far. */
  listen(): void {
    for (const { from, message } of this.pair.wire.slice(this.#heard)) {
      this.#listener.hear(from, message);
      this.#heard++;
    }
  }
}

/** The magnitude of a number, as an MPI carries it. Zero has none. */
export function magnitude(value: bigint): Uint8Array {
  return fromBigInt(value);
}
