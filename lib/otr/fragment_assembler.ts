/** Pieces → one message, for each sender apart ("Receiving Fragments"). */
import { PeerError } from "../base/errors.ts";
import type { Instant } from "../base/output.ts";
import type { ConversationLimits } from "./limits.ts";
import type { Fragment } from "./wire/fragment.ts";

/** K, N and F of one sender. */
interface Partial {
  readonly n: number;
  k: number;
  readonly pieces: string[];
  characters: number;
  expires: Instant;
}

/** Joins fragments. Keeps at most what its limits say. */
export class FragmentAssembler {
  readonly #limits: ConversationLimits;
  readonly #partials = new Map<string, Partial>();
  #characters = 0;

  /** @param limits `fragmentCharacters`, `fragmentSenders` and `fragmentTimeout`. */
  constructor(limits: ConversationLimits) {
    this.#limits = limits;
  }

  /** When the next unfinished message is forgotten. */
  get deadline(): Instant | undefined {
    let earliest: Instant | undefined;
    for (const { expires } of this.#partials.values()) {
      if (earliest === undefined || expires < earliest) earliest = expires;
    }
    return earliest;
  }

  /**
   * Takes a fragment whose k, n and piece were checked.
   *
   * @returns The whole message with the last piece.
   * @throws {PeerError} `otr/fragments-too-long` when the limit is passed; the message is
   * forgotten.
   */
  receive(fragment: Fragment, now: Instant): string | undefined {
    const sender = senderOf(fragment.version, fragment.senderTag);
    const { k, n, piece } = fragment;
    let partial = this.#partials.get(sender);
    if (k === 1) {
      this.#forget(sender);
      partial = this.#begin(sender, n, now);
    } else if (partial === undefined || n !== partial.n || k !== partial.k + 1) {
      this.#forget(sender);
      return undefined;
    }
    if (this.#characters + piece.length > this.#limits.fragmentCharacters) {
      this.#forget(sender);
      throw new PeerError(
        "otr/fragments-too-long",
        "OTRv3 Fragmentation",
        `expected unfinished messages of at most ${this.#limits.fragmentCharacters} characters`,
      );
    }
    partial.k = k;
    partial.pieces.push(piece);
    partial.characters += piece.length;
    this.#characters += piece.length;
    partial.expires = now + this.#limits.fragmentTimeout;
    if (k < n) return undefined;
    this.#forget(sender);
    return partial.pieces.join("");
  }

  /** An unfragmented message of this sender came: its unfinished one never will. */
  clear(version: number, senderTag: number): void {
    this.#forget(senderOf(version, senderTag));
  }

  /** A message without tags came: it may be anybody's. */
  clearAll(): void {
    this.#partials.clear();
    this.#characters = 0;
  }

  /** Forgets what is overdue. */
  handleTimeout(now: Instant): void {
    for (const [sender, { expires }] of this.#partials) {
      if (expires <= now) this.#forget(sender);
    }
  }

  #begin(sender: string, n: number, now: Instant): Partial {
    if (this.#partials.size >= this.#limits.fragmentSenders) {
      const [oldest = ""] = this.#partials.keys();
      this.#forget(oldest);
    }
    const partial = { n, k: 0, pieces: [], characters: 0, expires: now };
    this.#partials.set(sender, partial);
    return partial;
  }

  #forget(sender: string): void {
    this.#characters -= this.#partials.get(sender)?.characters ?? 0;
    this.#partials.delete(sender);
  }
}

function senderOf(version: number, senderTag: number): string {
  return `${version} ${senderTag}`;
}
