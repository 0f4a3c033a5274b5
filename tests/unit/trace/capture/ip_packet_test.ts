import { assertEquals } from "@std/assert";
import { ByteWriter } from "../../../../lib/base/byte_writer.ts";
import { readIpPacket } from "../../../../lib/trace/capture/ip_packet.ts";
import { ipv4Packet } from "../../../helpers/capture_files.ts";

function ipv6(next: number, ...payload: number[]): Uint8Array {
  const address = new Uint8Array(16);
  address[15] = 1;
  return new ByteWriter().uint32(0x6000_0000).uint16(payload.length).uint8(next).uint8(64)
    .bytes(address).bytes(address).bytes(Uint8Array.from(payload)).finish();
}

Deno.test("readIpPacket() reads IPv4 and leaves out what pads the frame", () => {
  const packet = new Uint8Array([...ipv4Packet(6, Uint8Array.of(1, 2)), 0, 0, 0, 0]);
  const read = readIpPacket(packet);
  assertEquals([read?.src, read?.dst, read?.protocol], ["192.0.2.1", "192.0.2.2", 6]);
  assertEquals(read?.payload, Uint8Array.of(1, 2));
  assertEquals(read?.fragment, undefined);
});

Deno.test("readIpPacket() knows how much of a packet the capture has cut off", () => {
  const read = readIpPacket(ipv4Packet(6, new Uint8Array(100)).subarray(0, 60));
  assertEquals([read?.payload.length, read?.payloadLength], [40, 100]);
});

Deno.test("readIpPacket() takes a total length of zero for a packet cut up by the network card", () => {
  const packet = ipv4Packet(6, new Uint8Array(50));
  packet.set([0, 0], 2);
  assertEquals(readIpPacket(packet)?.payloadLength, 50);
});

Deno.test("readIpPacket() reads where a fragment belongs", () => {
  const packet = ipv4Packet(17, new Uint8Array(8), { id: 7, offset: 1480, hasMore: true });
  const fragment = { identification: 7, offset: 1480, hasMore: true };
  assertEquals(readIpPacket(packet)?.fragment, fragment);
});

Deno.test("readIpPacket() walks over the extension headers of IPv6", () => {
  const read = readIpPacket(ipv6(0, 60, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 42));
  assertEquals([read?.src, read?.protocol, read?.payload], ["::1", 17, Uint8Array.of(42)]);
  const authenticated = readIpPacket(ipv6(51, 6, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9));
  assertEquals([authenticated?.protocol, authenticated?.payload], [6, Uint8Array.of(9)]);
});

Deno.test("readIpPacket() reads IPv6 fragments; an atomic one is whole (RFC 6946)", () => {
  const first = readIpPacket(ipv6(44, 17, 0, 0, 1, 0, 0, 0, 5, 1, 2, 3, 4, 5, 6, 7, 8));
  assertEquals(first?.fragment, { identification: 5, offset: 0, hasMore: true });
  const later = readIpPacket(ipv6(44, 17, 0, 0, 8, 0, 0, 0, 5, 9));
  assertEquals(later?.fragment, { identification: 5, offset: 8, hasMore: false });
  assertEquals(readIpPacket(ipv6(44, 17, 0, 0, 0, 0, 0, 0, 5, 9))?.fragment, undefined);
});

Deno.test("readIpPacket() refuses headers that are cut off or make no sense", () => {
  assertEquals(readIpPacket(new Uint8Array([0x45])), undefined);
  const short = ipv4Packet(6, new Uint8Array());
  short[0] = 0x42;
  assertEquals(readIpPacket(short), undefined);
  assertEquals(readIpPacket(ipv6(0, 60)), undefined);
  const endless = Array.from({ length: 160 }, () => 0);
  assertEquals(readIpPacket(ipv6(0, ...endless)), undefined);
});
