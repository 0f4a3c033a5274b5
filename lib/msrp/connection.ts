/**
 * One connection with the sessions on it: bytes in; frames out and events
 * (RFC 4975 §5.4, §7). Relays are not spoken to as such; a path through them is.
 */
import { PeerError, SottoError } from "../base/errors.ts";
import type { Instant, Output, ProtocolCore, RandomSource } from "../base/output.ts";
import { acceptsContentType, mediaType } from "./accept_types.ts";
import type { ByteRange } from "./byte_range.ts";
import type { StatusLine } from "./chunk.ts";
import { ChunkParser, type ChunkParserEvent, type ChunkParserLimits } from "./chunk_parser.ts";
import { freshMessageId, freshTransactionId, writeChunk } from "./chunk_writer.ts";
import type { MsrpEvent } from "./events.ts";
import type { RequestFields } from "./header_fields.ts";
import { IncomingRequests } from "./incoming_requests.ts";
import type { AssemblerLimits } from "./message_assembler.ts";
import { MessageSender, type OutgoingMessage, type SenderLimits } from "./message_sender.ts";
import { writeReport } from "./report.ts";
import {
  type MessageToSend,
  type MsrpSessionConfig,
  type SessionLimits,
  SessionState,
} from "./session_state.ts";
import { isSuccess, statusComment } from "./status.ts";
import { type Transaction, TransactionTable } from "./transaction.ts";
import type { MsrpUri } from "./uri.ts";

/** Bounds on everything that the peer, or time, could make grow. */
export interface ConnectionLimits
  extends ChunkParserLimits, AssemblerLimits, SenderLimits, SessionLimits {
  /** Requests of ours that may wait for their responses; default 4096. */
  readonly transactions?: number | undefined;
}

/** What a {@link MsrpConnection} is made of. */
export interface MsrpConnectionOptions {
  readonly random: RandomSource;
  readonly limits?: ConnectionLimits | undefined;
  /**
   * Look at nothing but the session-id of a To-Path. Some peers, and middleboxes, write
   * other hosts and ports there than the session description has. Default `false`: §6.1.
   */
  readonly matchBySessionId?: boolean | undefined;
  /**
   * Asked when a request names a session that was not added: by a listener that does not
   * know yet which of its sessions a new connection belongs to. A configuration adds the
   * session and binds it; `bound-elsewhere` answers 506, `undefined` answers 481.
   */
  readonly claimSession?:
    | ((to: MsrpUri) => MsrpSessionConfig | "bound-elsewhere" | undefined)
    | undefined;
}

/** What {@link MsrpConnection.send} returns. */
export interface SendResult {
  readonly messageId: string;
  readonly outputs: Output<MsrpEvent>[];
}

/** What {@link MsrpConnection.report} is to say. */
export interface ReportToSend {
  /** As in §10: 200 reports success. */
  readonly code: number;
  /** Absent: the usual one. */
  readonly comment?: string | undefined;
  /** Absent: the whole message. */
  readonly byteRange?: ByteRange | undefined;
}

/** The core of an MSRP endpoint. */
export class MsrpConnection implements ProtocolCore<MsrpEvent> {
  readonly #random: RandomSource;
  readonly #limits: ConnectionLimits;
  readonly #matchBySessionId: boolean;
  readonly #claimSession: NonNullable<MsrpConnectionOptions["claimSession"]>;
  readonly #parser: ChunkParser;
  readonly #transactions: TransactionTable;
  readonly #sender: MessageSender;
  readonly #sessions = new Map<string, SessionState>();
  readonly #incoming: IncomingRequests;
  #isClosed = false;
  #outputs: Output<MsrpEvent>[] = [];

  /** @param options Randomness, limits, and who knows the sessions. */
  constructor(options: MsrpConnectionOptions) {
    const { random, limits = {}, matchBySessionId = false } = options;
    this.#random = random;
    this.#limits = limits;
    this.#matchBySessionId = matchBySessionId;
    this.#claimSession = options.claimSession ?? (() => undefined);
    this.#parser = new ChunkParser({ limits });
    this.#transactions = new TransactionTable(limits.transactions ?? 4_096);
    this.#sender = new MessageSender(random, this.#transactions, limits);
    this.#incoming = new IncomingRequests({
      findSession: (to) => this.#findSession(to),
      respond: (frame, now) => {
        this.#sender.enqueueControl(frame);
        this.#flush(now);
      },
      succeed: (session, messageId, now) => {
        this.#sendReport(session, messageId, { code: 200 });
        this.#flush(now);
      },
      receiveReport: (session, fields) => this.#receiveReport(session, fields),
      report: (event) => this.#report([event]),
    });
  }

  get deadline(): Instant | undefined {
    let earliest = this.#transactions.deadline;
    for (const { assembler: { deadline } } of this.#sessions.values()) {
      if (deadline !== undefined) earliest = Math.min(earliest ?? Infinity, deadline);
    }
    return earliest;
  }

  /** Whether {@link handleWritable} is to be called once everything transmitted was taken. */
  get hasMoreToTransmit(): boolean {
    return !this.#isClosed && this.#sender.wantsWritable;
  }

  /** Whether the stream ended, the peer broke the framing, or {@link close} was called. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Names of the sessions on this connection. */
  get sessions(): readonly string[] {
    return [...this.#sessions.keys()];
  }

  /**
   * Puts a session on this connection.
   * @returns Its name for all other calls.
   * @throws {RangeError} when the configuration is nonsense or the name is taken.
   * @throws {SottoError} `msrp/connection-closed`.
   */
  addSession(config: MsrpSessionConfig, _now: Instant): string {
    this.#mustBeOpen();
    const session = new SessionState(config, this.#limits);
    if (this.#sessions.has(session.id)) {
      throw new RangeError(`there is a session ${session.id} already`);
    }
    this.#sessions.set(session.id, session);
    return session.id;
  }

  /** Takes a session off: what has not left is given up, what comes for it is answered 481. */
  removeSession(id: string, now: Instant): Output<MsrpEvent>[] {
    const session = this.#sessions.get(id);
    if (session === undefined || this.#isClosed) return [];
    this.#endSession(session, "aborted");
    this.#sessions.delete(id);
    this.#flush(now);
    return this.#taken();
  }

  /**
   * The active side's first request: a SEND without a body, which tells the peer whose
   * connection this is (§5.4). `session-bound` or `session-failed` follow.
   * @throws {SottoError} `msrp/unknown-session`, `msrp/connection-closed`.
   */
  bind(id: string, now: Instant): Output<MsrpEvent>[] {
    const session = this.#session(id);
    const transactionId = this.#freshTransactionId();
    const messageId = freshMessageId(this.#random);
    this.#sender.enqueueControl(writeChunk({
      startLine: { kind: "request", transactionId, method: "SEND" },
      toPath: session.sending.toPath,
      fromPath: session.sending.fromPath,
      headers: [
        { name: "Message-ID", value: messageId },
        { name: "Byte-Range", value: "1-0/0" },
      ],
      continuation: "$",
    }));
    if (session.status === "new") session.status = "binding";
    this.#transactions.begin({
      transactionId,
      session: id,
      purpose: "bind",
      messageId,
      expectsSuccess: true,
    });
    this.#transactions.complete(transactionId, now);
    this.#flush(now);
    return this.#taken();
  }

  /**
   * Sends a message. It leaves in chunks as the stream takes them.
   *
   * @throws {SottoError} `msrp/unknown-session`, `msrp/session-not-bound`,
   * `msrp/session-failed`, `msrp/connection-closed`, `msrp/queue-full`;
   * `msrp/type-not-accepted` and `msrp/too-large-for-peer` by what the peer described.
   * @throws {TypeError} when the Message-ID, a header field or the media type cannot be written.
   */
  send(id: string, message: MessageToSend, now: Instant): SendResult {
    const session = this.#session(id);
    this.#checkSendable(session, message);
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
    this.#report(session.deliveries.begin(messageId, {
      length: body.length,
      contentType,
      successReport,
      failureReport,
    }));
    this.#flush(now);
    return { messageId, outputs: this.#taken() };
  }

  /** Gives up a message that has not left completely: the chunk in progress ends with `#`. */
  abort(id: string, messageId: string, now: Instant): Output<MsrpEvent>[] {
    const session = this.#session(id);
    if (this.#sender.abort(id, messageId, true)) {
      this.#transactions.forget(id, messageId);
      const failure = { code: 0, comment: "Given Up", cause: "aborted" } as const;
      this.#report(session.deliveries.failed(messageId, failure));
      this.#flush(now);
    }
    return this.#taken();
  }

  /**
   * Reports on a message that was received, if its sender asked for such a report: success
   * only with Success-Report `yes`, failure unless Failure-Report is `no` (§7.1.3, §7.1.4).
   * Does nothing once the session is over or the message forgotten.
   * @throws {RangeError} when the code is not of three digits.
   */
  report(
    id: string,
    messageId: string,
    report: ReportToSend,
    now: Instant,
  ): Output<MsrpEvent>[] {
    const session = this.#sessions.get(id);
    if (session === undefined || this.#isClosed) return [];
    this.#sendReport(session, messageId, report);
    this.#flush(now);
    return this.#taken();
  }

  receive(bytes: Uint8Array, now: Instant): Output<MsrpEvent>[] {
    if (this.#isClosed) return [];
    for (const event of this.#parser.feed(bytes)) this.#handle(event, now);
    this.#flush(now);
    return this.#taken();
  }

  receiveEnd(now: Instant): Output<MsrpEvent>[] {
    if (this.#isClosed) return [];
    for (const event of this.#parser.end()) {
      if (event.type === "parse-error") this.#report([{ type: "peer-error", error: event.error }]);
      else this.#handle(event, now);
    }
    this.#shutDown("connection");
    return this.#taken();
  }

  handleTimeout(now: Instant): Output<MsrpEvent>[] {
    if (this.#isClosed) return [];
    for (const transaction of this.#transactions.expire(now)) {
      if (transaction.expectsSuccess) this.#transactionFailed(transaction, 408, undefined);
    }
    for (const session of this.#sessions.values()) {
      for (const { messageId, received } of session.assembler.dropIdle(now)) {
        const { id } = session;
        this.#report([
          { type: "message-aborted", session: id, messageId, reason: "timeout", received },
        ]);
      }
    }
    this.#flush(now);
    return this.#taken();
  }

  /** Everything transmitted before was taken by the stream: the next pieces, if there are any. */
  handleWritable(now: Instant): Output<MsrpEvent>[] {
    this.#sender.handleWritable();
    this.#flush(now);
    return this.#taken();
  }

  /** Ends all sessions and closes the stream behind what was transmitted. */
  close(_now: Instant): Output<MsrpEvent>[] {
    if (this.#isClosed) return [];
    this.#shutDown("aborted");
    this.#outputs.push({ type: "close" });
    return this.#taken();
  }

  #handle(event: ChunkParserEvent, now: Instant): void {
    if (this.#isClosed) return;
    switch (event.type) {
      case "chunk-start": {
        const { startLine, problem } = event.head;
        if (startLine.kind === "request") {
          this.#incoming.begin(event.head, event.hasBody, now);
        } else if (problem !== undefined) this.#report([{ type: "peer-error", error: problem }]);
        else this.#receiveResponse(startLine);
        return;
      }
      case "chunk-data":
        this.#incoming.add(event.bytes);
        return;
      case "chunk-end":
        this.#incoming.end(event.continuation, event.bodyLength, now);
        this.#flush(now);
        return;
      case "parse-error":
        this.#fatal(event.error);
        return;
    }
  }

  #sendReport(
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

  #receiveResponse({ transactionId, code, comment }: StatusLine): void {
    const transaction = this.#transactions.answer(transactionId);
    if (transaction === undefined) return; // Late, or not ours: nothing depends on it.
    const session = this.#sessions.get(transaction.session);
    if (session === undefined) return;
    if (!isSuccess(code)) {
      this.#transactionFailed(transaction, code, comment);
    } else if (transaction.purpose === "message") {
      this.#report(session.deliveries.answered(transaction.messageId));
    } else if (session.status === "binding") {
      session.status = "bound";
      this.#report([{ type: "session-bound", session: session.id, by: "us" }]);
    }
  }

  #receiveReport(session: SessionState, { messageId, status, byteRange }: RequestFields): void {
    // §7.3.2: other namespaces than 000 mean something that we cannot know.
    if (messageId === undefined || status?.namespace !== "000") return;
    const { code, comment } = status;
    if (isSuccess(code)) {
      this.#report(session.deliveries.reported(messageId, byteRange));
    } else if (session.deliveries.has(messageId)) {
      this.#messageFailed(session, messageId, code, comment, code === 408 ? "timeout" : "report");
      if (LOST.includes(code)) this.#sessionFailed(session, code, comment);
    }
  }

  /** @param code 408 also stands for no answer at all: §10.4 treats both alike. */
  #transactionFailed(transaction: Transaction, code: number, comment: string | undefined): void {
    const session = this.#sessions.get(transaction.session);
    if (session === undefined) return;
    if (transaction.purpose === "bind") {
      this.#sessionFailed(session, code, comment);
      return;
    }
    const { messageId } = transaction;
    const type = session.deliveries.awaited(messageId)?.contentType;
    if (code === 415 && type !== undefined) session.refusedTypes.add(mediaType(type));
    this.#messageFailed(session, messageId, code, comment, code === 408 ? "timeout" : "response");
    if (code === 481 || code === 506) this.#sessionFailed(session, code, comment);
  }

  #messageFailed(
    session: SessionState,
    messageId: string,
    code: number,
    comment: string | undefined,
    cause: "response" | "report" | "timeout",
  ): void {
    this.#report(session.deliveries.failed(messageId, { code, comment, cause }));
    // §7.3.2, §10.5: what is being sent ends with `#`, and no further chunk follows.
    this.#sender.abort(session.id, messageId, code !== 413);
    this.#transactions.forget(session.id, messageId);
  }

  #sessionFailed(session: SessionState, code: number, comment: string | undefined): void {
    if (session.status === "failed") return;
    session.status = "failed";
    this.#report([{
      type: "session-failed",
      session: session.id,
      code,
      comment: comment ?? statusComment(code),
    }]);
    this.#endSession(session, "connection");
  }

  #endSession(session: SessionState, cause: "connection" | "aborted"): void {
    for (const { messageId } of this.#sender.pending(session.id)) {
      this.#sender.abort(session.id, messageId, false);
    }
    this.#transactions.forget(session.id);
    this.#report(session.deliveries.end(cause));
  }

  #findSession(to: MsrpUri): SessionState | "bound-elsewhere" | undefined {
    for (const session of this.#sessions.values()) {
      if (session.isAddressedBy(to, this.#matchBySessionId)) return session;
    }
    const claimed = this.#claimSession(to);
    if (claimed === undefined || claimed === "bound-elsewhere") return claimed;
    const session = new SessionState(claimed, this.#limits);
    this.#sessions.set(session.id, session);
    return session;
  }

  /** Lets leave what may, and starts the timers of what has left. */
  #flush(now: Instant): void {
    if (this.#isClosed) return;
    for (const step of this.#sender.pump()) {
      if (step.type === "transmit") {
        this.#outputs.push(step);
        continue;
      }
      const session = this.#sessions.get(step.session);
      const { message: { messageId, failureReport }, transactionId } = step;
      if (session === undefined) continue;
      if (step.type === "chunk-began") {
        session.deliveries.chunkBegan(messageId);
        if (failureReport === "no") continue;
        this.#transactions.begin({
          transactionId,
          session: session.id,
          purpose: "message",
          messageId,
          expectsSuccess: failureReport === "yes",
        });
      } else {
        this.#transactions.complete(transactionId, now);
        if (step.continuation === "$") this.#report(session.deliveries.allLeft(messageId));
      }
    }
    if (this.#sender.isOverrun) {
      this.#fatal(
        new PeerError(
          "msrp/peer-does-not-read",
          "RFC 4975 §14.5",
          "expected the peer to read the responses to its requests",
        ),
      );
    }
  }

  /** The stream is of no use any more. */
  #fatal(error: PeerError): void {
    this.#report([{ type: "peer-error", error }]);
    this.#shutDown("connection");
    this.#outputs.push({ type: "close" });
  }

  #shutDown(cause: "connection" | "aborted"): void {
    for (const session of this.#sessions.values()) this.#endSession(session, cause);
    this.#sessions.clear();
    this.#isClosed = true;
    this.#report([{ type: "connection-closed" }]);
  }

  #checkSendable(session: SessionState, { contentType, body }: MessageToSend): void {
    const { status, config, refusedTypes } = session;
    if (status === "new") {
      throw new SottoError(
        "msrp/session-not-bound",
        "bind the session, or wait until the peer does",
      );
    }
    if (status === "failed") {
      throw new SottoError("msrp/session-failed", "this session has failed: renegotiate it");
    }
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

  #session(id: string): SessionState {
    this.#mustBeOpen();
    const session = this.#sessions.get(id);
    if (session === undefined) {
      throw new SottoError("msrp/unknown-session", "there is no such session on this connection");
    }
    return session;
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new SottoError("msrp/connection-closed", "this connection is closed");
  }

  #freshTransactionId(): string {
    return freshTransactionId(this.#random, undefined, (it) => this.#transactions.has(it));
  }

  #report(events: readonly MsrpEvent[]): void {
    for (const event of events) this.#outputs.push({ type: "event", event });
  }

  #taken(): Output<MsrpEvent>[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }
}

/** Codes of a failure report which say that octets did not arrive, not that they were unwelcome. */
const LOST: readonly number[] = [408, 481, 506];
