import { assertEquals } from "@std/assert";
import { concatBytes } from "../../../../lib/base/bytes.ts";
import { removeLinkLayer } from "../../../../lib/trace/capture/link_layer.ts";
import { ipv4Packet } from "../../../helpers/capture_files.ts";

const IP = ipv4Packet(17, new Uint8Array(8));
const MACS = new Uint8Array(12);

const WRAPPED: Record<string, [linkType: number, before: Uint8Array]> = {
  "Ethernet": [1, concatBytes(MACS, Uint8Array.of(8, 0))],
  "Ethernet with a VLAN tag": [1, concatBytes(MACS, Uint8Array.of(0x81, 0, 0, 5, 8, 0))],
  "Ethernet with two": [
    1,
    concatBytes(MACS, Uint8Array.of(0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0)),
  ],
  "PPPoE": [1, concatBytes(MACS, Uint8Array.of(0x88, 0x64, 0x11, 0, 0, 1, 0, 30, 0, 0x21))],
  "raw IP": [101, new Uint8Array()],
  "raw IP of BSD": [12, new Uint8Array()],
  "IPv4": [228, new Uint8Array()],
  "Linux cooked": [113, concatBytes(new Uint8Array(14), Uint8Array.of(8, 0))],
  "Linux cooked 2": [276, concatBytes(Uint8Array.of(8, 0), new Uint8Array(18))],
  "loopback, little-endian": [0, Uint8Array.of(2, 0, 0, 0)],
  "loopback, network order": [108, Uint8Array.of(0, 0, 0, 2)],
};

Deno.test("removeLinkLayer() finds the IP packet in every link layer it knows", () => {
  for (const [name, [linkType, before]] of Object.entries(WRAPPED)) {
    const result = removeLinkLayer(linkType, concatBytes(before, IP));
    assertEquals(result.type, "ip", name);
    assertEquals(result.type === "ip" && result.packet, IP, name);
    if (before.length > 0) {
      assertEquals(
        removeLinkLayer(linkType, before.subarray(0, before.length - 1)).type,
        "short",
        name,
      );
    }
  }
});

Deno.test("removeLinkLayer() tells other protocols from link types that it does not know", () => {
  const arp = concatBytes(MACS, Uint8Array.of(8, 6), new Uint8Array(28));
  assertEquals(removeLinkLayer(1, arp).type, "other");
  assertEquals(removeLinkLayer(147, IP).type, "unknown-link-type");
  assertEquals(removeLinkLayer(101, Uint8Array.of(0x50)).type, "other");
});

Deno.test("removeLinkLayer() follows no endless chain of VLAN tags", () => {
  const tags = new Uint8Array(400);
  for (let at = 0; at < 400; at += 4) tags.set([0x81, 0, 0, 1], at);
  assertEquals(removeLinkLayer(1, concatBytes(MACS, tags)).type, "other");
});
