/** What every request has to pass before anybody looks at what it wants (RFC 3261 §8.2.1–8.2.3). */

import { PeerError } from "../../base/errors.ts";
import { bareMediaType } from "../../base/media_type.ts";
import { headerValue, headerValues, tokenList } from "../message/header_fields.ts";
import type { HeaderField, SipMessage, SipRequest } from "../message/message.ts";
import { isRecognizedMethod, isServedMethod } from "../message/method.ts";
import { isSipUri, parseUri } from "../message/uri.ts";
import { ACCEPT, ALLOW, SDP_TYPE, SUPPORTED_OPTIONS } from "./capabilities.ts";
import { isTooShort, LEAST_SESSION_INTERVAL } from "./session_timer.ts";

/** Why a request is refused. */
export interface Refusal {
  readonly status: number;
  readonly headers: readonly HeaderField[];
}

/** The refusal that `request` deserves, or `undefined` when it may go on. */
export function refusalOf(request: SipRequest): Refusal | undefined {
  const { method } = request;
  if (!isServedMethod(method)) {
    return { status: isRecognizedMethod(method) ? 405 : 501, headers: [ALLOW] };
  }
  if (!hasSipTarget(request)) return { status: 416, headers: [] };
  // §8.2.2.3: Require means nothing in a CANCEL, nor in the ACK to a response other than 2xx.
  if (method !== "CANCEL" && method !== "ACK") {
    const unknown = tokenList(request, "Require").filter((it) => !SUPPORTED_OPTIONS.includes(it));
    if (unknown.length > 0) {
      return { status: 420, headers: [{ name: "Unsupported", value: unknown.join(", ") }] };
    }
  }
  if ((method === "INVITE" || method === "UPDATE") && isTooShort(request)) {
    return { status: 422, headers: [{ name: "Min-SE", value: String(LEAST_SESSION_INTERVAL) }] };
  }
  if (!CARRIES_SDP.has(method)) return undefined;
  return refusalOfBody(request) ??
    (acceptsSdp(request) ? undefined : { status: 406, headers: [WARNING_NO_SDP] });
}

/** Methods whose body is read: in the others it is ignored. */
const CARRIES_SDP: ReadonlySet<string> = new Set(["INVITE", "UPDATE", "PRACK"]);

const WARNING_NO_SDP: HeaderField = {
  name: "Warning",
  value: '399 sotto "only application/sdp can be answered with"',
};

function hasSipTarget(request: SipRequest): boolean {
  try {
    return isSipUri(parseUri(request.requestUri));
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    return false;
  }
}

function refusalOfBody(request: SipRequest): Refusal | undefined {
  if (request.body.length === 0 || isOptionalBody(request)) return undefined;
  const encodings = tokenList(request, "Content-Encoding").filter((it) => it !== "identity");
  if (encodings.length > 0) {
    return { status: 415, headers: [{ name: "Accept-Encoding", value: "identity" }] };
  }
  return mediaType(headerValue(request, "Content-Type")) === SDP_TYPE
    ? undefined
    : { status: 415, headers: [ACCEPT] };
}

/** §20.11: the sender may say that a body which is not understood does not matter. */
function isOptionalBody(request: SipRequest): boolean {
  return mediaType(headerValue(request, "Content-Type")) !== SDP_TYPE &&
    /;\s*handling\s*=\s*"?optional\b/i.test(headerValue(request, "Content-Disposition") ?? "");
}

/** §20.1: without Accept, SDP is taken for granted. */
function acceptsSdp(request: SipRequest): boolean {
  const values = headerValues(request, "Accept");
  if (values.length === 0 || request.method !== "INVITE") return true;
  return values.flatMap((it) => it.split(",")).map(mediaType).some((it) =>
    it === SDP_TYPE || it === "application/*" || it === "*/*"
  );
}

function mediaType(value: string | undefined): string | undefined {
  return value === undefined ? undefined : bareMediaType(value);
}

/** The session description in a message, or `undefined` when it holds none. */
export function sessionDescriptionOf(
  message: SipMessage,
): Uint8Array | undefined {
  const type = mediaType(headerValue(message, "Content-Type"));
  return message.body.length > 0 && type === SDP_TYPE ? message.body : undefined;
}
