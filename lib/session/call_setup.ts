/**
 * From a call to two descriptions that fit: offer and answer over INVITE, 200 and ACK
 * (RFC 3261 §13, RFC 3264).
 */

import { PeerError, SottoError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";
import type { Parameter, SipUri } from "../sip/mod.ts";
import type { ChatMedia, OfferOutcome } from "./chat_media.ts";
import { type EventPatience, nextEvent } from "./call_events.ts";
import { fallBackFromCema } from "./cema_fallback.ts";
import type { RemoteMedia } from "./media_opening.ts";
import type { Call, IncomingCall, SipCallEvent, SipEndpoint } from "./sip_endpoint.ts";

/** Characters of the other side's reasons that are shown. */
const LONGEST_WARNING = 200;

/** What setting up a call needs, and whom it tells. */
export interface CallSetup extends EventPatience {
  readonly sip: SipEndpoint;
  /** Makes our half of the description, and reads the other. */
  readonly media: ChatMedia;
  /** Hangs up, whatever the state. */
  readonly signal: AbortSignal;
  /** The call exists: from here on it can be hung up. */
  readonly onCall: (call: Call) => void;
  /** For our Contact in a 200: `isfocus`. */
  readonly contactParams?: readonly Parameter[];
  readonly onProgress: (
    state: "calling" | "ringing" | "rejected",
    details: { readonly status?: number; readonly reason?: string },
  ) => void;
}

/** How a call is placed. */
export interface PlacedCall {
  /** Over what the target says. */
  readonly transport?: "udp" | "tcp" | "tls";
  readonly from: { readonly uri: SipUri; readonly displayName?: string };
  /** How often a 3xx is followed; by default never, and a 3xx refuses the call. */
  readonly redirects?: number;
}

/** A call that was answered, with both descriptions known. */
export interface AnsweredCall {
  readonly status: number;
  readonly isFocus: boolean;
  /** The chat's medium; absent where nothing but files was agreed on. */
  readonly remote: RemoteMedia | undefined;
  /** What happens to the call from here on. */
  readonly events: AsyncIterator<SipCallEvent>;
}

/**
 * Calls `target` with our offer and reads the answer.
 *
 * @throws {SottoError} `session/rejected`, `session/unavailable` (503), `session/timeout`
 * (408, or the deadline), `session/ended`, `session/answer-unusable`, `transport/…`, and what
 * the call failed with; {@link PeerError} `sdp/…` for an answer that cannot be read.
 */
export async function placeCall(
  setup: CallSetup,
  target: SipUri,
  how: PlacedCall,
): Promise<AnsweredCall> {
  const { sip, media } = setup;
  const offer = await media.createOffer(await sip.localHostFor(target, how.transport));
  const call = sip.invite({
    target,
    from: how.from,
    offer,
    ...(how.transport !== undefined ? { transport: how.transport } : {}),
    redirects: how.redirects,
    signal: setup.signal,
  });
  setup.onCall(call);
  setup.onProgress("calling", {});
  const events = call.events()[Symbol.asyncIterator]();
  const { status, isFocus, answer } = await untilAnswered(events, setup);
  const remote = await fallBackFromCema(setup, call, events, media.readAnswer(answer));
  return { status, isFocus, remote, events };
}

/**
 * Answers `incoming`: 180, then 200 with the answer to its offer, or 200 with our offer and
 * the answer from the ACK.
 *
 * @throws {SottoError} `session/offer-refused` after a 488; `session/timeout`, `session/ended`,
 * `session/answer-unusable`, `transport/…`; {@link PeerError} `sdp/…` after a 400.
 */
export async function takeCall(setup: CallSetup, incoming: IncomingCall): Promise<AnsweredCall> {
  setup.onCall(incoming);
  setup.onProgress("ringing", {});
  incoming.ring();
  const host = await setup.sip.localHostForCall(incoming);
  const events = incoming.events()[Symbol.asyncIterator]();
  const { isFocus } = incoming;
  const contact = setup.contactParams === undefined ? {} : { contactParams: setup.contactParams };
  if (incoming.offer === undefined) {
    // RFC 3261 §13.2.1: without an offer in the INVITE ours goes into the 200.
    incoming.answer(await setup.media.createOffer(host), contact);
    const answered = setup.media.readAnswer(await untilConfirmed(events, setup));
    const remote = await fallBackFromCema(setup, incoming, events, answered);
    return { status: 200, isFocus, remote, events };
  }
  const { answer, remote } = await readOffer(setup.media, incoming, incoming.offer, host);
  incoming.answer(answer, contact);
  return { status: 200, isFocus, remote, events };
}

async function readOffer(
  media: ChatMedia,
  incoming: IncomingCall,
  offer: Uint8Array,
  host: string,
): Promise<Extract<OfferOutcome, { answer: Uint8Array }>> {
  try {
    const outcome = await media.readOffer(offer, host);
    if (outcome.refusal === undefined) return outcome;
    const { status, reason, headers, text } = outcome.refusal;
    await incoming.reject(status, reason, headers);
    throw new SottoError("session/offer-refused", `refused the call: ${text}`);
  } catch (error) {
    // RFC 3261 §21.4.1: what cannot be read is a bad request.
    if (error instanceof PeerError) await incoming.reject(400, "Malformed SDP");
    throw error;
  }
}

/** Reads the events of an outgoing call up to its answer. */
async function untilAnswered(
  events: AsyncIterator<SipCallEvent>,
  options: CallSetup,
): Promise<Extract<SipCallEvent, { type: "answered" }>> {
  for (;;) {
    const event = await nextEvent(events, options);
    switch (event.type) {
      case "answered":
        return event;
      case "ringing":
        options.onProgress("ringing", { status: event.status, reason: event.reason });
        break;
      case "rejected":
        options.onProgress("rejected", { status: event.status, reason: event.reason });
        throw rejection(event);
      case "failed":
        throw event.error;
      case "ended":
        throw new SottoError("session/ended", "the call ended before it was answered");
      default:
        break; // Nothing else can come before the answer.
    }
  }
}

/** Reads the events of an incoming call up to the ACK, for the SDP that it may hold. */
async function untilConfirmed(
  events: AsyncIterator<SipCallEvent>,
  options: CallSetup,
): Promise<Uint8Array | undefined> {
  for (;;) {
    const event = await nextEvent(events, options);
    if (event.type === "confirmed") return event.answer;
    if (event.type === "failed") throw event.error;
    if (event.type === "ended") {
      // RFC 3261 §13.3.1.4: a 2xx without its ACK is silence, not a refusal.
      throw event.by === "timeout"
        ? new SottoError("session/timeout", event.reason)
        : new SottoError("session/ended", "the caller gave up");
    }
  }
}

/** What refused the call, with the reason that a Warning gives (RFC 3261 §20.43). */
function rejection(
  { status, reason, headers }: Extract<SipCallEvent, { type: "rejected" }>,
): SottoError {
  const code = status === 408
    ? "session/timeout"
    : status === 503
    ? "session/unavailable"
    : "session/rejected";
  const warning = headers.find(({ name }) => name.toLowerCase() === "warning")?.value;
  const why = warning === undefined ? "" : ` (${escapeText(warning, LONGEST_WARNING)})`;
  return new SottoError(
    code,
    `the other side refused the call: ${status} ${escapeText(reason, LONGEST_WARNING)}${why}`,
  );
}
