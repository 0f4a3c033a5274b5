/**
 * Bytes → frames, resumable at every octet (RFC 4975 §5.1, §7.1, §9). Bodies are handed
 * on in pieces and never collected here, so memory stays within the limits of one head.
 */
import { ascii, latin1 } from "../base/ascii.ts";
import { ByteReader, type Reading } from "../base/byte_reader.ts";
import { decodeUtf8Lossy } from "../base/bytes.ts";
import { PeerError } from "../base/errors.ts";
import type { ChunkHead, ContinuationFlag } from "./chunk.ts";
import { ChunkHeadBuilder, EXPECTED_START } from "./chunk_head.ts";
import { endLineFlag, flagOf, indexOfEndLine } from "./end_line.ts";
import { DEFAULT_PATH_LIMIT } from "./uri.ts";

/** What {@link ChunkParser} may be asked to hold. */
export interface ChunkParserLimits {
  /** Octets of one line of the head, without its CRLF; default 16384. */
  readonly lineLength?: number | undefined;
  /** Header fields of one frame, the paths included; default 64. */
  readonly headerCount?: number | undefined;
  /** Octets of all lines of one head; default 65536. */
  readonly headLength?: number | undefined;
  /** URIs in one path; default 16. */
  readonly pathLength?: number | undefined;
  /** Octets of one body; default 4 GiB. It is never held, only counted. */
  readonly bodyLength?: number | undefined;
}

/** How {@link ChunkParser} goes about it. */
export interface ChunkParserOptions {
  readonly limits?: ChunkParserLimits | undefined;
  /**
   * After a fault, look for the next line that starts with `MSRP ` instead of giving up.
   * For readers of captures; a connection must be closed.
   */
  readonly resynchronize?: boolean | undefined;
}

/** The head of a frame is complete. */
export interface ChunkStart {
  readonly type: "chunk-start";
  readonly head: ChunkHead;
  /** Whether a blank line followed the head. A body may still have no octets. */
  readonly hasBody: boolean;
  /** Offset in the stream of the first octet of the start line. */
  readonly offset: number;
}

/** Some octets of the body; a copy, safe to keep. */
export interface ChunkData {
  readonly type: "chunk-data";
  readonly bytes: Uint8Array;
}

/** The end-line was read. */
export interface ChunkEnd {
  readonly type: "chunk-end";
  readonly continuation: ContinuationFlag;
  /** Octets of the body. */
  readonly bodyLength: number;
  /** Offset in the stream of the first octet after the frame. */
  readonly offset: number;
}

/** The octets are not MSRP, or pass a limit. Nothing follows unless the parser resynchronizes. */
export interface ChunkParseError {
  readonly type: "parse-error";
  readonly error: PeerError;
}

/** What {@link ChunkParser.feed} reports, in the order of the octets. */
export type ChunkParserEvent = ChunkStart | ChunkData | ChunkEnd | ChunkParseError;

/** Reads a stream of requests and responses. Never throws because of the peer. */
export class ChunkParser {
  readonly #reader = new ByteReader();
  readonly #limits: Required<{ [K in keyof ChunkParserLimits]: number }>;
  readonly #resynchronize: boolean;
  #reading: Reading<void>;
  #events: ChunkParserEvent[] = [];
  #ended = false;
  /** Whether a frame has begun and its end-line was not seen. */
  #insideFrame = false;
  #insideBody = false;

  /** @param options Limits, and what to do after a fault. */
  constructor({ limits = {}, resynchronize = false }: ChunkParserOptions = {}) {
    this.#limits = {
      lineLength: limits.lineLength ?? 16_384,
      headerCount: limits.headerCount ?? 64,
      headLength: limits.headLength ?? 65_536,
      pathLength: limits.pathLength ?? DEFAULT_PATH_LIMIT,
      bodyLength: limits.bodyLength ?? 2 ** 32,
    };
    this.#resynchronize = resynchronize;
    this.#reading = this.#readStream();
  }

  /** Takes octets in; reports what they completed. Nothing after a fault or {@link end}. */
  feed(bytes: Uint8Array): ChunkParserEvent[] {
    if (this.#ended) return [];
    this.#reader.feed(bytes);
    this.#advance();
    return this.#taken();
  }

  /** The stream ended: reports the octets of an unfinished body, and `msrp/truncated`. */
  end(): ChunkParserEvent[] {
    if (this.#ended) return [];
    this.#ended = true;
    const { available, offset } = this.#reader;
    if (this.#insideBody && available > 0) {
      this.#events.push({ type: "chunk-data", bytes: this.#reader.take() });
    }
    if (this.#insideFrame || available > 0) {
      const error = new PeerError(
        "msrp/truncated",
        "RFC 4975 §7.1",
        "expected an end-line before the end of the stream",
        { offset: offset + available },
      );
      this.#events.push({ type: "parse-error", error });
    }
    return this.#taken();
  }

  #taken(): ChunkParserEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #advance(): void {
    for (;;) {
      try {
        this.#reading.next();
        return; // Suspended: only more octets help.
      } catch (error) {
        if (!(error instanceof PeerError)) throw error;
        this.#events.push({ type: "parse-error", error });
        this.#insideFrame = this.#insideBody = false;
        if (!this.#resynchronize) {
          this.#ended = true;
          return;
        }
        this.#reading = this.#readAfterFault();
      }
    }
  }

  /** Drops octets up to the next line that starts like a frame. */
  *#readAfterFault(): Reading<void> {
    for (;;) {
      yield* this.#reader.atLeast(START.length);
      if (START.every((it, at) => this.#reader.peek(START.length)[at] === it)) break;
      const lineEnd = this.#reader.peek().indexOf(LF);
      this.#reader.skip(lineEnd < 0 ? this.#reader.available : lineEnd + 1);
    }
    yield* this.#readStream();
  }

  *#readStream(): Reading<void> {
    for (;;) {
      yield* this.#reader.atLeast(1);
      if (this.#reader.peek(1)[0] === CR) {
        yield* this.#skipStrayLineEnd();
        continue;
      }
      yield* this.#readFrame();
    }
  }

  /** An empty line between frames is tolerated: some peers keep a connection alive with it. */
  *#skipStrayLineEnd(): Reading<void> {
    yield* this.#reader.atLeast(2);
    if (this.#reader.peek(2)[1] !== LF) throw this.#fault("msrp/bad-start-line", EXPECTED_START);
    this.#reader.skip(2);
  }

  *#readFrame(): Reading<void> {
    const { offset } = this.#reader;
    this.#insideFrame = true;
    yield* this.#expectMsrp();
    const head = new ChunkHeadBuilder(
      yield* this.#readLine(this.#limits.lineLength),
      this.#limits.pathLength,
      offset,
    );
    const endLine = `-------${head.transactionId}`;
    let left = this.#limits.headLength;
    for (let count = 0;;) {
      const lineOffset = this.#reader.offset;
      const line = yield* this.#readLine(Math.min(this.#limits.lineLength, left));
      left -= line.length + 2;
      const continuation = endLineFlag(line, endLine);
      if (continuation !== undefined) {
        this.#events.push(
          { type: "chunk-start", head: head.finish(lineOffset), hasBody: false, offset },
        );
        this.#endFrame(continuation, 0);
        return;
      }
      if (line === "") {
        this.#events.push(
          { type: "chunk-start", head: head.finish(lineOffset), hasBody: true, offset },
        );
        break;
      }
      if (++count > this.#limits.headerCount) {
        throw this.#fault(
          "msrp/too-many-headers",
          `expected at most ${this.#limits.headerCount} header fields`,
          "RFC 4975 §14.5",
        );
      }
      head.addLine(line, lineOffset);
    }
    this.#insideBody = true;
    yield* this.#readBody(ascii(`\r\n${endLine}`));
  }

  /** Looks at the first octets at once: junk without a line end must not fill the buffer. */
  *#expectMsrp(): Reading<void> {
    for (;;) {
      const view = this.#reader.peek(START.length);
      if (view.some((octet, at) => octet !== START[at])) {
        throw this.#fault("msrp/bad-start-line", EXPECTED_START);
      }
      if (view.length === START.length) return;
      yield;
    }
  }

  *#readLine(limit: number): Reading<string> {
    for (let searched = 0;;) {
      const view = this.#reader.peek();
      const at = indexOfLineEnd(view, searched);
      if (at >= 0 && at <= limit) {
        const line = text(view.subarray(0, at));
        this.#reader.skip(at + 2);
        return line;
      }
      if (at >= 0 || view.length > limit + 1) {
        const fault = this.#fault(
          "msrp/head-too-long",
          `expected the end of a line within ${limit} octets`,
          "RFC 4975 §14.5",
        );
        this.#reader.skip(1); // Or resynchronizing would find this very line again.
        throw fault;
      }
      searched = Math.max(0, view.length - 1);
      yield;
    }
  }

  /** @param marker CRLF, seven hyphens and the transaction identifier. */
  *#readBody(marker: Uint8Array): Reading<void> {
    const endLength = marker.length + 3;
    let bodyLength = 0;
    // A body without octets, written without the CRLF that belongs to the end-line: the
    // blank line's own CRLF serves for both.
    const early = yield* this.#earlyEndLine(marker.subarray(2));
    if (early !== undefined) {
      this.#reader.skip(endLength - 2);
      this.#endFrame(early, 0);
      return;
    }
    for (;;) {
      const view = this.#reader.peek();
      const at = indexOfEndLine(view, marker);
      // Without an end-line, the last octets may be the beginning of one.
      const ready = at >= 0 ? at : Math.max(0, view.length - endLength + 1);
      const flag = at >= 0 ? flagOf(view[at + marker.length]) : undefined;
      bodyLength += ready;
      if (bodyLength > this.#limits.bodyLength) {
        throw this.#fault(
          "msrp/body-too-long",
          `expected an end-line within ${this.#limits.bodyLength} octets`,
          "RFC 4975 §14.5",
        );
      }
      if (ready > 0) this.#events.push({ type: "chunk-data", bytes: this.#reader.take(ready) });
      if (flag !== undefined) {
        this.#reader.skip(endLength);
        this.#endFrame(flag, bodyLength);
        return;
      }
      yield;
    }
  }

  *#earlyEndLine(marker: Uint8Array): Reading<ContinuationFlag | undefined> {
    for (;;) {
      const view = this.#reader.peek(marker.length + 3);
      const shared = Math.min(view.length, marker.length);
      for (let at = 0; at < shared; at++) {
        if (view[at] !== marker[at]) return undefined;
      }
      if (view.length > marker.length && flagOf(view[marker.length]) === undefined) {
        return undefined;
      }
      if (view.length === marker.length + 3) {
        const isLine = view[marker.length + 1] === CR && view[marker.length + 2] === LF;
        return isLine ? flagOf(view[marker.length]) : undefined;
      }
      yield;
    }
  }

  #endFrame(continuation: ContinuationFlag, bodyLength: number): void {
    this.#insideFrame = this.#insideBody = false;
    this.#events.push({
      type: "chunk-end",
      continuation,
      bodyLength,
      offset: this.#reader.offset,
    });
  }

  #fault(
    code: `msrp/${string}`,
    message: string,
    rule = "RFC 4975 §9",
  ): PeerError {
    return new PeerError(code, rule, message, { offset: this.#reader.offset });
  }
}

/** Text of a line: UTF-8 (§9), mostly ASCII. */
function text(bytes: Uint8Array): string {
  for (let at = 0; at < bytes.length; at++) {
    if ((bytes[at] ?? 0) > 0x7f) return decodeUtf8Lossy(bytes);
  }
  return latin1(bytes);
}

function indexOfLineEnd(view: Uint8Array, from: number): number {
  for (let at = view.indexOf(CR, from); at >= 0; at = view.indexOf(CR, at + 1)) {
    if (view[at + 1] === LF) return at;
    if (at + 1 >= view.length) return -1;
  }
  return -1;
}

const CR = 0x0d;
const LF = 0x0a;
const START = ascii("MSRP ");
