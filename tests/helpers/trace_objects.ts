/** Trace objects and analyses for tests. */
import type { Arrival } from "../../lib/trace/arrival.ts";
import { TraceAnalysis } from "../../lib/trace/analysis/trace_analysis.ts";
import type {
  ChunkObject,
  MessageObject,
  SipObject,
  TraceObject,
} from "../../lib/trace/analysis/trace_object.ts";
import { TraceInput } from "../../lib/trace/trace_input.ts";

const A = { host: "192.0.2.1", port: 40000 };
const B = { host: "192.0.2.2", port: 2855 };

/** A chunk with harmless fields but those of `fields`. */
export function chunkObject(fields: Partial<ChunkObject> = {}): ChunkObject {
  return {
    type: "chunk",
    frame: 1,
    at: 1000,
    src: A,
    dst: B,
    transport: "tcp",
    lastFrame: undefined,
    transactionId: "abcd",
    method: "SEND",
    status: undefined,
    comment: undefined,
    toPath: ["msrp://192.0.2.2:2855/b;tcp"],
    fromPath: ["msrp://192.0.2.1:40000/a;tcp"],
    messageId: "m1",
    byteRange: undefined,
    flag: "$",
    successReport: undefined,
    failureReport: undefined,
    reportStatus: undefined,
    contentType: "text/plain",
    bodyLength: 5,
    body: new TextEncoder().encode("hello"),
    headers: [],
    answers: undefined,
    session: 1,
    callId: undefined,
    isTruncated: false,
    missing: 0,
    offset: 0,
    ...fields,
  };
}

/** A message with harmless fields but those of `fields`. */
export function messageObject(fields: Partial<MessageObject> = {}): MessageObject {
  return {
    type: "message",
    frame: 1,
    lastFrame: 1,
    at: 1000,
    src: A,
    dst: B,
    messageId: "m1",
    session: 1,
    callId: undefined,
    chunks: 1,
    size: 5,
    isComplete: true,
    isAborted: false,
    contentType: "text/plain",
    cpim: undefined,
    wrappedType: undefined,
    text: "hello",
    body: new TextEncoder().encode("hello"),
    composing: undefined,
    encryption: "",
    via: "msrp",
    ...fields,
  };
}

/** A SIP message with harmless fields but those of `fields`. */
export function sipObject(fields: Partial<SipObject> = {}): SipObject {
  return {
    type: "sip",
    frame: 1,
    at: 1000,
    src: A,
    dst: B,
    transport: "udp",
    method: "INVITE",
    requestUri: "sip:bob@example.com",
    status: undefined,
    reason: undefined,
    callId: "call-1",
    cseq: "1 INVITE",
    from: "<sip:alice@example.com>;tag=1",
    to: "<sip:bob@example.com>",
    contentType: undefined,
    bodyLength: 0,
    media: [],
    isFocus: false,
    ...fields,
  };
}

/** Everything that is said of an input. */
export function explain(bytes: Uint8Array): TraceObject[] {
  const input = new TraceInput();
  return explainArrivals([...input.feed(bytes), ...input.end()]);
}

/** Everything that is said of arrivals. */
export function explainArrivals(arrivals: readonly Arrival[]): TraceObject[] {
  const analysis = new TraceAnalysis();
  return [...arrivals.flatMap((it) => analysis.receive(it)), ...analysis.end()];
}

/** The objects of one type. */
export function ofType<Type extends TraceObject["type"]>(
  objects: readonly TraceObject[],
  type: Type,
): Extract<TraceObject, { type: Type }>[] {
  return objects.filter((it): it is Extract<TraceObject, { type: Type }> => it.type === type);
}
