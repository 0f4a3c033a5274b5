/** Whether this engine and processor fuse: asked once, at the start. */
import { Code } from "./wasm_code.ts";

/**
 * `probe(at)`: stores a·b + c for the vectors at `at`, `at`+16 and `at`+32 to `at`+48, with
 * the same instruction that the kernel uses.
 */
export function probeFunction(): Code {
  const code = new Code(1);
  code.get(0);
  for (const offset of [0, 16, 32]) code.get(0).memory("v128.load", offset);
  return code.op("f64x2.relaxed_madd").memory("v128.store", 48);
}
