import { assertEquals } from "@std/assert";
import { ByteWriter } from "../../../lib/base/byte_writer.ts";
import { toHex } from "../../../lib/base/bytes.ts";

Deno.test("ByteWriter writes big-endian, and only the low bits", () => {
  const writer = new ByteWriter().uint8(0x1ff).uint16(0x12345).uint32(0xdeadbeef);
  assertEquals(toHex(writer.finish()), "ff2345deadbeef");
  assertEquals(writer.length, 7);
});

Deno.test("ByteWriter grows beyond its capacity and keeps what was written", () => {
  const writer = new ByteWriter(1);
  for (let round = 0; round < 100; round++) writer.uint16(round).bytes(Uint8Array.of(7, 7, 7));
  const bytes = writer.finish();
  assertEquals(bytes.length, 500);
  assertEquals([...bytes.subarray(495)], [0, 99, 7, 7, 7]);
  assertEquals([...bytes.subarray(0, 5)], [0, 0, 7, 7, 7]);
});

Deno.test("ByteWriter.finish() hands out a copy", () => {
  const writer = new ByteWriter().uint8(1);
  writer.finish().fill(9);
  assertEquals(writer.finish(), Uint8Array.of(1));
});
