/**
 * BYTE, SHORT, INT, MPI, DATA, CTR and MAC ("Data types"): a reader that refuses every
 * length beyond the message, and the writers. Values stay octets, so that what was read
 * is written back unchanged.
 */
import type { ByteWriter } from "../../base/byte_writer.ts";
import { PeerError } from "../../base/errors.ts";

const RULE = "OTRv3 Data types";

/** Reads one complete structure. Every method throws {@link PeerError} when octets run out. */
export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  /** @param bytes The whole structure; not copied, so it must not change while reading. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Octets read so far. */
  get offset(): number {
    return this.#at;
  }

  /** Octets left. */
  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /** BYTE. */
  byte(what: string): number {
    return this.fixed(1, what)[0] ?? 0;
  }

  /** SHORT: 16 bits, big-endian. */
  short(what: string): number {
    const [high = 0, low = 0] = this.fixed(2, what);
    return high << 8 | low;
  }

  /** INT: 32 bits, big-endian, unsigned. */
  int(what: string): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.fixed(4, what);
    return (a << 24 | b << 16 | c << 8 | d) >>> 0;
  }

  /** DATA: a length in four octets and so many octets. A copy. */
  data(what: string): Uint8Array {
    return this.fixed(this.int(`the length of ${what}`), what);
  }

  /** MPI: its magnitude as it was written, leading zeros included. A copy. */
  mpi(what: string): Uint8Array {
    return this.data(what);
  }

  /** Exactly `length` octets, such as CTR (8) or MAC (20). A copy. */
  fixed(length: number, what: string): Uint8Array {
    if (length > this.remaining) {
      throw new PeerError(
        "otr/truncated",
        RULE,
        `expected ${length} octets of ${what}, found ${this.remaining}`,
        { offset: this.#at },
      );
    }
    return this.#bytes.slice(this.#at, this.#at += length);
  }

  /** The octets between two offsets, for what a MAC covers. A view. */
  span(from: number, to: number): Uint8Array {
    return this.#bytes.subarray(from, to);
  }

  /** @throws {PeerError} when anything is left. */
  end(what: string): void {
    if (this.remaining > 0) {
      throw new PeerError(
        "otr/trailing-octets",
        RULE,
        `expected the end of ${what}, found ${this.remaining} more octets`,
        { offset: this.#at },
      );
    }
  }
}

/** Appends DATA: the length in four octets, then the octets. */
export function writeData(writer: ByteWriter, bytes: Uint8Array): void {
  writer.uint32(bytes.length).bytes(bytes);
}

/** Appends an MPI whose magnitude is given as octets, written as they are. */
export function writeMpi(writer: ByteWriter, magnitude: Uint8Array): void {
  writeData(writer, magnitude);
}
