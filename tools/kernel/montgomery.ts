/**
 * Montgomery multiplication by columns, two at a time, for any way to hold limbs in the
 * lanes of a vector. Numbers are little-endian arrays of limbs, padded to whole pairs.
 *
 * A product of limb i with the pair (2k, 2k+1) belongs to the columns i+2k and i+2k+1. For
 * even i that is the aligned pair c = i/2 + k, summed up in E; for odd i it straddles two
 * pairs and is summed up in O, whose lanes have the weights 2c+1 and 2c+2. Everything stays
 * in registers until its column is complete; nothing is shuffled.
 *
 * The reduction goes along (Montgomery's REDC by columns): as soon as the column of weight
 * w < L is complete, the digit q = −T/N mod 2^W makes its low limb zero, and q·N joins the
 * columns above. After L columns what is left is the result, below 2N if both operands were.
 */
import { Code, type Local } from "./wasm_code.ts";

/** Where numbers of one size lie, and how large they are. */
export interface KernelSize {
  /** Bits of the modulus. */
  readonly bits: number;
  /** Limbs that can be other than zero, and reduction steps: R = 2^(limbs·width). */
  readonly limbs: number;
  /** Address of the modulus. */
  readonly modulus: number;
  /** Address of −N⁻¹ mod 2^width as an i64. */
  readonly inverse: number;
  /** Address of room for four numbers: the digits q, and what squaring prepares. */
  readonly scratch: number;
}

/** Accumulators of one pair of columns; addresses of what is multiplied. */
export interface Columns {
  readonly even: Local;
  readonly odd: Local;
  /** E of the next pair of columns. */
  readonly next: Local;
}

/** An operand in memory: the octets at `base` (a parameter, or nothing) plus `offset`. */
export interface Operand {
  readonly base: Local | undefined;
  readonly offset: number;
}

/** How limbs are held and multiplied. */
export interface LimbFormat {
  /** Bits of a limb. */
  readonly width: number;
  /** Octets of a limb in memory. */
  readonly octets: number;
  /** Constants that the function keeps in locals. */
  prepare(code: Code): void;
  /** Adds (limb at `limb`) × (pair at `pair`) to the columns of an even or an odd limb. */
  product(code: Code, limb: Operand, pair: Operand, row: "even" | "odd", columns: Columns): void;
  /** The same for the limb at `limb` and the one after it, in an even and an odd row. */
  products(code: Code, limb: Operand, pair: Operand, columns: Columns): void;
  /** The same for a limb that is in a local, as an i64. */
  productOfDigit(
    code: Code,
    digit: Local,
    pair: Operand,
    row: "even" | "odd",
    columns: Columns,
  ): void;
  /** What the sums of so many products have too much, in each lane of E and O. */
  excess(products: { readonly low: number; readonly high: number }): bigint;
  /** Whether the high halves of products go to the next columns. */
  readonly hasHighHalves: boolean;
  /** Stores the limb that is an i64 on the stack. */
  store(code: Code, to: Operand): void;
  /** Prepares, for squaring: twice the number, and its pairs as (x, 2y) and (0, y). */
  prepareSquare(code: Code, from: Local, size: KernelSize, at: SquareScratch): void;
}

/** Where {@link LimbFormat.prepareSquare} puts things. */
export interface SquareScratch {
  /** Twice the number. */
  readonly twice: number;
  /** For each pair (x, y) of the number the two pairs (x, 2y) and (0, y). */
  readonly diagonal: number;
}

/** A run of products along one pair of columns: limbs 2t and 2t+1 with the pair c − t. */
interface Run {
  /** From which t to which, both included. */
  readonly from: number;
  readonly to: number;
  /** Where limb 0 and pair 0 lie. */
  readonly limbs: Operand;
  readonly pairs: Operand;
}

/** `multiply(to, a, b)`: a·b/R mod N, below 2N for operands below 2N. `to` may be an operand. */
export function multiplyFunction(format: LimbFormat, size: KernelSize): Code {
  const code = new Code(3);
  const pairs = pairCount(size);
  const a = { base: 1, offset: 0 };
  const b = { base: 2, offset: 0 };
  columnsFunction(code, format, size, (c) => [
    { from: Math.max(0, c - pairs + 1), to: Math.min(c, pairs - 1), limbs: a, pairs: b },
  ]);
  return code;
}

/** `square(to, a)`: as {@link multiplyFunction} with itself; each mixed product is made once. */
export function squareFunction(format: LimbFormat, size: KernelSize): Code {
  const code = new Code(2);
  const pairs = pairCount(size);
  const room = numberOctets(format, size);
  const at: SquareScratch = { twice: size.scratch + room, diagonal: size.scratch + 2 * room };
  format.prepareSquare(code, 1, size, at);
  const a = { base: 1, offset: 0 };
  const twice = { base: undefined, offset: at.twice };
  columnsFunction(code, format, size, (c) => [
    // 2·a(i)·a(j) for every pair above limb i's own.
    { from: Math.max(0, c - pairs + 1), to: Math.ceil(c / 2) - 1, limbs: twice, pairs: a },
  ], (c, columns) => {
    if (c % 2 === 1 || c / 2 >= pairs) return 0;
    const own = (c / 2) * 2 * format.octets;
    for (const [lane, row] of (["even", "odd"] as const).entries()) {
      const limb = { base: 1, offset: own + lane * format.octets };
      const pair = { base: undefined, offset: at.diagonal + 2 * own + lane * 2 * format.octets };
      format.product(code, limb, pair, row, columns);
    }
    return 1;
  });
  return code;
}

/** Octets of a number in memory. */
export function numberOctets(format: LimbFormat, size: KernelSize): number {
  return 2 * pairCount(size) * format.octets;
}

function pairCount({ limbs }: KernelSize): number {
  return Math.ceil(limbs / 2);
}

/**
 * @param runs What is multiplied along a pair of columns.
 * @param single Writes one more product for each lane's limb, and says how many there are.
 */
function columnsFunction(
  code: Code,
  format: LimbFormat,
  size: KernelSize,
  runs: (c: number) => readonly Run[],
  single: (c: number, columns: Columns) => number = () => 0,
): void {
  const { limbs } = size;
  const { width } = format;
  const pairs = pairCount(size);
  const digits: Operand = { base: undefined, offset: size.scratch };
  const modulus: Operand = { base: undefined, offset: size.modulus };
  const digit = (row: number): Operand => ({
    base: undefined,
    offset: size.scratch + row * format.octets,
  });
  const even = code.local("v128");
  const odd = code.local("v128");
  const nexts = [code.local("v128"), code.local("v128")] as const;
  const carry = code.local("i64");
  const total = code.local("i64");
  const oddAbove = code.local("i64");
  const inverse = code.local("i64");
  const mask = (1n << BigInt(width)) - 1n;
  format.prepare(code);
  code.i32(0).memory("i64.load", size.inverse).set(inverse);
  code.vector(0n).set(nexts[1]);
  // With an odd number of limbs the last row has no limb: its digit is zero.
  if (limbs % 2 === 1) format.store(code.i32(0).i64(0n), digit(limbs));

  /** Products of odd limbs in the pair of columns before, whose high halves are in `next`. */
  let before = 0;
  for (let c = 0; 2 * c < 2 * limbs; c++) {
    const columns: Columns = { even, odd, next: nexts[c % 2 === 0 ? 0 : 1] };
    const fromBefore = nexts[c % 2 === 0 ? 1 : 0];
    const own = runs(c).filter((it) => it.from <= it.to);
    // The pair 0 of the modulus waits for the digits that this very column decides.
    const reduction: Run = {
      from: Math.max(0, c - pairs + 1),
      to: Math.min(c - 1, pairs - 1),
      limbs: digits,
      pairs: modulus,
    };
    const all = reduction.from <= reduction.to ? [...own, reduction] : own;
    const inLoops = all.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    // Sums begin at zero: what the columns below decide is added last, so that the
    // processor can multiply on while their digits are still on the way.
    for (const sum of [even, odd, columns.next]) code.vector(0n).set(sum);
    const rows = inLoops + single(c, columns);
    for (const run of all) writeRun(code, format, c, run, columns);
    code.get(even).get(fromBefore).op("i64x2.add").set(even);
    takeExcess(code, format, { even: rows, oddBefore: before, odd: rows }, columns);
    before = rows;

    for (const lane of [0, 1] as const) {
      const weight = 2 * c + lane;
      if (weight >= 2 * limbs) break;
      const sum = (): Code => {
        code.get(columns.even).lane("i64x2.extract_lane", lane);
        if (lane === 1) code.get(columns.odd).lane("i64x2.extract_lane", 0).op("i64.add");
        else if (c > 0) code.get(oddAbove).op("i64.add");
        return weight === 0 ? code : code.get(carry).op("i64.add");
      };
      if (weight < limbs) {
        // q = T·(−N⁻¹) mod 2^W; then T + q·N has a low limb of zero.
        sum().get(inverse).op("i64.mul").i64(mask).op("i64.and").set(total);
        format.store(code.i32(0).get(total), digit(weight));
        const row = lane === 0 ? "even" : "odd";
        format.productOfDigit(code, total, modulus, row, columns);
        correct(code, format, row, columns);
        sum().i64(BigInt(width)).op("i64.shr_s").set(carry);
      } else {
        sum().set(total);
        code.get(0).get(total).i64(mask).op("i64.and");
        format.store(code, { base: 0, offset: (weight - limbs) * format.octets });
        code.get(total).i64(BigInt(width)).op("i64.shr_s").set(carry);
      }
    }
    code.get(columns.odd).lane("i64x2.extract_lane", 1).set(oddAbove);
  }
  if (limbs % 2 === 1) {
    format.store(code.get(0).i64(0n), { base: 0, offset: limbs * format.octets });
  }
}

/** For t = from … to: limbs 2t and 2t+1, each with the pair c − t. Unrolled: addresses are immediate. */
function writeRun(
  code: Code,
  format: LimbFormat,
  c: number,
  { from, to, limbs, pairs }: Run,
  columns: Columns,
): void {
  const step = 2 * format.octets;
  for (let t = from; t <= to; t++) {
    const limb = { base: limbs.base, offset: limbs.offset + t * step };
    const pair = { base: pairs.base, offset: pairs.offset + (c - t) * step };
    format.products(code, limb, pair, columns);
  }
}

/** Takes out what the patterns of all products of a pair of columns have too much. */
function takeExcess(
  code: Code,
  format: LimbFormat,
  rows: { readonly even: number; readonly oddBefore: number; readonly odd: number },
  { even, odd }: Columns,
): void {
  const subtract = (from: Local, value: bigint): void => {
    if (value === 0n) return;
    code.get(from).vector(BigInt.asUintN(64, -value)).op("i64x2.add").set(from);
  };
  const highs = (count: number): number => format.hasHighHalves ? count : 0;
  subtract(even, format.excess({ low: rows.even, high: highs(rows.oddBefore) }));
  subtract(odd, format.excess({ low: rows.odd, high: highs(rows.even) }));
}

/** Takes the excess of one product out of its sums at once. */
function correct(
  code: Code,
  format: LimbFormat,
  row: "even" | "odd",
  { even, odd, next }: Columns,
): void {
  const low = format.excess({ low: 1, high: 0 });
  if (low === 0n) return;
  const high = format.excess({ low: 0, high: 1 });
  const subtract = (from: Local, value: bigint): void => {
    code.get(from).vector(BigInt.asUintN(64, -value)).op("i64x2.add").set(from);
  };
  subtract(row === "even" ? even : odd, low);
  subtract(row === "even" ? odd : next, high);
}
