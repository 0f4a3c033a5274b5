import { assertEquals } from "@std/assert";
import { readIpPacket } from "../../../../lib/trace/capture/ip_packet.ts";
import {
  onesComplementSum,
  TCP_FLAG,
  writeTcpPacket,
  writeUdpPacket,
} from "../../../../lib/trace/capture/synthetic_packet.ts";
import { readTcpSegment, readUdpDatagram } from "../../../../lib/trace/capture/tcp_segment.ts";
import { fromHex, utf8 } from "../../../../lib/base/bytes.ts";

const A = { address: Uint8Array.of(192, 0, 2, 1), port: 5060 };
const B = { address: Uint8Array.of(192, 0, 2, 2), port: 40000 };
const A6 = { address: fromHex("20010db8000000000000000000000001"), port: 5060 };
const B6 = { address: fromHex("20010db8000000000000000000000002"), port: 40000 };

Deno.test("onesComplementSum() gives the checksum of a well-known header", () => {
  const header = fromHex("450000730000400040110000c0a80001c0a800c7");
  assertEquals(onesComplementSum([header]), 0xb861);
  assertEquals(onesComplementSum([Uint8Array.of(1)]), 0xfeff); // odd: padded with zero
});

Deno.test("writeTcpPacket() writes headers whose checksums come out as zero, in both families", () => {
  for (const [from, to] of [[A, B], [A6, B6]] as const) {
    const payload = utf8("odd");
    const flags = TCP_FLAG.ack | TCP_FLAG.psh;
    const packet = writeTcpPacket(from, to, { sequence: 7, acknowledgement: 9, flags, payload });
    const ip = readIpPacket(packet);
    const segment = ip && readTcpSegment(ip);
    assertEquals(segment?.sequence, 7);
    assertEquals(segment?.acknowledgement, 9);
    assertEquals(segment?.payload, payload);
    assertEquals([segment?.isAck, segment?.isSyn, segment?.isFin], [true, false, false]);
    const length = ip?.payload.length ?? 0;
    const pseudo = new Uint8Array([...from.address, ...to.address, 0, 0, 0, length, 0, 0, 0, 6]);
    assertEquals(onesComplementSum([pseudo, ip?.payload ?? new Uint8Array()]), 0);
    if (from === A) assertEquals(onesComplementSum([packet.subarray(0, 20)]), 0);
  }
});

Deno.test("writeUdpPacket() never writes the checksum that means none", () => {
  for (let at = 0; at < 65_536; at += 1) {
    const packet = writeUdpPacket(A, B, Uint8Array.of(at >> 8, at));
    assertEquals(packet[26] === 0 && packet[27] === 0, false);
    if (at === 0) {
      const ip = readIpPacket(packet);
      assertEquals(ip && readUdpDatagram(ip)?.payload, Uint8Array.of(0, 0));
    }
  }
});
