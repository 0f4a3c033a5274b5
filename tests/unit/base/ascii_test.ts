import { assertEquals, assertThrows } from "@std/assert";
import { ascii, fromLatin1, latin1 } from "../../../lib/base/ascii.ts";

const EVERY_OCTET = Uint8Array.from({ length: 256 }, (_, at) => at);

Deno.test("ascii() gives one octet a character", () => {
  assertEquals(ascii("A\r\n\u007f"), Uint8Array.of(65, 13, 10, 127));
  assertEquals(ascii(""), new Uint8Array());
});

Deno.test("ascii() refuses what is not ASCII and says where it stands", () => {
  assertThrows(() => ascii("naïve"), RangeError, "expected ASCII, found U+ef at 2");
});

Deno.test("latin1() and fromLatin1() lose no octet", () => {
  assertEquals(fromLatin1(latin1(EVERY_OCTET)), EVERY_OCTET);
  assertEquals(latin1(Uint8Array.of(0xe9)), "é");
});

Deno.test("latin1() takes more octets than a call takes arguments", () => {
  assertEquals(latin1(new Uint8Array(300_000).fill(65)).length, 300_000);
});

Deno.test("fromLatin1() refuses characters above one octet", () => {
  assertThrows(() => fromLatin1("a€"), RangeError, "expected octets, found U+20ac at 1");
});
