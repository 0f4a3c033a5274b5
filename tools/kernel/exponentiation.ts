/**
 * Powers with secret exponents. Which octets are read, which functions run and how often
 * depends on the exponent's length alone.
 */
import type { MemoryMap } from "./memory_map.ts";
import { Code, type Local } from "./wasm_code.ts";

/** Bits of a digit; a table has an entry for each of its values. */
export const DIGIT = 5;
/** Vectors that are summed up in one pass over a table. */
const BLOCK = 8;

/** Indices of the functions of the same size. */
export interface Indices {
  readonly multiply: number;
  readonly square: number;
  readonly select: number;
}

/**
 * `select(table, digit)`: entry `digit` becomes the factor. Every entry is read, whichever is
 * wanted, and the addresses are the same for every digit.
 */
export function selectFunction({ stride, factor }: MemoryMap): Code {
  const code = new Code(2);
  const [table, digit] = [0, 1];
  const entry = code.local("i32");
  const pointer = code.local("i32");
  const mask = code.local("v128");
  const found = Array.from({ length: BLOCK }, () => code.local("v128"));
  for (let start = 0; start < stride; start += 16 * BLOCK) {
    const vectors = found.slice(0, Math.min(BLOCK, (stride - start) / 16));
    for (const vector of vectors) code.vector(0n).set(vector);
    code.get(table).set(pointer).i32(0).set(entry);
    code.loop(() => {
      // All ones for the wanted entry, else zero: 0 − (entry = digit).
      code.i64(0n).get(entry).get(digit).op("i32.eq").op("i64.extend_i32_u").op("i64.sub");
      code.op("i64x2.splat").set(mask);
      for (const [at, vector] of vectors.entries()) {
        code.get(pointer).memory("v128.load", start + 16 * at).get(mask).op("v128.and");
        code.get(vector).op("v128.or").set(vector);
      }
      code.get(pointer).i32(stride).op("i32.add").set(pointer);
      code.get(entry).i32(1).op("i32.add").tee(entry).i32(1 << DIGIT).op("i32.lt_u");
    });
    for (const [at, vector] of vectors.entries()) {
      code.i32(0).get(vector).memory("v128.store", factor + start + 16 * at);
    }
  }
  return code;
}

/**
 * `power(exponent, digits, table)`: the accumulator, which must be 1, becomes a power of the
 * base whose powers 0 … 31 are in the table.
 *
 * The exponent's octets begin with the lowest and end with at least one zero.
 */
export function powerFunction({ accumulator }: MemoryMap, functions: Indices): Code {
  const code = new Code(3);
  const [exponent, digits, table] = [0, 1, 2];
  const bit = code.local("i32");
  code.get(digits).i32(DIGIT).op("i32.mul").set(bit);
  code.loop(() => {
    code.get(bit).i32(DIGIT).op("i32.sub").set(bit);
    for (let time = 0; time < DIGIT; time++) code.call(functions.square);
    code.get(table);
    code.get(exponent).get(bit).i32(3).op("i32.shr_u").op("i32.add").memory("i32.load16_u", 0);
    code.get(bit).i32(7).op("i32.and").op("i32.shr_u").i32((1 << DIGIT) - 1).op("i32.and");
    code.call(functions.select);
    code.i32(accumulator).i32(accumulator).call(functions.multiply);
    code.get(bit);
  });
  return code;
}

/**
 * `comb(exponent, steps, blocks, tables)`: the same with the tables of a comb (Lim and Lee).
 * Bits `tooth · blocks · steps + block · steps + step` for all teeth are one digit, looked up in
 * the block's table; all blocks share the squarings.
 *
 * The exponent's octets, lowest first, must be there for all 5 · blocks · steps bits.
 */
export function combFunction({ accumulator, stride }: MemoryMap, functions: Indices): Code {
  const code = new Code(4);
  const [exponent, steps, blocks, tables] = [0, 1, 2, 3];
  const [step, block, table, bit, digit, spacing] = Array.from(
    { length: 6 },
    () => code.local("i32"),
  ) as [Local, Local, Local, Local, Local, Local];
  code.get(steps).get(blocks).op("i32.mul").set(spacing);
  code.get(steps).set(step);
  code.loop(() => {
    code.get(step).i32(1).op("i32.sub").set(step);
    code.call(functions.square);
    code.i32(0).set(block).get(tables).set(table);
    code.loop(() => {
      code.get(block).get(steps).op("i32.mul").get(step).op("i32.add").set(bit);
      code.i32(0).set(digit);
      for (let tooth = 0; tooth < DIGIT; tooth++) {
        code.get(exponent).get(bit).i32(3).op("i32.shr_u").op("i32.add").memory("i32.load16_u", 0);
        code.get(bit).i32(7).op("i32.and").op("i32.shr_u").i32(1).op("i32.and");
        code.i32(tooth).op("i32.shl").get(digit).op("i32.or").set(digit);
        code.get(bit).get(spacing).op("i32.add").set(bit);
      }
      code.get(table).get(digit).call(functions.select);
      code.i32(accumulator).i32(accumulator).call(functions.multiply);
      code.get(table).i32(stride << DIGIT).op("i32.add").set(table);
      code.get(block).i32(1).op("i32.add").tee(block).get(blocks).op("i32.lt_u");
    });
    code.get(step);
  });
  return code;
}

/** `times(entry)`: the accumulator is multiplied by the number at an address. Not for secret ones. */
export function timesFunction({ accumulator, factor, stride }: MemoryMap, multiply: number): Code {
  const code = new Code(1);
  for (let at = 0; at < stride; at += 16) {
    code.i32(0).get(0).memory("v128.load", at).memory("v128.store", factor + at);
  }
  return code.i32(accumulator).i32(accumulator).call(multiply);
}
