/** Requests of the peer's, from the start line to the end-line (RFC 4975 §7.3). */
import { PeerError } from "../base/errors.ts";
import type { Instant } from "../base/output.ts";
import { type ChunkHead, type ContinuationFlag, headerValue } from "./chunk.ts";
import type { AbortReason, MsrpEvent } from "./events.ts";
import type { RequestFields } from "./header_fields.ts";
import type { AssemblyResult } from "./message_assembler.ts";
import { parseNickname } from "./nickname.ts";
import { answerFileOffset, isFileOffset } from "./file_offset.ts";
import { judgeRequest, type Refusal, type SessionLookup } from "./request_judge.ts";
import { writeResponse } from "./response.ts";
import type { SessionState } from "./session_state.ts";
import type { StreamResult } from "./stream_assembler.ts";

/** What the connection does for its incoming requests. */
export interface IncomingHost {
  /** Which session a To-Path means. */
  readonly findSession: SessionLookup;
  /** Whether a request without a body is kept for a session that is not here yet. */
  readonly hold: (head: ChunkHead) => boolean;
  /** Lets a response leave. */
  readonly respond: (frame: Uint8Array, now: Instant) => void;
  /** Reports a message as delivered. */
  readonly succeed: (session: SessionState, messageId: string, now: Instant) => void;
  /** A REPORT came. */
  readonly receiveReport: (session: SessionState, fields: RequestFields) => void;
  /** Something happened. */
  readonly report: (event: MsrpEvent) => void;
}

/** Takes one request after the other, in pieces. */
export class IncomingRequests {
  readonly #host: IncomingHost;
  #current: Taken | undefined;

  /** @param host The connection. */
  constructor(host: IncomingHost) {
    this.#host = host;
  }

  /** The head of a request came: it is taken, or refused at once. */
  begin(head: ChunkHead, hasBody: boolean, now: Instant): void {
    this.#current = undefined;
    if (!hasBody && this.#host.hold(head)) return;
    const verdict = judgeRequest(head, hasBody, this.#host.findSession);
    if (verdict.session?.status === "new" || verdict.session?.status === "binding") {
      // §5.4: the first request binds the session to this connection.
      verdict.session.bound(now);
      this.#host.report({ type: "session-bound", session: verdict.session.id, by: "peer" });
    }
    if (verdict.type === "refuse") return this.#refuse(head, verdict, now);
    const { session, fields } = verdict;
    const isSend = methodOf(head) === "SEND";
    const { messageId, contentType, byteRange } = fields;
    const taken: Taken = { head, session, fields, isSend, isAssembling: false, now };
    this.#current = taken;
    if (!isSend || contentType === undefined || messageId === undefined) return;
    taken.isAssembling = this.#attempt(taken, () => {
      const total = byteRange?.total === "*" ? undefined : byteRange?.total;
      const about = { messageId, contentType, headers: head.headers };
      session.hasBegunStream = true;
      const began = session.assembler.beginChunk(about, byteRange?.start ?? 1, total, now);
      if (began !== undefined) {
        this.#host.report({ type: "message-began", session: session.id, ...began });
      }
      return true;
    }) ?? false;
  }

  /** Octets of its body. Those of a refused request, and of a REPORT, mean nothing. */
  add(bytes: Uint8Array): void {
    const taken = this.#current;
    if (taken === undefined || !taken.isSend) return;
    this.#attempt(taken, () => {
      if (!taken.isAssembling) {
        throw new PeerError("msrp/bad-body", "RFC 4975 §7.1", "expected a Content-Type");
      }
      const { id, assembler } = taken.session;
      const octets = assembler.addData(bytes);
      if (octets !== undefined) {
        this.#host.report({ type: "message-octets", session: id, ...octets });
      }
    });
  }

  /**
   * A message is not wanted any more: 413 for the chunk that is coming in, and for every
   * further one (§10.5).
   */
  refuse(session: SessionState, messageId: string, now: Instant): void {
    session.refuse(messageId);
    session.assembler.drop(messageId);
    const taken = this.#current;
    if (taken?.session !== session || taken.fields.messageId !== messageId) return;
    this.#current = undefined;
    if (taken.fields.failureReport === "no") return;
    this.#host.respond(writeResponse(taken.head, session.self, 413), now);
  }

  /** Its end-line came. */
  end(continuation: ContinuationFlag, bodyLength: number, now: Instant): void {
    const taken = this.#current;
    if (taken === undefined) return;
    const { head, session, fields, isSend, isAssembling } = taken;
    if (!isSend) {
      this.#current = undefined;
      if (methodOf(head) === "NICKNAME") return this.#answerNickname(taken);
      if (isFileOffset(head)) return this.#host.respond(answerFileOffset(head, session), now);
      return this.#host.receiveReport(session, fields);
    }
    const result = isAssembling
      ? this.#attempt(taken, () => session.assembler.endChunk(continuation, now))
      : undefined;
    if (this.#current === undefined) return; // Refused only now.
    this.#current = undefined;
    const refusal = result?.type === "complete" ? judgedAs(session, result) : undefined;
    if (refusal !== undefined) {
      if (fields.failureReport === "no") return;
      return this.#host.respond(writeResponse(head, session.self, refusal), now);
    }
    if (fields.failureReport === "yes") {
      this.#host.respond(writeResponse(head, session.self, 200), now);
    }
    if (result !== undefined) return this.#assembled(taken, result, now);
    // A chunk without a body may still give up a message.
    const dropped = continuation === "#" && fields.messageId !== undefined
      ? session.assembler.drop(fields.messageId)
      : undefined;
    if (dropped !== undefined) this.#aborted(session, dropped, "sender");
    if (fields.keepAlive && bodyLength === 0) {
      this.#host.report({ type: "keep-alive-answered", session: session.id });
    }
  }

  #assembled(
    { head, session, fields }: Taken,
    result: AssemblyResult | StreamResult,
    now: Instant,
  ): void {
    if (result.type === "incomplete") return;
    if (result.type === "aborted") return this.#aborted(session, result.message, "sender");
    const { message: { messageId, contentType, headers } } = result;
    const length = result.type === "ended" ? result.length : result.body.length;
    const { successReport, failureReport } = fields;
    const { fromPath, startLine: { transactionId } } = head;
    const isRepeat = session.remember(messageId, {
      fromPath,
      successReport,
      failureReport,
      length,
    });
    if (successReport && session.config.reports !== "manual") {
      this.#host.succeed(session, messageId, now);
    }
    if (result.type === "ended") {
      const { id } = session;
      this.#host.report(
        { type: "message-ended", session: id, messageId, length, successReport, failureReport },
      );
      return;
    }
    this.#host.report({
      type: "message-received",
      session: session.id,
      messageId,
      contentType,
      body: result.body,
      headers,
      successReport,
      failureReport,
      transactionId,
      isRepeat,
    });
  }

  #aborted(
    session: SessionState,
    { messageId, received }: { readonly messageId: string; readonly received: number },
    reason: AbortReason,
  ): void {
    this.#host.report({
      type: "message-aborted",
      session: session.id,
      messageId,
      reason,
      received,
    });
  }

  /** Runs what may find that the request passes a limit or lacks its type; then it is refused. */
  #attempt<T>(taken: Taken, act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      const { head, session, fields: { messageId, failureReport }, now } = taken;
      this.#current = undefined;
      const isTooMuch = error.code !== "msrp/bad-body";
      if (messageId !== undefined && isTooMuch) {
        const received = session.assembler.drop(messageId)?.received ?? 0;
        session.refuse(messageId);
        this.#aborted(session, { messageId, received }, "too-large");
      }
      const isSilent = failureReport === "no";
      const code = isTooMuch ? 413 : 400;
      this.#refuse(head, { type: "refuse", session, code, error, isSilent }, now);
      return undefined;
    }
  }

  /** Its head was judged already: what is left is whether the name is to be had. */
  #answerNickname({ head, session, now }: Taken): void {
    const nickname = parseNickname(headerValue(head.headers, "Use-Nickname") ?? "");
    const code = session.config.reserveNickname?.(nickname) ?? 501;
    this.#host.respond(writeResponse(head, session.self, code), now);
    this.#host.report({ type: "nickname-requested", session: session.id, nickname, code });
  }

  /** Answers at once: the sender may still be busy with the body (§7.3.2). */
  #refuse(head: ChunkHead, { session, code, error, isSilent }: Refusal, now: Instant): void {
    this.#host.report({
      type: "peer-error",
      ...(session !== undefined && { session: session.id }),
      error,
    });
    const from = session?.self ?? head.toPath[0];
    if (!isSilent && from !== undefined) this.#host.respond(writeResponse(head, from, code), now);
  }
}

function methodOf({ startLine }: ChunkHead): string {
  return startLine.kind === "request" ? startLine.method : "";
}

/** What the application refuses a whole message with, if it does. */
function judgedAs(
  { config }: SessionState,
  { message: { messageId, contentType }, body }: AssemblyResult & { readonly type: "complete" },
): number | undefined {
  return config.judgeMessage?.({ messageId, contentType, body });
}

/** A request that was not refused, before its end-line. */
interface Taken {
  readonly head: ChunkHead;
  readonly session: SessionState;
  readonly fields: RequestFields;
  readonly isSend: boolean;
  /** Whether its octets belong to a message. */
  isAssembling: boolean;
  /** When it began. */
  readonly now: Instant;
}
