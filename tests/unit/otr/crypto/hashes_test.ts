import { assertEquals } from "@std/assert";
import { fromHex, toHex, utf8 } from "../../../../lib/base/bytes.ts";
import {
  HmacSha1,
  hmacSha256,
  hmacSha256Truncated,
  sha1,
  sha256,
} from "../../../../lib/otr/crypto/hashes.ts";

Deno.test("sha1() and sha256() agree with FIPS 180-4's example, however it is cut", () => {
  const expected1 = "a9993e364706816aba3e25717850c26c9cd0d89d";
  const expected256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  for (const parts of [["abc"], ["a", "bc"], ["", "a", "b", "c"]].map((it) => it.map(utf8))) {
    assertEquals(toHex(sha1(...parts)), expected1);
    assertEquals(toHex(sha256(...parts)), expected256);
  }
});

Deno.test("hmacSha256() agrees with RFC 4231 §4.3, and its truncation is the first 160 bits", () => {
  const mac = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  const parts = ["what do ya ", "want for nothing?"].map(utf8);
  assertEquals(toHex(hmacSha256(utf8("Jefe"), ...parts)), mac);
  assertEquals(toHex(hmacSha256Truncated(utf8("Jefe"), ...parts)), mac.slice(0, 40));
});

Deno.test("HmacSha1 agrees with RFC 2202 §3, message after message", () => {
  const hmac = new HmacSha1(utf8("Jefe"));
  for (let again = 0; again < 2; again++) {
    assertEquals(
      toHex(hmac.compute(utf8("what do ya want for nothing?"))),
      "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
    );
  }
  const zeros = new HmacSha1(fromHex("0b".repeat(20)));
  assertEquals(toHex(zeros.compute(utf8("Hi There"))), "b617318655057264e28bc0b6fb378c8ef146be00");
  zeros.destroy();
});
