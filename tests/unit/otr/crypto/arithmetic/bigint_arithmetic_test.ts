import { assertEquals, assertThrows } from "@std/assert";
import { fromHex } from "../../../../../lib/base/bytes.ts";
import { toBigInt } from "../../../../../lib/otr/crypto/arithmetic/big_integers.ts";
import { makeBigIntArithmetic } from "../../../../../lib/otr/crypto/arithmetic/bigint_arithmetic.ts";
import { DH_MODULUS, DH_ORDER } from "../../../../../lib/otr/crypto/arithmetic/mod.ts";
import { seededRandom } from "../../../../helpers/seeded_random.ts";

const arithmetic = makeBigIntArithmetic(DH_MODULUS);
const random = seededRandom(1);

/** The plain twin: square and multiply, bit by bit. */
function plainPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n % modulus;
  for (const bit of exponent.toString(2)) {
    result = result * result % modulus;
    if (bit === "1") result = result * base % modulus;
  }
  return result;
}

const EXPONENTS = [
  fromHex("00"),
  fromHex("01"),
  fromHex("10"),
  fromHex("00".repeat(39) + "01"),
  fromHex("ff".repeat(40)),
  fromHex("80" + "00".repeat(39)),
  fromHex("ff".repeat(192)),
  random(20),
  random(40),
  random(41),
  random(192),
];

Deno.test("modExpSecret() agrees with square and multiply", () => {
  for (const exponent of EXPONENTS) {
    const base = toBigInt(random(190));
    assertEquals(
      arithmetic.modExpSecret(base, exponent, DH_MODULUS),
      plainPower(base, toBigInt(exponent), DH_MODULUS),
    );
  }
  assertEquals(arithmetic.modExpSecret(0n, fromHex("05"), 7n), 0n);
  assertEquals(arithmetic.modExpSecret(3n, new Uint8Array(), 7n), 1n);
});

Deno.test("fixedBaseG2() agrees with square and multiply", () => {
  for (const exponent of EXPONENTS) {
    assertEquals(
      arithmetic.fixedBaseG2(exponent),
      plainPower(2n, toBigInt(exponent), DH_MODULUS),
    );
  }
});

Deno.test("fixedBaseG2() refuses an exponent of more than 192 octets", () => {
  assertThrows(() => arithmetic.fixedBaseG2(new Uint8Array(193)), RangeError, "192 octets");
});

Deno.test("modExpPublic() agrees with square and multiply", () => {
  for (const exponent of EXPONENTS.map(toBigInt)) {
    assertEquals(
      arithmetic.modExpPublic(3n, exponent, DH_MODULUS),
      plainPower(3n, exponent, DH_MODULUS),
    );
  }
});

Deno.test("multiExp() is the product of its powers, exponents of different lengths included", () => {
  const terms = [
    [toBigInt(random(100)), toBigInt(random(192))],
    [toBigInt(random(190)), toBigInt(random(32))],
    [5n, 0n],
    [7n, 1n],
  ] as const;
  let expected = 1n;
  for (const [base, exponent] of terms) {
    expected = expected * plainPower(base, exponent, DH_MODULUS) % DH_MODULUS;
  }
  assertEquals(arithmetic.multiExp(terms, DH_MODULUS), expected);
  assertEquals(arithmetic.multiExp([], DH_MODULUS), 1n);
});

Deno.test("invert() is undone by multiplication, and refuses what has no inverse", () => {
  for (const value of [1n, 2n, DH_MODULUS - 1n, toBigInt(random(190))]) {
    assertEquals(arithmetic.invert(value, DH_MODULUS) * value % DH_MODULUS, 1n);
  }
  for (const value of [0n, DH_MODULUS]) {
    assertThrows(() => arithmetic.invert(value, DH_MODULUS), RangeError);
  }
  assertThrows(() => arithmetic.invert(3n, 9n), RangeError);
});

Deno.test("isMember() takes squares from 2 to p-2 and nothing else", () => {
  const p = DH_MODULUS;
  for (const value of [-1n, 0n, 1n, p - 1n, p, p + 1n, p + 2n, 1n << 2000n]) {
    assertEquals(arithmetic.isMember(value), false);
  }
  for (const value of [2n, 4n, arithmetic.fixedBaseG2(random(40))]) {
    assertEquals(arithmetic.isMember(value), true);
    // -1 is no square mod p, so the negative of a square is none.
    assertEquals(arithmetic.isMember(p - value), false);
    assertEquals(arithmetic.modExpPublic(value, DH_ORDER, p), 1n);
  }
});
