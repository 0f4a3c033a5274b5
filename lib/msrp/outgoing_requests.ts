/**
 * What we send: messages, the SEND that binds, reports and responses; and what the peer
 * answers to it (RFC 4975 §7.1, §7.3.2, §10).
 */
import { SottoError } from "../base/errors.ts";
import type { Instant, RandomSource, Transmit } from "../base/output.ts";
import { acceptsContentType, mediaType } from "./accept_types.ts";
import type { ByteRange } from "./byte_range.ts";
import type { HeaderField, StatusLine } from "./chunk.ts";
import { freshMessageId, freshTransactionId, writeChunk } from "./chunk_writer.ts";
import type { MsrpEvent } from "./events.ts";
import { readFileOffset, writeFileOffset } from "./file_offset.ts";
import type { RequestFields } from "./header_fields.ts";
import { MessageSender, type OutgoingMessage, type SenderLimits } from "./message_sender.ts";
import { writeNickname } from "./nickname.ts";
import { writeReport } from "./report.ts";
import type { MessageToSend, SessionState } from "./session_state.ts";
import { isSuccess, statusComment } from "./status.ts";
import { type Transaction, TransactionTable } from "./transaction.ts";

/** Bounds on what waits to leave or to be answered. */
export interface OutgoingLimits extends SenderLimits {
  /** Requests of ours that may wait for their responses; default 4096. */
  readonly transactions?: number | undefined;
}

/** What a REPORT of ours is to say. */
export interface ReportToSend {
  /** As in §10: 200 reports success. */
  readonly code: number;
  /** Absent: the usual one. */
  readonly comment?: string | undefined;
  /** Absent: the whole message. */
  readonly byteRange?: ByteRange | undefined;
}

/** What the connection does for its outgoing requests. */
export interface OutgoingHost {
  /** The session of that name, while there is one. */
  readonly session: (id: string) => SessionState | undefined;
  /** Octets for the stream. */
  readonly transmit: (step: Transmit) => void;
  /** Something happened. */
  readonly report: (events: readonly MsrpEvent[]) => void;
  /** Whether a transaction that is none of a session has this identifier. */
  readonly isTaken: (transactionId: string) => boolean;
}

/** Our half of a connection. Nothing leaves before {@link flush}. */
export class OutgoingRequests {
  readonly #random: RandomSource;
  readonly #host: OutgoingHost;
  readonly #transactions: TransactionTable;
  readonly #sender: MessageSender;

  /** @param host The connection. */
  constructor(random: RandomSource, limits: OutgoingLimits, host: OutgoingHost) {
    this.#random = random;
    this.#host = host;
    this.#transactions = new TransactionTable(limits.transactions ?? 4_096);
    this.#sender = new MessageSender(random, this.#transactions, limits);
  }

  /** When {@link expire} has something to do. */
  get deadline(): Instant | undefined {
    return this.#transactions.deadline;
  }

  /** Whether to call {@link handleWritable} once the stream has taken everything. */
  get wantsWritable(): boolean {
    return this.#sender.wantsWritable;
  }

  /** Whether responses pile up because the peer does not read. */
  get isOverrun(): boolean {
    return this.#sender.isOverrun;
  }

  /** Whether a live request of a session has this identifier. */
  has(transactionId: string): boolean {
    return this.#transactions.has(transactionId);
  }

  /** The body-less SEND of §5.4. */
  bind(session: SessionState, now: Instant): void {
    if (session.status === "new") session.status = "binding";
    session.bindId = this.#sendNothing(session, "bind", [], now);
  }

  /** The same in an open session, so that whoever keeps the connection alive sees something pass. */
  keepAlive(session: SessionState, now: Instant): void {
    session.touch(now);
    this.#sendNothing(session, "keep-alive", [{ name: "Keep-Alive", value: "yes" }], now);
  }

  #sendNothing(
    session: SessionState,
    purpose: "bind" | "keep-alive",
    more: readonly HeaderField[],
    now: Instant,
  ): string {
    const transactionId = this.#freshTransactionId();
    const messageId = freshMessageId(this.#random);
    this.#sender.enqueueControl(writeChunk({
      startLine: { kind: "request", transactionId, method: "SEND" },
      toPath: session.sending.toPath,
      fromPath: session.sending.fromPath,
      headers: [
        { name: "Message-ID", value: messageId },
        { name: "Byte-Range", value: "1-0/0" },
        ...more,
      ],
      continuation: "$",
    }));
    this.#transactions.begin({
      transactionId,
      session: session.id,
      purpose,
      messageId,
      expectsSuccess: true,
    });
    this.#transactions.complete(transactionId, now);
    return messageId;
  }

  /** Asks how much of a file the peer has. `file-offset` follows. */
  askFileOffset(session: SessionState, now: Instant): void {
    const transactionId = this.#freshTransactionId();
    this.#sender.enqueueControl(writeFileOffset(session, transactionId));
    this.#transactions.begin({
      transactionId,
      session: session.id,
      purpose: "file-offset",
      messageId: "",
      expectsSuccess: true,
    });
    this.#transactions.complete(transactionId, now);
  }

  /**
   * Queues a message and answers with its Message-ID.
   * @throws what `MsrpConnection.send` says.
   */
  send(session: SessionState, message: MessageToSend): string {
    checkSendable(session, message);
    const outgoing: OutgoingMessage = {
      messageId: message.messageId ?? freshMessageId(this.#random),
      contentType: message.contentType,
      body: message.body,
      successReport: message.successReport ?? false,
      failureReport: message.failureReport ?? "yes",
      headers: message.headers ?? [],
    };
    const { messageId, body, contentType, successReport, failureReport } = outgoing;
    if (session.deliveries.has(messageId)) {
      throw new RangeError(`a message ${messageId} is being sent already`);
    }
    this.#sender.enqueue(session.sending, outgoing);
    this.#host.report(session.deliveries.begin(messageId, {
      length: body.length,
      contentType,
      successReport,
      failureReport,
    }));
    return messageId;
  }

  /**
   * Asks for a nickname (RFC 7701 §7.1). `nickname-answered` follows.
   * @throws what `MsrpConnection.useNickname` says.
   */
  useNickname(session: SessionState, nickname: string, now: Instant): void {
    checkOpen(session);
    const value = writeNickname(nickname);
    const transactionId = this.#freshTransactionId();
    if (this.#transactions.isFull) {
      throw new SottoError("msrp/queue-full", "too many requests wait for their answers");
    }
    this.#sender.enqueueControl(writeChunk({
      startLine: { kind: "request", transactionId, method: "NICKNAME" },
      toPath: session.sending.toPath,
      fromPath: session.sending.fromPath,
      headers: [{ name: "Use-Nickname", value }],
      continuation: "$",
    }));
    this.#transactions.begin({
      transactionId,
      session: session.id,
      purpose: "nickname",
      messageId: nickname,
      expectsSuccess: true,
    });
    this.#transactions.complete(transactionId, now);
  }

  /**
   * Octets that an `octets-wanted` asked for.
   * @throws {RangeError} when not so many were asked for.
   */
  supply(session: SessionState, messageId: string, octets: Uint8Array): void {
    this.#sender.supply(session.id, messageId, octets);
  }

  /** Gives up a message that has not left completely. */
  abort(session: SessionState, messageId: string): void {
    if (!this.#sender.abort(session.id, messageId, true)) return;
    this.#transactions.forget(session.id, messageId);
    const failure = { code: 0, comment: "Given Up", cause: "aborted" } as const;
    this.#host.report(session.deliveries.failed(messageId, failure));
  }

  /** Queues a response. */
  respond(frame: Uint8Array): void {
    this.#sender.enqueueControl(frame);
  }

  /** Queues a REPORT on a message that was received, if its sender wants it. */
  sendReport(
    session: SessionState,
    messageId: string,
    { code, comment, byteRange }: ReportToSend,
  ): void {
    const received = session.received(messageId);
    if (received === undefined || session.status === "failed") return;
    const isWanted = isSuccess(code) ? received.successReport : received.failureReport !== "no";
    if (!isWanted) return;
    const { length, fromPath } = received;
    this.#sender.enqueueControl(writeReport({
      transactionId: this.#freshTransactionId(),
      toPath: fromPath,
      from: session.self,
      messageId,
      status: { namespace: "000", code, comment: comment ?? statusComment(code) },
      byteRange: byteRange ?? { start: 1, end: length, total: length },
    }));
  }

  /** A response came. */
  receiveResponse(
    { transactionId, code, comment }: StatusLine,
    now: Instant,
    headers: readonly HeaderField[] = [],
  ): void {
    const transaction = this.#transactions.answer(transactionId);
    if (transaction === undefined) return; // Late, or not ours: nothing depends on it.
    this.#sender.settle(transaction.session, transaction.messageId, transactionId);
    const session = this.#host.session(transaction.session);
    if (session === undefined) return;
    if (transaction.purpose === "file-offset") {
      const offset = isSuccess(code) ? readFileOffset(headers) : 0;
      this.#host.report([{ type: "file-offset", session: session.id, offset }]);
    } else if (!isSuccess(code)) {
      this.#transactionFailed(transaction, code, comment);
    } else if (transaction.purpose === "message") {
      this.#host.report(session.deliveries.answered(transaction.messageId));
    } else if (transaction.purpose === "nickname") {
      this.#nicknameAnswered(transaction, code, comment);
    } else if (session.status === "binding") {
      session.bound(now);
      this.#host.report([{ type: "session-bound", session: session.id, by: "us" }]);
    }
  }

  /** A REPORT came. */
  receiveReport(session: SessionState, { messageId, status, byteRange }: RequestFields): void {
    // §7.3.2: other namespaces than 000 mean something that we cannot know.
    if (messageId === undefined || status?.namespace !== "000") return;
    const { code, comment } = status;
    if (messageId === session.bindId && !isSuccess(code)) {
      // A relay took the SEND that binds, and could not pass it on (RFC 4976 §6.4.1).
      this.#sessionFailed(session, code, comment);
    } else if (isSuccess(code)) {
      this.#host.report(session.deliveries.reported(messageId, byteRange));
    } else if (session.deliveries.has(messageId)) {
      this.#messageFailed(session, messageId, code, comment, code === 408 ? "timeout" : "report");
      if (LOST.includes(code)) this.#sessionFailed(session, code, comment);
    }
  }

  /** Fails what was not answered in time. */
  expire(now: Instant): void {
    for (const transaction of this.#transactions.expire(now)) {
      if (transaction.expectsSuccess) this.#transactionFailed(transaction, 408, undefined);
    }
  }

  /** The stream has taken everything that was transmitted. */
  handleWritable(): void {
    this.#sender.handleWritable();
  }

  /** Gives up what a session has not sent, and settles the rest. */
  endSession(session: SessionState, cause: "connection" | "aborted"): void {
    for (const { messageId } of this.#sender.pending(session.id)) {
      this.#sender.abort(session.id, messageId, false);
    }
    this.#transactions.forget(session.id);
    this.#host.report(session.deliveries.end(cause));
  }

  /** Lets leave what may, and starts the timers of what has left. */
  flush(now: Instant): void {
    for (const step of this.#sender.pump()) {
      if (step.type === "transmit") {
        this.#host.transmit(step);
        continue;
      }
      const session = this.#host.session(step.session);
      const { message: { messageId, failureReport } } = step;
      if (session === undefined) continue;
      session.touch(now);
      if (step.type === "octets-wanted") {
        const { session, wanted } = step;
        this.#host.report([{ type: "octets-wanted", session, messageId, ...wanted }]);
      } else if (step.type === "chunk-began") {
        session.deliveries.chunkBegan(messageId);
        if (failureReport === "no") continue;
        this.#transactions.begin({
          transactionId: step.transactionId,
          session: session.id,
          purpose: "message",
          messageId,
          expectsSuccess: failureReport === "yes",
        });
      } else {
        this.#transactions.complete(step.transactionId, now);
        if (step.continuation === "$") this.#host.report(session.deliveries.allLeft(messageId));
      }
    }
  }

  /** @param code 408 also stands for no answer at all: §10.4 treats both alike. */
  #transactionFailed(transaction: Transaction, code: number, comment: string | undefined): void {
    const session = this.#host.session(transaction.session);
    if (session === undefined) return;
    if (transaction.purpose === "bind" || transaction.purpose === "keep-alive") {
      this.#sessionFailed(session, code, comment);
      return;
    }
    if (transaction.purpose === "nickname") {
      this.#nicknameAnswered(transaction, code, comment);
      if (code === 481 || code === 506) this.#sessionFailed(session, code, comment);
      return;
    }
    if (transaction.purpose === "file-offset") {
      this.#host.report([{ type: "file-offset", session: session.id, offset: 0 }]);
      return;
    }
    const { messageId } = transaction;
    const type = session.deliveries.awaited(messageId)?.contentType;
    if (code === 415 && type !== undefined) session.refusedTypes.add(mediaType(type));
    this.#messageFailed(session, messageId, code, comment, code === 408 ? "timeout" : "response");
    if (code === 481 || code === 506) this.#sessionFailed(session, code, comment);
  }

  #nicknameAnswered(
    { session, messageId: nickname }: Transaction,
    code: number,
    comment = statusComment(code),
  ): void {
    this.#host.report([{ type: "nickname-answered", session, nickname, code, comment }]);
  }

  #messageFailed(
    session: SessionState,
    messageId: string,
    code: number,
    comment: string | undefined,
    cause: "response" | "report" | "timeout",
  ): void {
    this.#host.report(session.deliveries.failed(messageId, { code, comment, cause }));
    // §7.3.2, §10.5: what is being sent ends with `#`, and no further chunk follows.
    this.#sender.abort(session.id, messageId, code !== 413);
    this.#transactions.forget(session.id, messageId);
  }

  #sessionFailed(session: SessionState, code: number, comment: string | undefined): void {
    if (session.status === "failed") return;
    session.status = "failed";
    session.keepAliveAt = undefined;
    this.#host.report([{
      type: "session-failed",
      session: session.id,
      code,
      comment: comment ?? statusComment(code),
    }]);
    this.endSession(session, "connection");
  }

  #freshTransactionId(): string {
    return freshTransactionId(
      this.#random,
      undefined,
      (it) => this.#transactions.has(it) || this.#host.isTaken(it),
    );
  }
}

function checkOpen({ status }: SessionState): void {
  if (status === "new") {
    throw new SottoError(
      "msrp/session-not-bound",
      "bind the session, or wait until the peer does",
    );
  }
  if (status === "failed") {
    throw new SottoError("msrp/session-failed", "this session has failed: renegotiate it");
  }
}

function checkSendable(session: SessionState, { contentType, body }: MessageToSend): void {
  checkOpen(session);
  const { config, refusedTypes } = session;
  if (body.length > (config.peerMaxSize ?? Infinity)) {
    throw new SottoError(
      "msrp/too-large-for-peer",
      `the peer takes messages of at most ${config.peerMaxSize} octets`,
    );
  }
  const isAccepted = config.peerAcceptTypes === undefined ||
    acceptsContentType(config.peerAcceptTypes, contentType);
  if (!isAccepted || refusedTypes.has(mediaType(contentType))) {
    throw new SottoError(
      "msrp/type-not-accepted",
      `the peer does not take ${mediaType(contentType)}`,
    );
  }
}

/** Codes of a failure report which say that octets did not arrive, not that they were unwelcome. */
const LOST: readonly number[] = [408, 481, 506];
