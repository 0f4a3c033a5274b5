/** 0x0a: the responder's D-H key ("D-H Key Message"). */
import type { ByteWriter } from "../../base/byte_writer.ts";
import { type WireReader, writeMpi } from "./data_types.ts";

/** The fields after the header. */
export interface DhKeyBody {
  readonly type: "dh-key";
  /** Magnitude of g^y as it was written. */
  readonly gy: Uint8Array;
}

/** Reads the body. @throws {PeerError} when octets run out. */
export function readDhKeyBody(reader: WireReader): DhKeyBody {
  return { type: "dh-key", gy: reader.mpi("g^y") };
}

/** Appends the body. */
export function writeDhKeyBody(writer: ByteWriter, body: DhKeyBody): void {
  writeMpi(writer, body.gy);
}
