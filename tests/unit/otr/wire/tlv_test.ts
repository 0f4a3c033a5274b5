import { assertEquals, assertThrows } from "@std/assert";
import { fromHex, toHex, utf8 } from "../../../../lib/base/bytes.ts";
import { readPlaintext, TLV, writePlaintext } from "../../../../lib/otr/wire/tlv.ts";

Deno.test("writePlaintext() writes the NUL only together with records", () => {
  assertEquals(toHex(writePlaintext(utf8("hi"), [])), "6869");
  assertEquals(
    toHex(writePlaintext(utf8("hi"), [{ type: TLV.disconnected, value: new Uint8Array() }])),
    "6869" + "00" + "00010000",
  );
});

Deno.test("readPlaintext() reads the specification's examples", () => {
  const { content, tlvs } = readPlaintext(fromHex("00" + "00010000" + "0000000568656c6c6f"), 10);
  assertEquals(content, new Uint8Array());
  assertEquals(tlvs.map((it) => [it.type, toHex(it.value)]), [[1, ""], [0, "68656c6c6f"]]);
});

Deno.test("readPlaintext() takes a message without NUL and one with nothing behind it", () => {
  assertEquals(readPlaintext(utf8("hi"), 10), {
    content: utf8("hi"),
    tlvs: [],
    ignored: undefined,
  });
  assertEquals(readPlaintext(fromHex("686900"), 10).tlvs, []);
});

Deno.test("readPlaintext() ignores the rest from a record that is too long", () => {
  for (const rest of ["00", "0001", "000100", "00010001", "0001ffffaa"]) {
    const read = readPlaintext(fromHex("61" + "00" + "00000000" + rest), 10);
    assertEquals(read.tlvs.length, 1);
    assertEquals(read.ignored, "length-beyond-end");
  }
});

Deno.test("readPlaintext() reads no more records than its limit", () => {
  const read = readPlaintext(fromHex("00" + "00000000".repeat(5)), 4);
  assertEquals([read.tlvs.length, read.ignored], [4, "too-many"]);
  assertEquals(readPlaintext(fromHex("00" + "00000000".repeat(4)), 4).ignored, undefined);
});

Deno.test("writePlaintext() refuses content that would be read as records", () => {
  assertThrows(() => writePlaintext(fromHex("610000010000"), []), RangeError, "without NUL");
});

Deno.test("writePlaintext() refuses types and values that do not fit", () => {
  const value = new Uint8Array(65536);
  assertThrows(() => writePlaintext(utf8(""), [{ type: 0, value }]), RangeError, "65535 octets");
  for (const type of [-1, 65536, 1.5]) {
    assertThrows(() => writePlaintext(utf8(""), [{ type, value: new Uint8Array() }]), RangeError);
  }
});
