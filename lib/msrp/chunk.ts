/** What a request, a response and a chunk are made of (RFC 4975 §7.1, §9). */
import type { PeerError } from "../base/errors.ts";
import type { MsrpUri } from "./uri.ts";

/** `$` ends the message, `+` promises more of it, `#` gives it up (§7.1). */
export type ContinuationFlag = "$" | "+" | "#";

/** `MSRP tid SEND`. */
export interface RequestLine {
  readonly kind: "request";
  readonly transactionId: string;
  /** `SEND`, `REPORT`, or what an extension defines. */
  readonly method: string;
}

/** `MSRP tid 200 OK`. */
export interface StatusLine {
  readonly kind: "response";
  readonly transactionId: string;
  /** Three digits; 0 when the peer wrote something unreadable there. */
  readonly code: number;
  readonly comment?: string | undefined;
}

/** First line of a frame. */
export type StartLine = RequestLine | StatusLine;

/** A header field other than To-Path and From-Path; the name as it was written. */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

/** A frame without its body and its end-line. */
export interface ChunkHead {
  readonly startLine: StartLine;
  /** Leftmost first. Empty when it was missing or unreadable: then there is a `problem`. */
  readonly toPath: readonly MsrpUri[];
  readonly fromPath: readonly MsrpUri[];
  /** What follows the two paths, in order; Content-Type and its like included. */
  readonly headers: readonly HeaderField[];
  /** The first rule that the head breaks although its frame can be told apart. */
  readonly problem?: PeerError | undefined;
}

/** A whole frame: what {@link writeChunk} writes. */
export interface Chunk extends ChunkHead {
  /** Absent is not the same as empty (§7.1): a frame without a body has no blank line. */
  readonly body?: Uint8Array | undefined;
  readonly continuation: ContinuationFlag;
}

/** The three flags, in the order of the grammar. */
export const CONTINUATION_FLAGS: readonly ContinuationFlag[] = ["+", "$", "#"];

/** Value of the first header field called `name` in any case (§9), or `undefined`. */
export function headerValue(headers: readonly HeaderField[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  return headers.find((it) => it.name.toLowerCase() === wanted)?.value;
}
