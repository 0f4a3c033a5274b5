/** What happens to a call that stands, read until it is over, and what that means to the chat (RFC 3261 §14, §15). */

import { SottoError } from "../base/errors.ts";
import type { InCallOffers } from "./in_call_offers.ts";
import type { SipCallEvent } from "./sip_endpoint.ts";

/** Who acts on it. */
export interface CallFollower {
  readonly offers: Pick<InCallOffers, "answer" | "taken" | "refused">;
  /** The other side is a conference now. */
  readonly onFocus: () => void;
  /** Somebody hung up. */
  readonly onHangUp: (by: "local" | "remote") => void;
  /** The call cannot go on. */
  readonly onFailed: (error: SottoError) => void;
  /** Whether nobody acts any more. */
  readonly isOver: () => boolean;
}

/** Resolves when the call is over. */
export async function followCall(
  events: AsyncIterator<SipCallEvent>,
  { offers, onFocus, onHangUp, onFailed, isOver }: CallFollower,
): Promise<void> {
  for (;;) {
    const next = await events.next();
    if (next.done || isOver()) return;
    const event = next.value;
    switch (event.type) {
      case "offer":
        if (event.isFocus) onFocus();
        offers.answer(event);
        break;
      case "offer-answered":
        offers.taken();
        break;
      case "offer-rejected":
        offers.refused(event);
        break;
      case "focus-changed":
        if (event.isFocus) onFocus();
        break;
      case "ended":
        if (event.by === "timeout") onFailed(new SottoError("session/timeout", event.reason));
        else onHangUp(event.by);
        return;
      case "failed":
        onFailed(event.error);
        return;
      default:
        break; // Repeated answers and late rings change nothing.
    }
  }
}
