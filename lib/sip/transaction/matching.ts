/** Which transaction a message belongs to (RFC 3261 §9.2, §17.1.3, §17.2.3). */

import { callIdOf, cSeqOf, fromOf, headerValue, topVia } from "../message/header_fields.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import { tagOf } from "../message/name_address.ts";
import { parameterValue } from "../message/parameters.ts";
import { branchOf, sentByOf, writeVia } from "../message/via.ts";

/**
 * What a client transaction is found by: the branch that we made, and the method, because a
 * CANCEL shares the branch of what it cancels.
 *
 * @throws {PeerError} when Via or CSeq are malformed.
 */
export function clientKey(message: SipRequest | SipResponse): string {
  const branch = parameterValue(topVia(message).parameters, "branch") ?? "";
  return `${branch}|${cSeqOf(message).method}`;
}

/**
 * What a server transaction is found by: branch, sent-by and method; what an RFC 2543 peer
 * sends in their place when there is no branch, or one that is nothing but the cookie. An ACK
 * and a CANCEL are looked up under the method of what they belong to.
 *
 * @param method The method of the transaction that is looked for.
 * @throws {PeerError} when a field it needs is malformed.
 */
export function serverKey(request: SipRequest, method: string): string {
  const via = topVia(request);
  const branch = branchOf(via);
  if (branch !== undefined) return `${branch}|${sentByOf(via)}|${method}`;
  // SPEC NOTE sip-4: the To tag is left out. An ACK carries the tag of our response where the
  // INVITE had none, and Call-ID, From tag and CSeq number tell dialogs apart anyway.
  return [
    "2543",
    request.requestUri,
    tagOf(fromOf(request)) ?? headerValue(request, "From") ?? "",
    callIdOf(request),
    cSeqOf(request).number,
    writeVia(via),
    method,
  ].join("|");
}

/**
 * What two copies of one request share that came by different ways (§8.2.2.2), or `undefined`
 * for a request inside a dialog.
 *
 * @throws {PeerError} when a field it needs is malformed.
 */
export function mergeKey(request: SipRequest): string {
  const cSeq = cSeqOf(request);
  return [tagOf(fromOf(request)) ?? "", callIdOf(request), cSeq.number, cSeq.method].join("|");
}
