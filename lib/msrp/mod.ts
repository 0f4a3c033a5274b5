/**
 * The Message Session Relay Protocol (RFC 4975) and its relays (RFC 4976): frames, URIs,
 * a connection with its sessions as a synchronous core, and a relay as another.
 *
 * @module
 */

export { acceptsContentType, mediaType } from "./accept_types.ts";
export type { StreamedBody } from "./body_feed.ts";
export { type ByteRange, parseByteRange, writeByteRange } from "./byte_range.ts";
export {
  type Chunk,
  type ChunkHead,
  CONTINUATION_FLAGS,
  type ContinuationFlag,
  type HeaderField,
  headerValue,
  type RequestLine,
  type StartLine,
  type StatusLine,
} from "./chunk.ts";
export {
  type ChunkData,
  type ChunkEnd,
  type ChunkParseError,
  ChunkParser,
  type ChunkParserEvent,
  type ChunkParserLimits,
  type ChunkParserOptions,
  type ChunkStart,
} from "./chunk_parser.ts";
export {
  freshMessageId,
  freshTransactionId,
  writeChunk,
  writeChunkHead,
  writeEndLine,
} from "./chunk_writer.ts";
export {
  type ConnectionLimits,
  MsrpConnection,
  type MsrpConnectionOptions,
  type SendResult,
} from "./connection.ts";
export type * from "./events.ts";
export {
  type FailureReport,
  parseHeaderField,
  readRequestFields,
  type RequestFields,
} from "./header_fields.ts";
export * from "./relay_client/mod.ts";
export type { AssemblerLimits } from "./message_assembler.ts";
export type { SenderLimits } from "./message_sender.ts";
export { LONGEST_NICKNAME, parseNickname, writeNickname } from "./nickname.ts";
export type { OutgoingLimits, ReportToSend } from "./outgoing_requests.ts";
export type {
  JudgedMessage,
  MessageToSend,
  MsrpSessionConfig,
  Redirection,
  SessionLimits,
} from "./session_state.ts";
export { isSuccess, parseStatus, type Status, statusComment, writeStatus } from "./status.ts";
export { RESPONSE_TIMEOUT } from "./transaction.ts";
export {
  DEFAULT_PATH_LIMIT,
  type MsrpUri,
  msrpUrisMatch,
  parseMsrpPath,
  parseMsrpUri,
  type UriParameter,
  writeMsrpPath,
  writeMsrpUri,
} from "./uri.ts";
export * from "./relay/mod.ts";
