/** The words of a message, whatever they are written in. */

import { decodeUtf8Lossy } from "../base/bytes.ts";
import { PeerError } from "../base/errors.ts";
import { decodeText, htmlToText, parseContentType } from "../im/mod.ts";
import type { Content } from "./secure_chat_events.ts";
import type { MessageEvent } from "./session_event.ts";

/** Text of a message as a person reads it: HTML is rendered, everything else stays. */
export function readableText(message: MessageEvent): string {
  return /^text\/html\b/i.test(message.contentType) ? htmlToText(message.body) : message.body;
}

/** The words in a body, in the character set that its type names; `utf8` is one of Blink's names. */
export function textOf({ contentType, body }: Content): string {
  const type = tryParse(() => parseContentType(contentType));
  return type === undefined ? decodeUtf8Lossy(body) : decodeText(type, body);
}

/** What `parse` makes, or `undefined` where the peer wrote something else. */
export function tryParse<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof PeerError) return undefined; // Decoration only: nothing is lost.
    throw error;
  }
}
