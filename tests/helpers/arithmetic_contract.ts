/** What every {@link Arithmetic} must do, whatever it computes with: agree with plain BigInt. */
import { assertEquals, assertThrows } from "./assert.ts";
import { fromHex } from "../../lib/base/bytes.ts";
import type { Arithmetic } from "../../lib/otr/crypto/arithmetic/arithmetic.ts";
import { fromBigInt, toBigInt } from "../../lib/otr/crypto/arithmetic/big_integers.ts";
import { DH_MODULUS, DH_ORDER } from "../../lib/otr/crypto/arithmetic/mod.ts";
import { seededRandom } from "./seeded_random.ts";
import { testKey } from "./otr_pair.ts";

/** The plain twin: square and multiply, bit by bit. */
export function plainPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n % modulus;
  for (const bit of exponent.toString(2)) {
    result = result * result % modulus;
    if (bit === "1") result = result * base % modulus;
  }
  return result;
}

/** Registers the tests of one arithmetic. */
export function testArithmetic(name: string, make: () => Arithmetic): void {
  const random = seededRandom(1);
  const { p: dsaModulus, q: dsaOrder } = testKey("alice").publicKey.numbers;
  const exponents = [
    fromHex("00"),
    fromHex("01"),
    fromHex("10"),
    fromHex(`${"00".repeat(39)}01`),
    fromHex("ff".repeat(40)),
    fromHex(`80${"00".repeat(39)}`),
    fromHex("ff".repeat(192)),
    ...[1, 2, 3, 20, 40, 41, 192].map((length) => random(length)),
  ];
  // 1024 bits, other sizes around it, q's own, and moduli that no kernel takes.
  const moduli = [DH_MODULUS, dsaModulus, dsaOrder, (1n << 1023n) + 1n, (1n << 900n) - 1n, 7n, 10n];
  const basesOf = (modulus: bigint): bigint[] =>
    [0n, 1n, 2n, modulus - 1n, modulus >> 1n, toBigInt(random(192)), (1n << 51n) - 1n]
      .map((it) => it % modulus);

  Deno.test(`${name}: modExpSecret() agrees with square and multiply`, () => {
    const arithmetic = make();
    for (const modulus of moduli) {
      for (const base of basesOf(modulus)) {
        for (const exponent of exponents.slice(0, modulus === DH_MODULUS ? undefined : 12)) {
          assertEquals(
            arithmetic.modExpSecret(base, exponent, modulus),
            plainPower(base, toBigInt(exponent), modulus),
          );
        }
      }
    }
    assertEquals(arithmetic.modExpSecret(3n, new Uint8Array(), 7n), 1n);
  });

  Deno.test(`${name}: fixedBaseG2() agrees with square and multiply`, () => {
    const arithmetic = make();
    for (const exponent of exponents) {
      assertEquals(
        arithmetic.fixedBaseG2(exponent),
        plainPower(2n, toBigInt(exponent), DH_MODULUS),
      );
    }
    assertThrows(() => arithmetic.fixedBaseG2(new Uint8Array(193)), RangeError, "192 octets");
  });

  Deno.test(`${name}: modExpPublic() and multiExp() agree with square and multiply`, () => {
    const arithmetic = make();
    for (const modulus of moduli) {
      for (const base of basesOf(modulus)) {
        assertEquals(
          arithmetic.modExpPublic(base, 65_537n, modulus),
          plainPower(base, 65_537n, modulus),
        );
      }
      const terms = basesOf(modulus).map((base, at) =>
        [base + modulus, toBigInt(random([0, 1, 20, 32, 40, 100, 3][at] ?? 0))] as const
      );
      const expected = terms.slice(1).reduce<bigint>(
        (product, [base, exponent]) =>
          product * plainPower(base % modulus, exponent, modulus) % modulus,
        1n % modulus,
      );
      assertEquals(arithmetic.multiExp(terms.slice(1), modulus), expected);
    }
    assertEquals(arithmetic.multiExp([], DH_MODULUS), 1n);
    // The generator with a long exponent beside a short one: the shape of SMP's proofs.
    const [long, short] = [toBigInt(random(191)), toBigInt(random(32))];
    for (const terms of [[[2n, long], [5n, short]], [[5n, short], [2n, long]]] as const) {
      const product = plainPower(2n, long, DH_MODULUS) * plainPower(5n, short, DH_MODULUS);
      assertEquals(arithmetic.multiExp(terms, DH_MODULUS), product % DH_MODULUS);
    }
  });

  Deno.test(`${name}: agree() is modExpSecret() in octets`, () => {
    const arithmetic = make();
    for (const base of [1n, 2n, DH_MODULUS - 2n, arithmetic.fixedBaseG2(random(40))]) {
      for (const exponent of exponents.filter((it) => it.length <= 192)) {
        const power = plainPower(base, toBigInt(exponent), DH_MODULUS);
        assertEquals(arithmetic.agree(base, exponent), fromBigInt(power, 192));
      }
    }
  });

  Deno.test(`${name}: a base that comes back has the same powers as any other`, () => {
    const arithmetic = make();
    const exponent = toBigInt(random(20));
    for (const modulus of [DH_MODULUS, dsaModulus]) {
      // More bases than there is room for, and each used again after others took its place.
      const bases = Array.from({ length: 12 }, () => toBigInt(random(120)));
      for (const base of bases) arithmetic.expectMore(base, modulus);
      for (const base of [...bases, ...bases]) {
        const expected = plainPower(base, exponent, modulus);
        assertEquals(arithmetic.modExpSecret(base, fromBigInt(exponent, 20), modulus), expected);
        const longer = toBigInt(random(24));
        assertEquals(
          arithmetic.multiExp([[base, exponent], [7n, longer], [base, longer]], modulus),
          expected * plainPower(7n, longer, modulus) * plainPower(base, longer, modulus) % modulus,
        );
      }
      // A public base that is met again and again.
      const [often = 2n] = bases;
      for (let round = 0; round < 6; round++) {
        assertEquals(
          arithmetic.multiExp([[often + 1n, exponent], [often + 2n, exponent]], modulus),
          plainPower(often + 1n, exponent, modulus) * plainPower(often + 2n, exponent, modulus) %
            modulus,
        );
      }
    }
  });

  Deno.test(`${name}: invert() is undone by multiplication, and refuses what has no inverse`, () => {
    const arithmetic = make();
    for (const value of [1n, 2n, DH_MODULUS - 1n, toBigInt(random(190))]) {
      assertEquals(arithmetic.invert(value, DH_MODULUS) * value % DH_MODULUS, 1n);
    }
    assertThrows(() => arithmetic.invert(3n, 9n), RangeError);
  });

  Deno.test(`${name}: isMember() takes squares from 2 to p-2 and nothing else`, () => {
    const arithmetic = make();
    const p = DH_MODULUS;
    for (const value of [-1n, 0n, 1n, p - 1n, p, p + 1n, p + 2n, 1n << 2000n]) {
      assertEquals(arithmetic.isMember(value), false);
    }
    for (const value of [2n, 4n, arithmetic.fixedBaseG2(random(40))]) {
      assertEquals(arithmetic.isMember(value), true);
      assertEquals(arithmetic.isMember(p - value), false);
      assertEquals(arithmetic.modExpPublic(value, DH_ORDER, p), 1n);
    }
  });
}
