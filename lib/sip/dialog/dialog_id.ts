/** What a dialog is known by (RFC 3261 §12). */

import { callIdOf, fromOf, toOf } from "../message/header_fields.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import { tagOf } from "../message/name_address.ts";

/** Call-ID and both tags. The tag of an RFC 2543 peer that sends none is the empty string. */
export interface DialogId {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
}

/**
 * The dialog that a received request belongs to, or `undefined` without a To tag.
 *
 * @throws {PeerError} when a field it needs is malformed.
 */
export function dialogIdOfRequest(request: SipRequest): DialogId | undefined {
  const localTag = tagOf(toOf(request));
  if (localTag === undefined) return undefined;
  return { callId: callIdOf(request), localTag, remoteTag: tagOf(fromOf(request)) ?? "" };
}

/**
 * The dialog that a received response makes or belongs to.
 *
 * @throws {PeerError} when a field it needs is malformed.
 */
export function dialogIdOfResponse(response: SipResponse): DialogId {
  return {
    callId: callIdOf(response),
    localTag: tagOf(fromOf(response)) ?? "",
    remoteTag: tagOf(toOf(response)) ?? "",
  };
}

/** The id as one string, for maps. */
export function dialogKey({ callId, localTag, remoteTag }: DialogId): string {
  // None of the three can hold a blank.
  return `${callId} ${localTag} ${remoteTag}`;
}
