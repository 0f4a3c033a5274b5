/** The second offer of RFC 6714 §4.2: without `a=msrp-cema`, so that middleboxes pass MSRP on themselves. */
import { SottoError } from "../base/errors.ts";
import { type EventPatience, nextEvent } from "./call_events.ts";
import type { ChatMedia } from "./chat_media.ts";
import type { RemoteMedia } from "./media_opening.ts";
import type { Call, SipCallEvent } from "./sip_endpoint.ts";

/**
 * Offers again if the answer that stands demands it. A peer that refuses the second offer keeps
 * what the first one agreed on.
 *
 * @param remote What the first offer was answered.
 * @returns What counts.
 * @throws {SottoError} `session/timeout`, `session/ended`, `session/answer-unusable`, and what
 * the call failed with; `PeerError` `sdp/…`.
 */
export async function fallBackFromCema(
  setup: EventPatience & { readonly media: ChatMedia },
  call: Call,
  events: AsyncIterator<SipCallEvent>,
  remote: RemoteMedia | undefined,
): Promise<RemoteMedia | undefined> {
  const { media } = setup;
  const offer = await media.createPlainOffer();
  if (offer === undefined) return remote;
  try {
    call.reoffer(offer);
  } catch (error) {
    // The peer offers something itself, or has hung up, of which the events will tell.
    if (error instanceof SottoError) return remote;
    throw error;
  }
  for (;;) {
    const event = await nextEvent(events, setup);
    switch (event.type) {
      case "offer-answered":
        return media.readPlainAnswer(event.answer);
      case "offer-rejected":
        return remote;
      case "offer":
        event.respond(media.current); // Nothing has changed yet.
        break;
      case "failed":
        throw event.error;
      case "ended":
        throw new SottoError("session/ended", "the call ended before its media were agreed on");
      default:
        break; // Repeated answers and late rings change nothing.
    }
  }
}
