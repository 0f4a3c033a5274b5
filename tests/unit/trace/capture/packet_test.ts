import { assertEquals } from "@std/assert";
import { damage, DEFAULT_BLOCK_SIZE, truncation } from "../../../../lib/trace/capture/packet.ts";

Deno.test("damage() and truncation() say where and in which format", () => {
  const broken = damage("pcap file format", "expected sense", 24);
  assertEquals(broken.type === "finding" && broken.finding.offset, 24);
  const cut = truncation("pcapng file format", 7, 100);
  assertEquals(cut.type === "finding" && cut.finding.id, "TRACE-truncated-capture");
  assertEquals(DEFAULT_BLOCK_SIZE, 16_777_216);
});
