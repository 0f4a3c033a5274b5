import { assertEquals, assertThrows } from "@std/assert";
import { fromHex, toHex } from "../../../../lib/base/bytes.ts";
import { ByteWriter } from "../../../../lib/base/byte_writer.ts";
import { PeerError } from "../../../../lib/base/errors.ts";
import { WireReader, writeData, writeMpi } from "../../../../lib/otr/wire/data_types.ts";

Deno.test("WireReader reads integers big-endian and unsigned", () => {
  const reader = new WireReader(fromHex("7f8000ffffffff"));
  assertEquals(reader.byte("a"), 0x7f);
  assertEquals(reader.short("b"), 0x8000);
  assertEquals(reader.int("c"), 0xffffffff);
  assertEquals(reader.offset, 7);
  assertEquals(reader.remaining, 0);
});

Deno.test("WireReader.mpi() keeps leading zeros as they were written", () => {
  const reader = new WireReader(fromHex("000000020001"));
  assertEquals(toHex(reader.mpi("n")), "0001");
});

Deno.test("WireReader refuses every length beyond the structure", () => {
  for (const hex of ["00000001", "ffffffff", "80000000", "7fffffff00", "0000", "00000003aabb"]) {
    const error = assertThrows(() => new WireReader(fromHex(hex)).data("a field"), PeerError);
    assertEquals(error.code, "otr/truncated");
  }
});

Deno.test("WireReader.fixed() refuses more than is left and says where", () => {
  const reader = new WireReader(new Uint8Array(10));
  reader.int("x");
  const error = assertThrows(
    () => reader.fixed(7, "a MAC"),
    PeerError,
    "7 octets of a MAC, found 6",
  );
  assertEquals(error.offset, 4);
});

Deno.test("WireReader.end() refuses anything that is left", () => {
  const reader = new WireReader(new Uint8Array(1));
  assertEquals(assertThrows(() => reader.end("it"), PeerError).code, "otr/trailing-octets");
  reader.byte("x");
  reader.end("it");
});

Deno.test("WireReader.span() is what was read between two offsets", () => {
  const reader = new WireReader(fromHex("000102030405"));
  reader.short("x");
  const from = reader.offset;
  reader.short("y");
  assertEquals(toHex(reader.span(from, reader.offset)), "0203");
});

Deno.test("writeData() and writeMpi() write a length of four octets", () => {
  const writer = new ByteWriter();
  writeData(writer, fromHex("aabb"));
  writeMpi(writer, new Uint8Array());
  assertEquals(toHex(writer.finish()), "00000002aabb00000000");
});
