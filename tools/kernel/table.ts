/** Reading a table at a secret place: every entry is read, whichever is wanted. */
import { Code } from "./wasm_code.ts";

/** Vectors that are summed up in one pass over the table. */
const BLOCK = 8;

/**
 * `select(to, table, index, count)`: copies entry `index` of `count` numbers to `to`. The
 * addresses and their order are the same for every index.
 *
 * @param stride Octets from one number to the next, a multiple of 16.
 */
export function selectFunction(stride: number): Code {
  const code = new Code(4);
  const [to, table, index, count] = [0, 1, 2, 3];
  const entry = code.local("i32");
  const pointer = code.local("i32");
  const mask = code.local("v128");
  const found = Array.from({ length: BLOCK }, () => code.local("v128"));
  for (let start = 0; start < stride; start += 16 * BLOCK) {
    const vectors = found.slice(0, Math.min(BLOCK, (stride - start) / 16));
    for (const vector of vectors) code.vector(0n).set(vector);
    code.get(table).set(pointer).i32(0).set(entry);
    code.op("loop");
    // All ones for the wanted entry, else zero: 0 − (entry = index).
    code.i64(0n).get(entry).get(index).op("i32.eq").op("i64.extend_i32_u").op("i64.sub");
    code.op("i64x2.splat").set(mask);
    for (const [at, vector] of vectors.entries()) {
      code.get(pointer).memory("v128.load", start + 16 * at).get(mask).op("v128.and");
      code.get(vector).op("v128.or").set(vector);
    }
    code.get(pointer).i32(stride).op("i32.add").set(pointer);
    code.get(entry).i32(1).op("i32.add").tee(entry).get(count).op("i32.lt_u");
    code.op("br_if 0").op("end");
    for (const [at, vector] of vectors.entries()) {
      code.get(to).get(vector).memory("v128.store", start + 16 * at);
    }
  }
  return code;
}
