import { assertEquals } from "@std/assert";
import { concatBytes, utf8 } from "../../../../lib/base/bytes.ts";
import { ByteWriter } from "../../../../lib/base/byte_writer.ts";
import type { Packet } from "../../../../lib/trace/capture/packet.ts";
import { PacketDecoder } from "../../../../lib/trace/capture/packet_decoder.ts";
import { writeTcpPacket, writeUdpPacket } from "../../../../lib/trace/capture/synthetic_packet.ts";
import { ipv4Packet } from "../../../helpers/capture_files.ts";

const A = { address: Uint8Array.of(192, 0, 2, 1), port: 40000 };
const B = { address: Uint8Array.of(192, 0, 2, 2), port: 5060 };

function packet(data: Uint8Array, linkType = 101, number = 1): Packet {
  return { number, at: 5, linkType, data, originalLength: data.length };
}

Deno.test("PacketDecoder finds datagrams, also in fragments and tunnels", () => {
  const decoder = new PacketDecoder();
  const udp = writeUdpPacket(A, B, utf8("hello"));
  const [plain] = decoder.receive(packet(udp));
  assertEquals(plain?.type === "datagram" && plain.data, utf8("hello"));
  assertEquals(plain?.type === "datagram" && plain.src, { host: "192.0.2.1", port: 40000 });

  const payload = udp.subarray(20);
  const first = ipv4Packet(17, payload.subarray(0, 8), { id: 3, hasMore: true });
  assertEquals(decoder.receive(packet(first)), []);
  const [joined] = decoder.receive(
    packet(ipv4Packet(17, payload.subarray(8), { id: 3, offset: 8 })),
  );
  assertEquals(joined?.type === "datagram" && joined.data, utf8("hello"));

  const [tunnelled] = decoder.receive(packet(ipv4Packet(4, udp)));
  assertEquals(tunnelled?.type, "datagram");
});

Deno.test("PacketDecoder follows no tunnel in a tunnel for ever", () => {
  let nested = writeUdpPacket(A, B, utf8("deep"));
  for (let depth = 0; depth < 20; depth++) nested = ipv4Packet(4, nested);
  assertEquals(new PacketDecoder().receive(packet(nested)), []);
});

Deno.test("PacketDecoder hands TCP to the reassembler and keeps its counts", () => {
  const decoder = new PacketDecoder();
  const segment = { sequence: 1, acknowledgement: 0, flags: 16, payload: utf8("x") };
  const [arrival] = decoder.receive(packet(writeTcpPacket(A, B, segment)));
  assertEquals(arrival?.type, "octets");
  assertEquals(decoder.statistics.connections, 1);
  assertEquals(decoder.end().map((it) => it.type), ["end", "end"]);
});

Deno.test("PacketDecoder names an unknown link type once, and what is cut off each time", () => {
  const decoder = new PacketDecoder();
  const messages = [
    packet(new Uint8Array(9), 147),
    packet(new Uint8Array(9), 147),
    packet(Uint8Array.of(0x45)),
    packet(ipv4Packet(6, new Uint8Array(3))),
    packet(ipv4Packet(17, new Uint8Array(3))),
    packet(writeUdpPacket(A, B, utf8("cut off")).subarray(0, 30)),
    packet(ipv4Packet(1, new Uint8Array(8))), // ICMP: nothing to say
  ].flatMap((it) => decoder.receive(it))
    .map((it) => it.type === "finding" ? it.finding.message : it.type);
  assertEquals(messages, [
    "link type 147 is not known here: its packets are left out",
    "expected a whole IP header",
    "expected a whole TCP header",
    "expected a whole UDP header",
    "the capture cut off a datagram",
    "datagram",
  ]);
});

Deno.test("PacketDecoder says at the end that fragments are missing", () => {
  const decoder = new PacketDecoder();
  decoder.receive(packet(ipv4Packet(17, new Uint8Array(8), { hasMore: true })));
  const [finding] = decoder.end();
  assertEquals(finding?.type, "finding");
});

Deno.test("PacketDecoder reads IPv6 behind a fragment header", () => {
  const address = new Uint8Array(16);
  const udp = concatBytes(Uint8Array.of(0, 1, 0, 2, 0, 9, 0, 0), utf8("x"));
  const octets = new ByteWriter().uint32(0x6000_0000).uint16(8 + udp.length).uint8(44).uint8(64)
    .bytes(address).bytes(address).bytes(Uint8Array.of(17, 0, 0, 0, 0, 0, 0, 1)).bytes(udp)
    .finish();
  const [arrival] = new PacketDecoder().receive(packet(octets));
  assertEquals(arrival?.type === "datagram" && arrival.src, { host: "::", port: 1 });
});
