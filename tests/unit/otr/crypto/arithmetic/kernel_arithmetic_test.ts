import { makeBigIntArithmetic } from "../../../../../lib/otr/crypto/arithmetic/bigint_arithmetic.ts";
import { FMA_KERNEL } from "../../../../../lib/otr/crypto/arithmetic/fma_kernel.ts";
import { INTEGER_KERNEL } from "../../../../../lib/otr/crypto/arithmetic/integer_kernel.ts";
import { Kernel } from "../../../../../lib/otr/crypto/arithmetic/kernel.ts";
import { makeKernelArithmetic } from "../../../../../lib/otr/crypto/arithmetic/kernel_arithmetic.ts";
import { DH_MODULUS } from "../../../../../lib/otr/crypto/arithmetic/mod.ts";
import { testArithmetic } from "../../../../helpers/arithmetic_contract.ts";

for (const [name, code] of Object.entries({ fma: FMA_KERNEL, integer: INTEGER_KERNEL })) {
  const kernel = new Kernel(code);
  // Without a fused multiply-add the first kernel is wrong by design, and never chosen.
  if (!kernel.fuses) continue;
  const fallback = makeBigIntArithmetic(DH_MODULUS);
  testArithmetic(`${name} kernel`, () => makeKernelArithmetic(kernel, DH_MODULUS, fallback));
}
