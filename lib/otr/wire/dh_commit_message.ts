/** 0x02: commits to a D-H key that is not yet revealed ("D-H Commit Message"). */
import type { ByteWriter } from "../../base/byte_writer.ts";
import { type WireReader, writeData } from "./data_types.ts";

/** The fields after the header. */
export interface DhCommitBody {
  readonly type: "dh-commit";
  /** AES128-CTR, key r and counter 0, of the MPI g^x. */
  readonly encryptedGx: Uint8Array;
  /** SHA-256 of the MPI g^x: 32 octets when honest. */
  readonly hashedGx: Uint8Array;
}

/** Reads the body. @throws {PeerError} when octets run out. */
export function readDhCommitBody(reader: WireReader): DhCommitBody {
  return {
    type: "dh-commit",
    encryptedGx: reader.data("the encrypted g^x"),
    hashedGx: reader.data("the hashed g^x"),
  };
}

/** Appends the body. */
export function writeDhCommitBody(writer: ByteWriter, body: DhCommitBody): void {
  writeData(writer, body.encryptedGx);
  writeData(writer, body.hashedGx);
}
