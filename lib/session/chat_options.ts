/** What a chat session is made of, and what its verbs come to. */

import type { SottoError } from "../base/errors.ts";
import type { RandomSource } from "../base/output.ts";
import type { DispositionRequest } from "../im/mod.ts";
import type { Conversation } from "../otr/mod.ts";
import type { MediaSettings } from "./chat_media.ts";
import type { Clock } from "./clock.ts";
import type { SecureChatTimers } from "./otr_offer.ts";
import type { EncryptionPolicy } from "./secure_chat_events.ts";
import type { KnownFingerprint, TrustLevel } from "./trust_policy.ts";

/** Where fingerprints are recorded. The session serialises its calls. */
export interface PeerRecords {
  /** Everything recorded for an address of record. */
  lookup(peer: string): Promise<readonly KnownFingerprint[]>;
  /** Records the first fingerprint of an address, without trust. */
  learn(peer: string, fingerprint: string): Promise<void>;
  /** Records a fingerprint as verified; earlier rows stay. */
  verify(peer: string, fingerprint: string, how: "manual" | "smp"): Promise<void>;
}

/** Who may verify us, and what is remembered of those who guess. */
export interface SmpGuard {
  /** Why this peer's question is not answered, or `undefined` when it may be. */
  refusal(peer: string, fingerprint: string): Promise<string | undefined>;
  /** An exchange that we answered ended without a match. */
  failed(peer: string, fingerprint: string): Promise<void>;
  /** An exchange that we answered ended with a match. */
  succeeded(peer: string, fingerprint: string): Promise<void>;
}

/** What a session is made of; the same for both directions. */
export interface ChatSessionOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly encryption: EncryptionPolicy;
  readonly trustLevel: TrustLevel;
  /** A fresh OTR engine with the user's key; `undefined` for `off`. Called once, before anything is sent. */
  readonly createConversation: () => Promise<Conversation | undefined>;
  readonly records: PeerRecords;
  /** Whether the first fingerprint of this peer is recorded. */
  readonly mayLearn: boolean;
  /** Our address of record, for CPIM and events. */
  readonly self: { readonly aor: string; readonly displayName?: string };
  /** The other side's, in the canonical form that trust is kept under. */
  readonly peer: string;
  /** The peer's address stands for nobody (anonymous): nothing is recorded for it. */
  readonly peerIsAnonymous?: boolean;
  readonly media: MediaSettings;
  /** Bounds set-up, each delivery and each SMP exchange, in milliseconds. */
  readonly timeout: number;
  /** The same for SMP alone, where a person is asked; `Infinity` waits as long as it takes. */
  readonly smpTimeout?: number;
  /** Octets that answer the peer's SMP questions by themselves. */
  readonly smpAnswer?: Uint8Array | undefined;
  readonly smpGuard?: SmpGuard;
  readonly timers?: Partial<SecureChatTimers>;
  /** What to ask of peers that read CPIM: notifications come as `imdn` events. Default none. */
  readonly askFor?: readonly DispositionRequest[];
}

/** What became of a message that was sent. */
export interface SendOutcome {
  readonly status: "delivered" | "failed";
  readonly cause?: "response" | "connection" | "timeout" | "refused";
  readonly code?: number;
  readonly reason?: string;
}

/** How an SMP exchange that we started (or answered) ended. */
export interface SmpOutcome {
  readonly verdict: "match" | "mismatch" | "refused" | "cheated" | "timeout";
}

/** How a session ended. */
export interface SessionEnd {
  readonly by: "local" | "remote" | "network";
  /** Why it could not begin or go on; absent for a hang-up. */
  readonly error?: SottoError;
}
