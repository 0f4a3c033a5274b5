import { assertEquals } from "@std/assert";
import {
  chooseArithmetic,
  lazyArithmetic,
} from "../../../../../lib/otr/crypto/arithmetic/choose.ts";
import { FMA_KERNEL } from "../../../../../lib/otr/crypto/arithmetic/fma_kernel.ts";
import { INTEGER_KERNEL } from "../../../../../lib/otr/crypto/arithmetic/integer_kernel.ts";
import { DH_MODULUS } from "../../../../../lib/otr/crypto/arithmetic/mod.ts";
import { fmaLimbs } from "../../../../../tools/kernel/fma_limbs.ts";
import { twiceRoundedProbe } from "../../../../../tools/kernel/probe.ts";
import { makeKernel } from "../../../../../tools/make_kernel.ts";
import { testArithmetic } from "../../../../helpers/arithmetic_contract.ts";

/** What the kernel is on a processor that rounds twice: its probe says so. */
function unfused() {
  const { wasm, layout } = makeKernel(fmaLimbs, twiceRoundedProbe);
  return { wasm: wasm.toBase64(), layout };
}

Deno.test("chooseArithmetic() leaves a kernel that does not fuse for the integer kernel", () => {
  const { width } = chooseArithmetic([unfused(), INTEGER_KERNEL], DH_MODULUS);
  assertEquals(width, INTEGER_KERNEL.layout.width);
});

Deno.test("chooseArithmetic() falls back to BigInt where nothing compiles", () => {
  const broken = { ...FMA_KERNEL, wasm: new Uint8Array([0, 1, 2]).toBase64() };
  assertEquals(chooseArithmetic([broken, broken], DH_MODULUS).width, undefined);
  assertEquals(chooseArithmetic([unfused()], DH_MODULUS).width, undefined);
});

testArithmetic(
  "BigInt where no kernel runs",
  () => chooseArithmetic([], DH_MODULUS).arithmetic,
);

testArithmetic("lazyArithmetic()", () => lazyArithmetic([FMA_KERNEL, INTEGER_KERNEL], DH_MODULUS));
