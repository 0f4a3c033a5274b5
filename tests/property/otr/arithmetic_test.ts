/** Every kernel that runs here computes what plain BigInt computes, for operands of every shape. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Arithmetic } from "../../../lib/otr/crypto/arithmetic/arithmetic.ts";
import { fromBigInt } from "../../../lib/otr/crypto/arithmetic/big_integers.ts";
import { makeBigIntArithmetic } from "../../../lib/otr/crypto/arithmetic/bigint_arithmetic.ts";
import { FMA_KERNEL } from "../../../lib/otr/crypto/arithmetic/fma_kernel.ts";
import { INTEGER_KERNEL } from "../../../lib/otr/crypto/arithmetic/integer_kernel.ts";
import { Kernel } from "../../../lib/otr/crypto/arithmetic/kernel.ts";
import { makeKernelArithmetic } from "../../../lib/otr/crypto/arithmetic/kernel_arithmetic.ts";
import { DH_MODULUS } from "../../../lib/otr/crypto/arithmetic/mod.ts";
import { plainPower } from "../../helpers/arithmetic_contract.ts";

const SEED = 20_260_203;
const plain = makeBigIntArithmetic(DH_MODULUS);
const arithmetics: [string, Arithmetic][] = [["bigint", plain]];
for (const [name, code] of Object.entries({ fma: FMA_KERNEL, integer: INTEGER_KERNEL })) {
  const kernel = new Kernel(code);
  if (kernel.fuses) {
    arithmetics.push([name, makeKernelArithmetic(kernel, DH_MODULUS, plain)]);
  }
}

/** Numbers of up to `bits` bits: anything, or long runs of ones and zeros, where carries ripple. */
function numbers(bits: number): fc.Arbitrary<bigint> {
  const runs = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 300 })), { maxLength: 12 })
    .map((parts) =>
      parts.reduce(
        (value, [isOnes, length]) =>
          value << BigInt(length) | (isOnes ? (1n << BigInt(length)) - 1n : 0n),
        0n,
      ) & ((1n << BigInt(bits)) - 1n)
    );
  return fc.oneof(fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }), runs);
}

/** Odd, and of exactly 1024 bits. */
const dsaModuli = numbers(1024).map((it) => it | 1n | 1n << 1023n);

for (const [name, arithmetic] of arithmetics) {
  Deno.test(`${name}: powers of any base agree with plain BigInt (seed ${SEED})`, () => {
    fc.assert(
      fc.property(numbers(1536), numbers(320), (base, exponent) => {
        const expected = plainPower(base % DH_MODULUS, exponent, DH_MODULUS);
        const octets = fromBigInt(exponent, 40);
        assertEquals(arithmetic.modExpSecret(base % DH_MODULUS, octets, DH_MODULUS), expected);
        assertEquals(arithmetic.multiExp([[base, exponent]], DH_MODULUS), expected);
        assertEquals(
          arithmetic.fixedBaseG2(octets),
          plainPower(2n, exponent, DH_MODULUS),
        );
      }),
      { seed: SEED, numRuns: 40 },
    );
  });

  Deno.test(`${name}: any odd modulus of 1024 bits will do (seed ${SEED})`, () => {
    fc.assert(
      fc.property(dsaModuli, numbers(1024), numbers(1024), numbers(160), (p, g, y, exponent) => {
        const [one, two] = [plainPower(g % p, exponent, p), plainPower(y % p, exponent, p)];
        assertEquals(arithmetic.modExpSecret(g % p, fromBigInt(exponent, 20), p), one);
        assertEquals(arithmetic.multiExp([[g, exponent], [y, exponent]], p), one * two % p);
      }),
      { seed: SEED, numRuns: 60 },
    );
  });
}
