/** 0x03: an encrypted message ("Data Message"). */
import { ByteWriter } from "../../base/byte_writer.ts";
import { type WireReader, writeData, writeMpi } from "./data_types.ts";
import { type EncodedHeader, writeHeader } from "./encoded_header.ts";

/** The flag that asks the receiver to be silent when it cannot read the message. */
export const IGNORE_UNREADABLE = 0x01;

/** The fields after the header. */
export interface DataBody {
  readonly type: "data";
  /** {@link IGNORE_UNREADABLE}, or others that nobody has defined. */
  readonly flags: number;
  readonly senderKeyId: number;
  readonly recipientKeyId: number;
  /** Magnitude of the sender's next public key, number `senderKeyId + 1`, as it was written. */
  readonly nextDh: Uint8Array;
  /** Top half of the initial counter: 8 octets. */
  readonly counter: Uint8Array;
  readonly encryptedMessage: Uint8Array;
  /** SHA1-HMAC from the version to the end of the encrypted message: 20 octets. */
  readonly mac: Uint8Array;
  /**
   * MAC keys that are no longer in use, 20 octets each when honest. Never validated: the
   * Python 3 generation of one library writes garbage here.
   */
  readonly oldMacKeys: Uint8Array;
}

/** Reads the body. @throws {PeerError} when octets run out. */
export function readDataBody(reader: WireReader): DataBody {
  return {
    type: "data",
    flags: reader.byte("the flags"),
    senderKeyId: reader.int("the sender keyid"),
    recipientKeyId: reader.int("the recipient keyid"),
    nextDh: reader.mpi("the next D-H key"),
    counter: reader.fixed(8, "the counter"),
    encryptedMessage: reader.data("the encrypted message"),
    mac: reader.fixed(20, "the authenticator"),
    oldMacKeys: reader.data("the old MAC keys"),
  };
}

/** Appends the body. */
export function writeDataBody(writer: ByteWriter, body: DataBody): void {
  writeMacced(writer, body);
  writer.bytes(body.mac);
  writeData(writer, body.oldMacKeys);
}

/** The octets that the authenticator covers: protocol version to encrypted message. */
export function maccedPart(
  header: EncodedHeader,
  body: Omit<DataBody, "mac" | "oldMacKeys">,
): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(256 + body.encryptedMessage.length);
  writeHeader(writer, header, "data");
  writeMacced(writer, body);
  return writer.finish();
}

function writeMacced(writer: ByteWriter, body: Omit<DataBody, "mac" | "oldMacKeys">): void {
  writer.uint8(body.flags).uint32(body.senderKeyId).uint32(body.recipientKeyId);
  writeMpi(writer, body.nextDh);
  writer.bytes(body.counter);
  writeData(writer, body.encryptedMessage);
}
