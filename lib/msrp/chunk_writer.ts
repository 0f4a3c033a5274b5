/** Frames → bytes, and transaction identifiers that no body can imitate (RFC 4975 §7.1, §9). */
import { ascii } from "../base/ascii.ts";
import { concatBytes, indexOfBytes, toHex, utf8 } from "../base/bytes.ts";
import type { RandomSource } from "../base/output.ts";
import type { Chunk, ChunkHead, ContinuationFlag, StartLine } from "./chunk.ts";
import { checkStatusCode } from "./status.ts";
import { writeMsrpPath } from "./uri.ts";

/**
 * Writes a whole frame.
 * @throws {TypeError} when a part cannot be written as MSRP, or the body holds the frame's
 * own end-line (choose the identifier with {@link freshTransactionId}).
 */
export function writeChunk(chunk: Chunk): Uint8Array<ArrayBuffer> {
  const { startLine: { transactionId }, body, continuation } = chunk;
  const head = writeChunkHead(chunk, body !== undefined);
  if (body === undefined) {
    return concatBytes(head, ascii(`-------${transactionId}${continuation}\r\n`));
  }
  if (indexOfBytes(body, ascii(`-------${transactionId}`)) >= 0) {
    throw new TypeError("the body holds the end-line of its own frame");
  }
  return concatBytes(head, body, writeEndLine(transactionId, continuation));
}

/**
 * Writes the start line and the header fields, and the blank line if a body follows.
 * @throws {TypeError} when a part cannot be written as MSRP.
 */
export function writeChunkHead(head: ChunkHead, hasBody: boolean): Uint8Array<ArrayBuffer> {
  let text = `${writeStartLine(head.startLine)}\r\nTo-Path: ${writeMsrpPath(head.toPath)}\r\n` +
    `From-Path: ${writeMsrpPath(head.fromPath)}\r\n`;
  for (const { name, value } of head.headers) {
    if (!HEADER_NAME.test(name)) throw new TypeError(`not a header name: ${name}`);
    if (CONTROL.test(value)) throw new TypeError(`${name} holds a control character`);
    text += `${name}: ${value}\r\n`;
  }
  return utf8(hasBody ? `${text}\r\n` : text);
}

/** Writes the CRLF that belongs to the framing of a body, and the end-line (§7.1). */
export function writeEndLine(
  transactionId: string,
  continuation: ContinuationFlag,
): Uint8Array<ArrayBuffer> {
  return ascii(`\r\n-------${transactionId}${continuation}\r\n`);
}

/**
 * A transaction identifier of 64 random bits whose end-line does not occur in `body`.
 *
 * @param body What will be sent under it.
 * @param isTaken Whether a live transaction has this identifier already.
 */
export function freshTransactionId(
  random: RandomSource,
  body?: Uint8Array,
  isTaken: (transactionId: string) => boolean = () => false,
): string {
  for (;;) {
    const transactionId = toHex(random(8));
    if (isTaken(transactionId)) continue;
    if (body !== undefined && indexOfBytes(body, ascii(`-------${transactionId}`)) >= 0) continue;
    return transactionId;
  }
}

/** A Message-ID of 64 random bits (§7.1.1). */
export function freshMessageId(random: RandomSource): string {
  return toHex(random(8));
}

function writeStartLine(startLine: StartLine): string {
  const { transactionId } = startLine;
  if (!IDENT.test(transactionId)) {
    throw new TypeError(`not a transaction identifier: ${transactionId}`);
  }
  if (startLine.kind === "request") {
    // The underscore is no grammar of §9, and Blink's FILE_OFFSET.
    if (!/^[A-Z_]+$/.test(startLine.method)) {
      throw new TypeError(`not a method: ${startLine.method}`);
    }
    return `MSRP ${transactionId} ${startLine.method}`;
  }
  checkStatusCode(startLine.code);
  const { comment } = startLine;
  if (comment === undefined) return `MSRP ${transactionId} ${startLine.code}`;
  if (CONTROL.test(comment)) throw new TypeError("the comment holds a control character");
  return `MSRP ${transactionId} ${startLine.code} ${comment}`;
}

// ident = ALPHANUM  3*31ident-char
const IDENT = /^[A-Za-z0-9][A-Za-z0-9.+%=-]{3,31}$/;
const HEADER_NAME = /^[A-Za-z][!#-'*+\-.0-9A-Z^-~]*$/;
// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;
