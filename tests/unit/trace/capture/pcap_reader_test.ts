import { assertEquals } from "@std/assert";
import { concatBytes } from "../../../../lib/base/bytes.ts";
import { isPcap, PcapReader } from "../../../../lib/trace/capture/pcap_reader.ts";
import { pcapFile, uint32s } from "../../../helpers/capture_files.ts";
import { everySplit } from "../../../helpers/every_split.ts";

const PACKETS = [
  { at: 1_700_000_000_123.456, data: Uint8Array.of(1, 2, 3) },
  { at: 1_700_000_001_000, data: new Uint8Array(), originalLength: 9 },
];

Deno.test("PcapReader reads both byte orders and both resolutions, whatever the split", () => {
  for (const isLittleEndian of [true, false]) {
    for (const isNano of [true, false]) {
      const file = pcapFile(PACKETS, { isLittleEndian, isNano, linkType: 1 });
      assertEquals(isPcap(file), true);
      for (const { label, pieces } of everySplit(file)) {
        const reader = new PcapReader();
        const items = [...pieces.flatMap((it) => reader.feed(it)), ...reader.end()];
        assertEquals(items.length, 2, label);
        const [first, second] = items.map((it) => it.type === "packet" ? it.packet : undefined);
        assertEquals(first?.at?.toFixed(3), "1700000000123.456", label);
        assertEquals([first?.number, second?.number], [1, 2]);
        assertEquals([first?.linkType, first?.data.length], [1, 3]);
        assertEquals([second?.data.length, second?.originalLength], [0, 9]);
      }
    }
  }
});

Deno.test("PcapReader ignores the bits of the link type that describe a frame check sequence", () => {
  const reader = new PcapReader();
  const [item] = reader.feed(pcapFile(PACKETS, { linkType: 0x1400_0001 }));
  assertEquals(item?.type === "packet" && item.packet.linkType, 1);
});

Deno.test("PcapReader names a cut-off end and keeps what came before", () => {
  const file = pcapFile(PACKETS);
  const reader = new PcapReader();
  const items = [...reader.feed(file.subarray(0, file.length - 5)), ...reader.end()];
  assertEquals(items.map((it) => it.type), ["packet", "finding"]);
  const last = items[1];
  assertEquals(last?.type === "finding" && last.finding.id, "TRACE-truncated-capture");
});

Deno.test("PcapReader stops at a length past its limit instead of waiting for it", () => {
  const file = concatBytes(
    pcapFile([]),
    uint32s([1, 1, 0xffff_ffff, 10], true),
    new Uint8Array(99),
  );
  const reader = new PcapReader({ blockSize: 65_536 });
  const items = [...reader.feed(file), ...reader.feed(new Uint8Array(1000)), ...reader.end()];
  assertEquals(items.length, 1);
  const [only] = items;
  assertEquals(only?.type === "finding" && only.finding.id, "TRACE-damaged-capture");
  assertEquals(only?.type === "finding" && only.finding.offset, 24);
});

Deno.test("PcapReader reads the header that an old kernel patch made eight octets longer", () => {
  const bytes = pcapFile([]);
  bytes.set([0x34, 0xcd, 0xb2, 0xa1]);
  const record = uint32s([5, 6, 2, 2, 0, 0], true);
  const reader = new PcapReader();
  const [item] = reader.feed(concatBytes(bytes, record, Uint8Array.of(7, 8)));
  assertEquals(item?.type === "packet" && item.packet.data, Uint8Array.of(7, 8));
});
