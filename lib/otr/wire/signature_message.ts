/** 0x12: proves the responder's identity and ends the AKE ("Signature Message"). */
import type { ByteWriter } from "../../base/byte_writer.ts";
import { type WireReader, writeData } from "./data_types.ts";

/** The fields after the header. */
export interface SignatureBody {
  readonly type: "signature";
  readonly encryptedSignature: Uint8Array;
  /** SHA256-HMAC-160 with m2' over the encrypted signature including its length. */
  readonly mac: Uint8Array;
}

/** Reads the body. @throws {PeerError} when octets run out. */
export function readSignatureBody(reader: WireReader): SignatureBody {
  return {
    type: "signature",
    encryptedSignature: reader.data("the encrypted signature"),
    mac: reader.fixed(20, "the MAC'd signature"),
  };
}

/** Appends the body. */
export function writeSignatureBody(writer: ByteWriter, body: SignatureBody): void {
  writeData(writer, body.encryptedSignature);
  writer.bytes(body.mac);
}
