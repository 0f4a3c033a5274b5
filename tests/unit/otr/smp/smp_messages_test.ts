import { assertEquals, assertThrows } from "@std/assert";
import { ByteWriter } from "../../../../lib/base/byte_writer.ts";
import { concatBytes, fromHex, toHex, utf8 } from "../../../../lib/base/bytes.ts";
import { PeerError } from "../../../../lib/base/errors.ts";
import {
  encodeQuestion,
  isSmpTlv,
  readSmpMessage,
  SMP_FIELDS,
  writeSmpMessage,
} from "../../../../lib/otr/smp/smp_messages.ts";

/** A value with `count` MPIs: 1, 2, 3, … */
function mpis(count: number, declared = count): Uint8Array {
  const writer = new ByteWriter().uint32(declared);
  for (let number = 1; number <= count; number++) writer.uint32(1).uint8(number);
  return writer.finish();
}

Deno.test("SMP_FIELDS has 6, 11, 8 and 3 numbers", () => {
  assertEquals(Object.values(SMP_FIELDS).map((it) => it.length), [6, 11, 8, 3]);
});

Deno.test("readSmpMessage() reads the numbers in the order of the specification", () => {
  for (
    const [type, name, fields] of [
      [2, "smp1", SMP_FIELDS.smp1],
      [3, "smp2", SMP_FIELDS.smp2],
      [4, "smp3", SMP_FIELDS.smp3],
      [5, "smp4", SMP_FIELDS.smp4],
    ] as const
  ) {
    const read = readSmpMessage({ type, value: mpis(fields.length) });
    assertEquals(read.type, name);
    const expected = Object.fromEntries(fields.map((it, at) => [it, BigInt(at + 1)]));
    assertEquals(read.type === "abort" ? {} : { ...read.numbers }, expected);
    assertEquals(toHex(writeSmpMessage(read).value), toHex(mpis(fields.length)));
  }
});

Deno.test("readSmpMessage() reads the question before message 1Q, empty ones too", () => {
  for (const question of ["where?", "wo? 🌱", ""]) {
    const value = concatBytes(utf8(question), fromHex("00"), mpis(6));
    const read = readSmpMessage({ type: 7, value });
    assertEquals(read.type === "smp1" && read.question, utf8(question));
    assertEquals(writeSmpMessage(read), { type: 7, value });
  }
});

Deno.test("readSmpMessage() reads an abort whatever it holds", () => {
  assertEquals(readSmpMessage({ type: 6, value: utf8("x") }), { type: "abort" });
  assertEquals(writeSmpMessage({ type: "abort" }), { type: 6, value: new Uint8Array() });
});

Deno.test("readSmpMessage() refuses other counts, missing and surplus numbers", () => {
  const huge = new ByteWriter().uint32(6).uint32(257).bytes(new Uint8Array(257)).finish();
  for (
    const [type, value] of [
      [2, mpis(5)],
      [2, mpis(7)],
      [2, mpis(5, 6)],
      [2, mpis(7, 6)],
      [3, mpis(6)],
      [4, mpis(11)],
      [5, mpis(8)],
      [5, mpis(0, 0xffffffff)],
      [2, huge],
      [2, new Uint8Array()],
      [2, fromHex("00000006ffffffff")],
      [7, mpis(6).filter((it) => it !== 0)],
      [7, fromHex("00")],
    ] as const
  ) {
    const error = assertThrows(() => readSmpMessage({ type, value }), PeerError);
    assertEquals(error.code, "otr/bad-smp-message");
  }
});

Deno.test("isSmpTlv() is types 2 to 7", () => {
  const types = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  assertEquals(types.filter((type) => isSmpTlv({ type, value: new Uint8Array() })), [
    2,
    3,
    4,
    5,
    6,
    7,
  ]);
});

Deno.test("encodeQuestion() refuses a NUL and what does not fit beside message 1", () => {
  assertThrows(() => encodeQuestion("a\0b"), RangeError, "without NUL");
  assertThrows(() => encodeQuestion("x".repeat(64336)), RangeError, "at most");
  assertEquals(encodeQuestion("x".repeat(64335)).length, 64335);
});
