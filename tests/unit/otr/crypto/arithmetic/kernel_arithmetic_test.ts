import { assert, assertEquals } from "@std/assert";
import { equalBytes, indexOfBytes } from "../../../../../lib/base/bytes.ts";
import { makeBigIntArithmetic } from "../../../../../lib/otr/crypto/arithmetic/bigint_arithmetic.ts";
import { FMA_KERNEL } from "../../../../../lib/otr/crypto/arithmetic/fma_kernel.ts";
import { INTEGER_KERNEL } from "../../../../../lib/otr/crypto/arithmetic/integer_kernel.ts";
import { Kernel } from "../../../../../lib/otr/crypto/arithmetic/kernel.ts";
import { makeKernelArithmetic } from "../../../../../lib/otr/crypto/arithmetic/kernel_arithmetic.ts";
import { DH_MODULUS } from "../../../../../lib/otr/crypto/arithmetic/mod.ts";
import { testArithmetic } from "../../../../helpers/arithmetic_contract.ts";

for (const [name, code] of Object.entries({ fma: FMA_KERNEL, integer: INTEGER_KERNEL })) {
  // Without a fused multiply-add the first kernel is wrong by design, and never chosen.
  if (!new Kernel(code).fuses) continue;
  const fallback = makeBigIntArithmetic(DH_MODULUS);
  testArithmetic(
    `${name} kernel`,
    () => makeKernelArithmetic(new Kernel(code), DH_MODULUS, fallback),
  );

  Deno.test(`makeKernelArithmetic() leaves no trace of a secret in the ${name} kernel`, () => {
    const kernel = new Kernel(code);
    const arithmetic = makeKernelArithmetic(kernel, DH_MODULUS, fallback);
    const base = arithmetic.fixedBaseG2(Uint8Array.of(1, 2, 3, 4, 5, 6, 7));
    const exponent = Uint8Array.from({ length: 40 }, (_, at) => 0x90 + at);
    // What is there before and after a power of 1 must be what is there after any other.
    arithmetic.agree(base, new Uint8Array(40));
    const before = kernel.octets.slice();
    const secret = arithmetic.agree(base, exponent);
    assert(secret.some((octet) => octet !== 0));
    assertEquals(indexOfBytes(kernel.octets, exponent.slice(0, 8)), -1);
    assertEquals(indexOfBytes(kernel.octets, exponent.slice(0, 8).reverse()), -1);
    assert(equalBytes(kernel.octets, before));
  });
}
