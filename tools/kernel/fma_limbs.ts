/**
 * Limbs of 51 bits as float64, multiplied with fused multiply-add.
 *
 * For integers 0 ≤ a, b with a·b < 2^103 the sum a·b + 2^103 lies in [2^103, 2^104), where
 * floats are the multiples of 2^51. Rounded once, it is 2^103 + h·2^51, and what it lost,
 * l = a·b − h·2^51 with |l| ≤ 2^50, comes out of a second fused operation exactly:
 * a·b + (2^103 + 3·2^51 − (2^103 + h·2^51)) = l + 3·2^51, which lies in [2^52, 2^53), where
 * every integer is a float. In both ranges the low bits of the float *are* the integer, so
 * that sums can be made of the bit patterns, as 64-bit integers; what the exponents add is
 * the same for every product and is taken off once for each column.
 *
 * Bounds: a limb is below 2^51, twice a limb below 2^52, so a·b < 2^103 − 2^50 always, and
 * h < 2^52. A column sums at most 62 halves of each kind: below 2^58, far from 2^63.
 */
import type { Code, Local } from "./wasm_code.ts";
import { type Columns, type LimbFormat, numberOctets, type Operand } from "./montgomery.ts";

/** Bit pattern of 2^103: exponent 1023 + 103. */
const HIGH_PATTERN = BigInt(1023 + 103) << 52n;
/** Bit pattern of 2^103 + 3·2^51: three units in the last place more. */
const HIGH_AND_LOW_PATTERN = HIGH_PATTERN + 3n;
/** Bit pattern of 3·2^51 = 2^52 + 2^51. */
const LOW_PATTERN = (BigInt(1023 + 52) << 52n) + (1n << 51n);
const ONE = 0x3ff0000000000000n;
const TWO = 0x4000000000000000n;

/** One format per function: it keeps its constants in locals of that function. */
export function fmaLimbs(): LimbFormat {
  let [highConstant, bothConstant, limb, pair, high]: Local[] = [];
  const at = (local: Local | undefined): Local => {
    if (local === undefined) throw new Error("prepare() comes first");
    return local;
  };
  function multiply(code: Code, limbAt: Operand, row: "even" | "odd", columns: Columns): void {
    address(code, limbAt).memory("v128.load64_splat", limbAt.offset).tee(at(limb));
    multiplyLimb(code, row, columns);
  }
  /** The limb is on the stack and in its local. */
  function multiplyLimb(code: Code, row: "even" | "odd", columns: Columns): void {
    code.get(at(pair)).get(at(highConstant)).op("f64x2.relaxed_madd").set(at(high));
    code.get(at(limb)).get(at(pair));
    code.get(at(bothConstant)).get(at(high)).op("f64x2.sub").op("f64x2.relaxed_madd");
    const { low, up } = sums(row, columns);
    code.get(low).op("i64x2.add").set(low);
    code.get(at(high)).get(up).op("i64x2.add").set(up);
  }
  return {
    width: 51,
    octets: 8,
    hasHighHalves: true,

    prepare(code) {
      highConstant = code.local("v128");
      bothConstant = code.local("v128");
      limb = code.local("v128");
      pair = code.local("v128");
      high = code.local("v128");
      code.vector(HIGH_PATTERN).set(highConstant);
      code.vector(HIGH_AND_LOW_PATTERN).set(bothConstant);
    },

    product(code, limbAt, pairAt, row, columns) {
      address(code, pairAt).memory("v128.load", pairAt.offset).set(at(pair));
      multiply(code, limbAt, row, columns);
    },

    productOfDigit(code, digit, pairAt, row, columns) {
      address(code, pairAt).memory("v128.load", pairAt.offset).set(at(pair));
      code.get(digit).op("f64.convert_i64_s").op("f64x2.splat").tee(at(limb));
      multiplyLimb(code, row, columns);
    },

    products(code, limbAt, pairAt, columns) {
      address(code, pairAt).memory("v128.load", pairAt.offset).set(at(pair));
      multiply(code, limbAt, "even", columns);
      multiply(code, { base: limbAt.base, offset: limbAt.offset + 8 }, "odd", columns);
    },

    excess({ low, high: highs }) {
      return BigInt(low) * LOW_PATTERN + BigInt(highs) * HIGH_PATTERN;
    },

    store(code, to) {
      code.op("f64.convert_i64_s").memory("f64.store", to.offset);
    },

    prepareSquare(code, from, size, { twice, diagonal }) {
      const own = code.local("v128");
      for (let offset = 0; offset < numberOctets(this, size); offset += 16) {
        code.get(from).memory("v128.load", offset).set(own);
        code.i32(0).get(own).get(own).op("f64x2.add").memory("v128.store", twice + offset);
        code.i32(0).get(own).vector(ONE, TWO).op("f64x2.mul");
        code.memory("v128.store", diagonal + 2 * offset);
        code.i32(0).get(own).vector(0n, ONE).op("f64x2.mul");
        code.memory("v128.store", diagonal + 2 * offset + 16);
      }
    },
  };
}

function sums(row: "even" | "odd", { even, odd, next }: Columns): { low: Local; up: Local } {
  return row === "even" ? { low: even, up: odd } : { low: odd, up: next };
}

function address(code: Code, { base }: Operand): Code {
  return base === undefined ? code.i32(0) : code.get(base);
}
