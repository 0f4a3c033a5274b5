import { assertEquals } from "@std/assert";
import { concatBytes } from "../../../../lib/base/bytes.ts";
import type { CaptureItem } from "../../../../lib/trace/capture/packet.ts";
import { isPcapng, PcapngReader } from "../../../../lib/trace/capture/pcapng_reader.ts";
import {
  enhancedPacket,
  interfaceBlock,
  pcapngBlock,
  sectionHeader,
  uint16s,
  uint32s,
} from "../../../helpers/capture_files.ts";
import { everySplit } from "../../../helpers/every_split.ts";

const DATA = Uint8Array.of(9, 8, 7, 6, 5);

function readAll(...parts: Uint8Array[]): CaptureItem[] {
  const reader = new PcapngReader({ blockSize: 4096 });
  return [...reader.feed(concatBytes(...parts)), ...reader.end()];
}

function packets(items: readonly CaptureItem[]) {
  return items.flatMap((it) => it.type === "packet" ? [it.packet] : []);
}

function findings(items: readonly CaptureItem[]) {
  return items.flatMap((it) => it.type === "finding" ? [it.finding.id] : []);
}

Deno.test("PcapngReader reads both byte orders, whatever the split", () => {
  for (const order of [true, false]) {
    const file = concatBytes(
      sectionHeader(order),
      interfaceBlock(1, [], order),
      pcapngBlock(4, new Uint8Array(8), order), // name resolution: passed over
      enhancedPacket(DATA, 1_700_000_000_123_456, 0, order),
    );
    assertEquals(isPcapng(file), true);
    for (const { label, pieces } of everySplit(file)) {
      const reader = new PcapngReader();
      const items = [...pieces.flatMap((it) => reader.feed(it)), ...reader.end()];
      const [packet] = packets(items);
      assertEquals(items.length, 1, label);
      assertEquals(packet?.data, DATA, label);
      assertEquals(packet?.at?.toFixed(3), "1700000000123.456", label);
    }
  }
});

Deno.test("PcapngReader honours if_tsresol in powers of ten and two, and if_tsoffset", () => {
  const offset = new Uint8Array(8);
  new DataView(offset.buffer).setBigInt64(0, 1_700_000_000n, true);
  const items = readAll(
    sectionHeader(),
    interfaceBlock(1, [[9, Uint8Array.of(9)]]),
    interfaceBlock(101, [[9, Uint8Array.of(0x80 | 10)], [14, offset]]),
    enhancedPacket(DATA, 5_000_000_000, 0),
    enhancedPacket(DATA, 512, 1),
  );
  assertEquals(packets(items).map((it) => it.at), [5000, 1_700_000_000_500]);
  assertEquals(packets(items).map((it) => it.linkType), [1, 101]);
});

Deno.test("PcapngReader reads simple and obsolete packet blocks", () => {
  const simple = pcapngBlock(3, concatBytes(uint32s([9], true), DATA));
  const obsolete = pcapngBlock(
    2,
    concatBytes(uint16s([0, 0], true), uint32s([0, 3_000_000, 5, 5], true), DATA),
  );
  const [first, second] = packets(readAll(sectionHeader(), interfaceBlock(1), simple, obsolete));
  assertEquals([first?.at, first?.originalLength], [undefined, 9]);
  assertEquals([second?.at, second?.data], [3000, DATA]);
});

Deno.test("PcapngReader begins anew with every section, its byte order included", () => {
  const items = readAll(
    sectionHeader(true),
    interfaceBlock(1, [], true),
    enhancedPacket(DATA, 1, 0, true),
    sectionHeader(false),
    interfaceBlock(113, [], false),
    enhancedPacket(DATA, 2, 0, false),
  );
  assertEquals(packets(items).map((it) => [it.number, it.linkType]), [[1, 1], [2, 113]]);
});

Deno.test("PcapngReader names what is wrong and never waits for an absurd block", () => {
  const huge = uint32s([6, 0x7fff_fff0, 0], true);
  assertEquals(findings(readAll(sectionHeader(), huge)), ["TRACE-damaged-capture"]);
  assertEquals(findings(readAll(sectionHeader(), uint32s([6, 8, 0], true))), [
    "TRACE-damaged-capture",
  ]);
  const badMagic = sectionHeader();
  badMagic[8] = 0;
  assertEquals(findings(readAll(badMagic)), ["TRACE-damaged-capture"]);
  const overlong = pcapngBlock(6, uint32s([0, 0, 0, 100, 100], true));
  assertEquals(findings(readAll(sectionHeader(), interfaceBlock(1), overlong)), [
    "TRACE-damaged-packet",
  ]);
  const secrets = pcapngBlock(10, new Uint8Array(8));
  assertEquals(findings(readAll(sectionHeader(), secrets, secrets)), ["TRACE-secrets-not-used"]);
  const cut = enhancedPacket(DATA, 1).subarray(0, 20);
  assertEquals(findings(readAll(sectionHeader(), cut)), ["TRACE-truncated-capture"]);
});

Deno.test("PcapngReader gives a packet of an undescribed interface a link type that nobody has", () => {
  assertEquals(packets(readAll(sectionHeader(), enhancedPacket(DATA, 1, 3)))[0]?.linkType, -1);
});
