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
import type { LimbFormat, Product, Sums } from "./limb_format.ts";
import type { Code, Local } from "./wasm_code.ts";

const WIDTH = 49;
const MASK = (1n << BigInt(WIDTH)) - 1n;
/** Pattern of 3·2^100, in whose range floats are multiples of 2^49. */
const HIGH = (BigInt(1023 + 101) << 52n) + (1n << 51n);
/** Pattern of 3·2^51, in whose range floats are the integers. */
const LOW = (BigInt(1023 + 52) << 52n) + (1n << 51n);
/** Pattern of 3·2^100 + 3·2^51: 3·2^51 = 12·2^49. */
const BOTH = HIGH + 12n;
/** Makes a sum positive before it is shifted without sign. */
const LIFT = 1n << 62n;

/** One format per function: it keeps its constants in locals of that function. */
export function fmaLimbs(): LimbFormat {
  let [highConstant, bothConstant, first, second, low]: Local[] = [];
  return {
    width: WIDTH,
    octets: 8,
    upperLimb: [0n, 0xffffffffffffffffn],
    excess: { low: LOW, high: HIGH },

    prepare(code) {
      highConstant = code.local("v128");
      bothConstant = code.local("v128");
      first = code.local("v128");
      second = code.local("v128");
      low = code.local("v128");
      code.vector(HIGH).set(highConstant);
      code.vector(BOTH).set(bothConstant);
    },

    loadFactor(code, offset) {
      code.memory("v128.load64_splat", offset);
    },

    loadPair(code, offset) {
      code.memory("v128.load", offset);
    },

    multiply(code, [one, two], sums) {
      const [c, k] = [known(highConstant), known(bothConstant)];
      const [h1, h2, l] = [known(first), known(second), known(low)];
      if (one === undefined) return;
      fuse(code, one, (it) => it.get(c)).set(h1);
      fuse(code, one, (it) => it.get(k).get(h1).op("f64x2.sub"));
      if (two === undefined) {
        add(code, sums.low);
        code.get(h1);
        add(code, sums.high);
        return;
      }
      code.set(l);
      fuse(code, two, (it) => it.get(h1)).set(h2);
      fuse(code, two, (it) => it.get(h1).get(h2).op("f64x2.sub"));
      code.get(l).op("f64x2.add");
      add(code, sums.low);
      code.get(h2);
      add(code, sums.high);
    },

    makeFactor(code) {
      // Below 2^52 the pattern of 2^52 + x is that of 2^52, or x.
      code.vector(MASK).op("v128.and").vector(BigInt(1023 + 52) << 52n).op("v128.or");
      code.vector(BigInt(1023 + 52) << 52n).op("f64x2.sub");
      code.lane("f64x2.extract_lane", 0).op("f64x2.splat");
    },

    shiftDown,

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
        code.get(sum).vector(MASK).op("v128.and");
        code.get(below).get(own).shuffle(1, 2).op("i64x2.add");
        // Off with the lift, and the pattern of 3·2^51 so that the sum may have either sign.
        const lift = LIFT >> BigInt(WIDTH);
        code.vector(BigInt.asUintN(64, LOW - (pair === 0 ? 0n : lift)), LOW - lift);
        code.op("i64x2.add").vector(LOW).op("f64x2.sub");
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

function shiftDown(code: Code): void {
  code.vector(LIFT).op("i64x2.add").i32(WIDTH).op("i64x2.shr_u");
  code.vector(LIFT >> BigInt(WIDTH)).op("i64x2.sub");
}

/** factor · pair + addend, rounded once. */
function fuse(code: Code, { factor, pair }: Product, addend: (code: Code) => void): Code {
  code.get(factor).get(pair);
  addend(code);
  return code.op("f64x2.relaxed_madd");
}

function add(code: Code, sum: Sums["low"]): void {
  code.get(sum).op("i64x2.add").set(sum);
}

function known(local: Local | undefined): Local {
  if (local === undefined) throw new Error("prepare() comes first");
  return local;
}
