/** Whether this engine and processor fuse: asked once, at the start. */
import { Code } from "./wasm_code.ts";

/**
 * Writes `probe(at)`, which stores a·b + c for the vectors at `at`, `at`+16 and `at`+32 to `at`+48, with
 * the same instruction that the kernel uses.
 */
export type ProbeWriter = () => Code;

/** See {@link ProbeWriter}. */
export function probeFunction(): Code {
  const code = new Code(1);
  code.get(0);
  for (const offset of [0, 16, 32]) code.get(0).memory("v128.load", offset);
  return code.op("f64x2.relaxed_madd").memory("v128.store", 48);
}

/** The same as a processor does it that rounds the product first: for tests of the fallback. */
export function twiceRoundedProbe(): Code {
  const code = new Code(1);
  code.get(0);
  for (const offset of [0, 16]) code.get(0).memory("v128.load", offset);
  code.op("f64x2.mul").get(0).memory("v128.load", 32);
  return code.op("f64x2.add").memory("v128.store", 48);
}
