/** Follows redirections of a call: the same call to another place (RFC 3261 §8.1.3.4). */

import { type CallEvent, cSeqOf, RedirectTargets, type SipUri } from "../sip/mod.ts";
import type { PlaceCallOptions } from "./sip_endpoint_options.ts";

/** What is placed after a redirection. */
export interface RedirectedCall extends PlaceCallOptions {
  /** Number of the INVITE: the Call-ID stays, so it goes up. */
  readonly sequence: number;
}

/** More than one INVITE uses for challenges and timers: where the last number is not known. */
const NUMBERS_OF_ONE_INVITE = 100;

/**
 * Follows as many redirections as the call allows.
 *
 * @param options The call as it was placed.
 * @param place Places it elsewhere: under the same Call-ID and tag, with the same To.
 * @returns Takes the events of the call; `true` when one was followed and is nobody's concern.
 */
export function followRedirects(
  options: PlaceCallOptions,
  place: (redirected: RedirectedCall) => void,
): (event: CallEvent) => boolean {
  const targets = new RedirectTargets(options.target, options.redirects ?? 0);
  let sequence = 0;
  return (event) => {
    let target: SipUri | undefined;
    if (event.type === "rejected") {
      target = targets.next(event.status, event.headers);
      const { status, reason, headers } = event;
      const response = { kind: "response", status, reason, headers, body: NO_BODY } as const;
      sequence = cSeqOf(response).number + 1;
    } else if (event.type === "failed") {
      target = targets.next(undefined, []);
      sequence += NUMBERS_OF_ONE_INVITE;
    }
    if (target === undefined) return false;
    // What the first target was is still what is called: To does not change.
    const to = options.to ?? { uri: options.target, parameters: [] };
    place({ ...options, target, to, sequence });
    return true;
  };
}

const NO_BODY = new Uint8Array(0);
