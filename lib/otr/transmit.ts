/** Binary message → armour → fragments → outputs. */
import type { ConversationOutput, TransmitKind } from "./events.ts";
import { type EncodedMessage, writeEncodedMessage } from "./wire/encoded_message.ts";
import { writeFragments } from "./wire/fragment.ts";
import { armour } from "./wire/message_kind.ts";

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
