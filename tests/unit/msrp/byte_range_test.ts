import { assertEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../lib/base/errors.ts";
import { parseByteRange, writeByteRange } from "../../../lib/msrp/byte_range.ts";

Deno.test("parseByteRange() takes numbers and stars, and checks the form only", () => {
  assertEquals(parseByteRange("1-25/25"), { start: 1, end: 25, total: 25 });
  assertEquals(parseByteRange("9-*/*"), { start: 9, end: "*", total: "*" });
  assertEquals(parseByteRange("5-2/1"), { start: 5, end: 2, total: 1 });
  for (
    const bad of ["", "1", "1-2", "0-1/1", "*-1/1", "1-2/3/4", "1e3-*/*", "9999999999999999-*/*"]
  ) {
    const error = assertThrows(() => parseByteRange(bad), PeerError);
    assertEquals(error.code, "msrp/bad-byte-range");
  }
});

Deno.test("writeByteRange() refuses what is no position", () => {
  assertEquals(writeByteRange({ start: 1, end: 0, total: 0 }), "1-0/0");
  for (
    const bad of [
      { start: 0, end: 1, total: 1 },
      { start: 1.5, end: 1, total: 1 },
      { start: 1, end: -1, total: 1 },
      { start: 1, end: 1, total: 1e15 },
      { start: NaN, end: "*" as const, total: "*" as const },
    ]
  ) assertThrows(() => writeByteRange(bad), RangeError);
});
