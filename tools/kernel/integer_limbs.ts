/**
 * Limbs of 28 bits as 32-bit integers, multiplied in pairs into 64 bits: for processors that
 * do not fuse, and engines without relaxed SIMD.
 *
 * Bounds. Stored limbs are below 2^28 exactly. A column sums at most 112 products below 2^56
 * and a carry below 2^36: less than 2^63. A square sums the 28 products above the diagonal,
 * doubles them, adds one of the diagonal: no more than the multiplication does.
 */
import type { LimbFormat } from "./limb_format.ts";

const WIDTH = 28;
const MASK = (1n << BigInt(WIDTH)) - 1n;

/** The format; it has nothing to keep. */
export function integerLimbs(): LimbFormat {
  return {
    width: WIDTH,
    octets: 4,
    upperLimb: [0xffffffff00000000n, 0n],
    lift: 0n,
    constants: [],
    excess: { low: 0n, high: 0n },
    prepare() {},

    loadFactor(code, offset) {
      code.memory("v128.load32_splat", offset);
    },

    loadPair(code, offset) {
      code.memory("v128.load64_zero", offset);
    },

    multiply(code, ...groups) {
      for (const { products, sums: { low } } of groups) {
        for (const { factor, pair } of products) {
          code.get(factor).get(pair).op("i64x2.extmul_low_i32x4_u");
          code.get(low).op("i64x2.add").set(low);
        }
      }
    },

    makeFactor(code) {
      code.vector(MASK).op("v128.and").lane("i32x4.extract_lane", 0).op("i32x4.splat");
    },

    shiftDown(code) {
      code.i32(WIDTH).op("i64x2.shr_u");
    },

    /** A carry has more bits than a limb: a chain, from the lowest column to the highest. */
    store(code, columns, pairs, to) {
      const sum = code.local("v128");
      const column = code.local("i64");
      const limb = code.local("i64");
      for (let pair = 0; pair < pairs; pair++) {
        columns(pair);
        code.set(sum);
        code.get(sum).lane("i64x2.extract_lane", 0);
        if (pair > 0) code.get(column).i64(BigInt(WIDTH)).op("i64.shr_u").op("i64.add");
        code.tee(column).i64(MASK).op("i64.and").set(limb);
        code.get(sum).lane("i64x2.extract_lane", 1);
        code.get(column).i64(BigInt(WIDTH)).op("i64.shr_u").op("i64.add").set(column);
        code.get(to);
        code.get(column).i64(MASK).op("i64.and").i64(32n).op("i64.shl");
        code.get(limb).op("i64.or").memory("i64.store", 8 * pair);
      }
    },

    loadInteger(code, offset) {
      code.memory("i64.load32_u", offset);
    },

    storeInteger(code, offset) {
      code.memory("i64.store32", offset);
    },
  };
}
