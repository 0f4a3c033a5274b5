/** Trace objects as JSON Lines: what `msrp-dump --json` prints (docs/cli/msrp_dump.md). */
import { formatInstant } from "../instant_text.ts";
import { showHostPort } from "../analysis/trace_analysis.ts";
import type {
  ChunkObject,
  Delivery,
  Located,
  MessageObject,
  OtrObject,
  SipObject,
  TraceObject,
} from "../analysis/trace_object.ts";

/**
 * The line for an object, without its line end; `undefined` for what has no line of its own:
 * a message is printed once its outcome is known, as part of the `delivery` that follows it.
 *
 * @param input Named as `input`, where there are several of them.
 */
export function toJsonLine(object: TraceObject, input?: string): string | undefined {
  const fields = fieldsOf(object);
  return fields === undefined
    ? undefined
    : jsonText(input === undefined ? fields : { ...fields, input });
}

function fieldsOf(object: TraceObject): object | undefined {
  switch (object.type) {
    case "chunk":
      return chunkFields(object);
    case "message":
      // Page mode knows no outcome but SIP's own response.
      return object.via === "sip" ? messageFields(object, undefined) : undefined;
    case "delivery":
      return messageFields(object.message, object.delivery);
    case "sip":
      return sipFields(object);
    case "otr":
      return otrFields(object);
    case "finding": {
      const { id, severity, clause, message, offset, frame, at, src, dst } = object;
      const place = { frame, at: time(at), src, dst };
      return { v: 1, type: "finding", id, severity, clause, message, offset, ...place };
    }
    case "remark":
      return { v: 1, type: "remark", ...located(object), text: object.text };
    default:
      return object satisfies never;
  }
}

/**
 * JSON in which no character that could move a cursor or reorder text stands as itself: what
 * JSON leaves as it is (C1 controls, bidirectional and invisible characters) is escaped too.
 */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(
    HIDDEN,
    (it) => Array.from({ length: it.length }, (_, at) => escapeUnit(it.charCodeAt(at))).join(""),
  );
}

function escapeUnit(code: number): string {
  return `\\u${code.toString(16).padStart(4, "0")}`;
}

function chunkFields(chunk: ChunkObject): object {
  return {
    v: 1,
    type: "chunk",
    ...located(chunk),
    transport: chunk.transport,
    lastFrame: chunk.lastFrame,
    transactionId: chunk.transactionId,
    method: chunk.method,
    status: chunk.status,
    comment: chunk.comment,
    answers: chunk.answers?.frame,
    toPath: chunk.toPath,
    fromPath: chunk.fromPath,
    messageId: chunk.messageId,
    byteRange: chunk.byteRange,
    flag: chunk.flag,
    successReport: chunk.successReport,
    failureReport: chunk.failureReport,
    reportStatus: chunk.reportStatus,
    contentType: chunk.contentType,
    bodyLength: chunk.bodyLength,
    headers: chunk.headers.length === 0 ? undefined : chunk.headers,
    session: chunk.session,
    callId: chunk.callId,
    truncated: chunk.isTruncated || undefined,
    missing: chunk.missing || undefined,
    offset: chunk.offset,
  };
}

function messageFields(message: MessageObject, delivery: Delivery | undefined): object {
  return {
    v: 1,
    type: "message",
    ...located(message),
    lastFrame: message.lastFrame,
    messageId: message.messageId,
    session: message.session,
    callId: message.callId,
    via: message.via,
    chunks: message.chunks,
    size: message.size,
    complete: message.isComplete,
    aborted: message.isAborted || undefined,
    from: message.cpim?.from,
    to: message.cpim?.to,
    dateTime: message.cpim?.dateTime,
    contentType: message.contentType,
    wrappedType: message.wrappedType,
    body: message.text,
    bodyBase64: message.text === undefined ? message.body.toBase64() : undefined,
    composing: message.composing,
    encryption: message.encryption,
    delivery: delivery?.outcome,
    deliveryBy: delivery?.by,
    code: delivery?.code,
    comment: delivery?.comment,
  };
}

function sipFields(sip: SipObject): object {
  const { transport, method, requestUri, status, reason, callId, cseq, from, to } = sip;
  return {
    v: 1,
    type: "sip",
    ...located(sip),
    transport,
    method,
    requestUri,
    status,
    reason,
    callId,
    cseq,
    from,
    to,
    contentType: sip.contentType,
    bodyLength: sip.bodyLength,
    focus: sip.isFocus || undefined,
    media: sip.media.length === 0 ? undefined : sip.media,
  };
}

function otrFields(otr: OtrObject): object {
  const { messageId, session, callId, kind, version, senderInstance, receiverInstance } = otr;
  return {
    v: 1,
    type: "otr",
    ...located(otr),
    messageId,
    session,
    callId,
    kind,
    version,
    senderInstance,
    receiverInstance,
    ...otr.details,
    state: otr.state,
  };
}

function located({ frame, at, src, dst }: Located): object {
  return { frame, at: time(at), src: showHostPort(src) ?? null, dst: showHostPort(dst) ?? null };
}

function time(at: number | undefined): string | null {
  return at === undefined ? null : formatInstant(at, 6);
}

const HIDDEN =
  /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g;
