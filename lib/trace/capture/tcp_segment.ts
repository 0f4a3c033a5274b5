/** TCP and UDP headers as they stand in a packet (RFC 9293 §3.1, RFC 768). */
import type { IpPacket } from "./ip_packet.ts";

/** One TCP segment. */
export interface TcpSegment {
  readonly src: string;
  readonly srcPort: number;
  readonly dst: string;
  readonly dstPort: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly isSyn: boolean;
  readonly isAck: boolean;
  readonly isFin: boolean;
  readonly isRst: boolean;
  /** As captured. */
  readonly payload: Uint8Array;
  /** Octets that the sender sent. */
  readonly payloadLength: number;
}

/** One UDP datagram. */
export interface UdpDatagram {
  readonly srcPort: number;
  readonly dstPort: number;
  readonly payload: Uint8Array;
  /** Octets that the sender sent. */
  readonly payloadLength: number;
}

/** Reads a segment; `undefined` when its header is cut off or makes no sense. */
export function readTcpSegment(
  { src, dst, payload, payloadLength }: IpPacket,
): TcpSegment | undefined {
  if (payload.length < 20) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const header = (view.getUint8(12) >>> 4) * 4;
  if (header < 20 || header > payloadLength) return undefined;
  const flags = view.getUint8(13);
  return {
    src,
    srcPort: view.getUint16(0),
    dst,
    dstPort: view.getUint16(2),
    sequence: view.getUint32(4),
    acknowledgement: view.getUint32(8),
    isFin: (flags & 1) !== 0,
    isSyn: (flags & 2) !== 0,
    isRst: (flags & 4) !== 0,
    isAck: (flags & 16) !== 0,
    payload: payload.subarray(header),
    payloadLength: payloadLength - header,
  };
}

/** Reads a datagram; `undefined` when its header is cut off or makes no sense. */
export function readUdpDatagram({ payload, payloadLength }: IpPacket): UdpDatagram | undefined {
  if (payload.length < 8) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const declared = view.getUint16(4);
  const length = declared === 0 ? payloadLength : declared; // 0: a jumbogram (RFC 2675)
  if (length < 8 || length > payloadLength) return undefined;
  return {
    srcPort: view.getUint16(0),
    dstPort: view.getUint16(2),
    payload: payload.subarray(8, length),
    payloadLength: length - 8,
  };
}
