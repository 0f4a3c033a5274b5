/** REPORT requests: what became of a message after its transaction (RFC 4975 §7.1.2–7.1.4). */
import { type ByteRange, writeByteRange } from "./byte_range.ts";
import { writeChunk } from "./chunk_writer.ts";
import { type Status, writeStatus } from "./status.ts";
import type { MsrpUri } from "./uri.ts";

/** What a REPORT says. */
export interface Report {
  readonly transactionId: string;
  /** The From-Path of the request reported on, whole. */
  readonly toPath: readonly MsrpUri[];
  /** Who we are in the session. */
  readonly from: MsrpUri;
  readonly messageId: string;
  readonly status: Status;
  readonly byteRange: ByteRange;
}

/** Writes a REPORT. It carries no Success-Report or Failure-Report and is never answered. */
export function writeReport(report: Report): Uint8Array {
  return writeChunk({
    startLine: { kind: "request", transactionId: report.transactionId, method: "REPORT" },
    toPath: report.toPath,
    fromPath: [report.from],
    headers: [
      { name: "Message-ID", value: report.messageId },
      { name: "Byte-Range", value: writeByteRange(report.byteRange) },
      { name: "Status", value: writeStatus(report.status) },
    ],
    continuation: "$",
  });
}
