/** What a conversation is made from. */
import type { RandomSource } from "../base/output.ts";
import type { DsaPrivateKey } from "./keys/dsa_private_key.ts";
import { type ConversationLimits, DEFAULT_LIMITS } from "./limits.ts";
import type { OtrPolicy } from "./policy.ts";
import { fragmentOverhead } from "./wire/fragment.ts";
import { isInstanceTag } from "./wire/instance_tag.ts";

/** Options of {@link Conversation}. */
export interface ConversationOptions {
  /** Our long-lived key. */
  readonly key: DsaPrivateKey;
  /** Our own instance tag: 0x100 … 0xffffffff, the same for every conversation of an account. */
  readonly instanceTag: number;
  readonly policy: OtrPolicy;
  readonly random: RandomSource;
  /** Characters of the longest outgoing message, fragment header included. Default 0: never fragment. */
  readonly maxMessageSize?: number;
  /** For people whose software knows no OTR, after the query. Names nobody. */
  readonly queryText?: string;
  /** Lengths of plaintexts are padded (TLV 0) to a multiple of so many octets. Default 0: none. */
  readonly padTo?: number;
  /** Milliseconds of our silence after which a received message is answered by an empty one. Default 60 s; 0: never. */
  readonly heartbeatInterval?: number;
  readonly limits?: Partial<ConversationLimits>;
}

/** The options with every default filled in. */
export interface ConversationSettings extends Required<Omit<ConversationOptions, "limits">> {
  readonly limits: ConversationLimits;
}

/**
 * Fills in the defaults.
 * @throws {RangeError} when a number is out of its range.
 */
export function settle(options: ConversationOptions): ConversationSettings {
  const { maxMessageSize = 0, padTo = 0, heartbeatInterval = 60_000 } = options;
  if (!isInstanceTag(options.instanceTag)) {
    throw new RangeError(`expected an instance tag from 0x100 to 0xffffffff`);
  }
  if (maxMessageSize !== 0 && !(maxMessageSize > fragmentOverhead(3))) {
    throw new RangeError(
      `expected a maxMessageSize of 0 or above ${fragmentOverhead(3)}, found ${maxMessageSize}`,
    );
  }
  if (!Number.isInteger(padTo) || padTo < 0 || padTo > 0x8000) {
    throw new RangeError(`expected padTo from 0 to 32768, found ${padTo}`);
  }
  return {
    ...options,
    maxMessageSize,
    padTo,
    heartbeatInterval,
    queryText: options.queryText ?? QUERY_TEXT,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  };
}

/** Names neither software nor person: a query goes out in the clear. */
const QUERY_TEXT = "Somebody asks for a private conversation (Off-the-Record), " +
  "but your software does not seem to support it.";
