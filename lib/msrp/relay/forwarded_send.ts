/**
 * A SEND on its way through a relay: octets that came and did not leave yet, and how much of
 * the message has left (RFC 4976 §6.4.1). Never more than its source is allowed to be ahead.
 */
import { type ByteRange, writeByteRange } from "../byte_range.ts";
import type { ChunkHead, ContinuationFlag, HeaderField } from "../chunk.ts";
import type { FailureReport } from "../header_fields.ts";
import type { MsrpUri } from "../uri.ts";
import type { RelayConnectionId } from "./events.ts";

/** Who is told when something becomes of a request. */
export interface ReturnPath {
  /** The connection that the request came over. */
  readonly source: RelayConnectionId;
  /** From-Path of the request as it came. */
  readonly toPath: readonly MsrpUri[];
  /** The URIs of ours that it passed, the first one first. */
  readonly fromPath: readonly MsrpUri[];
}

/** What is known of a SEND when its head has come. */
export interface ForwardedSendParts {
  /** The head with its new paths; the start line's identifier is replaced for each chunk. */
  readonly head: ChunkHead;
  readonly hasBody: boolean;
  readonly returnPath: ReturnPath;
  readonly messageId: string | undefined;
  readonly failureReport: FailureReport;
  readonly byteRange: ByteRange | undefined;
}

/** Octets of a head that are counted beside the body: nothing is free. */
const OVERHEAD = 512;

/** A chunk that leaves in as many chunks as it takes. */
export class ForwardedSend {
  readonly kind = "send";
  readonly head: ChunkHead;
  readonly hasBody: boolean;
  readonly returnPath: ReturnPath;
  readonly messageId: string | undefined;
  readonly failureReport: FailureReport;
  /** Octets that it costs to hold it besides its body. */
  readonly overhead: number = OVERHEAD;
  /** How its source ended it; `undefined` while more may come. */
  end: ContinuationFlag | undefined;
  /** Somebody further on refused it, or it cannot be delivered: what still comes is thrown away. */
  isRefused = false;
  /** The first octet of the message that did not leave yet; counts from 1. */
  position: number;
  readonly #total: number | "*";
  readonly #pieces: Uint8Array[] = [];
  #buffered = 0;

  /** @param parts What the head says. */
  constructor(parts: ForwardedSendParts) {
    this.head = parts.head;
    this.hasBody = parts.hasBody;
    this.returnPath = parts.returnPath;
    this.messageId = parts.messageId;
    this.failureReport = parts.failureReport;
    this.position = parts.byteRange?.start ?? 1;
    this.#total = parts.byteRange?.total ?? "*";
  }

  /** Octets that wait to leave. */
  get buffered(): number {
    return this.#buffered;
  }

  /** Whether a chunk may begin: no small chunk unless nothing more comes (RFC 4975 §7.1.1). */
  get mayBegin(): boolean {
    return this.end !== undefined || this.#buffered >= LEAST_CHUNK;
  }

  /** Whether everything has come and left. */
  get isSpent(): boolean {
    return this.end !== undefined && this.#buffered === 0;
  }

  /** Octets came. */
  add(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#buffered += bytes.length;
  }

  /** Up to `most` octets, which leave now. */
  take(most: number): Uint8Array {
    const [first] = this.#pieces;
    if (first === undefined) return NOTHING;
    const taken = first.subarray(0, most);
    if (taken.length === first.length) this.#pieces.shift();
    else this.#pieces[0] = first.subarray(taken.length);
    this.#buffered -= taken.length;
    this.position += taken.length;
    return taken;
  }

  /** Puts octets back that were taken last. */
  putBack(bytes: Uint8Array): void {
    this.#pieces.unshift(bytes);
    this.#buffered += bytes.length;
    this.position -= bytes.length;
  }

  /** Gives the rest up: the chunk in progress will end with `#`. Returns the octets thrown away. */
  refuse(): number {
    const dropped = this.#buffered;
    this.#pieces.length = 0;
    this.#buffered = 0;
    this.isRefused = true;
    this.end = "#";
    return dropped;
  }

  /** The octets from `start` on, as far as they are known: to the end of what came, if all of it did. */
  rangeFrom(start: number): ByteRange {
    const end = this.end === undefined ? "*" : this.position + this.#buffered - 1;
    return { start, end: end === "*" ? end : Math.max(0, end), total: this.#total };
  }

  /** The head of the next chunk. */
  chunkHead(transactionId: string): ChunkHead {
    const startLine = { kind: "request", transactionId, method: "SEND" } as const;
    if (!this.hasBody) return { ...this.head, startLine };
    // RFC 4975 §7.1.1: what has more than 2048 octets may be cut, and says so by its range.
    const isFixed = this.end !== undefined && this.#buffered <= LEAST_CHUNK;
    const range = this.rangeFrom(this.position);
    const value = writeByteRange(isFixed ? range : { ...range, end: "*" });
    return { ...this.head, startLine, headers: withByteRange(this.head.headers, value) };
  }
}

/** Puts the range where the old one stood, or before the rest. */
function withByteRange(headers: readonly HeaderField[], value: string): HeaderField[] {
  const name = "Byte-Range";
  const isRange = (it: HeaderField): boolean => it.name.toLowerCase() === "byte-range";
  if (!headers.some(isRange)) return [{ name, value }, ...headers];
  return headers.map((it) => isRange(it) ? { name: it.name, value } : it);
}

const NOTHING = new Uint8Array(0);
/** §7.1.1 of RFC 4975: no chunk but the last should be smaller. */
const LEAST_CHUNK = 2_048;
