/** IPv4 (RFC 791) and IPv6 with its extension headers (RFC 8200), as far as a reader of captures needs. */
import { formatIpAddress } from "./ip_address.ts";

/** What an IP packet carries. */
export interface IpPacket {
  readonly src: string;
  readonly dst: string;
  /** 6 is TCP, 17 UDP, 4 and 41 IP again. */
  readonly protocol: number;
  /** As captured: shorter than `payloadLength` when the capture cut it off. */
  readonly payload: Uint8Array;
  /** Octets that the sender sent. */
  readonly payloadLength: number;
  /** Set when this is a fragment of a greater packet. */
  readonly fragment: IpFragment | undefined;
}

/** Where a fragment belongs. */
export interface IpFragment {
  readonly identification: number;
  /** In octets. */
  readonly offset: number;
  readonly hasMore: boolean;
}

/** Reads one packet; `undefined` when its own header is cut off or makes no sense. */
export function readIpPacket(packet: Uint8Array): IpPacket | undefined {
  return (packet[0] ?? 0) >>> 4 === 4 ? readIpv4(packet) : readIpv6(packet);
}

function readIpv4(packet: Uint8Array): IpPacket | undefined {
  const header = ((packet[0] ?? 0) & 0x0f) * 4;
  if (header < 20 || packet.length < header) return undefined;
  const total = uint16(packet, 2);
  // Zero: the network card cut the packet up after it was captured (segmentation offload).
  const length = total === 0 ? packet.length : total;
  if (length < header) return undefined;
  const flags = uint16(packet, 6);
  const offset = (flags & 0x1fff) * 8;
  const hasMore = (flags & 0x2000) !== 0;
  return {
    src: formatIpAddress(packet.subarray(12, 16)),
    dst: formatIpAddress(packet.subarray(16, 20)),
    protocol: packet[9] ?? 0,
    payload: packet.subarray(header, length),
    payloadLength: length - header,
    fragment: offset > 0 || hasMore
      ? { identification: uint16(packet, 4), offset, hasMore }
      : undefined,
  };
}

function readIpv6(packet: Uint8Array): IpPacket | undefined {
  if (packet.length < 40) return undefined;
  const declared = uint16(packet, 4);
  const end = declared === 0 ? packet.length : 40 + declared;
  let protocol = packet[6] ?? 0;
  let at = 40;
  let fragment: IpFragment | undefined;
  for (let headers = 0; EXTENSIONS.has(protocol); headers++) {
    if (headers === MOST_EXTENSIONS || at + 8 > packet.length || at + 8 > end) return undefined;
    const isFragment = protocol === FRAGMENT;
    if (isFragment) fragment = readFragmentHeader(packet, at);
    const units = packet[at + 1] ?? 0;
    const length = isFragment ? 8 : protocol === AUTHENTICATION ? (units + 2) * 4 : (units + 1) * 8;
    protocol = packet[at] ?? 0;
    at += length;
    // What follows the header of a later fragment is the middle of something.
    if (fragment !== undefined && fragment.offset > 0) break;
  }
  if (at > end) return undefined;
  return {
    src: formatIpAddress(packet.subarray(8, 24)),
    dst: formatIpAddress(packet.subarray(24, 40)),
    protocol,
    payload: packet.subarray(Math.min(at, packet.length), end),
    payloadLength: end - at,
    fragment,
  };
}

function readFragmentHeader(packet: Uint8Array, at: number): IpFragment | undefined {
  const field = uint16(packet, at + 2);
  const offset = field & 0xfff8;
  const hasMore = (field & 1) !== 0;
  if (offset === 0 && !hasMore) return undefined; // RFC 6946: an atomic fragment is whole.
  const identification = uint16(packet, at + 4) * 0x10000 + uint16(packet, at + 6);
  return { identification, offset, hasMore };
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) << 8 | (bytes[at + 1] ?? 0);
}

const FRAGMENT = 44;
const AUTHENTICATION = 51;
/** Hop-by-hop, routing, fragment, authentication, destination options, mobility. */
const EXTENSIONS = new Set([0, 43, FRAGMENT, AUTHENTICATION, 60, 135]);
const MOST_EXTENSIONS = 16;
