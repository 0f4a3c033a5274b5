/**
 * IP packets around octets that were recorded above the sockets: headers with right
 * lengths and checksums (RFC 791, 768, 9293, 8200), so that any analyser can read them.
 */
import { ByteWriter } from "../../base/byte_writer.ts";
import { concatBytes } from "../../base/bytes.ts";

/** Where a packet comes from or goes to. Both ends of a packet are of one family. */
export interface PacketEnd {
  /** 4 or 16 octets. */
  readonly address: Uint8Array;
  readonly port: number;
}

/** What a synthesised TCP segment says. */
export interface SyntheticSegment {
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

/** TCP flags (RFC 9293 §3.1). */
export const TCP_FLAG = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;

/** Most octets of payload that one synthesised packet carries, in either family. */
export const MOST_TCP_PAYLOAD: number = 65_535 - 40;
/** Most octets of payload of a synthesised UDP datagram. */
export const MOST_UDP_PAYLOAD: number = 65_535 - 28;

/** An IP packet with one UDP datagram; `payload` at most {@link MOST_UDP_PAYLOAD} octets. */
export function writeUdpPacket(from: PacketEnd, to: PacketEnd, payload: Uint8Array): Uint8Array {
  const header = new ByteWriter(8)
    .uint16(from.port).uint16(to.port).uint16(8 + payload.length).uint16(0).finish();
  const sum = transportChecksum(from, to, 17, header, payload);
  // RFC 768: zero would mean "no checksum".
  setUint16(header, 6, sum === 0 ? 0xffff : sum);
  return writeIpPacket(from, to, 17, header, payload);
}

/** An IP packet with one TCP segment; its payload at most {@link MOST_TCP_PAYLOAD} octets. */
export function writeTcpPacket(
  from: PacketEnd,
  to: PacketEnd,
  segment: SyntheticSegment,
): Uint8Array {
  const header = new ByteWriter(20)
    .uint16(from.port).uint16(to.port)
    .uint32(segment.sequence).uint32(segment.acknowledgement)
    .uint8(5 << 4).uint8(segment.flags).uint16(0xffff).uint16(0).uint16(0).finish();
  setUint16(header, 16, transportChecksum(from, to, 6, header, segment.payload));
  return writeIpPacket(from, to, 6, header, segment.payload);
}

function writeIpPacket(
  from: PacketEnd,
  to: PacketEnd,
  protocol: number,
  header: Uint8Array,
  payload: Uint8Array,
): Uint8Array {
  const length = header.length + payload.length;
  if (from.address.length === 16) {
    const ip = new ByteWriter(40).uint32(0x6000_0000).uint16(length).uint8(protocol).uint8(64)
      .bytes(from.address).bytes(to.address).finish();
    return concatBytes(ip, header, payload);
  }
  const ip = new ByteWriter(20)
    .uint8(0x45).uint8(0).uint16(20 + length)
    // Never a fragment: the flag says "do not", and the identification has no meaning then.
    .uint16(0).uint16(0x4000)
    .uint8(64).uint8(protocol).uint16(0)
    .bytes(from.address).bytes(to.address).finish();
  setUint16(ip, 10, onesComplementSum([ip]));
  return concatBytes(ip, header, payload);
}

function transportChecksum(
  from: PacketEnd,
  to: PacketEnd,
  protocol: number,
  header: Uint8Array,
  payload: Uint8Array,
): number {
  const pseudo = new ByteWriter(40).bytes(from.address).bytes(to.address)
    .uint32(header.length + payload.length).uint32(protocol).finish();
  return onesComplementSum([pseudo, header, payload]);
}

/**
 * RFC 1071's checksum over `parts`; each but the last has an even number of octets.
 */
export function onesComplementSum(parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) {
      sum += (part[at] ?? 0) << 8 | (part[at + 1] ?? 0);
    }
    sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function setUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}
