/**
 * FILE_OFFSET: how AG Projects' clients learn from where a file is to be sent. Not of any
 * RFC: a request without a body, answered 200 with `Offset: N`, once, before the first SEND.
 * The message then starts at N + 1 of its Byte-Range. The description says that its owner
 * knows the method: `a=x-file-offset`.
 */
import { type ChunkHead, type HeaderField, headerValue } from "./chunk.ts";
import { writeChunk } from "./chunk_writer.ts";
import { writeResponse } from "./response.ts";
import type { SessionState } from "./session_state.ts";

/** Whether this is such a request. */
export function isFileOffset({ startLine }: ChunkHead): boolean {
  return startLine.kind === "request" && startLine.method === METHOD;
}

/** The request. */
export function writeFileOffset({ sending }: SessionState, transactionId: string): Uint8Array {
  return writeChunk({
    startLine: { kind: "request", transactionId, method: METHOD },
    toPath: sending.toPath,
    fromPath: sending.fromPath,
    headers: [],
    continuation: "$",
  });
}

/** The answer; 413 once the file has begun to come, as Blink says it. */
export function answerFileOffset(request: ChunkHead, session: SessionState): Uint8Array {
  if (session.hasBegunStream) return writeResponse(request, session.self, 413);
  const offset = session.config.fileOffset ?? 0;
  return writeResponse(request, session.self, 200, undefined, [
    { name: "Offset", value: String(offset) },
  ]);
}

/** The number that an answer says; 0 where it says none. */
export function readFileOffset(headers: readonly HeaderField[]): number {
  const value = headerValue(headers, "Offset") ?? "";
  return /^\d{1,15}$/.test(value) ? Number(value) : 0;
}

const METHOD = "FILE_OFFSET";
