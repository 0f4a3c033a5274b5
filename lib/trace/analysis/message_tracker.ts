/** Chunks → messages (RFC 4975 §5.1, §7.3.1), on every leg of a path by itself. */
import { type ByteRange, parseByteRange } from "../../msrp/mod.ts";
import type { ChunkObject } from "./trace_object.ts";
import { MessageParts } from "./message_parts.ts";

/** Bounds of {@link MessageTracker}. */
export interface MessageLimits {
  /** Most messages at once that are not complete. Default 4096; past it the oldest is given up. */
  readonly messages?: number;
  /** Most octets of one message that are kept. Default 4 MiB. */
  readonly messageSize?: number;
  /** Most octets that are kept of all of them. Default 64 MiB. */
  readonly octets?: number;
}

/** A message that is complete, was aborted, or was given up. */
export interface TrackedMessage {
  readonly key: string;
  readonly first: ChunkObject;
  readonly last: ChunkObject;
  readonly body: Uint8Array;
  readonly size: number;
  readonly chunks: number;
  readonly isComplete: boolean;
  readonly isAborted: boolean;
}

interface Partial {
  readonly first: ChunkObject;
  last: ChunkObject;
  readonly parts: MessageParts;
}

/** Collects the chunks of SEND requests. */
export class MessageTracker {
  readonly #limits: Required<MessageLimits>;
  readonly #partials = new Map<string, Partial>();
  #octets = 0;

  /** @param limits See {@link MessageLimits}. */
  constructor(limits: MessageLimits = {}) {
    this.#limits = {
      messages: 4096,
      messageSize: 4 * 1024 * 1024,
      octets: 64 * 1024 * 1024,
      ...limits,
    };
  }

  /**
   * Takes a SEND's chunk and returns what it completed, and what had to go for it.
   *
   * @param key Names the message: connection, direction and Message-ID.
   * @param isWhole The input says that this is all of it, whatever its length (a log that
   * replaces bodies).
   */
  receive(key: string, chunk: ChunkObject, isWhole: boolean): TrackedMessage[] {
    let partial = this.#partials.get(key);
    const start = rangeOf(chunk)?.start;
    const isLast = chunk.flag === "$";
    const { body = new Uint8Array(), bodyLength = 0 } = chunk;
    if (partial === undefined) {
      // Nearly every message is one chunk.
      const isAll = isLast && chunk.missing === 0 && (start ?? 1) === 1;
      if (isAll && bodyLength <= this.#limits.messageSize) return [wholeMessage(key, chunk, body)];
      partial = { first: chunk, last: chunk, parts: new MessageParts(this.#limits.messageSize) };
      this.#partials.set(key, partial);
    }
    partial.last = chunk;
    const { parts } = partial;
    const before = parts.kept;
    parts.add(start === undefined ? undefined : start - 1, body, bodyLength, isLast);
    this.#octets += parts.kept - before;
    if (chunk.flag === "#") return [this.#take(key, partial, false, true)];
    const isDone = parts.isComplete && chunk.missing === 0 || isLast && isWhole;
    return isDone ? [this.#take(key, partial, true, false)] : this.#shed();
  }

  /** The input has ended: what is not complete is returned so. */
  end(): TrackedMessage[] {
    return [...this.#partials].map(([key, partial]) => this.#take(key, partial, false, false));
  }

  #shed(): TrackedMessage[] {
    const gone: TrackedMessage[] = [];
    for (const [key, partial] of this.#partials) {
      const isTooMuch = this.#partials.size > this.#limits.messages ||
        this.#octets > this.#limits.octets;
      if (!isTooMuch) break;
      gone.push(this.#take(key, partial, false, false));
    }
    return gone;
  }

  #take(
    key: string,
    { first, last, parts }: Partial,
    isComplete: boolean,
    isAborted: boolean,
  ): TrackedMessage {
    this.#partials.delete(key);
    this.#octets -= parts.kept;
    const { size, chunks } = parts;
    return { key, first, last, body: parts.join(), size, chunks, isComplete, isAborted };
  }
}

function wholeMessage(key: string, chunk: ChunkObject, body: Uint8Array): TrackedMessage {
  const size = chunk.bodyLength ?? 0;
  const isWhole = { chunks: 1, isComplete: true, isAborted: false };
  return { key, first: chunk, last: chunk, body, size, ...isWhole };
}

function rangeOf(chunk: ChunkObject): ByteRange | undefined {
  if (chunk.byteRange === undefined) return undefined;
  try {
    return parseByteRange(chunk.byteRange);
  } catch {
    return undefined; // Unreadable: the chunk's own finding names it.
  }
}
