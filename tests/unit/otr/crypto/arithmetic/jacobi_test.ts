import { assertEquals } from "@std/assert";
import { toBigInt } from "../../../../../lib/otr/crypto/arithmetic/big_integers.ts";
import { jacobi } from "../../../../../lib/otr/crypto/arithmetic/jacobi.ts";
import { DH_MODULUS } from "../../../../../lib/otr/crypto/arithmetic/mod.ts";
import { seededRandom } from "../../../../helpers/seeded_random.ts";

Deno.test("jacobi() agrees with Euler's criterion for every value of small primes", () => {
  for (const prime of [3n, 5n, 7n, 11n, 13n, 31n, 97n]) {
    for (let value = 0n; value < prime; value++) {
      const power = value ** ((prime - 1n) / 2n) % prime;
      const expected = power === prime - 1n ? -1 : Number(power);
      assertEquals(jacobi(value, prime), expected, `(${value}/${prime})`);
    }
  }
});

Deno.test("jacobi() strips powers of two of any length", () => {
  // (2/p) = 1 for p = 7 mod 8, so that every power of two is a square.
  for (const shift of [1n, 29n, 30n, 31n, 59n, 60n, 61n, 100n]) {
    const prime = (1n << 127n) - 1n; // A Mersenne prime, 7 mod 8.
    assertEquals(jacobi(1n << shift, prime), 1);
    assertEquals(jacobi(prime - (1n << shift), prime), -1);
  }
});

/** The plain twin: Euclid's algorithm with BigInt. */
function plainJacobi(value: bigint, modulus: bigint): number {
  let [a, n, sign] = [value, modulus, 1];
  while (a !== 0n) {
    for (; (a & 1n) === 0n; a >>= 1n) {
      if ((n & 7n) === 3n || (n & 7n) === 5n) sign = -sign;
    }
    if ((a & n & 3n) === 3n) sign = -sign;
    [a, n] = [n % a, a];
  }
  return n === 1n ? sign : 0;
}

Deno.test("jacobi() agrees with Euclid's algorithm, for composite moduli too", () => {
  const random = seededRandom(1);
  for (const length of [1, 3, 4, 7, 20, 128, 192]) {
    for (let round = 0; round < 40; round++) {
      const modulus = toBigInt(random(length)) | 1n;
      for (
        const value of [toBigInt(random(length)), toBigInt(random(4)) << 70n, 1n, modulus - 1n]
      ) {
        const reduced = value % modulus;
        assertEquals(jacobi(reduced, modulus), plainJacobi(reduced, modulus));
      }
    }
  }
});

Deno.test("jacobi() is 0 where there is a common factor, and 1 for every value modulo 1", () => {
  const factor = (1n << 61n) - 1n;
  assertEquals(jacobi(factor * 10n, factor * 77n), 0);
  assertEquals(jacobi(0n, 9n), 0);
  assertEquals(jacobi(0n, 1n), 1);
});

Deno.test("jacobi() survives differences whose low limbs are all zero", () => {
  for (const shift of [28n, 56n, 84n, 300n, 1_400n]) {
    for (const low of [1n, 3n, 5n, 0xfffffffn]) {
      const value = (1n << shift) + low;
      assertEquals(jacobi(value, DH_MODULUS), plainJacobi(value, DH_MODULUS));
      assertEquals(jacobi(low, value), plainJacobi(low, value));
    }
  }
});
