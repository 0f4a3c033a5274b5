/**
 * {@link Arithmetic} over the engine's BigInt.
 *
 * What BigInt cannot promise: its multiplication and division take time that depends on
 * the size, and slightly on the value, of their operands, and intermediate values cannot
 * be overwritten. What this file does about it: the sequence of operations for a secret
 * exponent depends on its length alone, every digit costs one multiplication by a
 * full-size table entry (also the digit 0), and no branch looks at a digit. A table
 * lookup by a secret index remains: the cache may see it.
 */
import type { Arithmetic } from "./arithmetic.ts";
import { fromBigInt, mod } from "./big_integers.ts";
import { jacobi } from "./jacobi.ts";

/**
 * Makes the arithmetic for the group with the prime `p` and the generator 2, where p ≡ 7
 * mod 8 is a safe prime.
 */
export function makeBigIntArithmetic(p: bigint): Arithmetic {
  const short = lazyComb(p, SHORT_BITS);
  const long = lazyComb(p, LONG_BITS);
  const octets = fromBigInt(p).length;
  return {
    modExpSecret,
    modExpPublic,
    multiExp,
    invert,
    agree: (base, exponent) => fromBigInt(modExpSecret(base, exponent, p), octets),
    expectMore() {}, // Tables for 2 alone.
    fixedBaseG2(exponent) {
      if (exponent.length * 8 > LONG_BITS) {
        throw new RangeError(`expected an exponent of at most ${LONG_BITS / 8} octets`);
      }
      return (exponent.length * 8 <= SHORT_BITS ? short() : long())(exponent);
    },
    isMember(value) {
      return value >= 2n && value <= p - 2n && jacobi(value, p) === 1;
    },
  };
}

/** Fixed windows of four bits, most significant first. */
function modExpSecret(base: bigint, exponent: Uint8Array, modulus: bigint): bigint {
  const table = powers(base, 16, modulus);
  // 1 as a number of full size: digit 0 costs what every digit costs.
  table[0] = modulus + 1n;
  let result = 1n % modulus;
  for (const byte of exponent) {
    for (const digit of [byte >> 4, byte & 15]) {
      for (let square = 0; square < 4; square++) result = result * result % modulus;
      result = result * (table[digit] ?? 1n) % modulus;
    }
  }
  return result;
}

function modExpPublic(base: bigint, exponent: bigint, modulus: bigint): bigint {
  return multiExp([[base, exponent]], modulus);
}

/** Straus: the squarings are shared by all terms. Windows of four bits; zero digits are free. */
function multiExp(terms: readonly (readonly [bigint, bigint])[], modulus: bigint): bigint {
  const prepared = terms.map(([base, exponent]) => ({
    table: powers(mod(base, modulus), 16, modulus),
    digits: exponent.toString(16),
  }));
  const longest = Math.max(0, ...prepared.map((it) => it.digits.length));
  let result = 1n % modulus;
  for (let place = longest; place > 0; place--) {
    if (place < longest) {
      for (let square = 0; square < 4; square++) result = result * result % modulus;
    }
    for (const { table, digits } of prepared) {
      const digit = place > digits.length
        ? 0
        : Number.parseInt(digits[digits.length - place] ?? "0", 16);
      if (digit !== 0) result = result * (table[digit] ?? 1n) % modulus;
    }
  }
  return result;
}

/** Euclid's algorithm, extended. */
function invert(value: bigint, modulus: bigint): bigint {
  let [r0, r1] = [modulus, mod(value, modulus)];
  let [t0, t1] = [0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1] = [r1, r0 - quotient * r1];
    [t0, t1] = [t1, t0 - quotient * t1];
  }
  if (r0 !== 1n) throw new RangeError("expected a value that has an inverse");
  return mod(t0, modulus);
}

/** base^0 … base^(count−1). */
function powers(base: bigint, count: number, modulus: bigint): bigint[] {
  const table = [1n];
  for (let at = 1; at < count; at++) table.push((table[at - 1] ?? 1n) * base % modulus);
  return table;
}

type FixedBase = (exponent: Uint8Array) => bigint;

/**
 * A comb with eight teeth (Lim and Lee): bits `column`, `column + spacing`, … are one
 * digit, so that `bits / 8` squarings and as many multiplications are enough. The table
 * is made at the first use.
 */
function lazyComb(p: bigint, bits: number): () => FixedBase {
  const spacing = bits / TEETH;
  let table: readonly bigint[] | undefined;
  const power: FixedBase = (exponent) => {
    let result = 1n;
    for (let column = spacing - 1; column >= 0; column--) {
      let digit = 0;
      for (let tooth = TEETH - 1; tooth >= 0; tooth--) {
        const bit = column + tooth * spacing;
        const byte = exponent[exponent.length - 1 - (bit >> 3)] ?? 0;
        digit = digit << 1 | byte >> (bit & 7) & 1;
      }
      result = result * result % p * (table?.[digit] ?? 1n) % p;
    }
    return result;
  };
  return () => {
    table ??= combTable(p, spacing);
    return power;
  };
}

function combTable(p: bigint, spacing: number): bigint[] {
  const table = [p + 1n]; // 1 at full size, as above.
  let tooth = 2n;
  for (let at = 0; at < TEETH; at++) {
    for (let below = 0; below < 1 << at; below++) {
      table.push((table[below] ?? 1n) * tooth % p);
    }
    for (let square = 0; square < spacing; square++) tooth = tooth * tooth % p;
  }
  return table;
}

const TEETH = 8;
/** D-H exponents. */
const SHORT_BITS = 320;
/** Exponents of SMP. */
const LONG_BITS = 1536;
