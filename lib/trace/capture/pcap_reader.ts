/** Reads pcap files (draft-ietf-opsawg-pcap): micro- and nanoseconds, either byte order. */
import type { Reading } from "../../base/byte_reader.ts";
import { type ReadingContext, ResumableReader } from "../resumable_reader.ts";
import {
  type CaptureItem,
  type CaptureLimits,
  damage,
  DEFAULT_BLOCK_SIZE,
  truncation,
} from "./packet.ts";

/** pcap octets in pieces → packets. Memory: one packet. */
export class PcapReader {
  readonly #reading: ResumableReader<CaptureItem>;

  /** @param limits See {@link CaptureLimits}. */
  constructor({ blockSize = DEFAULT_BLOCK_SIZE }: CaptureLimits = {}) {
    this.#reading = new ResumableReader((context) => readPcap(context, blockSize));
  }

  /** Takes octets and returns the packets they completed. */
  feed(bytes: Uint8Array): CaptureItem[] {
    return this.#reading.feed(bytes);
  }

  /** The file has ended. */
  end(): CaptureItem[] {
    const { pending, offset } = this.#reading;
    const items = this.#reading.end();
    return pending === 0 ? items : [...items, truncation(CLAUSE, pending, offset)];
  }
}

/** Whether `bytes` (at least 4 octets) begin a pcap file. */
export function isPcap(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && variantOf(bytes) !== undefined;
}

interface Variant {
  readonly isLittleEndian: boolean;
  readonly ticksPerMillisecond: number;
  /** Octets of a record's header: a patched Linux kernel of old wrote eight more. */
  readonly recordHeader: number;
}

function* readPcap(
  { reader, emit }: ReadingContext<CaptureItem>,
  blockSize: number,
): Reading<void> {
  const header = yield* reader.exactly(24);
  const variant = variantOf(header);
  if (variant === undefined) {
    emit(damage(CLAUSE, "expected the magic number of a pcap file", 0));
    return;
  }
  const { isLittleEndian, ticksPerMillisecond, recordHeader } = variant;
  // The upper half of the field says how long a frame check sequence is.
  const linkType = viewOf(header).getUint32(20, isLittleEndian) & 0xffff;
  for (let number = 1;; number++) {
    const at = reader.offset;
    const view = viewOf(yield* reader.exactly(recordHeader));
    const captured = view.getUint32(8, isLittleEndian);
    if (captured > blockSize) {
      emit(
        damage(CLAUSE, `expected a packet of at most ${blockSize} octets, found ${captured}`, at),
      );
      return;
    }
    const data = yield* reader.exactly(captured);
    const ticks = view.getUint32(4, isLittleEndian);
    const milliseconds = view.getUint32(0, isLittleEndian) * 1000 + ticks / ticksPerMillisecond;
    const originalLength = view.getUint32(12, isLittleEndian);
    emit({ type: "packet", packet: { number, at: milliseconds, linkType, data, originalLength } });
  }
}

function variantOf(header: Uint8Array): Variant | undefined {
  const view = viewOf(header);
  for (const isLittleEndian of [true, false]) {
    switch (view.getUint32(0, isLittleEndian)) {
      case 0xa1b2c3d4:
        return { isLittleEndian, ticksPerMillisecond: 1000, recordHeader: 16 };
      case 0xa1b23c4d:
        return { isLittleEndian, ticksPerMillisecond: 1_000_000, recordHeader: 16 };
      case 0xa1b2cd34:
        return { isLittleEndian, ticksPerMillisecond: 1000, recordHeader: 24 };
    }
  }
  return undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const CLAUSE = "pcap file format";
