/** What the encryption policy of one chat is made of. */

import type { Conversation } from "../otr/mod.ts";
import type { SecureChatTimers } from "./otr_offer.ts";
import type { EncryptionPolicy } from "./secure_chat_events.ts";
import type { KnownFingerprint, TrustLevel } from "./trust_policy.ts";
import type { SecureChatLimits } from "./waiting_messages.ts";

/** What a secure chat is made of. */
export interface SecureChatOptions {
  /** The caller offers at once, the callee only after a while (facts on crossed offers: spec notes). */
  readonly role: "caller" | "callee";
  readonly encryption: EncryptionPolicy;
  readonly trustLevel: TrustLevel;
  /** Address of record of the peer, for events. */
  readonly peer: string;
  /** What is recorded about that address. */
  readonly known: readonly KnownFingerprint[];
  /** The remote Contact carries `isfocus`: OTR is never offered to it and never accepted. */
  readonly isFocus: boolean;
  /** Fresh, with the policy already in it; `undefined` for `off`. */
  readonly conversation: Conversation | undefined;
  readonly timers?: Partial<SecureChatTimers>;
  readonly limits?: Partial<SecureChatLimits>;
}
