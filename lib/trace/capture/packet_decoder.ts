/** From packets of a capture to what arrived: datagrams, and the octets of streams. */
import type { Arrival } from "../arrival.ts";
import { type IpPacket, readIpPacket } from "./ip_packet.ts";
import { IpReassembler, type IpReassemblyLimits } from "./ip_reassembly.ts";
import { removeLinkLayer } from "./link_layer.ts";
import type { Packet } from "./packet.ts";
import { TcpReassembler, type TcpReassemblyLimits, type TcpStatistics } from "./tcp_reassembly.ts";
import { readTcpSegment, readUdpDatagram } from "./tcp_segment.ts";

/** Bounds of {@link PacketDecoder}. */
export interface PacketDecoderLimits {
  readonly ip?: IpReassemblyLimits;
  readonly tcp?: TcpReassemblyLimits;
}

/** Packets → arrivals. */
export class PacketDecoder {
  readonly #fragments: IpReassembler;
  readonly #tcp: TcpReassembler;
  readonly #unknownLinkTypes = new Set<number>();

  /** @param limits See {@link PacketDecoderLimits}. */
  constructor({ ip, tcp }: PacketDecoderLimits = {}) {
    this.#fragments = new IpReassembler(ip);
    this.#tcp = new TcpReassembler(tcp);
  }

  /** What was counted so far. */
  get statistics(): Readonly<TcpStatistics> {
    return this.#tcp.statistics;
  }

  /** Takes a packet and returns what it completed. */
  receive(packet: Packet): Arrival[] {
    const link = removeLinkLayer(packet.linkType, packet.data);
    if (link.type === "ip") return this.#receiveIp(link.packet, packet, 0);
    if (link.type === "short") return [note(packet, "the capture cut off the link layer")];
    if (link.type === "other" || this.#unknownLinkTypes.has(packet.linkType)) return [];
    this.#unknownLinkTypes.add(packet.linkType);
    return [
      note(packet, `link type ${packet.linkType} is not known here: its packets are left out`),
    ];
  }

  /** The capture has ended. */
  end(): Arrival[] {
    const arrivals = this.#tcp.end();
    const { waiting } = this.#fragments;
    if (waiting === 0) return arrivals;
    const message = `${waiting} IP packets wait for fragments that the capture does not have`;
    return [...arrivals, { type: "finding", finding: { ...BAD_PACKET, message } }];
  }

  #receiveIp(octets: Uint8Array, outer: Packet, depth: number): Arrival[] {
    const fragment = readIpPacket(octets);
    if (fragment === undefined) return [note(outer, "expected a whole IP header")];
    const result = this.#fragments.receive(fragment, outer.at ?? 0);
    if (result.type === "waiting") return [];
    if (result.type === "bad") return [note(outer, result.message)];
    const ip = result.packet;
    switch (ip.protocol) {
      case 6:
        return this.#receiveTcp(ip, outer);
      case 17:
        return receiveUdp(ip, outer);
      case 4:
      case 41: // IP in IP (RFC 2003, RFC 4213)
        return depth < MOST_TUNNELS ? this.#receiveIp(ip.payload, outer, depth + 1) : [];
      default:
        return [];
    }
  }

  #receiveTcp(ip: IpPacket, outer: Packet): Arrival[] {
    const segment = readTcpSegment(ip);
    if (segment === undefined) return [note(outer, "expected a whole TCP header")];
    const transport = outer.wasTls ? "tls" : "tcp";
    return this.#tcp.receive(segment, outer.number, outer.at, transport);
  }
}

function receiveUdp(ip: IpPacket, outer: Packet): Arrival[] {
  const datagram = readUdpDatagram(ip);
  if (datagram === undefined) return [note(outer, "expected a whole UDP header")];
  const arrival: Arrival = {
    type: "datagram",
    frame: outer.number,
    at: outer.at,
    src: { host: ip.src, port: datagram.srcPort },
    dst: { host: ip.dst, port: datagram.dstPort },
    data: datagram.payload,
  };
  const isCut = datagram.payload.length < datagram.payloadLength;
  return isCut ? [note(outer, "the capture cut off a datagram"), arrival] : [arrival];
}

function note({ number, at }: Packet, message: string): Arrival {
  return { type: "finding", finding: { ...BAD_PACKET, message, frame: number, at } };
}

const MOST_TUNNELS = 4;
const BAD_PACKET = {
  id: "TRACE-packet-not-read",
  severity: "note",
  clause: "capture",
} as const;
