/**
 * Octets of one direction → MSRP chunks, each with where it was seen (RFC 4975 §7.1). Finds its
 * way again after junk and after holes; what has no end-line is a truncated chunk.
 */
import { concatBytes } from "../../base/bytes.ts";
import { ascii, latin1 } from "../../base/ascii.ts";
import type { PeerError } from "../../base/errors.ts";
import {
  type ChunkHead,
  ChunkParser,
  type ChunkParserEvent,
  type ContinuationFlag,
} from "../../msrp/mod.ts";
import type { Sighting } from "../arrival.ts";

/** A chunk as it was seen. */
export interface SeenChunk {
  readonly head: ChunkHead;
  /** `undefined`: the end-line was not seen. */
  readonly continuation: ContinuationFlag | undefined;
  /** Absent is not the same as empty. Cut at the limit, `bodyLength` is not. */
  readonly body: Uint8Array | undefined;
  readonly bodyLength: number;
  /** Where its first octet was seen. */
  readonly seen: Sighting;
  /** Where its last octet was seen. */
  readonly lastSeen: Sighting;
  /** Octets of this direction before it, as far as they were seen. */
  readonly offset: number;
  /** Octets within it that were sent and not captured. */
  readonly missing: number;
}

/** What {@link MsrpStream} reports. */
export type MsrpStreamEvent =
  | { readonly type: "chunk"; readonly chunk: SeenChunk }
  | {
    readonly type: "fault";
    readonly error: PeerError;
    readonly seen: Sighting;
    readonly offset: number;
  };

/** Bounds of {@link MsrpStream}. */
export interface MsrpStreamLimits {
  /** Most octets of one chunk's body that are kept. Default 4 MiB. */
  readonly bodySize?: number;
}

interface OpenChunk {
  readonly head: ChunkHead;
  readonly hasBody: boolean;
  readonly seen: Sighting;
  readonly offset: number;
  readonly pieces: Uint8Array[];
  kept: number;
  length: number;
  missing: number;
}

/** One direction of a connection, or one record of a log. */
export class MsrpStream {
  readonly #bodySize: number;
  #parser = new ChunkParser({ resynchronize: true });
  /** Octets of the stream before what the present parser was given. */
  #base = 0;
  #fed = 0;
  #marks: { readonly offset: number; readonly seen: Sighting }[] = [];
  #open: OpenChunk | undefined;
  /** The last octets outside a body, so that a truncated head can be shown. */
  #tail: Uint8Array = new Uint8Array();
  /** A hole lies within the open chunk: a start line ends it, as its end-line may be lost. */
  #isDoubtful = false;
  #line: Uint8Array = new Uint8Array();
  #events: MsrpStreamEvent[] = [];

  /** @param limits See {@link MsrpStreamLimits}. */
  constructor({ bodySize = 4 * 1024 * 1024 }: MsrpStreamLimits = {}) {
    this.#bodySize = bodySize;
  }

  /** Takes octets that follow those before them. */
  receive(seen: Sighting, data: Uint8Array): MsrpStreamEvent[] {
    if (this.#marks.length >= MOST_MARKS) this.#marks.splice(1, MOST_MARKS / 2);
    this.#marks.push({ offset: this.#base + this.#fed + this.#line.length, seen });
    if (this.#isDoubtful) this.#feedLines(data);
    else this.#feed(data);
    return this.#taken();
  }

  /** `octets` of the stream are missing here. */
  receiveGap(octets: number): MsrpStreamEvent[] {
    this.#flushLine();
    if (this.#open === undefined) this.#restart();
    else {
      this.#open.missing += octets;
      this.#isDoubtful = true;
    }
    return this.#taken();
  }

  /** Nothing follows. */
  end(): MsrpStreamEvent[] {
    this.#flushLine();
    this.#restart();
    return this.#taken();
  }

  /** Line by line, because each may be the start of the next chunk. */
  #feedLines(data: Uint8Array): void {
    let rest: Uint8Array = concatBytes(this.#line, data);
    this.#line = new Uint8Array();
    while (this.#isDoubtful) {
      const end = rest.indexOf(0x0a) + 1;
      if (end === 0 && rest.length < LONGEST_START_LINE) {
        this.#line = rest;
        return;
      }
      const line = rest.subarray(0, end === 0 ? rest.length : end);
      if (START_LINE.test(latin1(line.subarray(0, LONGEST_START_LINE)))) this.#restart();
      this.#feed(line);
      rest = rest.subarray(line.length);
      if (rest.length === 0) return;
    }
    this.#feed(rest);
  }

  #flushLine(): void {
    const line = this.#line;
    this.#line = new Uint8Array();
    if (line.length > 0) this.#feed(line);
  }

  /** Gives the open chunk up and begins anew at the present octet. */
  #restart(): void {
    this.#isDoubtful = false;
    const tail = this.#tail;
    const isInHead = this.#open === undefined;
    for (const event of this.#parser.end()) this.#handle(event);
    if (this.#open !== undefined) this.#close(undefined, this.#base + this.#fed);
    else if (isInHead) this.#showTruncatedHead(tail);
    this.#base += this.#fed;
    this.#fed = 0;
    this.#tail = new Uint8Array();
    this.#parser = new ChunkParser({ resynchronize: true });
  }

  #feed(data: Uint8Array): void {
    this.#fed += data.length;
    const tailEnd = this.#base + this.#fed;
    let tailStart: number | undefined;
    for (const event of this.#parser.feed(data)) {
      this.#handle(event);
      if (event.type === "chunk-end") tailStart = this.#base + event.offset;
      else if (event.type !== "chunk-data") tailStart = tailEnd;
    }
    if (tailStart !== undefined) this.#tail = data.subarray(data.length - (tailEnd - tailStart));
    else if (this.#open === undefined && this.#tail.length < LONGEST_HEAD) {
      this.#tail = concatBytes(this.#tail, data.subarray(0, LONGEST_HEAD));
    }
  }

  #handle(event: ChunkParserEvent): void {
    switch (event.type) {
      case "chunk-start": {
        const { head, hasBody } = event;
        const offset = this.#base + event.offset;
        const seen = this.#seenAt(offset);
        this.#forgetMarks();
        this.#open = { head, hasBody, seen, offset, pieces: [], kept: 0, length: 0, missing: 0 };
        return;
      }
      case "chunk-data":
        return this.#keep(event.bytes);
      case "chunk-end":
        this.#isDoubtful = false;
        return this.#close(event.continuation, this.#base + event.offset);
      case "parse-error": {
        const offset = this.#base + (event.error.offset ?? this.#fed);
        const seen = this.#seenAt(offset);
        if (this.#open !== undefined) this.#close(undefined, offset);
        this.#events.push({ type: "fault", error: event.error, seen, offset });
      }
    }
  }

  #keep(bytes: Uint8Array): void {
    const open = this.#open;
    if (open === undefined) return;
    open.length += bytes.length;
    const room = this.#bodySize - open.kept;
    if (room <= 0) return;
    const piece = bytes.subarray(0, room);
    open.pieces.push(piece);
    open.kept += piece.length;
  }

  #close(continuation: ContinuationFlag | undefined, end: number): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    const { head, hasBody, seen, offset, pieces, length, missing } = open;
    const body = hasBody ? concatBytes(...pieces) : undefined;
    const lastSeen = this.#seenAt(Math.max(offset, end - 1));
    const chunk = { head, continuation, body, bodyLength: length, seen, lastSeen, offset, missing };
    this.#events.push({ type: "chunk", chunk });
  }

  /** A head without its end is read as far as its lines are whole. */
  #showTruncatedHead(tail: Uint8Array): void {
    const start = /(?:^|\n)(MSRP ([A-Za-z0-9][\w.+%=-]{0,31})[ \r][^]*)$/.exec(latin1(tail));
    const [, text = "", transactionId] = start ?? [];
    if (transactionId === undefined) return;
    const octets = tail.subarray(tail.length - text.length);
    const lines = octets.subarray(0, octets.lastIndexOf(0x0a) + 1);
    if (lines.length === 0) return;
    const whole = concatBytes(lines, ascii(`-------${transactionId}$\r\n`));
    const [event] = new ChunkParser().feed(whole);
    if (event?.type !== "chunk-start") return;
    const end = this.#base + this.#fed;
    const offset = end - octets.length;
    this.#events.push({
      type: "chunk",
      chunk: {
        head: event.head,
        continuation: undefined,
        body: undefined,
        bodyLength: 0,
        seen: this.#seenAt(offset),
        lastSeen: this.#seenAt(end - 1),
        offset,
        missing: 0,
      },
    });
  }

  #seenAt(offset: number): Sighting {
    let found = this.#marks[0];
    for (let at = this.#marks.length - 1; at >= 0; at--) {
      const mark = this.#marks[at];
      if (mark === undefined || mark.offset > offset) continue;
      found = mark;
      break;
    }
    return found?.seen ?? NOWHERE;
  }

  /** Only the last place is of interest once a chunk's beginning is known. */
  #forgetMarks(): void {
    this.#marks = this.#marks.slice(-1);
  }

  #taken(): MsrpStreamEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

const NOWHERE: Sighting = { frame: 0, at: undefined, src: undefined, dst: undefined };
const START_LINE =
  /^MSRP [A-Za-z0-9][A-Za-z0-9.+%=-]{3,31} (?:[A-Z][A-Z_]*|\d{3}(?: [^\r\n]*)?)\r?\n/;
const LONGEST_START_LINE = 512;
const LONGEST_HEAD = 65_536;
const MOST_MARKS = 8192;
