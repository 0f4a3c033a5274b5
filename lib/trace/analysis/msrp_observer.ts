/**
 * Chunks of all connections → chunks with their context, messages, what is inside them, and
 * what became of them (RFC 4975 §7).
 */
import { PeerError } from "../../base/errors.ts";
import {
  type ChunkHead,
  type HeaderField,
  readRequestFields,
  writeMsrpUri,
} from "../../msrp/mod.ts";
import type { Sighting } from "../arrival.ts";
import { type Finding, findingOf } from "../finding.ts";
import { explainContent } from "./content.ts";
import { DeliveryTracker } from "./delivery_tracker.ts";
import { MessageTracker, type TrackedMessage } from "./message_tracker.ts";
import type { SeenChunk } from "./msrp_stream.ts";
import { isOtrText, type OtrObserver } from "./otr_observer.ts";
import type { SessionTable, TraceSession } from "./session_table.ts";
import type { ChunkObject, MessageObject, TraceObject } from "./trace_object.ts";

/** Where a chunk came by. */
export interface ChunkContext {
  /** The connection's number; 0 for what has none. */
  readonly connection: number;
  readonly transport: "tcp" | "tls";
  /** The log it comes from has replaced bodies. */
  readonly isStripped: boolean;
}

interface OpenRequest {
  readonly method: string;
  readonly frame: number;
  readonly session: TraceSession | undefined;
}

/** Explains chunks in the order in which they were seen. */
export class MsrpObserver {
  readonly #sessions: SessionTable;
  readonly #otr: OtrObserver;
  readonly #messages = new MessageTracker();
  readonly #deliveries = new DeliveryTracker();
  readonly #requests = new Map<string, OpenRequest>();
  #unframed = 0;

  /**
   * @param sessions Where sessions are numbered.
   * @param otr Where OTR conversations are followed.
   */
  constructor(sessions: SessionTable, otr: OtrObserver) {
    this.#sessions = sessions;
    this.#otr = otr;
  }

  /** Takes a chunk. */
  receive(chunk: SeenChunk, context: ChunkContext): TraceObject[] {
    const { head } = chunk;
    const isRequest = head.startLine.kind === "request";
    const direction = directionOf(chunk.seen, isRequest);
    const transaction = `${context.connection} ${direction} ${head.startLine.transactionId}`;
    const answers = isRequest ? undefined : this.#requests.get(transaction);
    const session = isRequest
      ? this.#sessions.sessionOf(head.toPath, head.fromPath)
      : answers?.session;
    // A stream without frames of its own: its chunks are counted instead.
    const frame = chunk.seen.frame === 0 ? ++this.#unframed : chunk.seen.frame;
    const object = describe(chunk, context, frame, session, answers);
    if (session !== undefined) session.chunks++;
    const objects: TraceObject[] = [object, ...findingsOf(head, object)];
    if (isRequest) {
      this.#requests.delete(transaction);
      if (this.#requests.size >= MOST_REQUESTS) this.#forgetOldest();
      this.#requests.set(transaction, { method: object.method ?? "", frame, session });
      objects.push(...this.#receiveRequest(object, context, transaction, session));
    } else {
      this.#requests.delete(transaction);
      objects.push(...this.#deliveries.answered(transaction, object));
    }
    return objects;
  }

  /** Time has passed in the trace: what waited too long is given up. */
  expire(at: number | undefined): TraceObject[] {
    return this.#deliveries.expire(at);
  }

  /** The input has ended. */
  end(): TraceObject[] {
    const objects: TraceObject[] = [];
    for (const message of this.#messages.end()) objects.push(...this.#complete(message));
    return [...objects, ...this.#deliveries.end()];
  }

  #receiveRequest(
    object: ChunkObject,
    { connection, isStripped }: ChunkContext,
    transaction: string,
    session: TraceSession | undefined,
  ): TraceObject[] {
    const { method, messageId } = object;
    if (messageId === undefined) return [];
    if (method === "REPORT") {
      const towards = directionOf(object, false);
      return this.#deliveries.reported(`${connection} ${towards} ${messageId}`, object);
    }
    // A SEND without a body binds a session or keeps it alive: it is no message.
    if (method !== "SEND" || object.bodyLength === undefined) return [];
    const key = `${connection} ${directionOf(object, true)} ${messageId}`;
    if (session !== undefined) session.octets += object.bodyLength;
    this.#deliveries.sent(key, transaction, object);
    const done = this.#messages.receive(key, object, isStripped);
    return done.flatMap((message) => this.#complete(message));
  }

  #complete(tracked: TrackedMessage): TraceObject[] {
    const { first, last, body, size, chunks, isComplete, isAborted } = tracked;
    const { session, callId, messageId = "", contentType } = first;
    const { error, ...content } = explainContent(contentType, body);
    const message: MessageObject = {
      type: "message",
      frame: first.frame,
      lastFrame: last.lastFrame ?? last.frame,
      at: last.at,
      src: first.src,
      dst: first.dst,
      messageId,
      session,
      callId,
      chunks,
      size,
      isComplete,
      isAborted,
      contentType,
      ...content,
      body,
      encryption: content.text !== undefined && isOtrText(content.text) ? "otr" : "",
      via: "msrp",
    };
    const known = this.#sessions.byNumber(session);
    if (known !== undefined) known.messages++;
    const objects: TraceObject[] = [message];
    // A part of a body is often not what the whole would be: that is nobody's fault.
    if (error !== undefined && isComplete) {
      objects.push({ type: "finding", ...findingOf(error, { frame: first.frame, at: first.at }) });
    }
    if (content.text !== undefined && isComplete) {
      const conversation = session === undefined ? `c ${pairOf(first)}` : `s ${session}`;
      const from = first.fromPath.at(-1) ?? directionOf(first, true);
      const { objects: seen, findings } = this.#otr.observe(conversation, from, message);
      objects.push(...seen, ...findings.map((it) => ({ type: "finding" as const, ...it })));
    }
    return [...objects, ...this.#deliveries.completed(tracked.key, message)];
  }

  #forgetOldest(): void {
    const [oldest = ""] = this.#requests.keys();
    this.#requests.delete(oldest);
  }
}

function describe(
  chunk: SeenChunk,
  { transport }: ChunkContext,
  frame: number,
  session: TraceSession | undefined,
  answers: OpenRequest | undefined,
): ChunkObject {
  const { head, seen, lastSeen, continuation, body, bodyLength, offset, missing } = chunk;
  const { startLine, headers } = head;
  const isRequest = startLine.kind === "request";
  const fields = new Map(
    // The first of two counts.
    headers.toReversed().map(({ name, value }) => [name.toLowerCase(), value]),
  );
  const field = (name: string) => fields.get(name);
  return {
    type: "chunk",
    frame,
    at: seen.at,
    src: seen.src,
    dst: seen.dst,
    transport,
    lastFrame: lastSeen.frame > seen.frame ? lastSeen.frame : undefined,
    transactionId: startLine.transactionId,
    method: isRequest ? startLine.method : undefined,
    status: isRequest ? undefined : startLine.code,
    comment: isRequest ? undefined : startLine.comment,
    toPath: head.toPath.map(writeMsrpUri),
    fromPath: head.fromPath.map(writeMsrpUri),
    messageId: field("message-id"),
    byteRange: field("byte-range"),
    flag: continuation,
    successReport: field("success-report"),
    failureReport: field("failure-report"),
    reportStatus: field("status"),
    contentType: field("content-type"),
    bodyLength: body === undefined ? undefined : bodyLength,
    body,
    headers: headers.filter(({ name }) => !SHOWN_FIELDS.has(name.toLowerCase())),
    answers: answers && { method: answers.method, frame: answers.frame },
    session: session?.number,
    callId: session?.callId,
    isTruncated: continuation === undefined,
    missing,
    offset,
  };
}

function findingsOf(head: ChunkHead, object: ChunkObject): TraceObject[] {
  const findings: Finding[] = [];
  const place = { frame: object.frame, at: object.at };
  if (head.problem !== undefined) findings.push(findingOf(head.problem, place));
  else if (head.startLine.kind === "request") {
    const error = fieldsError(head.headers);
    if (error !== undefined) findings.push(findingOf(error, { ...place, offset: object.offset }));
  }
  return findings.map((it) => ({ type: "finding", ...it }));
}

function fieldsError(headers: readonly HeaderField[]): PeerError | undefined {
  try {
    readRequestFields(headers);
    return undefined;
  } catch (error) {
    if (error instanceof PeerError) return error;
    throw error;
  }
}

/** Names the direction of a request, or of the request that a response or report speaks of. */
function directionOf({ src, dst }: Pick<Sighting, "src" | "dst">, isRequest: boolean): string {
  const from = isRequest ? src : dst;
  return from === undefined ? "" : `${from.host} ${from.port}`;
}

function pairOf({ src, dst }: Pick<Sighting, "src" | "dst">): string {
  return [src, dst].map((it) => `${it?.host} ${it?.port}`).sort().join(" ");
}

const MOST_REQUESTS = 65_536;
const SHOWN_FIELDS = new Set([
  "message-id",
  "byte-range",
  "success-report",
  "failure-report",
  "status",
  "content-type",
]);
