/**
 * Who the encrypted peer is, and what that allows: its fingerprint, judged by what is recorded
 * about its address (docs/spec_notes/session.md, "Trust"), and judged again when that changes.
 */

import type { BlockReason, SecureChatEvent } from "./secure_chat_events.ts";
import {
  assessFingerprint,
  type FingerprintTrust,
  hasVerifiedRow,
  isTrustEnough,
  type KnownFingerprint,
  type TrustLevel,
} from "./trust_policy.ts";

/** The peer's identity in one chat. */
export class PeerTrust {
  readonly #level: TrustLevel;
  #known: readonly KnownFingerprint[];
  #fingerprint: string | undefined;
  #trust: FingerprintTrust | undefined;

  /**
   * @param level The least trust on which messages are sent.
   * @param known What is recorded about the peer's address.
   */
  constructor(level: TrustLevel, known: readonly KnownFingerprint[]) {
    this.#level = level;
    this.#known = known;
  }

  /** What the peer showed last; `undefined` before the first key exchange. */
  get fingerprint(): string | undefined {
    return this.#fingerprint;
  }

  /** What that is worth. */
  get trust(): FingerprintTrust | undefined {
    return this.#trust;
  }

  /** How a message is protected by an encryption with this peer. */
  get encryption(): "verified" | "unverified" {
    return this.#trust === "verified" ? "verified" : "unverified";
  }

  /**
   * Whether plaintext is no fallback: this peer was verified once, or messages go to verified
   * peers alone, and plaintext has no fingerprint to verify.
   */
  get forbidsPlaintext(): boolean {
    return this.#level === "verified" || hasVerifiedRow(this.#known);
  }

  /** Why nothing is sent to the peer although it is encrypted, if nothing is. */
  get block(): BlockReason | undefined {
    if (this.#trust === undefined || isTrustEnough(this.#level, this.#trust)) return undefined;
    return { reason: "untrusted", trust: this.#trust };
  }

  /**
   * The peer showed its fingerprint in a key exchange.
   *
   * @param peer Address of record, for the event.
   * @returns What is new about it: nothing, that it is the first, or that it changed.
   */
  meet(fingerprint: string, peer: string): SecureChatEvent[] {
    this.#fingerprint = fingerprint;
    const { trust, isFirst } = assessFingerprint(this.#known, fingerprint);
    this.#trust = trust;
    if (isFirst) {
      this.#known = [{ fingerprint, trust: "unverified" }];
      return [{ type: "fingerprint-learned", fingerprint }];
    }
    if (trust !== "changed") return [];
    return [{ type: "fingerprint-changed", peer, fingerprint, known: this.#known }];
  }

  /**
   * What is recorded about the address changed.
   * @param isEncrypted Whether the fingerprint that was shown counts now.
   * @returns Whether the peer is worth something else than before.
   */
  update(known: readonly KnownFingerprint[], isEncrypted: boolean): boolean {
    this.#known = known;
    if (!isEncrypted || this.#fingerprint === undefined) return false;
    return this.#judge(assessFingerprint(known, this.#fingerprint).trust);
  }

  /**
   * SMP says that the fingerprint is the peer's.
   * @returns The fingerprint, and whether it was not verified before; `undefined` without one.
   */
  verify(): { readonly fingerprint: string; readonly isNew: boolean } | undefined {
    const fingerprint = this.#fingerprint;
    if (fingerprint === undefined) return undefined;
    this.#known = [
      ...this.#known.filter((row) => row.fingerprint !== fingerprint),
      { fingerprint, trust: "verified" },
    ];
    return { fingerprint, isNew: this.#judge("verified") };
  }

  #judge(trust: FingerprintTrust): boolean {
    const isNew = trust !== this.#trust;
    this.#trust = trust;
    return isNew;
  }
}
