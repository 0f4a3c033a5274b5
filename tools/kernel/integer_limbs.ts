/**
 * Limbs of 28 bits as 32-bit integers, multiplied in pairs into 64 bits: for engines that
 * do not fuse, or know no relaxed SIMD.
 *
 * Bounds: a product of two limbs is below 2^56, one with twice a limb below 2^57 and then
 * stands for two. A column sums at most 55 products of the operands and 55 of the reduction:
 * below 110 · 2^56 < 2^63.
 */
import type { Code, Local } from "./wasm_code.ts";
import { type LimbFormat, numberOctets, type Operand } from "./montgomery.ts";

/** The format; it has nothing to keep. */
export function integerLimbs(): LimbFormat {
  return {
    width: 28,
    octets: 4,
    hasHighHalves: false,
    prepare() {},

    product(code, limb, pair, row, columns) {
      const sum: Local = row === "even" ? columns.even : columns.odd;
      address(code, limb).memory("v128.load32_splat", limb.offset);
      address(code, pair).memory("v128.load64_zero", pair.offset);
      code.op("i64x2.extmul_low_i32x4_u").get(sum).op("i64x2.add").set(sum);
    },

    productOfDigit(code, digit, pair, row, columns) {
      const sum: Local = row === "even" ? columns.even : columns.odd;
      code.get(digit).op("i32.wrap_i64").op("i32x4.splat");
      address(code, pair).memory("v128.load64_zero", pair.offset);
      code.op("i64x2.extmul_low_i32x4_u").get(sum).op("i64x2.add").set(sum);
    },

    products(code, limb, pair, columns) {
      this.product(code, limb, pair, "even", columns);
      this.product(code, { base: limb.base, offset: limb.offset + 4 }, pair, "odd", columns);
    },

    excess: () => 0n,

    store(code, to) {
      code.op("i32.wrap_i64").memory("i32.store", to.offset);
    },

    prepareSquare(code, from, size, { twice, diagonal }) {
      const x = code.local("i64");
      // Pairs as one 64-bit integer each: the low half is the limb of even index.
      for (let offset = 0; offset < numberOctets(this, size); offset += 8) {
        code.get(from).memory("i64.load", offset).set(x);
        const highInPlace = (): Code => code.get(x).i64(0xffffffff00000000n).op("i64.and");
        code.i32(0).get(x).get(x).op("i64.add").memory("i64.store", twice + offset);
        code.i32(0);
        code.get(x);
        highInPlace().op("i64.add"); // (low, high) and once more high: (low, 2·high).
        code.memory("i64.store", diagonal + 2 * offset);
        code.i32(0);
        highInPlace();
        code.memory("i64.store", diagonal + 2 * offset + 8);
      }
    },
  };
}

function address(code: Code, { base }: Operand): Code {
  return base === undefined ? code.i32(0) : code.get(base);
}
