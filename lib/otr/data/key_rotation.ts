/**
 * our_dh and their_y: the two most recent keys of each side, the keys derived from every
 * pair of them, and the MAC keys that wait to be revealed ("Key Management", "Revealing
 * MAC keys").
 */
import { concatBytes } from "../../base/bytes.ts";
import { PeerError } from "../../base/errors.ts";
import type { RandomSource } from "../../base/output.ts";
import { type DhKeyPair, generateDhKeyPair, wipeDhKeyPair } from "../crypto/dh_group.ts";
import { SessionKeys } from "./session_keys.ts";

/** The keys that the next outgoing message uses. */
export interface SendingKeys {
  readonly keys: SessionKeys;
  /** our_keyid − 1. */
  readonly senderKeyId: number;
  /** their_keyid. */
  readonly recipientKeyId: number;
  /** The public part of our newest key. */
  readonly nextDh: bigint;
}

/** What an AKE leaves to start from. */
export interface InitialKeys {
  /** Our key number 1. Owned from now on. */
  readonly ours: DhKeyPair;
  readonly theirs: bigint;
  readonly theirKeyId: number;
}

/** The keys of one encrypted session. */
export class KeyRotation {
  readonly #random: RandomSource;
  #ourKeyId = 2;
  #ourNewest: DhKeyPair;
  #ourPrevious: DhKeyPair;
  #theirKeyId: number;
  #theirNewest: bigint;
  #theirPrevious: bigint | undefined;
  /** What {@link prepare} made. */
  #ourNext: DhKeyPair | undefined;
  readonly #derived = new Map<string, SessionKeys>();
  #toReveal: Uint8Array[] = [];

  /** @param unrevealed MAC keys of a session that this one replaces. */
  constructor(initial: InitialKeys, random: RandomSource, unrevealed: Uint8Array[] = []) {
    this.#random = random;
    this.#ourPrevious = initial.ours;
    this.#ourNewest = generateDhKeyPair(random);
    this.#theirKeyId = initial.theirKeyId;
    this.#theirNewest = initial.theirs;
    this.#toReveal = unrevealed;
  }

  /**
   * Makes our next key pair ahead of its use, when there is nothing else to do. Draws the same
   * octets as {@link rotate} would.
   */
  prepare(): void {
    this.#ourNext ??= generateDhKeyPair(this.#random);
  }

  /** Which keys to send with. */
  sending(): SendingKeys {
    return {
      keys: this.#keysFor(this.#ourKeyId - 1, this.#theirKeyId),
      senderKeyId: this.#ourKeyId - 1,
      recipientKeyId: this.#theirKeyId,
      nextDh: this.#ourNewest.publicKey,
    };
  }

  /**
   * The keys for a received message.
   * @throws {PeerError} `otr/unknown-key-id` when either id is neither newest nor previous.
   */
  receiving(senderKeyId: number, recipientKeyId: number): SessionKeys {
    const knowsOurs = recipientKeyId === this.#ourKeyId || recipientKeyId === this.#ourKeyId - 1;
    const knowsTheirs = senderKeyId === this.#theirKeyId ||
      senderKeyId === this.#theirKeyId - 1 && this.#theirPrevious !== undefined;
    if (!knowsOurs || !knowsTheirs || senderKeyId === 0 || recipientKeyId === 0) {
      throw new PeerError(
        "otr/unknown-key-id",
        "OTRv3 Key Management",
        `expected keyids ${this.#theirKeyId} and ${this.#ourKeyId} or the ones before, found ${senderKeyId} and ${recipientKeyId}`,
      );
    }
    return this.#keysFor(recipientKeyId, senderKeyId);
  }

  /** Whether a message with this sender keyid announces a key that we do not have yet. */
  bringsNextKey(senderKeyId: number): boolean {
    return senderKeyId === this.#theirKeyId;
  }

  /** Whether `value` is one of our own public keys, which no peer may announce as its own. */
  isOurs(value: bigint): boolean {
    return value === this.#ourNewest.publicKey || value === this.#ourPrevious.publicKey;
  }

  /**
   * Rotates after a message was verified and decrypted.
   *
   * @param nextDh The key it announced, checked; used only if {@link bringsNextKey}.
   */
  rotate(senderKeyId: number, recipientKeyId: number, nextDh: bigint): void {
    if (recipientKeyId === this.#ourKeyId) this.#rotateOurs();
    if (senderKeyId === this.#theirKeyId) this.#rotateTheirs(nextDh);
  }

  /** Takes the MAC keys to be revealed in the message that is being sent: 20 octets each. */
  takeOldMacKeys(): Uint8Array {
    return concatBytes(...this.#toReveal.splice(0));
  }

  /**
   * Before the last message of a session: nothing more will be accepted, so the receiving
   * MAC keys of all pairs are forgotten now and revealed in it.
   */
  retireReceivingKeys(): void {
    for (const keys of this.#derived.values()) {
      const revealed = keys.retireReceiving();
      if (revealed !== undefined) this.#toReveal.push(revealed);
    }
  }

  /**
   * Overwrites all keys.
   * @returns Every receiving MAC key that was used and never revealed.
   */
  forget(): Uint8Array[] {
    wipeDhKeyPair(this.#ourNewest);
    wipeDhKeyPair(this.#ourPrevious);
    if (this.#ourNext !== undefined) wipeDhKeyPair(this.#ourNext);
    this.#forgetWhere(() => true);
    return this.#toReveal.splice(0);
  }

  #rotateOurs(): void {
    const gone = this.#ourKeyId - 1;
    this.#forgetWhere((ours) => ours === gone);
    wipeDhKeyPair(this.#ourPrevious);
    this.#ourPrevious = this.#ourNewest;
    this.#ourNewest = this.#ourNext ?? generateDhKeyPair(this.#random);
    this.#ourNext = undefined;
    this.#ourKeyId++;
  }

  #rotateTheirs(nextDh: bigint): void {
    const gone = this.#theirKeyId - 1;
    this.#forgetWhere((_, theirs) => theirs === gone);
    this.#theirPrevious = this.#theirNewest;
    this.#theirNewest = nextDh;
    this.#theirKeyId++;
  }

  #forgetWhere(isGone: (ourKeyId: number, theirKeyId: number) => boolean): void {
    for (const [name, keys] of this.#derived) {
      const [ours = 0, theirs = 0] = name.split(" ").map(Number);
      if (!isGone(ours, theirs)) continue;
      this.#derived.delete(name);
      const revealed = keys.forget();
      if (revealed !== undefined) this.#toReveal.push(revealed);
    }
  }

  #keysFor(ourKeyId: number, theirKeyId: number): SessionKeys {
    const name = `${ourKeyId} ${theirKeyId}`;
    let keys = this.#derived.get(name);
    if (keys === undefined) {
      const ours = ourKeyId === this.#ourKeyId ? this.#ourNewest : this.#ourPrevious;
      const theirs = theirKeyId === this.#theirKeyId ? this.#theirNewest : this.#theirPrevious;
      if (theirs === undefined) {
        throw new Error("invariant: receiving() checked that the key exists");
      }
      keys = new SessionKeys(ours, theirs);
      this.#derived.set(name, keys);
    }
    return keys;
  }
}
