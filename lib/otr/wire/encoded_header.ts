/** What every binary message begins with: version, type, instance tags. */
import type { ByteWriter } from "../../base/byte_writer.ts";
import type { OtrVersion } from "../policy.ts";

/** What stands before every body. */
export interface EncodedHeader {
  readonly version: OtrVersion;
  /** The sender's instance tag; 0 in version 2, which has none. */
  readonly senderTag: number;
  /** The receiver's instance tag; 0 when not known, and in version 2. */
  readonly receiverTag: number;
}

/** The type octet of each message. */
export const MESSAGE_TYPES = {
  "dh-commit": 0x02,
  "data": 0x03,
  "dh-key": 0x0a,
  "reveal-signature": 0x11,
  "signature": 0x12,
} as const;

/** Appends version, type and tags. */
export function writeHeader(
  writer: ByteWriter,
  header: EncodedHeader,
  type: keyof typeof MESSAGE_TYPES,
): void {
  writer.uint16(header.version).uint8(MESSAGE_TYPES[type]);
  if (header.version === 3) writer.uint32(header.senderTag).uint32(header.receiverTag);
}
