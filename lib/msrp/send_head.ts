/** The head of a chunk of a message (RFC 4975 §7.1.1). */
import { writeByteRange } from "./byte_range.ts";
import { writeChunkHead } from "./chunk_writer.ts";
import type { OutgoingMessage, SendingSession } from "./message_sender.ts";

/**
 * Writes it, the blank line included.
 *
 * @param position Offset in the message of the first octet of the chunk, from 0.
 * @param total Octets of the whole message.
 * @param end Position of its last octet, from 1; `*` where it may be cut.
 * @throws {TypeError} when a part cannot be written as MSRP.
 */
export function writeSendHead(
  session: SendingSession,
  message: OutgoingMessage,
  { position, length: total }: { readonly position: number; readonly length: number },
  transactionId: string,
  end: number | "*",
): Uint8Array {
  const { messageId, successReport, failureReport, headers, contentType } = message;
  return writeChunkHead({
    startLine: { kind: "request", transactionId, method: "SEND" },
    toPath: session.toPath,
    fromPath: session.fromPath,
    headers: [
      { name: "Message-ID", value: messageId },
      { name: "Byte-Range", value: writeByteRange({ start: position + 1, end, total }) },
      ...(successReport ? [{ name: "Success-Report", value: "yes" }] : []),
      ...(failureReport === "yes" ? [] : [{ name: "Failure-Report", value: failureReport }]),
      ...headers,
      { name: "Content-Type", value: contentType },
    ],
  }, true);
}
