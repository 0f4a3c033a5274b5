import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import {
  compareBytes,
  concatBytes,
  decodeUtf8,
  decodeUtf8Lossy,
  equalBytes,
  fromHex,
  indexOfBytes,
  toHex,
  utf8,
} from "../../../lib/base/bytes.ts";

const of = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

Deno.test("concatBytes() joins in order, into a fresh array", () => {
  const part = of(1, 2);
  const joined = concatBytes(part, of(), of(3));
  part[0] = 9;
  assertEquals(joined, Uint8Array.of(1, 2, 3));
  assertEquals(concatBytes(), new Uint8Array());
});

Deno.test("compareBytes() orders as big-endian numbers of equal length", () => {
  assert(compareBytes(of(1, 255), of(2, 0)) < 0);
  assert(compareBytes(of(2, 0), of(1, 255)) > 0);
  assertEquals(compareBytes(of(7, 7), of(7, 7)), 0);
  assert(compareBytes(of(7), of(7, 0)) < 0);
});

Deno.test("equalBytes() wants the same length and the same octets", () => {
  assert(equalBytes(of(1, 2), of(1, 2)));
  assert(equalBytes(of(), of()));
  assertFalse(equalBytes(of(1, 2), of(1)));
  assertFalse(equalBytes(of(1, 2), of(1, 3)));
});

Deno.test("indexOfBytes() finds the first occurrence at or after a place", () => {
  const haystack = of(1, 1, 2, 1, 1, 2);
  assertEquals(indexOfBytes(haystack, of(1, 2)), 1);
  assertEquals(indexOfBytes(haystack, of(1, 2), 2), 4);
  assertEquals(indexOfBytes(haystack, of(1, 2), 5), -1);
  assertEquals(indexOfBytes(haystack, of(2, 2)), -1);
  assertEquals(indexOfBytes(of(1), of(1, 2)), -1);
  assertEquals(indexOfBytes(haystack, of(), 3), 3);
});

Deno.test("toHex() and fromHex() are inverse; either case is read", () => {
  assertEquals(toHex(of(0, 10, 255)), "000aff");
  assertEquals(fromHex("000aFF"), Uint8Array.of(0, 10, 255));
});

Deno.test("fromHex() refuses odd lengths and other digits", () => {
  for (const text of ["0", "0g", " 00", "0x"]) {
    assertThrows(() => fromHex(text), RangeError, "expected an even number of hexadecimal digits");
  }
});

Deno.test("decodeUtf8() refuses what is not UTF-8 and keeps a byte order mark", () => {
  assertEquals(decodeUtf8(utf8("\ufeffgrüße")), "\ufeffgrüße");
  assertEquals(decodeUtf8(of(0xc3, 0x28)), undefined);
  assertEquals(decodeUtf8(of(0xed, 0xa0, 0x80)), undefined); // a surrogate
});

Deno.test("decodeUtf8Lossy() marks what is not UTF-8", () => {
  assertEquals(decodeUtf8Lossy(of(0x61, 0xff, 0x62)), "a\ufffdb");
});
