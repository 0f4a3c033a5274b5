/** Outputs that send: binary message → armour → fragments, and the query. */
import type { ConversationSettings } from "./conversation_options.ts";
import type { ConversationOutput, TransmitKind } from "./events.ts";
import type { OtrPolicy } from "./policy.ts";
import { type EncodedMessage, writeEncodedMessage } from "./wire/encoded_message.ts";
import { writeFragments } from "./wire/fragment.ts";
import { armour } from "./wire/message_kind.ts";
import { writeQueryTag } from "./wire/query_message.ts";

/**
 * The outputs that send `message`.
 *
 * @param limit Characters of the longest message; 0: never fragment.
 * @throws {SottoError} `otr/too-many-fragments` when 65535 are not enough.
 */
export function transmitEncoded(
  message: EncodedMessage,
  kind: TransmitKind,
  limit: number,
): ConversationOutput[] {
  return writeFragments(armour(writeEncodedMessage(message)), message, limit)
    .map((text) => ({ type: "transmit", message: text, kind }));
}

/** The output that asks for a private conversation. */
export function transmitQuery({ policy, queryText }: ConversationSettings): ConversationOutput {
  const text = queryText === "" ? "" : ` ${queryText}`;
  const message = writeQueryTag(offeredVersions(policy)) + text;
  return { type: "transmit", message, kind: "query" };
}

/** Identifiers of the versions that a policy allows, lowest first, each once. */
export function offeredVersions({ versions }: OtrPolicy): string[] {
  return [...new Set(versions)].sort().map(String);
}
