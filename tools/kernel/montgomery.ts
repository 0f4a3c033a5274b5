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

/** What goes into a sum to begin with: its two lanes. */
type Lanes = [bigint, bigint];

/**
 * What the sums must begin with so that the excess of all products cancels out: E and O
 * alternating.
 *
 * @param both Whether rows are multiplied as well, not only reduced.
 */
export function beginningOfColumns(
  format: LimbFormat,
  { pairs }: MemoryMap,
  both: boolean,
): Lanes[] {
  const { low, high } = format.excess;
  const sums = Array.from({ length: 4 * pairs + 1 }, (): Lanes => [0n, 0n]);
  const take = (at: number, first: bigint, second = first): void => {
    const sum = sums[at] ?? [0n, 0n];
    sum[0] = BigInt.asUintN(64, sum[0] - first);
    sum[1] = BigInt.asUintN(64, sum[1] - second);
  };
  for (let row = 0; row < pairs; row++) {
    for (let pair = 0; pair < pairs; pair++) {
      // In the lowest pair the digits come after the products; elsewhere they are taken together.
      const times = pair === 0 && both ? 2n : 1n;
      const column = 2 * (row + pair);
      take(column, times * low);
      take(column + 1, times * (low + high));
      take(column + 2, times * high);
    }
    // A digit is read before its own product is added, lifted, and so is what it carries.
    const carried = format.lift >> BigInt(format.width);
    take(2 * row, -low - format.lift, 0n);
    take(2 * row + 1, carried - low - format.lift, 0n);
    take(2 * row + 2, carried, 0n);
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
  const vectors = (count: number): Local[] =>
    Array.from({ length: count }, () => code.local("v128"));
  const [even, odd, pair, modulus] = vectors(4) as Four;
  const [lowEven, lowOdd, lowPair, carry] = vectors(4) as Four;
  const twoRows = (): TwoRows => {
    const [x, y, p, q] = vectors(4) as Four;
    return { x, y, p, q, above: code.local("v128") };
  };
  const [own, next] = [twoRows(), twoRows()];
  const row = code.local("i32");
  const pointer = code.local("i32");
  const window = (at: number): { readonly even: number; readonly odd: number } => ({
    even: map.columns + 32 * at,
    odd: map.columns + 32 * at + 16,
  });
  /**
   * The lowest pair of two rows, whose sums are in `lowEven` and `lowOdd`: their digits and what
   * they carry. Every step waits for the one before.
   */
  const lowestSteps = ({ x, y, p, q, above }: TwoRows): (() => void)[] => {
    const multiply = (factor: Local, pair: Local, low: Local, high: Local, startsHigh = false) =>
      format.multiply(code, { products: [{ factor, pair }], sums: { low, high, startsHigh } });
    const products = (): void => {
      format.loadPair(code.i32(0), map.factor);
      code.set(lowPair);
      format.loadFactor(code.get(pointer), 0);
      code.set(x);
      format.loadFactor(code.get(pointer), format.octets);
      code.set(y);
      code.get(pointer).i32(2 * format.octets).op("i32.add").set(pointer);
      multiply(x, lowPair, lowEven, lowOdd);
      multiply(y, lowPair, lowOdd, above, true);
    };
    return [
      ...(limbs === undefined ? [] : [products]),
      () => {
        // The lowest column: E's first lane, and what the rows before carry.
        code.get(lowEven).get(carry).op("i64x2.add").tee(carry);
        format.makeFactor(code);
        code.set(p);
      },
      () => {
        format.loadPair(code.i32(0), map.modulus);
        code.set(lowPair);
        multiply(p, lowPair, lowEven, lowOdd);
      },
      () => {
        // The column above: E's second lane, O's first, and what the lowest carries.
        code.get(carry);
        format.shiftDown(code);
        code.get(lowOdd).op("i64x2.add");
        code.get(lowEven).get(lowEven).shuffle(1, 1).op("i64x2.add").tee(carry);
        format.makeFactor(code);
        code.set(q);
      },
      () => {
        multiply(q, lowPair, lowOdd, above, limbs === undefined);
      },
      () => {
        // Of the carry only the first lane has a meaning.
        code.get(carry);
        format.shiftDown(code);
        code.get(lowOdd).get(lowOdd).shuffle(1, 1).op("i64x2.add").set(carry);
      },
    ];
  };

  /** Pair `at` of two rows; leaves its sums in `even` and `odd`, and what goes higher in `above`. */
  const writePair = (at: number, { x, y, p, q, above }: TwoRows): void => {
    const offset = 2 * format.octets * at;
    if (limbs !== undefined) format.loadPair(code.i32(0), map.factor + offset), code.set(pair);
    format.loadPair(code.i32(0), map.modulus + offset);
    code.set(modulus);
    addAbove(code.i32(0).memory("v128.load", window(at).even)).set(even);
    code.i32(0).memory("v128.load", window(at).odd).set(odd);
    const products = (own: Local, digit: Local): Product[] => [
      ...(limbs === undefined ? [] : [{ factor: own, pair }]),
      { factor: digit, pair: modulus },
    ];
    format.multiply(
      code,
      { products: products(x, p), sums: { low: even, high: odd } },
      { products: products(y, q), sums: { low: odd, high: above, startsHigh: true } },
    );
  };

  const storePair = (at: number): void => {
    code.i32(0).get(even).memory("v128.store", window(at).even);
    code.i32(0).get(odd).memory("v128.store", window(at).odd);
  };

  const addAbove = (code: Code): Code =>
    format.excess.high === 0n ? code : code.get(own.above).op("i64x2.add");

  /** Two rows but for their lowest pair; `steps` are spread over them. */
  const writeTwoRows = (steps: readonly (() => void)[]): void => {
    writePair(1, own);
    storePair(0);
    code.get(even).set(lowEven).get(odd).set(lowOdd);
    let done = 0;
    for (let at = 2; at < pairs; at++) {
      const due = Math.ceil((at - 1) * steps.length / (pairs - 2));
      for (; done < due; done++) steps[done]?.();
      writePair(at, own);
      storePair(at - 1);
    }
    addAbove(code.i32(0).get(row).memory("v128.load", entering));
    code.memory("v128.store", window(pairs - 1).even);
    code.i32(0).get(row).memory("v128.load", entering + 16);
    code.memory("v128.store", window(pairs - 1).odd);
  };

  if (limbs !== undefined) code.get(limbs).set(pointer);
  code.vector(0n).set(carry);
  code.i32(0).memory("v128.load", window(0).even).set(lowEven);
  code.i32(0).memory("v128.load", window(0).odd).set(lowOdd);
  for (const step of lowestSteps(own)) step();
  code.i32(0).set(row);
  code.loop(() => {
    writeTwoRows(lowestSteps(next));
    for (const key of ["x", "y", "p", "q", "above"] as const) code.get(next[key]).set(own[key]);
    code.get(row).i32(32).op("i32.add").tee(row).i32(32 * (pairs - 1)).op("i32.lt_u");
  });
  writeTwoRows([]);
  format.store(
    code,
    (at) => {
      if (at === 0) code.get(carry);
      else code.i32(0).memory("v128.load", window(at - 1).odd);
      code.i32(0).memory("v128.load", window(at).odd).shuffle(at === 0 ? 0 : 1, 2);
      code.i32(0).memory("v128.load", window(at).even).op("i64x2.add");
    },
    pairs,
    to,
  );
}

type Four = [Local, Local, Local, Local];

/** What two rows are multiplied by, and what their lowest pair has for the one above. */
interface TwoRows {
  readonly x: Local;
  readonly y: Local;
  readonly p: Local;
  readonly q: Local;
  readonly above: Local;
}

/**
 * The columns of the accumulator's square, less the excess that the reduction will add.
 * Products of two different limbs are summed up once and doubled; squares come on top.
 */
function writeSquareColumns(code: Code, format: LimbFormat, map: MemoryMap): void {
  const { pairs, accumulator } = map;
  const step = 2 * format.octets;
  const vector = (): Local => code.local("v128");
  const [even, odd, above, squares, squaresHigh] = [
    vector(),
    vector(),
    vector(),
    vector(),
    vector(),
  ];
  const slots = [0, 1].map(() => ({ factor: vector(), pair: vector() }));
  const { low, high } = format.excess;
  const beginning = beginningOfColumns(format, map, false);
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
      const products = rows.slice(at, at + 2).map((t, index) => ({
        t,
        ...slots[index] as Product,
      }));
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
        format.multiply(code, { products, sums });
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
      const ownSquares = { low: squares, high: squaresHigh };
      format.multiply(code, { products: [{ factor, pair: factor }], sums: ownSquares });
      format.loadFactor(code.i32(0), accumulator + step * column / 2);
      code.set(factor);
      format.multiply(code, { products: [{ factor, pair }], sums: { low: even, high: odd } });
      evenExcess += low;
      oddExcess += high;
    }
    code.i32(0).get(even).get(even).op("i64x2.add");
    code.get(squares).get(squaresHigh);
    code.shuffle(column % 2, 2 + column % 2).op("i64x2.add");
    correct(code, beginning[2 * column], 2n * evenExcess + low, 2n * evenExcess + high);
    code.memory("v128.store", map.columns + 32 * column);
    code.i32(0).get(odd).get(odd).op("i64x2.add");
    correct(code, beginning[2 * column + 1], 2n * oddExcess, 2n * oddExcess);
    code.memory("v128.store", map.columns + 32 * column + 16);
  }
}

/** Adds what a sum should begin with, less the excess that it has. */
function correct(code: Code, [first, second]: Lanes = [0n, 0n], ...excess: Lanes): void {
  const lanes = [first - excess[0], second - excess[1]] as const;
  if (lanes[0] === 0n && lanes[1] === 0n) return;
  code.vector(BigInt.asUintN(64, lanes[0]), BigInt.asUintN(64, lanes[1])).op("i64x2.add");
}
