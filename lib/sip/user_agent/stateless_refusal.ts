/** Answers that leave nothing behind, and the Via that they go back by (RFC 3261 §8.2.7, §18.2.1). */

import type { UserAgentEvent } from "../events.ts";
import { PeerError } from "../../base/errors.ts";
import { topVia, viasOf } from "../message/header_fields.ts";
import type { HeaderField, SipRequest } from "../message/message.ts";
import { type Via, writeVia } from "../message/via.ts";
import { annotateVia, type Destination, type Flow, wayBack } from "./destination.ts";
import type { Outbox } from "./outbox.ts";
import { respondTo, statelessTag } from "./responses.ts";

/** Refuses a request and forgets it: a repetition gets the same answer. */
export function refuseStateless(
  outbox: Outbox<UserAgentEvent>,
  request: SipRequest,
  flow: Flow,
  status: number,
  headers: readonly HeaderField[],
): void {
  let annotated = request;
  let to: Destination = wayBack(undefined, flow);
  try {
    const via = annotateVia(topVia(request), flow);
    annotated = withTopVia(request, via);
    to = wayBack(via, flow);
  } catch (error) {
    // Its Via is malformed: the answer goes to where the octets came from.
    if (!(error instanceof PeerError)) throw error;
  }
  const toTag = statelessTag(request);
  outbox.transmit(respondTo(annotated, status, { toTag, headers }), to);
}

/** The request with its nearest hop replaced. */
export function withTopVia(request: SipRequest, via: Via): SipRequest {
  const [, ...others] = viasOf(request);
  const headers = request.headers.filter((it) => it.name !== "Via");
  const fields = [via, ...others].map((it) => ({ name: "Via", value: writeVia(it) }));
  return { ...request, headers: [...fields, ...headers] };
}
