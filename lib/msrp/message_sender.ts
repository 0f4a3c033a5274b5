/**
 * Messages → chunks, in the order in which a connection lets them leave: what waits for
 * nobody first, then the sessions in turn (RFC 4975 §5.1, §7.1.1).
 *
 * The sender never holds more than a window of octets that the socket has not taken. So
 * whatever fits the window leaves in one piece, and only larger chunks can be cut.
 */
import { concatBytes } from "../base/bytes.ts";
import { SottoError } from "../base/errors.ts";
import type { RandomSource } from "../base/output.ts";
import { writeByteRange } from "./byte_range.ts";
import type { ContinuationFlag, HeaderField } from "./chunk.ts";
import { freshTransactionId, writeChunkHead, writeEndLine } from "./chunk_writer.ts";
import type { FailureReport } from "./header_fields.ts";
import type { MsrpUri } from "./uri.ts";

/** What {@link MessageSender} may be asked to hold. */
export interface SenderLimits {
  /** Octets handed to the stream and not taken by it; default 65536. */
  readonly windowLength?: number | undefined;
  /** Octets of bodies that wait to be sent; default 64 MiB. */
  readonly queuedLength?: number | undefined;
  /** Messages that wait to be sent; default 1024. */
  readonly queuedMessages?: number | undefined;
  /** Octets of responses and reports that wait, because the peer does not read; default 1 MiB. */
  readonly controlLength?: number | undefined;
}

/** What the sender asks about transactions: `TransactionTable` answers. */
export interface LiveTransactions {
  readonly isFull: boolean;
  has(transactionId: string): boolean;
}

/** How a session's chunks are addressed and cut. */
export interface SendingSession {
  readonly id: string;
  readonly toPath: readonly MsrpUri[];
  readonly fromPath: readonly MsrpUri[];
  /** Most octets of a body in one chunk. */
  readonly chunkSize: number;
  /** Whether a chunk may be cut for other traffic. Some peers cannot read chunked messages. */
  readonly interruptible: boolean;
}

/** A message to be sent. */
export interface OutgoingMessage {
  readonly messageId: string;
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly successReport: boolean;
  readonly failureReport: FailureReport;
  /** Further header fields, the same in every chunk. */
  readonly headers: readonly HeaderField[];
}

/** What happened while {@link MessageSender.pump} ran, in order. */
export type SenderStep =
  | { readonly type: "transmit"; readonly data: Uint8Array }
  | {
    readonly type: "chunk-began";
    readonly session: string;
    readonly message: OutgoingMessage;
    readonly transactionId: string;
  }
  | {
    readonly type: "chunk-ended";
    readonly session: string;
    readonly message: OutgoingMessage;
    readonly transactionId: string;
    readonly continuation: ContinuationFlag;
  };

/** The sending half of a connection. */
export class MessageSender {
  readonly #random: RandomSource;
  readonly #transactions: LiveTransactions;
  readonly #limits: { readonly [K in keyof Required<SenderLimits>]: number };
  readonly #control: Uint8Array[] = [];
  #controlLength = 0;
  /** The session whose turn it is first. */
  #queues: { readonly session: SendingSession; readonly messages: Progress[] }[] = [];
  #queuedLength = 0;
  #current: CurrentChunk | undefined;
  #room: number;

  /**
   * @param transactions Those that are live; the sender only asks.
   * @param limits Octets and counts.
   */
  constructor(
    random: RandomSource,
    transactions: LiveTransactions,
    limits: SenderLimits = {},
  ) {
    this.#random = random;
    this.#transactions = transactions;
    this.#limits = {
      windowLength: limits.windowLength ?? 65_536,
      queuedLength: limits.queuedLength ?? 64 * 2 ** 20,
      queuedMessages: limits.queuedMessages ?? 1_024,
      controlLength: limits.controlLength ?? 2 ** 20,
    };
    this.#room = this.#limits.windowLength;
  }

  /** Whether the sender wants to hear when the stream has taken everything. */
  get wantsWritable(): boolean {
    return this.#room < this.#limits.windowLength;
  }

  /** Whether responses pile up because the peer does not read. */
  get isOverrun(): boolean {
    return this.#controlLength > this.#limits.controlLength;
  }

  /** A response, a report or a body-less request: leaves before, or in the middle of, messages. */
  enqueueControl(frame: Uint8Array): void {
    this.#control.push(frame);
    this.#controlLength += frame.length;
  }

  /**
   * Puts a message behind those of its session.
   * @throws {SottoError} `msrp/queue-full`.
   * @throws {TypeError} when a header field, or the Message-ID, cannot be written.
   */
  enqueue(session: SendingSession, message: OutgoingMessage): void {
    let count = 0;
    for (const { messages } of this.#queues) count += messages.length;
    if (
      count >= this.#limits.queuedMessages ||
      this.#queuedLength + message.body.length > this.#limits.queuedLength
    ) {
      throw new SottoError("msrp/queue-full", "too much waits to be sent on this connection");
    }
    const progress = { message, position: 0, hasBegun: false };
    if (!IDENT.test(message.messageId)) throw new TypeError("not a Message-ID of RFC 4975 §9");
    this.#chunkHead(session, progress, "check", "*"); // Throws now rather than half-way.
    this.#queuedLength += message.body.length;
    const queue = this.#queues.find((it) => it.session.id === session.id);
    if (queue === undefined) this.#queues.push({ session, messages: [progress] });
    else queue.messages.push(progress);
  }

  /** Whether some of the message has still to leave. */
  holds(session: string, messageId: string): boolean {
    return this.#find(session, messageId) !== undefined;
  }

  /** Messages of a session that have not left completely. */
  pending(session: string): OutgoingMessage[] {
    const queue = this.#queues.find((it) => it.session.id === session);
    return queue?.messages.map((it) => it.message) ?? [];
  }

  /**
   * Gives a message up: a chunk in progress ends with `#`. When it lies between two chunks,
   * the peer learns of it by an empty chunk with `#` if `tell` says so: after 413 no further
   * chunk may follow (§10.5).
   *
   * @returns Whether there was such a message.
   */
  abort(session: string, messageId: string, tell: boolean): boolean {
    const found = this.#find(session, messageId);
    if (found === undefined) return false;
    const { queue, progress } = found;
    queue.messages.splice(queue.messages.indexOf(progress), 1);
    this.#queuedLength -= progress.message.body.length;
    if (queue.messages.length === 0) this.#queues = this.#queues.filter((it) => it !== queue);
    if (this.#current?.progress === progress) this.#current.isAborted = true;
    else if (progress.hasBegun && tell) {
      this.enqueueControl(this.#abortingChunk(queue.session, progress));
    }
    return true;
  }

  /** The stream has taken everything that was handed to it. */
  handleWritable(): void {
    this.#room = this.#limits.windowLength;
  }

  /** Hands out what may leave now. */
  pump(): SenderStep[] {
    const steps: SenderStep[] = [];
    while (this.#room > 0) {
      if (this.#current !== undefined) {
        this.#continueChunk(this.#current, steps);
        continue;
      }
      const frame = this.#control.shift();
      if (frame !== undefined) {
        this.#controlLength -= frame.length;
        this.#transmit(frame, steps);
        continue;
      }
      const [queue] = this.#queues;
      const progress = queue?.messages[0];
      if (queue === undefined || progress === undefined) break;
      if (!this.#mayBegin(queue.session, progress)) break;
      this.#beginChunk(queue.session, progress, steps);
    }
    return steps;
  }

  /** A chunk that fits the window leaves whole; a larger one begins with a good piece. */
  #mayBegin(session: SendingSession, progress: Progress): boolean {
    if (this.#transactions.isFull) return false;
    const length = Math.min(session.chunkSize, progress.message.body.length - progress.position);
    const wanted = Math.min(length + HEAD_ESTIMATE, this.#limits.windowLength);
    return this.#room >= wanted || this.#room === this.#limits.windowLength;
  }

  #beginChunk(session: SendingSession, progress: Progress, steps: SenderStep[]): void {
    const { message, position } = progress;
    const end = Math.min(message.body.length, position + session.chunkSize);
    const isLong = end - position > INTERRUPTIBLE_FROM;
    const transactionId = freshTransactionId(
      this.#random,
      message.body.subarray(position, end),
      (it) => this.#transactions.has(it),
    );
    const head = this.#chunkHead(session, progress, transactionId, isLong ? "*" : end);
    this.#current = {
      session,
      progress,
      transactionId,
      begin: position,
      end,
      isInterruptible: isLong && session.interruptible,
      isAborted: false,
    };
    progress.hasBegun = true;
    steps.push({ type: "chunk-began", session: session.id, message, transactionId });
    this.#continueChunk(this.#current, steps, head);
  }

  #continueChunk(chunk: CurrentChunk, steps: SenderStep[], head?: Uint8Array): void {
    const { progress, transactionId } = chunk;
    const { body } = progress.message;
    if (chunk.isAborted) return this.#endChunk(chunk, "#", [], steps);
    if (this.#mustCut(chunk)) return this.#endChunk(chunk, "+", [], steps);
    const room = Math.max(1, this.#room - (head?.length ?? 0));
    let upTo = Math.min(chunk.end, progress.position + room);
    // The last octets leave together with the end-line: some peers stumble over a lone one.
    if (upTo < chunk.end && chunk.end - upTo < transactionId.length + 12) upTo = chunk.end;
    const piece = body.subarray(progress.position, upTo);
    progress.position = upTo;
    const parts = head === undefined ? [piece] : [head, piece];
    if (upTo < chunk.end) {
      this.#transmit(concatBytes(...parts), steps);
    } else {
      this.#endChunk(chunk, upTo === body.length ? "$" : "+", parts, steps);
    }
  }

  /**
   * §7.1.1: a long chunk is cut for responses and reports, and for other sessions once it
   * had its share. Not below 2048 octets, and not when so little is left that it may as
   * well end.
   */
  #mustCut(chunk: CurrentChunk): boolean {
    const sent = chunk.progress.position - chunk.begin;
    const left = chunk.end - chunk.progress.position;
    if (!chunk.isInterruptible || sent < INTERRUPTIBLE_FROM || left <= INTERRUPTIBLE_FROM) {
      return false;
    }
    return this.#control.length > 0 ||
      (this.#queues.length > 1 && sent >= this.#limits.windowLength);
  }

  #endChunk(
    chunk: CurrentChunk,
    continuation: ContinuationFlag,
    parts: readonly Uint8Array[],
    steps: SenderStep[],
  ): void {
    const { session, progress, transactionId } = chunk;
    this.#current = undefined;
    const endLine = writeEndLine(transactionId, continuation);
    this.#transmit(concatBytes(...parts, endLine), steps);
    const queue = this.#queues.find((it) => it.session.id === session.id);
    if (queue !== undefined && !chunk.isAborted) {
      if (continuation === "$") {
        queue.messages.shift();
        this.#queuedLength -= progress.message.body.length;
      }
      // The next session's turn.
      this.#queues = this.#queues.filter((it) => it !== queue);
      if (queue.messages.length > 0) this.#queues.push(queue);
    }
    const { message } = progress;
    steps.push({ type: "chunk-ended", session: session.id, message, transactionId, continuation });
  }

  #transmit(data: Uint8Array, steps: SenderStep[]): void {
    this.#room -= data.length;
    steps.push({ type: "transmit", data });
  }

  #chunkHead(
    session: SendingSession,
    { message, position }: Progress,
    transactionId: string,
    end: number | "*",
  ): Uint8Array {
    const { messageId, body, successReport, failureReport, headers, contentType } = message;
    return writeChunkHead({
      startLine: { kind: "request", transactionId, method: "SEND" },
      toPath: session.toPath,
      fromPath: session.fromPath,
      headers: [
        { name: "Message-ID", value: messageId },
        {
          name: "Byte-Range",
          value: writeByteRange({ start: position + 1, end, total: body.length }),
        },
        ...(successReport ? [{ name: "Success-Report", value: "yes" }] : []),
        ...(failureReport === "yes" ? [] : [{ name: "Failure-Report", value: failureReport }]),
        ...headers,
        { name: "Content-Type", value: contentType },
      ],
    }, true);
  }

  #abortingChunk(session: SendingSession, progress: Progress): Uint8Array {
    const transactionId = freshTransactionId(
      this.#random,
      undefined,
      (it) => this.#transactions.has(it),
    );
    const head = this.#chunkHead(session, progress, transactionId, "*");
    return concatBytes(head, writeEndLine(transactionId, "#"));
  }

  #find(
    session: string,
    messageId: string,
  ): { queue: { session: SendingSession; messages: Progress[] }; progress: Progress } | undefined {
    const queue = this.#queues.find((it) => it.session.id === session);
    const progress = queue?.messages.find((it) => it.message.messageId === messageId);
    return queue === undefined || progress === undefined ? undefined : { queue, progress };
  }
}

/** A message and how much of it has left. */
interface Progress {
  readonly message: OutgoingMessage;
  /** Octets that have left. */
  position: number;
  /** Whether a chunk of it has begun. */
  hasBegun: boolean;
}

/** The chunk that is being written. */
interface CurrentChunk {
  readonly session: SendingSession;
  readonly progress: Progress;
  readonly transactionId: string;
  /** First and behind-last octet of the message that it is to hold, from 0. */
  readonly begin: number;
  readonly end: number;
  readonly isInterruptible: boolean;
  isAborted: boolean;
}

// Message-ID = "Message-ID:" SP ident;  ident = ALPHANUM  3*31ident-char
const IDENT = /^[A-Za-z0-9][A-Za-z0-9.+%=-]{3,31}$/;
/** §7.1.1: larger chunks must be interruptible, and no chunk but the last should be smaller. */
const INTERRUPTIBLE_FROM = 2_048;
/** Octets that a head takes at most in all likelihood; only the pacing depends on it. */
const HEAD_ESTIMATE = 1_024;
