import { assertEquals, assertThrows } from "@std/assert";
import { fromHex, toHex } from "../../../../../lib/base/bytes.ts";
import {
  bitLength,
  fromBigInt,
  mod,
  toBigInt,
} from "../../../../../lib/otr/crypto/arithmetic/big_integers.ts";

Deno.test("toBigInt() reads big-endian octets, leading zeros or none", () => {
  assertEquals(toBigInt(new Uint8Array()), 0n);
  assertEquals(toBigInt(fromHex("0000")), 0n);
  assertEquals(toBigInt(fromHex("000100")), 256n);
  assertEquals(toBigInt(fromHex("ff".repeat(24))), (1n << 192n) - 1n);
});

Deno.test("fromBigInt() writes the fewest octets, or exactly as many as asked", () => {
  assertEquals(fromBigInt(0n).length, 0);
  assertEquals(toHex(fromBigInt(0x1ffn)), "01ff");
  assertEquals(toHex(fromBigInt(0x80n)), "80");
  assertEquals(toHex(fromBigInt(5n, 4)), "00000005");
  assertEquals(toHex(fromBigInt(0n, 2)), "0000");
  assertThrows(() => fromBigInt(256n, 1), RangeError, "at most 1 octets");
});

Deno.test("bitLength() counts from the highest bit that is set", () => {
  assertEquals([0n, 1n, 2n, 255n, 256n, 1n << 1535n].map(bitLength), [0, 1, 2, 8, 9, 1536]);
});

Deno.test("mod() is never negative", () => {
  assertEquals([mod(-1n, 7n), mod(-7n, 7n), mod(15n, 7n)], [6n, 0n, 1n]);
});
