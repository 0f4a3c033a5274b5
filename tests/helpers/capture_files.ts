/** Builds capture files and packets for tests, octet by octet. */
import { concatBytes, utf8 } from "../../lib/base/bytes.ts";
import { ByteWriter } from "../../lib/base/byte_writer.ts";

/** One packet of a file that is built. */
export interface BuiltPacket {
  /** Milliseconds since 1970. */
  readonly at?: number;
  readonly data: Uint8Array;
  readonly originalLength?: number;
}

/** How a file is built. */
export interface CaptureShape {
  readonly isLittleEndian?: boolean;
  /** Nanoseconds instead of microseconds. */
  readonly isNano?: boolean;
  readonly linkType?: number;
}

/** A pcap file. */
export function pcapFile(packets: readonly BuiltPacket[], shape: CaptureShape = {}): Uint8Array {
  const { isLittleEndian = true, isNano = false, linkType = 101 } = shape;
  const perMillisecond = isNano ? 1_000_000 : 1000;
  const numbers = (...values: number[]): Uint8Array => uint32s(values, isLittleEndian);
  const parts = [
    numbers(isNano ? 0xa1b23c4d : 0xa1b2c3d4),
    uint16s([2, 4], isLittleEndian),
    numbers(0, 0, 262_144, linkType),
  ];
  for (const { at = 0, data, originalLength = data.length } of packets) {
    const ticks = Math.round((at % 1000) * perMillisecond);
    parts.push(numbers(Math.floor(at / 1000), ticks, data.length, originalLength), data);
  }
  return concatBytes(...parts);
}

/** One block of a pcapng file. */
export function pcapngBlock(type: number, body: Uint8Array, isLittleEndian = true): Uint8Array {
  const padding = new Uint8Array((4 - body.length % 4) % 4);
  const length = 12 + body.length + padding.length;
  return concatBytes(
    uint32s([type, length], isLittleEndian),
    body,
    padding,
    uint32s([length], isLittleEndian),
  );
}

/** A section header block. */
export function sectionHeader(isLittleEndian = true): Uint8Array {
  const body = concatBytes(
    uint32s([0x1a2b3c4d], isLittleEndian),
    uint16s([1, 0], isLittleEndian),
    new Uint8Array(8).fill(0xff),
  );
  return pcapngBlock(0x0a0d0d0a, body, isLittleEndian);
}

/** An interface description block; `options` as code and value. */
export function interfaceBlock(
  linkType: number,
  options: readonly (readonly [number, Uint8Array])[] = [],
  isLittleEndian = true,
): Uint8Array {
  const parts = [uint16s([linkType, 0], isLittleEndian), uint32s([0], isLittleEndian)];
  for (const [code, value] of options) {
    const padding = new Uint8Array((4 - value.length % 4) % 4);
    parts.push(uint16s([code, value.length], isLittleEndian), value, padding);
  }
  parts.push(uint32s([0], isLittleEndian));
  return pcapngBlock(1, concatBytes(...parts), isLittleEndian);
}

/** An enhanced packet block of interface `face` at `ticks` of its resolution. */
export function enhancedPacket(
  data: Uint8Array,
  ticks: number,
  face = 0,
  isLittleEndian = true,
): Uint8Array {
  const high = Math.floor(ticks / 2 ** 32);
  const head = uint32s([face, high, ticks % 2 ** 32, data.length, data.length], isLittleEndian);
  return pcapngBlock(6, concatBytes(head, data), isLittleEndian);
}

/** 32-bit numbers in a row. */
export function uint32s(values: readonly number[], isLittleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, at) => view.setUint32(4 * at, value, isLittleEndian));
  return bytes;
}

/** 16-bit numbers in a row. */
export function uint16s(values: readonly number[], isLittleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(2 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, at) => view.setUint16(2 * at, value, isLittleEndian));
  return bytes;
}

/** One MSRP SEND as octets. */
export function sendFrame(transactionId: string, body: string, messageId = "m1"): Uint8Array {
  const length = utf8(body).length;
  return utf8(
    `MSRP ${transactionId} SEND\r\nTo-Path: msrp://192.0.2.2:2855/b;tcp\r\n` +
      `From-Path: msrp://192.0.2.1:40000/a;tcp\r\nMessage-ID: ${messageId}\r\n` +
      `Byte-Range: 1-${length}/${length}\r\nContent-Type: text/plain\r\n\r\n${body}\r\n` +
      `-------${transactionId}$\r\n`,
  );
}

/** One MSRP response as octets. */
export function responseFrame(transactionId: string, status = "200 OK"): Uint8Array {
  return utf8(
    `MSRP ${transactionId} ${status}\r\nTo-Path: msrp://192.0.2.1:40000/a;tcp\r\n` +
      `From-Path: msrp://192.0.2.2:2855/b;tcp\r\n-------${transactionId}$\r\n`,
  );
}

/** An IPv4 packet with a given payload; fragments by `offset` (octets) and `hasMore`. */
export function ipv4Packet(
  protocol: number,
  payload: Uint8Array,
  fragment: { readonly id?: number; readonly offset?: number; readonly hasMore?: boolean } = {},
): Uint8Array {
  const { id = 0, offset = 0, hasMore = false } = fragment;
  return new ByteWriter().uint8(0x45).uint8(0).uint16(20 + payload.length)
    .uint16(id).uint16((hasMore ? 0x2000 : 0) | offset / 8)
    .uint8(64).uint8(protocol).uint16(0)
    .bytes(Uint8Array.of(192, 0, 2, 1)).bytes(Uint8Array.of(192, 0, 2, 2))
    .bytes(payload).finish();
}
