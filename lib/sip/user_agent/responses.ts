/** Responses that follow from a request (RFC 3261 §8.2.6). */

import { callIdOf, headerValue, headerValues } from "../message/header_fields.ts";
import {
  type HeaderField,
  NO_BODY,
  type SipRequest,
  type SipResponse,
} from "../message/message.ts";
import { hasParameter } from "../message/parameters.ts";
import { parseNameAddress } from "../message/name_address.ts";
import { reasonPhrase } from "../message/status.ts";
import { PeerError } from "../../base/errors.ts";

/** What a response says beside what the request decides. */
export interface ResponseOptions {
  /** Instead of the usual phrase. One line. */
  readonly reason?: string | undefined;
  /** Tag for the To header field, if the request had none there. */
  readonly toTag?: string | undefined;
  /** More header fields, in order. */
  readonly headers?: readonly HeaderField[] | undefined;
  readonly body?: Uint8Array | undefined;
}

/** A response to `request`; its Via, From, Call-ID, CSeq and To are copied as they were written. */
export function respondTo(
  request: SipRequest,
  status: number,
  { reason, toTag, headers = [], body = NO_BODY }: ResponseOptions = {},
): SipResponse {
  const copied: HeaderField[] = [];
  for (const name of ["Via", "From", "To", "Call-ID", "CSeq"]) {
    for (const value of headerValues(request, name)) {
      copied.push({ name, value: name === "To" ? withTag(value, toTag) : value });
    }
  }
  const timestamp = headerValue(request, "Timestamp");
  // §8.2.6.1: the 100 of the one who answers carries the sender's Timestamp.
  if (status === 100 && timestamp !== undefined) {
    copied.push({ name: "Timestamp", value: timestamp });
  }
  return {
    kind: "response",
    status,
    reason: reason ?? reasonPhrase(status),
    headers: [...copied, ...headers],
    body,
  };
}

function withTag(to: string, tag: string | undefined): string {
  if (tag === undefined) return to;
  try {
    const address = parseNameAddress(to, "To");
    if (hasParameter(address.parameters, "tag")) return to;
    // An address without brackets takes the parameter too: it can hold none of its own there.
    return `${to};tag=${tag}`;
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    return to; // What was malformed goes back as it came.
  }
}

/**
 * A tag that repeats for the same request, for responses that leave no state behind (§8.2.7).
 * Not secret: it identifies nothing but a refused request.
 */
export function statelessTag(request: SipRequest): string {
  let hash = 0x811c9dc5;
  const text = `${headerValue(request, "Via")}|${headerValue(request, "CSeq")}|${
    safeCallId(request)
  }`;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0; // FNV-1a
  }
  return `s-${hash.toString(16).padStart(8, "0")}`;
}

function safeCallId(request: SipRequest): string {
  return headerValue(request, "Call-ID") === undefined ? "" : callIdOf(request);
}
