/**
 * Writes what a driver sent and received as a pcapng file (draft-ietf-opsawg-pcapng):
 * raw IP packets that we make up around the recorded octets. The file says so in its
 * section comment, and every packet that carried TLS says that TLS was removed.
 */
import { concatBytes, utf8 } from "../../base/bytes.ts";
import { ByteWriter } from "../../base/byte_writer.ts";
import type { HostPort, WireRecord } from "../../base/wire_tap.ts";
import type { TraceWriter, TraceWriterOptions } from "../trace_writer.ts";
import { parseIpAddress, toIpv6 } from "./ip_address.ts";
import { TLS_REMOVED } from "./packet.ts";
import {
  MOST_TCP_PAYLOAD,
  MOST_UDP_PAYLOAD,
  type PacketEnd,
  TCP_FLAG,
  writeTcpPacket,
  writeUdpPacket,
} from "./synthetic_packet.ts";

/** One synthesised TCP connection: the sequence number that each end uses next. */
interface SyntheticFlow {
  ours: number;
  theirs: number;
}

/** Wire records → pcapng. Synchronous; the caller writes the octets to the file. */
export class PcapngWriter implements TraceWriter {
  readonly #application: string;
  readonly #flows = new Map<string, SyntheticFlow>();

  /** @param options What the file says about its writer. */
  constructor(options: TraceWriterOptions = {}) {
    this.#application = options.application ?? "sotto";
  }

  /** The section header and the one interface (raw IP, microseconds). */
  start(): Uint8Array {
    const comment = "recorded above the sockets by the application itself: the octets of SIP and " +
      "MSRP are what was sent and received; IP, UDP and TCP headers, TCP handshakes and " +
      "segmentation are synthesised; where TLS was used it has been removed";
    const section = new ByteWriter()
      .uint32(0x1a2b3c4d).uint16(1).uint16(0)
      .uint32(0xffffffff).uint32(0xffffffff) // section length: not known
      .bytes(writeOptions([[1, utf8(comment)], [4, utf8(this.#application)]])).finish();
    const face = new ByteWriter()
      .uint16(LINKTYPE_RAW).uint16(0).uint32(0)
      .bytes(writeOptions([[2, utf8("sotto")], [9, Uint8Array.of(6)]])).finish();
    return concatBytes(writeBlock(0x0a0d0d0a, section), writeBlock(1, face));
  }

  /** The packets for one record: a datagram, or a handshake where due and data segments. */
  record(record: WireRecord): Uint8Array {
    const [local, remote] = packetEnds(record.local, record.remote);
    if (record.transport === "udp") return this.#datagram(record, local, remote);
    return this.#segments(record, local, remote);
  }

  /** Nothing: a pcapng file may end after any block. */
  end(): Uint8Array {
    return new Uint8Array();
  }

  #datagram(record: WireRecord, local: PacketEnd, remote: PacketEnd): Uint8Array {
    const [from, to] = record.direction === "out" ? [local, remote] : [remote, local];
    const payload = record.data.subarray(0, MOST_UDP_PAYLOAD);
    return writePacketBlock(record.at, writeUdpPacket(from, to, payload));
  }

  #segments(record: WireRecord, local: PacketEnd, remote: PacketEnd): Uint8Array {
    const blocks: Uint8Array[] = [];
    const isOut = record.direction === "out";
    const [from, to] = isOut ? [local, remote] : [remote, local];
    const key =
      `${record.local.host} ${record.local.port} ${record.remote.host} ${record.remote.port}`;
    let flow = this.#flows.get(key);
    if (flow === undefined) {
      flow = { ours: 1, theirs: 1 };
      this.#flows.set(key, flow);
      blocks.push(...handshake(record, from, to));
    }
    for (let at = 0; at < record.data.length; at += MOST_TCP_PAYLOAD) {
      const payload = record.data.subarray(at, at + MOST_TCP_PAYLOAD);
      const [sequence, acknowledgement] = isOut
        ? [flow.ours, flow.theirs]
        : [flow.theirs, flow.ours];
      const flags = TCP_FLAG.ack | TCP_FLAG.psh;
      const packet = writeTcpPacket(from, to, { sequence, acknowledgement, flags, payload });
      blocks.push(writePacketBlock(record.at, packet, commentFor(record)));
      if (isOut) flow.ours = (flow.ours + payload.length) >>> 0;
      else flow.theirs = (flow.theirs + payload.length) >>> 0;
    }
    return concatBytes(...blocks);
  }
}

const LINKTYPE_RAW = 101;

/** Three segments, so that analysers know where the stream begins. Whoever spoke first is the client. */
function handshake(record: WireRecord, client: PacketEnd, server: PacketEnd): Uint8Array[] {
  const payload = new Uint8Array();
  const { syn, ack } = TCP_FLAG;
  const packets = [
    writeTcpPacket(client, server, { sequence: 0, acknowledgement: 0, flags: syn, payload }),
    writeTcpPacket(server, client, { sequence: 0, acknowledgement: 1, flags: syn | ack, payload }),
    writeTcpPacket(client, server, { sequence: 1, acknowledgement: 1, flags: ack, payload }),
  ];
  return packets.map((it) =>
    writePacketBlock(record.at, it, "synthesised: not on the wire like this")
  );
}

function commentFor(record: WireRecord): string | undefined {
  return record.transport === "tls" ? TLS_REMOVED : undefined;
}

/** Both ends in one family; what is no numeric address becomes the unspecified one. */
function packetEnds(local: HostPort, remote: HostPort): [PacketEnd, PacketEnd] {
  const ours = parseIpAddress(local.host) ?? new Uint8Array(4);
  const theirs = parseIpAddress(remote.host) ?? new Uint8Array(4);
  const fit = ours.length === theirs.length ? (it: Uint8Array) => it : toIpv6;
  return [
    { address: fit(ours), port: local.port },
    { address: fit(theirs), port: remote.port },
  ];
}

function writePacketBlock(at: number, packet: Uint8Array, comment?: string): Uint8Array {
  const microseconds = BigInt(Math.round(Math.max(0, at) * 1000));
  const body = new ByteWriter(packet.length + 64)
    .uint32(0)
    .uint32(Number(microseconds >> 32n)).uint32(Number(microseconds & 0xffffffffn))
    .uint32(packet.length).uint32(packet.length)
    .bytes(padded(packet));
  if (comment !== undefined) body.bytes(writeOptions([[1, utf8(comment)]]));
  return writeBlock(6, body.finish());
}

function writeBlock(type: number, body: Uint8Array): Uint8Array {
  const length = body.length + 12;
  return new ByteWriter(length).uint32(type).uint32(length).bytes(body).uint32(length).finish();
}

function writeOptions(
  options: readonly (readonly [code: number, value: Uint8Array])[],
): Uint8Array {
  const writer = new ByteWriter();
  for (const [code, value] of options) {
    writer.uint16(code).uint16(value.length).bytes(padded(value));
  }
  return writer.uint32(0).finish();
}

function padded(bytes: Uint8Array): Uint8Array {
  return bytes.length % 4 === 0 ? bytes : concatBytes(bytes, new Uint8Array(4 - bytes.length % 4));
}
