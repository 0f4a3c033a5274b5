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
    return this.#bytes[this.#advance(1, what)] ?? 0;
  }

  /** SHORT: 16 bits, big-endian. */
  short(what: string): number {
    const at = this.#advance(2, what);
    return (this.#bytes[at] ?? 0) << 8 | (this.#bytes[at + 1] ?? 0);
  }

  /** INT: 32 bits, big-endian, unsigned. */
  int(what: string): number {
    return this.#int(this.#advance(4, what));
  }

  /** DATA: a length in four octets and so many octets. A copy. */
  data(what: string): Uint8Array {
    return this.fixed(this.#int(this.#advance(4, what, "the length of ")), what);
  }

  /** MPI: its magnitude as it was written, leading zeros included. A copy. */
  mpi(what: string): Uint8Array {
    return this.data(what);
  }

  /** Exactly `length` octets, such as CTR (8) or MAC (20). A copy. */
  fixed(length: number, what: string): Uint8Array {
    const at = this.#advance(length, what);
    return this.#bytes.slice(at, at + length);
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

  /** Where the next `length` octets begin. Whole sentences are made for errors alone. */
  #advance(length: number, what: string, prefix = ""): number {
    if (length > this.remaining) {
      throw new PeerError(
        "otr/truncated",
        RULE,
        `expected ${length} octets of ${prefix}${what}, found ${this.remaining}`,
        { offset: this.#at },
      );
    }
    const at = this.#at;
    this.#at += length;
    return at;
  }

  #int(at: number): number {
    const octet = (it: number): number => this.#bytes[it] ?? 0;
    return (octet(at) << 24 | octet(at + 1) << 16 | octet(at + 2) << 8 | octet(at + 3)) >>> 0;
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
