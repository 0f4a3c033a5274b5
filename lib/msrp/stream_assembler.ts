/**
 * Chunks → octets of one message as they come, whatever their order (RFC 4975 §7.3.1). What
 * has come is known, and not held: so a message may be of any size.
 */
import type { Instant } from "../base/output.ts";
import { PeerError } from "../base/errors.ts";
import type { ContinuationFlag, HeaderField } from "./chunk.ts";
import type { AboutMessage, PartialMessage } from "./message_assembler.ts";

/** What {@link StreamAssembler} may be asked for. */
export interface StreamLimits {
  /** Octets of one message; default: as many as can be counted. */
  readonly messageLength?: number | undefined;
  /** Incomplete messages at a time; default 16. */
  readonly partialMessages?: number | undefined;
  /** Separate stretches of one message while parts are missing; default 1024. */
  readonly stretchCount?: number | undefined;
  /** Chunks of one message beyond one for each 1024 octets that came; default 65536. */
  readonly chunkCount?: number | undefined;
  /** Milliseconds without a chunk after which an incomplete message is dropped; default 300000. */
  readonly idleTime?: number | undefined;
}

/** Octets of a message, and where they belong. */
export interface StreamedOctets {
  readonly messageId: string;
  /** Offset in the message, from 0. */
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** A message whose first chunk has begun. */
export interface StreamBeginning extends AboutMessage {
  /** What its sender says that the whole message will have, if it says so. */
  readonly total?: number | undefined;
}

/** What {@link StreamAssembler.endChunk} found. */
export type StreamResult =
  | { readonly type: "incomplete" }
  | {
    readonly type: "ended";
    readonly message: PartialMessage;
    /** Octets of the whole message. */
    readonly length: number;
  }
  | { readonly type: "aborted"; readonly message: PartialMessage };

/** Follows the incoming messages of one session whose octets go elsewhere at once. */
export class StreamAssembler {
  readonly #limits: { readonly [K in keyof Required<StreamLimits>]: number };
  readonly #start: number;
  /** The longest untouched first. */
  readonly #partials = new Map<string, Progress>();
  #current: Progress | undefined;
  #position = 0;

  /**
   * @param limits Octets, counts, milliseconds.
   * @param start Octets at the beginning of a message that are here already, where it does
   * not start with its first octet (`StreamedBody.start` of its sender); default 0.
   */
  constructor(limits: StreamLimits = {}, start: number = 0) {
    this.#limits = {
      messageLength: limits.messageLength ?? Number.MAX_SAFE_INTEGER,
      partialMessages: limits.partialMessages ?? 16,
      stretchCount: limits.stretchCount ?? 1_024,
      chunkCount: limits.chunkCount ?? 65_536,
      idleTime: limits.idleTime ?? 300_000,
    };
    this.#start = start;
  }

  /** When {@link dropIdle} has something to drop. */
  get deadline(): Instant | undefined {
    for (const progress of this.#partials.values()) {
      if (progress !== this.#current) return progress.touched + this.#limits.idleTime;
    }
    return undefined;
  }

  /**
   * A chunk begins. Says so when it is the first of its message.
   *
   * @param start Position of its first octet, from 1.
   * @param total What the sender says the whole message will have, if it says so.
   * @throws {PeerError} `msrp/message-too-large`, `msrp/too-many-chunks` or
   * `msrp/too-many-partial-messages`: to be refused with 413, like all that this class throws.
   */
  beginChunk(
    message: AboutMessage,
    start: number,
    total: number | undefined,
    now: Instant,
  ): StreamBeginning | undefined {
    if (Math.max(start - 1, total ?? 0) > this.#limits.messageLength) throw this.#tooLarge();
    const known = this.#partials.get(message.messageId);
    if (known === undefined && this.#partials.size >= this.#limits.partialMessages) {
      throw tooMany(
        "msrp/too-many-partial-messages",
        `expected at most ${this.#limits.partialMessages} incomplete messages`,
      );
    }
    const progress = known ?? new Progress(message);
    // What the peer was told to leave out counts as come: it starts right behind it.
    if (known === undefined && start === this.#start + 1) progress.cover(0, this.#start);
    const allowed = this.#limits.chunkCount + progress.received / 1_024;
    if (++progress.chunks > allowed) {
      throw tooMany(
        "msrp/too-many-chunks",
        `expected at most ${Math.floor(allowed)} chunks of so much of a message`,
      );
    }
    progress.touched = now;
    this.#partials.delete(message.messageId);
    this.#partials.set(message.messageId, progress);
    this.#current = progress;
    this.#position = start - 1;
    return known === undefined ? { ...message, total } : undefined;
  }

  /**
   * Octets of the current chunk. Those that came before at the same place are overtaken.
   * @throws {PeerError} `msrp/message-too-large` or `msrp/too-many-stretches`.
   */
  addData(bytes: Uint8Array): StreamedOctets | undefined {
    const progress = this.#current;
    if (progress === undefined || bytes.length === 0) return undefined;
    const position = this.#position;
    const end = position + bytes.length;
    if (end > this.#limits.messageLength) throw this.#tooLarge();
    progress.cover(position, end);
    if (progress.stretches > this.#limits.stretchCount) {
      throw tooMany(
        "msrp/too-many-stretches",
        `expected at most ${this.#limits.stretchCount} separate stretches of one message`,
      );
    }
    this.#position = end;
    return { messageId: progress.messageId, position, bytes };
  }

  /** The current chunk ended: is the message complete, given up, or is more to come? */
  endChunk(continuation: ContinuationFlag, now: Instant): StreamResult {
    const progress = this.#current;
    if (progress === undefined) return { type: "incomplete" };
    this.#current = undefined;
    progress.touched = now;
    if (continuation === "#") {
      this.#partials.delete(progress.messageId);
      return { type: "aborted", message: progress };
    }
    // §7.3.1: the chunk with `$` defines the length of the message.
    if (continuation === "$") progress.total = this.#position;
    if (progress.total === undefined || !progress.covers(progress.total)) {
      return { type: "incomplete" };
    }
    this.#partials.delete(progress.messageId);
    return { type: "ended", message: progress, length: progress.total };
  }

  /** Forgets a message; says what it had, if there was one. */
  drop(messageId: string): PartialMessage | undefined {
    const progress = this.#partials.get(messageId);
    this.#partials.delete(messageId);
    if (this.#current === progress) this.#current = undefined;
    return progress;
  }

  /** Forgets the messages for which no chunk came in time. */
  dropIdle(now: Instant): PartialMessage[] {
    const dropped: PartialMessage[] = [];
    for (const progress of this.#partials.values()) {
      if (progress === this.#current) continue;
      if (progress.touched + this.#limits.idleTime > now) break;
      this.#partials.delete(progress.messageId);
      dropped.push(progress);
    }
    return dropped;
  }

  #tooLarge(): PeerError {
    return tooMany(
      "msrp/message-too-large",
      `expected at most ${this.#limits.messageLength} octets`,
    );
  }
}

/** Which octets of a message have come: stretches in order that do not touch. */
class Progress implements PartialMessage {
  readonly messageId: string;
  readonly contentType: string;
  readonly headers: readonly HeaderField[];
  touched: Instant = 0;
  chunks = 0;
  received = 0;
  total: number | undefined;
  /** From–to, the end not included. */
  #stretches: [number, number][] = [];

  constructor({ messageId, contentType, headers }: AboutMessage) {
    this.messageId = messageId;
    this.contentType = contentType;
    this.headers = headers;
  }

  get stretches(): number {
    return this.#stretches.length;
  }

  /** Whether everything up to `end` has come. What lies behind it does not matter. */
  covers(end: number): boolean {
    const [first] = this.#stretches;
    return end === 0 || (first !== undefined && first[0] === 0 && first[1] >= end);
  }

  cover(start: number, end: number): void {
    if (end <= start) return;
    const last = this.#stretches.at(-1);
    if (last !== undefined && last[1] === start) { // In order, as nearly always.
      last[1] = end;
      this.received += end - start;
      return;
    }
    const first = this.#stretches.findIndex(([, to]) => to >= start);
    const at = first < 0 ? this.#stretches.length : first;
    let [low, high] = [start, end];
    let [count, had] = [0, 0];
    for (
      let next = this.#stretches[at];
      next !== undefined && next[0] <= high;
      next = this.#stretches[at + count]
    ) {
      low = Math.min(low, next[0]);
      high = Math.max(high, next[1]);
      had += next[1] - next[0];
      count++;
    }
    this.#stretches.splice(at, count, [low, high]);
    this.received += high - low - had;
  }
}

function tooMany(code: `msrp/${string}`, message: string): PeerError {
  return new PeerError(code, "RFC 4975 §14.5", message);
}
