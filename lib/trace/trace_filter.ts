/** Which objects are shown: the filters of `msrp-dump`. All that are given must match. */
import { showHostPort } from "./analysis/trace_analysis.ts";
import type { TraceObject } from "./analysis/trace_object.ts";

/** What to look for. */
export interface TraceFilter {
  /** A session's number. */
  readonly session?: number;
  readonly callId?: string;
  /** Part of an address, a URI or a name, in any case. */
  readonly peer?: string;
  /** A method of MSRP or SIP, in any case; responses to it match too. */
  readonly method?: string;
  /** `404`, or `4xx` for a whole class. */
  readonly status?: string;
  /** Milliseconds since 1970, both included. */
  readonly since?: number;
  readonly until?: number;
  /** Something in the lines of the listing, or in the text of a message. */
  readonly grep?: RegExp;
}

/**
 * Whether `object` is to be shown.
 *
 * @param lines What the listing says of it.
 */
export function matchesFilter(
  object: TraceObject,
  filter: TraceFilter,
  lines: () => readonly string[],
): boolean {
  const { session, callId, peer, method, status, since, until, grep } = filter;
  if (since !== undefined && (object.at === undefined || object.at < since)) return false;
  if (until !== undefined && (object.at === undefined || object.at > until)) return false;
  if (session !== undefined && sessionOf(object) !== session) return false;
  if (callId !== undefined && callIdOf(object) !== callId) return false;
  if (peer !== undefined && !namesPeer(object, peer.toLowerCase())) return false;
  if (method !== undefined && methodOf(object)?.toLowerCase() !== method.toLowerCase()) {
    return false;
  }
  if (status !== undefined && !isOfStatus(statusOf(object), status)) return false;
  return grep === undefined || textsOf(object, lines()).some((it) => grep.test(it));
}

function sessionOf(object: TraceObject): number | undefined {
  if (object.type === "delivery") return object.message.session;
  return "session" in object ? object.session : undefined;
}

function callIdOf(object: TraceObject): string | undefined {
  if (object.type === "delivery") return object.message.callId;
  return "callId" in object ? object.callId : undefined;
}

function methodOf(object: TraceObject): string | undefined {
  switch (object.type) {
    case "chunk":
      return object.method ?? object.answers?.method;
    case "sip":
      return object.method ?? object.cseq?.split(/\s+/)[1];
    case "message":
      return object.via === "msrp" ? "SEND" : "MESSAGE";
    case "delivery":
    case "otr":
      return "SEND";
    default:
      return undefined;
  }
}

function statusOf(object: TraceObject): number | undefined {
  switch (object.type) {
    case "chunk":
    case "sip":
      return object.status;
    case "delivery":
      return object.delivery.code;
    default:
      return undefined;
  }
}

function isOfStatus(status: number | undefined, wanted: string): boolean {
  if (status === undefined) return false;
  const shown = String(status);
  return /^\dxx$/i.test(wanted) ? shown.length === 3 && shown[0] === wanted[0] : shown === wanted;
}

function namesPeer(object: TraceObject, peer: string): boolean {
  return namesOf(object).some((it) => it?.toLowerCase().includes(peer));
}

function namesOf(object: TraceObject): (string | undefined)[] {
  if (object.type === "finding") return [object.src, object.dst];
  const ends = [showHostPort(object.src), showHostPort(object.dst)];
  switch (object.type) {
    case "chunk":
      return [...ends, ...object.toPath, ...object.fromPath];
    case "sip":
      return [...ends, object.from, object.to, object.requestUri];
    case "message":
      return [...ends, object.cpim?.from, ...object.cpim?.to ?? []];
    case "delivery":
      return [...ends, object.message.cpim?.from, ...object.message.cpim?.to ?? []];
    default:
      return ends;
  }
}

function textsOf(object: TraceObject, lines: readonly string[]): readonly string[] {
  const text = object.type === "message"
    ? object.text
    : object.type === "delivery"
    ? object.message.text
    : undefined;
  return text === undefined ? lines : [...lines, text];
}
