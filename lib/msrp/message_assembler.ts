/**
 * Chunks → messages, whatever their order (RFC 4975 §7.3.1). Memory follows what arrived,
 * never what a Byte-Range announces (§14.5).
 */
import type { Instant } from "../base/output.ts";
import { PeerError } from "../base/errors.ts";
import type { ContinuationFlag, HeaderField } from "./chunk.ts";

/** Octets of a message unless {@link AssemblerLimits} say otherwise: 16 MiB. */
export const DEFAULT_MESSAGE_LENGTH: number = 16 * 2 ** 20;

/** What {@link MessageAssembler} may be asked to hold. */
export interface AssemblerLimits {
  /** Octets of one message; default 16 MiB. */
  readonly messageLength?: number | undefined;
  /** Incomplete messages at a time; default 16. */
  readonly partialMessages?: number | undefined;
  /** Octets of all incomplete messages together; default 64 MiB. */
  readonly partialLength?: number | undefined;
  /** Chunks of one message; default 65536. */
  readonly chunkCount?: number | undefined;
  /** Separate stretches of one message while parts are missing; default 1024. */
  readonly stretchCount?: number | undefined;
  /** Milliseconds without a chunk after which an incomplete message is dropped; default 300000. */
  readonly idleTime?: number | undefined;
}

/** What the chunk that came first says of its message. */
export interface AboutMessage {
  readonly messageId: string;
  readonly contentType: string;
  readonly headers: readonly HeaderField[];
}

/** A message, or as much of it as has come. */
export interface PartialMessage extends AboutMessage {
  /** Distinct octets that have come. */
  readonly received: number;
}

/** What {@link MessageAssembler.endChunk} found. */
export type AssemblyResult =
  | { readonly type: "incomplete" }
  | { readonly type: "complete"; readonly message: PartialMessage; readonly body: Uint8Array }
  | { readonly type: "aborted"; readonly message: PartialMessage };

/** Collects the incoming messages of one session. */
export class MessageAssembler {
  readonly #limits: { readonly [K in keyof Required<AssemblerLimits>]: number };
  /** The longest untouched first. */
  readonly #partials = new Map<string, Assembly>();
  #current: Assembly | undefined;
  /** Position in the message of the next octet of the current chunk, from 0. */
  #position = 0;

  /** @param limits Octets, counts, milliseconds. */
  constructor(limits: AssemblerLimits = {}) {
    this.#limits = {
      messageLength: limits.messageLength ?? DEFAULT_MESSAGE_LENGTH,
      partialMessages: limits.partialMessages ?? 16,
      partialLength: limits.partialLength ?? 64 * 2 ** 20,
      chunkCount: limits.chunkCount ?? 65_536,
      stretchCount: limits.stretchCount ?? 1_024,
      idleTime: limits.idleTime ?? 300_000,
    };
  }

  /** When {@link dropIdle} has something to drop. */
  get deadline(): Instant | undefined {
    for (const assembly of this.#partials.values()) {
      if (assembly !== this.#current) return assembly.touched + this.#limits.idleTime;
    }
    return undefined;
  }

  /** Messages that are not complete. */
  get partialCount(): number {
    return this.#partials.size;
  }

  /**
   * A chunk begins.
   *
   * @param start Position of its first octet, from 1.
   * @param total What the sender says the whole message will have, if it says so.
   * @throws {PeerError} `msrp/message-too-large` or `msrp/too-many-chunks`: to be refused
   * with 413, like all that this class throws.
   */
  beginChunk(
    message: AboutMessage,
    start: number,
    total: number | undefined,
    now: Instant,
  ): undefined {
    const announced = Math.max(start - 1, total ?? 0);
    if (announced > this.#limits.messageLength) throw tooLarge(this.#limits.messageLength);
    let assembly = this.#partials.get(message.messageId);
    if (assembly === undefined) {
      assembly = new Assembly(message);
    }
    if (++assembly.chunks > this.#limits.chunkCount) {
      throw new PeerError(
        "msrp/too-many-chunks",
        "RFC 4975 §14.5",
        `expected at most ${this.#limits.chunkCount} chunks of one message`,
      );
    }
    assembly.touched = now;
    this.#partials.delete(message.messageId);
    this.#partials.set(message.messageId, assembly);
    this.#current = assembly;
    this.#position = start - 1;
  }

  /**
   * Octets of the current chunk. What came before at the same place is overwritten.
   * @throws {PeerError} `msrp/message-too-large` or `msrp/too-many-stretches`.
   */
  addData(bytes: Uint8Array): undefined {
    const assembly = this.#current;
    if (assembly === undefined) return undefined;
    const end = this.#position + bytes.length;
    if (end > this.#limits.messageLength) throw tooLarge(this.#limits.messageLength);
    assembly.write(this.#position, bytes, this.#limits.stretchCount);
    this.#position = end;
    let held = 0;
    for (const partial of this.#partials.values()) held += partial.received;
    if (held > this.#limits.partialLength) throw tooLarge(this.#limits.partialLength);
  }

  /**
   * The current chunk ended: is the message complete, given up, or is more to come?
   * @throws {PeerError} `msrp/too-many-partial-messages`. A message that is complete at
   * once needs no place among them.
   */
  endChunk(continuation: ContinuationFlag, now: Instant): AssemblyResult {
    const assembly = this.#current;
    if (assembly === undefined) return { type: "incomplete" };
    this.#current = undefined;
    assembly.touched = now;
    if (continuation === "#") {
      this.#partials.delete(assembly.messageId);
      return { type: "aborted", message: assembly };
    }
    // §7.3.1: the chunk with `$` defines the length of the message.
    if (continuation === "$") assembly.total = this.#position;
    const body = assembly.body();
    if (body === undefined) {
      if (this.#partials.size > this.#limits.partialMessages) {
        throw new PeerError(
          "msrp/too-many-partial-messages",
          "RFC 4975 §14.5",
          `expected at most ${this.#limits.partialMessages} incomplete messages`,
        );
      }
      return { type: "incomplete" };
    }
    this.#partials.delete(assembly.messageId);
    return { type: "complete", message: assembly, body };
  }

  /** Forgets a message; says what it had, if there was one. */
  drop(messageId: string): PartialMessage | undefined {
    const assembly = this.#partials.get(messageId);
    this.#partials.delete(messageId);
    if (this.#current === assembly) this.#current = undefined;
    return assembly;
  }

  /** Forgets the messages for which no chunk came in time. */
  dropIdle(now: Instant): PartialMessage[] {
    const dropped: PartialMessage[] = [];
    for (const assembly of this.#partials.values()) {
      if (assembly === this.#current) continue;
      if (assembly.touched + this.#limits.idleTime > now) break;
      this.#partials.delete(assembly.messageId);
      dropped.push(assembly);
    }
    return dropped;
  }
}

/** Consecutive octets that have come. The buffer may be longer than what it holds. */
interface Stretch {
  readonly start: number;
  buffer: Uint8Array;
  length: number;
}

/** One message on its way: stretches in order that never overlap. */
class Assembly implements PartialMessage {
  readonly messageId: string;
  readonly contentType: string;
  readonly headers: readonly HeaderField[];
  touched: Instant = 0;
  chunks = 0;
  received = 0;
  total: number | undefined;
  readonly #stretches: Stretch[] = [];

  constructor({ messageId, contentType, headers }: AboutMessage) {
    this.messageId = messageId;
    this.contentType = contentType;
    this.headers = headers;
  }

  /**
   * Overwrites in place what overlaps; what is new goes to the end of the stretch before
   * it, or becomes a stretch of its own. Stretches that touch are not joined: joining would
   * let a sender of ever earlier chunks make us copy the message again and again.
   */
  write(position: number, bytes: Uint8Array, stretchLimit: number): void {
    for (let at = 0; at < bytes.length;) {
      const here = position + at;
      const index = this.#indexAfter(here);
      const before = this.#stretches[index - 1];
      const end = before === undefined ? -1 : before.start + before.length;
      let piece: Uint8Array;
      if (before !== undefined && end > here) {
        piece = bytes.subarray(at, at + end - here);
        before.buffer.set(piece, here - before.start);
      } else {
        const room = (this.#stretches[index]?.start ?? Infinity) - here;
        piece = bytes.subarray(at, Math.min(bytes.length, at + room));
        this.#addPiece(index, here, piece, end === here ? before : undefined, stretchLimit);
      }
      at += piece.length;
    }
  }

  /** The whole message, when nothing is missing. */
  body(): Uint8Array | undefined {
    if (this.total === undefined || this.received < this.total) return undefined;
    let end = 0;
    for (const { start, length } of this.#stretches) {
      if (start > end) break;
      end = start + length;
    }
    if (end < this.total) return undefined;
    const [only] = this.#stretches;
    if (only !== undefined && only.length >= this.total) return only.buffer.subarray(0, this.total);
    const body = new Uint8Array(this.total);
    for (const { start, buffer, length } of this.#stretches) {
      // What lies behind the end that the `$` chunk defined is dropped.
      if (start < body.length) {
        body.set(buffer.subarray(0, Math.min(length, body.length - start)), start);
      }
    }
    return body;
  }

  #addPiece(
    index: number,
    start: number,
    piece: Uint8Array,
    before: Stretch | undefined,
    stretchLimit: number,
  ): void {
    this.received += piece.length;
    if (before !== undefined) {
      append(before, piece);
      return;
    }
    if (this.#stretches.length >= stretchLimit) {
      throw new PeerError(
        "msrp/too-many-stretches",
        "RFC 4975 §14.5",
        `expected at most ${stretchLimit} separate stretches of one message`,
      );
    }
    this.#stretches.splice(index, 0, { start, buffer: piece.slice(), length: piece.length });
  }

  /** Index of the first stretch that starts after `position`. */
  #indexAfter(position: number): number {
    let low = 0;
    for (let high = this.#stretches.length; low < high;) {
      const middle = (low + high) >> 1;
      if ((this.#stretches[middle]?.start ?? Infinity) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function append(stretch: Stretch, piece: Uint8Array): void {
  const needed = stretch.length + piece.length;
  if (needed > stretch.buffer.length) {
    const grown = new Uint8Array(Math.max(needed, 2 * stretch.buffer.length));
    grown.set(stretch.buffer.subarray(0, stretch.length));
    stretch.buffer = grown;
  }
  stretch.buffer.set(piece, stretch.length);
  stretch.length = needed;
}

function tooLarge(limit: number): PeerError {
  return new PeerError(
    "msrp/message-too-large",
    "RFC 4975 §14.5",
    `expected at most ${limit} octets`,
  );
}
