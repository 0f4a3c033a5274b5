/** 0x11: reveals r and proves the initiator's identity ("Reveal Signature Message"). */
import type { ByteWriter } from "../../base/byte_writer.ts";
import { type WireReader, writeData } from "./data_types.ts";

/** The fields after the header. */
export interface RevealSignatureBody {
  readonly type: "reveal-signature";
  /** r, the key that opens the D-H Commit: 16 octets when honest. */
  readonly revealedKey: Uint8Array;
  readonly encryptedSignature: Uint8Array;
  /** SHA256-HMAC-160 with m2 over the encrypted signature including its length. */
  readonly mac: Uint8Array;
}

/** Reads the body. @throws {PeerError} when octets run out. */
export function readRevealSignatureBody(reader: WireReader): RevealSignatureBody {
  return {
    type: "reveal-signature",
    revealedKey: reader.data("the revealed key"),
    encryptedSignature: reader.data("the encrypted signature"),
    mac: reader.fixed(20, "the MAC'd signature"),
  };
}

/** Appends the body. */
export function writeRevealSignatureBody(writer: ByteWriter, body: RevealSignatureBody): void {
  writeData(writer, body.revealedKey);
  writeData(writer, body.encryptedSignature);
  writer.bytes(body.mac);
}
