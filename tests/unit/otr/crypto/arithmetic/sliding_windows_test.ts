import { assert, assertEquals } from "@std/assert";
import {
  slidingDigits,
  windowWidth,
} from "../../../../../lib/otr/crypto/arithmetic/sliding_windows.ts";

Deno.test("slidingDigits() adds up to the exponent, with digits that are 0 or odd and far apart", () => {
  for (const exponent of [0n, 1n, 2n, 255n, 0x8001n, (1n << 160n) - 1n, 0xdeadbeefcafen << 40n]) {
    for (const width of [3, 4, 5, 6]) {
      const digits = slidingDigits(exponent, width);
      let sum = 0n;
      let free = 0;
      for (const [bit, digit] of digits.entries()) {
        if (digit !== 0) {
          assert(bit >= free && digit % 2 === 1 && digit < 1 << width);
          free = bit + width;
        }
        sum += BigInt(digit) << BigInt(bit);
      }
      assertEquals(sum, exponent);
    }
  }
});

Deno.test("windowWidth() grows with the exponent", () => {
  assertEquals([1, 80, 160, 256, 320, 1536].map(windowWidth), [3, 3, 4, 5, 5, 6]);
});
