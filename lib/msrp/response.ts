/** Responses (RFC 4975 §7.2). */
import type { ChunkHead, HeaderField } from "./chunk.ts";
import { writeChunk } from "./chunk_writer.ts";
import { statusComment } from "./status.ts";
import type { MsrpUri } from "./uri.ts";

/**
 * Writes the response to a request.
 *
 * @param request Its From-Path must hold at least one URI.
 * @param from Who we are in the session.
 * @param comment Absent: the usual one. It is never left out: some peers take a response
 * without a comment for a request.
 */
export function writeResponse(
  request: ChunkHead,
  from: MsrpUri,
  code: number,
  comment: string = statusComment(code),
  headers: readonly HeaderField[] = [],
): Uint8Array {
  const { startLine: { transactionId }, fromPath } = request;
  // §7.2: a response to SEND goes to the previous hop only, others all the way back.
  const isSend = request.startLine.kind === "request" && request.startLine.method === "SEND";
  return writeChunk({
    startLine: { kind: "response", transactionId, code, comment },
    toPath: isSend ? fromPath.slice(0, 1) : fromPath,
    fromPath: [from],
    headers,
    continuation: "$",
  });
}
