/** SIP messages → what they say, and which dialogs they belong to (RFC 3261 §7, §12; RFC 4975 §8). */
import { PeerError } from "../../base/errors.ts";
import { msrpMediaOf, parseSessionDescription } from "../../sdp/mod.ts";
import {
  contactsOf,
  headerValue,
  isFocusAddress,
  judgeSipMessage,
  type SipMessage,
} from "../../sip/mod.ts";
import type { Sighting } from "../arrival.ts";
import { type Finding, findingOf } from "../finding.ts";
import type { MediaSummary, SipObject } from "./trace_object.ts";

/** What {@link explainSip} saw. */
export interface SipObservation {
  readonly object: SipObject | undefined;
  readonly body: Uint8Array;
  readonly findings: readonly Finding[];
}

/** Reads one message and says what is in it. */
export function explainSip(
  bytes: Uint8Array,
  transport: "udp" | "tcp" | "tls",
  seen: Sighting,
): SipObservation {
  const { frame, at } = seen;
  const judged = judgeSipMessage(bytes, { transport });
  const message = judged.verdict === "answer" ? judged.request : judged.message;
  const findings: Finding[] = [];
  if (judged.verdict !== "valid") findings.push(findingOf(judged.error, { frame, at }));
  if (message === undefined) return { object: undefined, body: new Uint8Array(), findings };
  const contentType = headerValue(message, "Content-Type");
  const media = mediaOf(message, contentType, seen, findings);
  const isRequest = message.kind === "request";
  const object: SipObject = {
    type: "sip",
    ...located(seen),
    transport,
    method: isRequest ? message.method : undefined,
    requestUri: isRequest ? message.requestUri : undefined,
    status: isRequest ? undefined : message.status,
    reason: isRequest ? undefined : message.reason,
    callId: headerValue(message, "Call-ID"),
    cseq: headerValue(message, "CSeq"),
    from: headerValue(message, "From"),
    to: headerValue(message, "To"),
    contentType,
    bodyLength: message.body.length,
    media,
    isFocus: isFocus(message),
  };
  return { object, body: message.body, findings };
}

function mediaOf(
  message: SipMessage,
  contentType: string | undefined,
  { frame, at }: Sighting,
  findings: Finding[],
): MediaSummary[] {
  if (!/^\s*application\/sdp\s*(?:;|$)/i.test(contentType ?? "")) return [];
  try {
    return msrpMediaOf(parseSessionDescription(message.body)).map((it) => ({
      port: it.port,
      transport: it.transport,
      path: it.path,
      setup: it.setup,
      acceptTypes: it.acceptTypes ?? [],
      isRefused: it.isRefused,
    }));
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    findings.push(findingOf(error, { frame, at }));
    return [];
  }
}

function isFocus(message: SipMessage): boolean {
  try {
    return contactsOf(message).some(isFocusAddress);
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    return false; // An unreadable Contact: the verdict has named it.
  }
}

function located({ frame, at, src, dst }: Sighting): Sighting {
  return { frame, at, src, dst };
}
