/**
 * Limbs of 49 bits as float64, multiplied with fused multiply-add.
 *
 * For integers with |a·b| < 2^100 the sum a·b + 3·2^100 lies between 2^101 and 2^102, where
 * floats are the multiples of 2^49. Rounded once it is 3·2^100 + h·2^49, and what it lost,
 * l = a·b − h·2^49 with |l| ≤ 2^48, comes out of a second fused operation exactly:
 * a·b + (3·2^100 + 3·2^51 − (3·2^100 + h·2^49)) = l + 3·2^51, which lies between 2^52 and
 * 2^53, where every integer is a float. In both ranges the low bits of the pattern count the
 * integer, so that sums can be made of the patterns as 64-bit integers; what the exponents add
 * is the same for every product, and is known.
 *
 * Two products with the same destination share a sum: h1 + h2 in one float, l1 + l2 in another.
 *
 * Bounds. A stored limb is −2^8 < x < 2^49 + 2^8 (see `store`), so that two products together
 * stay below 2^99 + 2^60 < 2^100, and l1 + l2 within ±2^49. A column sums at most 64 l and
 * 64 h of a multiplication's 32 + 32 rows: below 2^6 · (2^48 + 2^49 + 2^10) < 2^56 in size,
 * also when it is doubled for a square; 2^57 is far from 2^62.
 */
import { CONSTANTS, type LimbFormat, type Product } from "./limb_format.ts";
import type { Code, Local } from "./wasm_code.ts";

const WIDTH = 49;
const MASK = (1n << BigInt(WIDTH)) - 1n;
/** Pattern of 3·2^100, in whose range floats are multiples of 2^49. */
const HIGH = (BigInt(1023 + 101) << 52n) + (1n << 51n);
/** Pattern of 3·2^51, in whose range floats are the integers. */
const LOW = (BigInt(1023 + 52) << 52n) + (1n << 51n);
/** Pattern of 3·2^100 + 3·2^51: 3·2^51 = 12·2^49. */
const BOTH = HIGH + 12n;
/** Pattern of 2^52. */
const ONES = BigInt(1023 + 52) << 52n;
/** Makes a sum positive before it is shifted without sign. */
const LIFT = 1n << 62n;

/** One format per function: it keeps its constants in locals of that function. */
export function fmaLimbs(): LimbFormat {
  let [highConstant, bothConstant]: Local[] = [];
  /** By product: two groups of two. */
  let highs: Local[] = [];
  let lows: Local[] = [];
  return {
    width: WIDTH,
    octets: 8,
    upperLimb: [0n, 0xffffffffffffffffn],
    lift: LIFT,
    constants: [MASK, ONES, LOW],
    excess: { low: LOW, high: HIGH },

    prepare(code) {
      highConstant = code.local("v128");
      bothConstant = code.local("v128");
      highs = [0, 1, 2, 3].map(() => code.local("v128"));
      lows = highs.map(() => code.local("v128"));
      code.vector(HIGH).set(highConstant);
      code.vector(BOTH).set(bothConstant);
    },

    loadFactor(code, offset) {
      code.memory("v128.load64_splat", offset);
    },

    loadPair(code, offset) {
      code.memory("v128.load", offset);
    },

    multiply(code, ...groups) {
      const [c, k] = [known(highConstant), known(bothConstant)];
      const each = groups.flatMap(({ products }, group) =>
        products.map((product, second) => {
          const own = 2 * group + second;
          return {
            product,
            high: known(highs[own]),
            low: known(lows[own]),
            before: own - 1,
            second,
          };
        })
      );
      for (const second of [0, 1]) {
        for (const it of each) {
          if (it.second !== second) continue;
          fuse(code, it.product, second === 0 ? c : known(highs[it.before])).set(it.high);
        }
      }
      for (const { high, low, before, second } of each) {
        if (second === 0) code.get(k).get(high);
        else code.get(known(highs[before])).get(high);
        code.op("f64x2.sub").set(low);
      }
      for (const { product, low } of each) fuse(code, product, low).set(low);
      for (const [group, { products, sums }] of groups.entries()) {
        const [first, last] = [2 * group, 2 * group + products.length - 1];
        code.get(known(highs[last]));
        if (sums.startsHigh === true) code.set(sums.high);
        else add(code, sums.high);
        code.get(known(lows[first]));
        if (last !== first) code.get(known(lows[last])).op("f64x2.add");
        add(code, sums.low);
      }
    },

    makeFactor(code) {
      // Below 2^52 the pattern of 2^52 + x is that of 2^52, or x.
      constant(code, 0).op("v128.and");
      constant(code, 1).op("v128.or");
      constant(code, 1).op("f64x2.sub");
      code.lane("f64x2.extract_lane", 0).op("f64x2.splat");
    },

    shiftDown(code) {
      code.i32(WIDTH).op("i64x2.shr_u");
    },

    /**
     * Every column keeps its low 49 bits and takes what the column below has above them: one
     * step, not a chain, because columns are below 2^57: carries are within ±2^8.
     */
    store(code, columns, pairs, to) {
      const sum = code.local("v128");
      const carries = [code.local("v128"), code.local("v128")] as const;
      code.vector(0n).set(carries[1]);
      for (let pair = 0; pair < pairs; pair++) {
        const [own, below] = pair % 2 === 0 ? carries : [carries[1], carries[0]];
        columns(pair);
        code.tee(sum).vector(LIFT).op("i64x2.add").i32(WIDTH).op("i64x2.shr_u").set(own);
        code.get(to);
        constant(code.get(sum), 0).op("v128.and");
        code.get(below).get(own).shuffle(1, 2).op("i64x2.add");
        // Off with the lift, and the pattern of 3·2^51 so that the sum may have either sign.
        const lift = LIFT >> BigInt(WIDTH);
        code.vector(BigInt.asUintN(64, LOW - (pair === 0 ? 0n : lift)), LOW - lift);
        constant(code.op("i64x2.add"), 2).op("f64x2.sub");
        code.memory("v128.store", 16 * pair);
      }
    },

    loadInteger(code, offset) {
      code.memory("f64.load", offset).op("i64.trunc_sat_f64_s");
    },

    storeInteger(code, offset) {
      code.op("f64.convert_i64_s").memory("f64.store", offset);
    },
  };
}

/** One of the format's constants, from memory. */
function constant(code: Code, index: number): Code {
  return code.i32(0).memory("v128.load", CONSTANTS + 16 * index);
}

/** factor · pair + addend, rounded once. */
function fuse(code: Code, { factor, pair }: Product, addend: Local): Code {
  return code.get(factor).get(pair).get(addend).op("f64x2.relaxed_madd");
}

function add(code: Code, sum: Local): void {
  code.get(sum).op("i64x2.add").set(sum);
}

function known(local: Local | undefined): Local {
  if (local === undefined) throw new Error("prepare() comes first");
  return local;
}
