import { assertEquals } from "@std/assert";
import { readIpPacket } from "../../../../lib/trace/capture/ip_packet.ts";
import { TCP_FLAG, writeTcpPacket } from "../../../../lib/trace/capture/synthetic_packet.ts";
import { readTcpSegment, readUdpDatagram } from "../../../../lib/trace/capture/tcp_segment.ts";
import { ipv4Packet } from "../../../helpers/capture_files.ts";

function segmentOf(octets: number[] | Uint8Array) {
  const ip = readIpPacket(ipv4Packet(6, Uint8Array.from(octets)));
  return ip && readTcpSegment(ip);
}

Deno.test("readTcpSegment() skips options and reads flags", () => {
  const octets = [0x9c, 0x40, 0x0b, 0x27, 0, 0, 0, 1, 0, 0, 0, 2, 0x60, 0x12, 1, 0, 0, 0, 0, 0];
  const segment = segmentOf([...octets, 2, 4, 5, 0xb4, 42]);
  assertEquals([segment?.srcPort, segment?.dstPort], [40000, 2855]);
  assertEquals([segment?.isSyn, segment?.isAck, segment?.isRst], [true, true, false]);
  assertEquals(segment?.payload, Uint8Array.of(42));
});

Deno.test("readTcpSegment() refuses a header that is short or longer than the segment", () => {
  assertEquals(segmentOf(new Uint8Array(19)), undefined);
  const octets = new Uint8Array(20);
  octets[12] = 0xf0;
  assertEquals(segmentOf(octets), undefined);
});

Deno.test("readTcpSegment() knows how much the capture has cut off", () => {
  const end = { address: Uint8Array.of(192, 0, 2, 1), port: 1 };
  const packet = writeTcpPacket(end, end, {
    sequence: 0,
    acknowledgement: 0,
    flags: TCP_FLAG.ack,
    payload: new Uint8Array(100),
  });
  const ip = readIpPacket(packet.subarray(0, 96));
  const segment = ip && readTcpSegment(ip);
  assertEquals([segment?.payload.length, segment?.payloadLength], [56, 100]);
});

Deno.test("readUdpDatagram() trusts its own length, within what the packet holds", () => {
  const read = (...octets: number[]) => {
    const ip = readIpPacket(ipv4Packet(17, Uint8Array.from(octets)));
    return ip && readUdpDatagram(ip);
  };
  assertEquals(read(0, 1, 0, 2, 0, 10, 0, 0, 7, 8, 9)?.payload, Uint8Array.of(7, 8));
  assertEquals(read(0, 1, 0, 2, 0, 99, 0, 0, 7), undefined);
  assertEquals(read(0, 1, 0, 2, 0, 7, 0, 0, 7), undefined);
  assertEquals(read(0, 1, 0, 2), undefined);
});
