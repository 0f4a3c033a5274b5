/**
 * Montgomery multiplication and squaring, written for any way to hold limbs.
 *
 * Rows are taken two at a time: the limbs x (even) and y (odd) of one factor with every pair
 * of the other. The products of x with pair k have the weights 2k and 2k+1 and are summed up
 * in E[k], whose lanes have just these weights; the products of y have the weights 2k+1 and
 * 2k+2 and are summed up in O[k]. High halves belong one limb higher: those of x in O[k],
 * those of y in E[k+1]. Nothing is shuffled, and after two rows everything moves down by one
 * pair.
 *
 * The reduction goes along with the rows (Montgomery, interleaved): moduli are −1 modulo the
 * radix, so that the digit q which makes the lowest column zero is that column itself. With
 * M = N + 1 the step T + q·N = (T − q) + q·M clears the low limb without a product. The two
 * digits of the *next* two rows need only the lowest pair: they are computed while the upper
 * pairs of these rows are still under way, because they are a long chain of short steps.
 */
import type { LimbFormat, Product } from "./limb_format.ts";
import type { MemoryMap } from "./memory_map.ts";
import { Code, type Local } from "./wasm_code.ts";

/**
 * `multiply(to, a)`: a · factor / R mod N. Below 2N if both were. `to` may be `a`, the
 * accumulator or the factor.
 */
export function multiplyFunction(format: LimbFormat, map: MemoryMap): Code {
  const code = new Code(2);
  format.prepare(code);
  // The sums of the lower half begin with what their excess will be.
  for (let at = 0; at < 32 * map.pairs; at += 16) {
    code.i32(0).i32(0).memory("v128.load", map.beginning + at);
    code.memory("v128.store", map.columns + at);
  }
  writeRows(code, format, map, { to: 0, limbs: 1, entering: map.beginning + 32 * map.pairs });
  return code;
}

/** `square()`: the accumulator becomes its square / R mod N. */
export function squareFunction(format: LimbFormat, map: MemoryMap): Code {
  const code = new Code(0);
  format.prepare(code);
  writeSquareColumns(code, format, map);
  const to = code.local("i32");
  code.i32(map.accumulator).set(to);
  writeRows(code, format, map, { to, limbs: undefined, entering: map.columns + 32 * map.pairs });
  return code;
}

/** What the sums must begin with so that the excess of all products cancels out. */
export function beginningOfColumns(format: LimbFormat, map: MemoryMap): bigint[] {
  return excessOfRows(format, map, true).map((it) => BigInt.asUintN(64, -it));
}

/** Excess by 64-bit sum, E and O alternating; both lanes are alike. */
function excessOfRows({ excess }: LimbFormat, { pairs }: MemoryMap, both: boolean): bigint[] {
  const sums = Array.from({ length: 4 * pairs + 2 }, () => 0n);
  const add = (at: number, value: bigint): void => {
    sums[at] = (sums[at] ?? 0n) + value;
  };
  for (let row = 0; row < pairs; row++) {
    for (let pair = 0; pair < pairs; pair++) {
      // In the lowest pair the digits come after the products; elsewhere they are taken together.
      const times = pair === 0 && both ? 2n : 1n;
      const column = 2 * (row + pair);
      add(column, times * excess.low);
      add(column + 1, times * (excess.low + excess.high));
      add(column + 2, times * excess.high);
    }
  }
  return sums.slice(0, 4 * pairs);
}

interface Rows {
  /** Where the result goes. */
  readonly to: Local;
  /** The address of the factor that is taken limb by limb; `undefined`: reduction alone. */
  readonly limbs: Local | undefined;
  /** Address of the sums that enter at the top, one pair of columns every two rows. */
  readonly entering: number;
}

/** All rows and the result. */
function writeRows(code: Code, format: LimbFormat, map: MemoryMap, rows: Rows): void {
  const { to, limbs, entering } = rows;
  const { pairs } = map;
  const vectors = (count: number): Local[] => Array.from({ length: count }, () => code.local("v128"));
  const [even, odd, above, nextAbove, carry, pair, modulus] = vectors(7) as Seven;
  const [x, y, p, q] = vectors(4) as Four;
  const [nextX, nextY, nextP, nextQ] = vectors(4) as Four;
  const row = code.local("i32");
  const pointer = code.local("i32");
  const window = (at: number): { readonly even: number; readonly odd: number } => ({
    even: map.columns + 32 * at,
    odd: map.columns + 32 * at + 16,
  });
  const loadPairs = (at: number): void => {
    const offset = 2 * format.octets * at;
    if (limbs !== undefined) format.loadPair(code.i32(0), map.factor + offset), code.set(pair);
    format.loadPair(code.i32(0), map.modulus + offset);
    code.set(modulus);
  };

  /** The lowest pair of two rows, whose sums are in `even` and `odd`: their digits and what they carry. */
  const writeLowest = (x: Local, y: Local, p: Local, q: Local, above: Local): void => {
    loadPairs(0);
    code.vector(0n).set(above);
    code.get(even).get(carry).op("i64x2.add").set(even);
    if (limbs !== undefined) {
      format.loadFactor(code.get(pointer), 0);
      code.set(x);
      format.loadFactor(code.get(pointer), format.octets);
      code.set(y);
      code.get(pointer).i32(2 * format.octets).op("i32.add").set(pointer);
      format.multiply(code, [{ factor: x, pair }], { low: even, high: odd });
      format.multiply(code, [{ factor: y, pair }], { low: odd, high: above });
    }
    const corrected = (sum: Local): Code => {
      code.get(sum);
      // The sums allow for the product that this digit is about to have.
      return format.excess.low === 0n ? code : code.vector(format.excess.low).op("i64x2.add");
    };
    corrected(even).tee(carry);
    format.makeFactor(code);
    code.set(p);
    format.multiply(code, [{ factor: p, pair: modulus }], { low: even, high: odd });
    // The column above: E's second lane, O's first, and what the lowest carries.
    code.get(carry);
    format.shiftDown(code);
    code.get(even).get(even).shuffle(1, 1).op("i64x2.add");
    corrected(odd).op("i64x2.add").tee(carry);
    format.makeFactor(code);
    code.set(q);
    format.multiply(code, [{ factor: q, pair: modulus }], { low: odd, high: above });
    code.get(carry);
    format.shiftDown(code);
    code.get(odd).get(odd).shuffle(1, 1).op("i64x2.add");
    code.vector(0xffffffffffffffffn, 0n).op("v128.and").set(carry);
  };

  /** Pair `at` of two rows; leaves its sums in `even` and `odd`, and what goes higher in `above`. */
  const writePair = (at: number): void => {
    loadPairs(at);
    code.i32(0).memory("v128.load", window(at).even).get(above).op("i64x2.add").set(even);
    code.i32(0).memory("v128.load", window(at).odd).set(odd);
    code.vector(0n).set(above);
    const own = (factor: Local): { factor: Local; pair: Local }[] =>
      limbs === undefined ? [] : [{ factor, pair }];
    format.multiply(code, [...own(x), { factor: p, pair: modulus }], { low: even, high: odd });
    format.multiply(code, [...own(y), { factor: q, pair: modulus }], { low: odd, high: above });
  };

  const storePair = (at: number): void => {
    code.i32(0).get(even).memory("v128.store", window(at).even);
    code.i32(0).get(odd).memory("v128.store", window(at).odd);
  };

  if (limbs !== undefined) code.get(limbs).set(pointer);
  code.vector(0n).set(carry);
  code.i32(0).memory("v128.load", window(0).even).set(even);
  code.i32(0).memory("v128.load", window(0).odd).set(odd);
  writeLowest(x, y, p, q, above);
  code.i32(0).set(row);
  code.loop(() => {
    writePair(1);
    storePair(0);
    code.get(row).i32(32 * (pairs - 1)).op("i32.lt_u").when(() => {
      writeLowest(nextX, nextY, nextP, nextQ, nextAbove);
    });
    for (let at = 2; at < pairs; at++) {
      writePair(at);
      storePair(at - 1);
    }
    code.i32(0).get(row).memory("v128.load", entering).get(above).op("i64x2.add");
    code.memory("v128.store", window(pairs - 1).even);
    code.i32(0).get(row).memory("v128.load", entering + 16);
    code.memory("v128.store", window(pairs - 1).odd);
    for (const [to, from] of [[x, nextX], [y, nextY], [p, nextP], [q, nextQ], [above, nextAbove]]) {
      code.get(from as Local).set(to as Local);
    }
    code.get(row).i32(32).op("i32.add").tee(row).i32(32 * pairs).op("i32.lt_u");
  });
  const below = (at: number): Code =>
    at === 0 ? code.vector(0n) : code.i32(0).memory("v128.load", window(at - 1).odd);
  format.store(
    code,
    (at) => {
      below(at).i32(0).memory("v128.load", window(at).odd).shuffle(1, 2);
      code.i32(0).memory("v128.load", window(at).even).op("i64x2.add");
      if (at === 0) code.get(carry).op("i64x2.add");
    },
    pairs,
    to,
  );
}

type Four = [Local, Local, Local, Local];
type Seven = [...Four, Local, Local, Local];

/**
 * The columns of the accumulator's square, less the excess that the reduction will add.
 * Products of two different limbs are summed up once and doubled; squares come on top.
 */
function writeSquareColumns(code: Code, format: LimbFormat, map: MemoryMap): void {
  const { pairs, accumulator } = map;
  const step = 2 * format.octets;
  const vector = (): Local => code.local("v128");
  const [even, odd, above, squares, squaresHigh] = [vector(), vector(), vector(), vector(), vector()];
  const slots = [0, 1].map(() => ({ factor: vector(), pair: vector() }));
  const { low, high } = format.excess;
  const reduction = excessOfRows(format, map, false);
  let aboveExcess = 0n;
  code.vector(0n).set(above);
  for (let column = 0; column < 2 * pairs; column++) {
    code.get(above).set(even);
    for (const sum of [odd, above]) code.vector(0n).set(sum);
    let [evenExcess, oddExcess] = [aboveExcess, 0n];
    aboveExcess = 0n;
    // The limbs 2t and 2t+1 with the pair above them that reaches this column.
    const rows: number[] = [];
    for (let t = Math.max(0, column - pairs + 1); 2 * t < column; t++) rows.push(t);
    for (let at = 0; at < rows.length; at += 2) {
      const products = rows.slice(at, at + 2).map((t, index) => ({ t, ...slots[index] as Product }));
      for (const { t, pair } of products) {
        format.loadPair(code.i32(0), accumulator + step * (column - t));
        code.set(pair);
      }
      for (const lane of [0, 1]) {
        for (const { t, factor } of products) {
          format.loadFactor(code.i32(0), accumulator + step * t + lane * format.octets);
          code.set(factor);
        }
        const sums = lane === 0 ? { low: even, high: odd } : { low: odd, high: above };
        format.multiply(code, products, sums);
      }
      evenExcess += low;
      oddExcess += low + high;
      aboveExcess += high;
    }
    // The pair with itself; its squares fill this column's E and that of the next.
    const { factor, pair } = slots[0] as Product;
    if (column % 2 === 0) {
      format.loadPair(code.i32(0), accumulator + step * column / 2);
      code.tee(factor).vector(...format.upperLimb).op("v128.and").set(pair);
      for (const sum of [squares, squaresHigh]) code.vector(0n).set(sum);
      format.multiply(code, [{ factor, pair: factor }], { low: squares, high: squaresHigh });
      format.loadFactor(code.i32(0), accumulator + step * column / 2);
      code.set(factor);
      format.multiply(code, [{ factor, pair }], { low: even, high: odd });
      evenExcess += low;
      oddExcess += high;
    }
    const [evenReduction, oddReduction] = [reduction[2 * column] ?? 0n, reduction[2 * column + 1] ?? 0n];
    const minus = (value: bigint): bigint => BigInt.asUintN(64, -value);
    code.i32(0).get(even).get(even).op("i64x2.add");
    code.get(squares).get(squaresHigh).shuffle(...(column % 2 === 0 ? [0, 2] : [1, 3]) as [number, number]);
    code.op("i64x2.add");
    const excess = 2n * evenExcess + evenReduction;
    if (low !== 0n) code.vector(minus(excess + low), minus(excess + high)).op("i64x2.add");
    code.memory("v128.store", map.columns + 32 * column);
    code.i32(0).get(odd).get(odd).op("i64x2.add");
    if (low !== 0n) code.vector(minus(2n * oddExcess + oddReduction)).op("i64x2.add");
    code.memory("v128.store", map.columns + 32 * column + 16);
  }
}
