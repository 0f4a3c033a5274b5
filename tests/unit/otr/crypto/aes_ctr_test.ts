import { assertEquals } from "@std/assert";
import { fromHex, toHex, utf8 } from "../../../../lib/base/bytes.ts";
import { aesCtr, ZERO_COUNTER } from "../../../../lib/otr/crypto/aes_ctr.ts";

const KEY = fromHex("000102030405060708090a0b0c0d0e0f");

Deno.test("aesCtr() agrees with OpenSSL for a counter whose bottom half is zero", () => {
  const text = utf8("hello world, this is sotto, a private chat");
  const encrypted = aesCtr(KEY, fromHex("0102030405060708"), text);
  assertEquals(
    toHex(encrypted),
    "70df05d72941898ad5a0faed87458a11bcb1c4edfd8aa1102f3e7203e3f1b8be0974099613857e6f4870",
  );
  assertEquals(aesCtr(KEY, fromHex("0102030405060708"), encrypted), text);
});

Deno.test("aesCtr() keeps the length, none included", () => {
  for (const length of [0, 1, 15, 16, 17, 1000]) {
    assertEquals(aesCtr(KEY, ZERO_COUNTER, new Uint8Array(length)).length, length);
  }
});
