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
import { AnswerWindow } from "./answer_window.ts";
import { BodyFeed, type StreamedBody, type WantedOctets } from "./body_feed.ts";
import type { ContinuationFlag, HeaderField } from "./chunk.ts";
import { freshTransactionId, writeEndLine } from "./chunk_writer.ts";
import type { FailureReport } from "./header_fields.ts";
import { writeSendHead } from "./send_head.ts";
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
  /** Octets in a chunk of a streamed body, where the session's are larger; default 65536. */
  readonly streamChunkSize?: number | undefined;
  /** Octets of one streamed body that may wait for their 200; default 1 MiB. */
  readonly unansweredLength?: number | undefined;
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
  readonly body: Uint8Array | StreamedBody;
  readonly successReport: boolean;
  readonly failureReport: FailureReport;
  /** Further header fields, the same in every chunk. */
  readonly headers: readonly HeaderField[];
}

/** What happened while {@link MessageSender.pump} ran, in order. */
export type SenderStep =
  | { readonly type: "transmit"; readonly data: Uint8Array }
  | {
    readonly type: "octets-wanted";
    readonly session: string;
    readonly message: OutgoingMessage;
    readonly wanted: WantedOctets;
  }
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
      streamChunkSize: limits.streamChunkSize ?? 65_536,
      unansweredLength: limits.unansweredLength ?? 2 ** 20,
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
   * @throws {RangeError} when the length of a streamed body is none.
   */
  enqueue(session: SendingSession, message: OutgoingMessage): void {
    let count = 0;
    for (const { messages } of this.#queues) count += messages.length;
    const feed = new BodyFeed(message.body);
    if (
      count >= this.#limits.queuedMessages ||
      this.#queuedLength + feed.held > this.#limits.queuedLength
    ) {
      throw new SottoError("msrp/queue-full", "too much waits to be sent on this connection");
    }
    const window = new AnswerWindow(this.#limits.unansweredLength);
    const progress = { message, feed, window, hasBegun: false };
    if (!IDENT.test(message.messageId)) throw new TypeError("not a Message-ID of RFC 4975 §9");
    writeSendHead(session, message, feed, "check", "*"); // Throws now rather than half-way.
    this.#queuedLength += feed.held;
    const queue = this.#queues.find((it) => it.session.id === session.id);
    if (queue === undefined) this.#queues.push({ session, messages: [progress] });
    else queue.messages.push(progress);
  }

  /**
   * Octets of a streamed body, as an `octets-wanted` asked for them. Those of a message that
   * was given up meanwhile are dropped.
   * @throws {RangeError} when not so many were asked for.
   */
  supply(session: string, messageId: string, octets: Uint8Array): void {
    this.#find(session, messageId)?.progress.feed.supply(octets);
  }

  /** A transaction is over: octets of a streamed body that waited for it make room for others. */
  settle(session: string, messageId: string, transactionId: string): void {
    this.#find(session, messageId)?.progress.window.settle(transactionId);
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
    this.#queuedLength -= progress.feed.held;
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
      const next = this.#next(steps);
      if (next === undefined || !this.#hasRoomFor(next.length)) break;
      this.#beginChunk(next.session, next.progress, next.length, steps);
    }
    this.#askAhead(steps);
    return steps;
  }

  /** The first session in turn that has octets for a chunk. One that waits for its own is passed over. */
  #next(
    steps: SenderStep[],
  ): { session: SendingSession; progress: Progress; length: number } | undefined {
    for (const { session, messages: [progress] } of this.#queues) {
      if (progress === undefined) continue;
      this.#ask(session, progress, steps);
      const length = progress.feed.ready(this.#pieceSize(session, progress));
      if (length === undefined) continue;
      if (progress.feed.isStreamed && !progress.window.hasRoomFor(length)) continue;
      return { session, progress, length };
    }
    return undefined;
  }

  #ask(session: SendingSession, progress: Progress, steps: SenderStep[]): void {
    const wanted = progress.feed.ask(this.#pieceSize(session, progress));
    if (wanted === undefined) return;
    const { message } = progress;
    steps.push({ type: "octets-wanted", session: session.id, message, wanted });
  }

  /** While one piece leaves, the next can be read. */
  #askAhead(steps: SenderStep[]): void {
    for (const { session, messages: [progress] } of this.#queues) {
      if (progress !== undefined) this.#ask(session, progress, steps);
    }
  }

  /** A streamed body waits in pieces of one chunk, so that the end-line can be looked for in all of it. */
  #pieceSize({ chunkSize }: SendingSession, { feed }: Progress): number {
    return feed.isStreamed ? Math.min(chunkSize, this.#limits.streamChunkSize) : chunkSize;
  }

  /** A chunk that fits the window leaves whole; a larger one begins with a good piece. */
  #hasRoomFor(length: number): boolean {
    if (this.#transactions.isFull) return false;
    const wanted = Math.min(length + HEAD_ESTIMATE, this.#limits.windowLength);
    return this.#room >= wanted || this.#room === this.#limits.windowLength;
  }

  #beginChunk(
    session: SendingSession,
    progress: Progress,
    length: number,
    steps: SenderStep[],
  ): void {
    const { message, feed, feed: { position } } = progress;
    const end = position + length;
    const isLong = end - position > INTERRUPTIBLE_FROM;
    const transactionId = freshTransactionId(
      this.#random,
      feed.peek(length),
      (it) => this.#transactions.has(it),
    );
    const head = writeSendHead(session, message, feed, transactionId, isLong ? "*" : end);
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
    const { progress: { feed }, transactionId } = chunk;
    if (chunk.isAborted) return this.#endChunk(chunk, "#", [], steps);
    if (this.#mustCut(chunk)) return this.#endChunk(chunk, "+", [], steps);
    const room = Math.max(1, this.#room - (head?.length ?? 0));
    let upTo = Math.min(chunk.end, feed.position + room);
    // The last octets leave together with the end-line: some peers stumble over a lone one.
    if (upTo < chunk.end && chunk.end - upTo < transactionId.length + 12) upTo = chunk.end;
    const piece = feed.take(upTo - feed.position);
    const parts = head === undefined ? [piece] : [head, piece];
    if (upTo < chunk.end) {
      this.#transmit(concatBytes(...parts), steps);
    } else {
      this.#endChunk(chunk, upTo === feed.length ? "$" : "+", parts, steps);
    }
  }

  /**
   * §7.1.1: a long chunk is cut for responses and reports, and for other sessions once it
   * had its share. Not below 2048 octets, and not when so little is left that it may as
   * well end.
   */
  #mustCut(chunk: CurrentChunk): boolean {
    const { position } = chunk.progress.feed;
    const sent = position - chunk.begin;
    const left = chunk.end - position;
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
      if (progress.feed.isStreamed && progress.message.failureReport === "yes") {
        progress.window.begin(transactionId, progress.feed.position - chunk.begin);
      }
      if (continuation === "$") {
        queue.messages.shift();
        this.#queuedLength -= progress.feed.held;
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

  #abortingChunk(session: SendingSession, progress: Progress): Uint8Array {
    const transactionId = freshTransactionId(
      this.#random,
      undefined,
      (it) => this.#transactions.has(it),
    );
    const { message, feed } = progress;
    const head = writeSendHead(session, message, feed, transactionId, "*");
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
  readonly feed: BodyFeed;
  /** Whether a chunk of it has begun. */
  hasBegun: boolean;
  /** Octets of a streamed body that wait for their 200. */
  readonly window: AnswerWindow;
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
