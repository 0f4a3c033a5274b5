/** Which of several final responses a proxy sends back (RFC 3261 §16.7 steps 6 and 7). */

import { headerValues, withoutHeader } from "../message/header_fields.ts";
import type { HeaderField, SipResponse } from "../message/message.ts";
import { reasonPhrase } from "../message/status.ts";

/** 4xx that tell the caller how to do better, the most helpful first. */
const HELPFUL: readonly number[] = [401, 407, 415, 420, 484];

/** The best of these final responses of 300 or more, made ready to be sent; `undefined` of none. */
export function bestResponse(responses: readonly SipResponse[]): SipResponse | undefined {
  const chosen = choose(responses);
  if (chosen === undefined) return undefined;
  if (chosen.status === 401 || chosen.status === 407) return withChallenges(chosen, responses);
  // It would say that this proxy cannot serve anybody at all.
  return chosen.status === 503
    ? {
      ...chosen,
      status: 500,
      reason: reasonPhrase(500),
      headers: withoutHeader(chosen.headers, "Retry-After"),
    }
    : chosen;
}

function choose(responses: readonly SipResponse[]): SipResponse | undefined {
  const global = responses.find((it) => it.status >= 600);
  if (global !== undefined) return global;
  const lowest = Math.min(...responses.map(classOf));
  const candidates = responses.filter((it) => classOf(it) === lowest);
  for (const status of HELPFUL) {
    const found = candidates.find((it) => it.status === status);
    if (found !== undefined) return found;
  }
  // A 408 of somebody who never answered says less than a refusal, and 503 becomes 500.
  return candidates.find((it) => it.status !== 408 && it.status !== 503) ?? candidates[0];
}

function classOf({ status }: SipResponse): number {
  return Math.trunc(status / 100);
}

/** Step 7: whoever asked for credentials gets them with the next try. */
function withChallenges(chosen: SipResponse, responses: readonly SipResponse[]): SipResponse {
  const others = responses.filter((it) =>
    it !== chosen && (it.status === 401 || it.status === 407)
  );
  const fields: HeaderField[] = others.flatMap((response) =>
    ["WWW-Authenticate", "Proxy-Authenticate"].flatMap((name) =>
      headerValues(response, name).map((value) => ({ name, value }))
    )
  );
  return { ...chosen, headers: [...chosen.headers, ...fields] };
}
