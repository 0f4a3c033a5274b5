/**
 * Reads pcapng files (draft-ietf-opsawg-pcapng): several sections, either byte order, any time
 * resolution; enhanced, simple and obsolete packet blocks. Other blocks are passed over.
 */
import { latin1 } from "../../base/ascii.ts";
import type { Reading } from "../../base/byte_reader.ts";
import { type ReadingContext, ResumableReader } from "../resumable_reader.ts";
import {
  type CaptureItem,
  type CaptureLimits,
  damage,
  DEFAULT_BLOCK_SIZE,
  type Packet,
  TLS_REMOVED,
  truncation,
} from "./packet.ts";

/** pcapng octets in pieces → packets. Memory: one block, and one small record an interface. */
export class PcapngReader {
  readonly #reading: ResumableReader<CaptureItem>;

  /** @param limits See {@link CaptureLimits}. */
  constructor({ blockSize = DEFAULT_BLOCK_SIZE }: CaptureLimits = {}) {
    this.#reading = new ResumableReader((context) => readPcapng(context, blockSize));
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

/** Whether `bytes` (at least 4 octets) begin a pcapng file: its first block type is a palindrome. */
export function isPcapng(bytes: Uint8Array): boolean {
  return bytes[0] === 0x0a && bytes[1] === 0x0d && bytes[2] === 0x0d && bytes[3] === 0x0a;
}

interface Interface {
  readonly linkType: number;
  readonly snapLength: number;
  readonly ticksPerMillisecond: number;
  /** Milliseconds to add to every time stamp. */
  readonly offset: number;
}

/** One section: its byte order, and the interfaces described so far. */
interface Section {
  readonly isLittleEndian: boolean;
  readonly interfaces: Interface[];
}

function* readPcapng(
  { reader, emit }: ReadingContext<CaptureItem>,
  blockSize: number,
): Reading<void> {
  let section: Section = { isLittleEndian: true, interfaces: [] };
  let hasNamedSecrets = false;
  for (let number = 1;;) {
    const at = reader.offset;
    yield* reader.atLeast(12);
    const head = reader.peek(12);
    if (isPcapng(head)) {
      const isLittleEndian = byteOrderOf(head);
      if (isLittleEndian === undefined) {
        emit(damage(CLAUSE, "expected the byte-order magic of a section header", at));
        return;
      }
      section = { isLittleEndian, interfaces: [] };
    }
    const view = viewOf(head);
    const type = view.getUint32(0, section.isLittleEndian);
    const length = view.getUint32(4, section.isLittleEndian);
    if (length < 12 || length > blockSize) {
      emit(damage(CLAUSE, `expected a block of 12 to ${blockSize} octets, found ${length}`, at));
      return;
    }
    // Lengths are multiples of four; files that forget it pad all the same.
    const block = yield* reader.exactly(Math.ceil(length / 4) * 4);
    const body = block.subarray(8, length - 4);
    if (type === INTERFACE_DESCRIPTION) {
      if (section.interfaces.length >= MOST_INTERFACES) {
        emit(damage(CLAUSE, `expected at most ${MOST_INTERFACES} interfaces`, at));
        return;
      }
      section.interfaces.push(readInterface(body, section));
    } else if (PACKET_BLOCKS.has(type)) {
      const packet = readPacket(type, body, section, number);
      if (packet === undefined) {
        emit({ type: "finding", finding: { ...BAD_PACKET_BLOCK, frame: number, offset: at } });
      } else emit({ type: "packet", packet });
      number++;
    } else if (type === DECRYPTION_SECRETS && !hasNamedSecrets) {
      hasNamedSecrets = true;
      emit({ type: "finding", finding: { ...SECRETS_NOT_USED, offset: at } });
    }
  }
}

function byteOrderOf(head: Uint8Array): boolean | undefined {
  const magic = viewOf(head).getUint32(8, true);
  if (magic === 0x1a2b3c4d) return true;
  return magic === 0x4d3c2b1a ? false : undefined;
}

function readInterface(body: Uint8Array, { isLittleEndian }: Section): Interface {
  if (body.length < 8) return { ...UNKNOWN_INTERFACE };
  const view = viewOf(body);
  let ticksPerMillisecond = 1000;
  let offset = 0;
  for (let at = 8; at + 4 <= body.length;) {
    const code = view.getUint16(at, isLittleEndian);
    const length = view.getUint16(at + 2, isLittleEndian);
    at += 4;
    if (code === 0 || at + length > body.length) break;
    if (code === 9 && length >= 1) ticksPerMillisecond = ticksOf(view.getUint8(at));
    if (code === 14 && length >= 8) offset = Number(view.getBigInt64(at, isLittleEndian)) * 1000;
    at += Math.ceil(length / 4) * 4;
  }
  return {
    linkType: view.getUint16(0, isLittleEndian),
    snapLength: view.getUint32(4, isLittleEndian),
    ticksPerMillisecond,
    offset,
  };
}

/** `if_tsresol`: a power of ten, or of two when the highest bit is set. */
function ticksOf(resolution: number): number {
  const exponent = resolution & 0x7f;
  return (resolution & 0x80 ? 2 ** exponent : 10 ** exponent) / 1000;
}

function readPacket(
  type: number,
  body: Uint8Array,
  { isLittleEndian, interfaces }: Section,
  number: number,
): Packet | undefined {
  const header = type === SIMPLE_PACKET ? 4 : 20;
  if (body.length < header) return undefined;
  const view = viewOf(body);
  if (type === SIMPLE_PACKET) {
    const source = interfaces[0] ?? UNKNOWN_INTERFACE;
    const originalLength = view.getUint32(0, isLittleEndian);
    const captured = Math.min(originalLength, source.snapLength || Infinity, body.length - 4);
    const data = body.subarray(4, 4 + captured);
    return { number, at: undefined, linkType: source.linkType, data, originalLength };
  }
  const index = type === ENHANCED_PACKET
    ? view.getUint32(0, isLittleEndian)
    : view.getUint16(0, isLittleEndian);
  const { linkType, ticksPerMillisecond, offset } = interfaces[index] ?? UNKNOWN_INTERFACE;
  const captured = view.getUint32(12, isLittleEndian);
  if (captured > body.length - 20) return undefined;
  const ticks = view.getUint32(4, isLittleEndian) * 2 ** 32 + view.getUint32(8, isLittleEndian);
  const options = body.subarray(20 + Math.ceil(captured / 4) * 4);
  const wasTls = type === ENHANCED_PACKET && hasComment(options, TLS_REMOVED, isLittleEndian);
  return {
    number,
    at: ticks / ticksPerMillisecond + offset,
    linkType,
    data: body.subarray(20, 20 + captured),
    originalLength: view.getUint32(16, isLittleEndian),
    ...(wasTls && { wasTls }),
  };
}

/** Whether the first option is this comment: our own captures have no other. */
function hasComment(options: Uint8Array, comment: string, isLittleEndian: boolean): boolean {
  if (options.length < 4 + comment.length) return false;
  const view = viewOf(options);
  const isComment = view.getUint16(0, isLittleEndian) === 1 &&
    view.getUint16(2, isLittleEndian) === comment.length;
  return isComment && latin1(options.subarray(4, 4 + comment.length)) === comment;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const INTERFACE_DESCRIPTION = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const DECRYPTION_SECRETS = 10;
const PACKET_BLOCKS = new Set([OBSOLETE_PACKET, SIMPLE_PACKET, ENHANCED_PACKET]);
const MOST_INTERFACES = 65_536;
/** For a packet of an interface that no block described: a link type that nobody has. */
const UNKNOWN_INTERFACE: Interface = {
  linkType: -1,
  snapLength: 0,
  ticksPerMillisecond: 1000,
  offset: 0,
};
const CLAUSE = "pcapng file format";
const BAD_PACKET_BLOCK = {
  id: "TRACE-damaged-packet",
  severity: "warning",
  clause: CLAUSE,
  message: "expected a packet block that holds what its header says",
} as const;
const SECRETS_NOT_USED = {
  id: "TRACE-secrets-not-used",
  severity: "note",
  clause: CLAUSE,
  message: "the capture carries decryption secrets, which this reader does not use",
} as const;
