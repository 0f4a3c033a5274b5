/** What an MSRP session says, read until it is over, and what that means to the chat (RFC 4975 §10.8, §10.10). */

import { type PeerError, SottoError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";
import type { MsrpEvent } from "../msrp/mod.ts";

/** Who acts on it. */
export interface MsrpFollower {
  /** A message came whole. */
  readonly onMessage: (event: Extract<MsrpEvent, { type: "message-received" }>) => void;
  /** The peer did something that it may not. */
  readonly onFault: (error: PeerError) => void;
  /** Resolves when every message that left and has its answer was told of it. */
  readonly told: () => Promise<void>;
  /** The other side has no such session: there is nothing to go on with. */
  readonly onRefused: (error: SottoError) => void;
}

/** Resolves when the session is over. */
export async function followMsrp(
  events: AsyncIterable<MsrpEvent>,
  { onMessage, onFault, told, onRefused }: MsrpFollower,
): Promise<void> {
  for await (const event of events) {
    switch (event.type) {
      case "message-received":
        onMessage(event);
        break;
      case "peer-error":
        onFault(event.error);
        break;
      case "session-failed":
        // The message that was answered so has its own fate, and is told of it first. Reading
        // goes on meanwhile.
        void told().then(() => onRefused(refusalBy(event)));
        break;
      default:
        break; // Deliveries come through the promise of send().
    }
  }
}

function refusalBy({ code, comment }: Extract<MsrpEvent, { type: "session-failed" }>): SottoError {
  return new SottoError(
    "session/msrp-refused",
    `the other side knows no such MSRP session any more: ${code} ${escapeText(comment)}`,
  );
}
