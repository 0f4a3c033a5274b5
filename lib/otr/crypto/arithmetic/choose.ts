/** Which arithmetic this engine and processor get: the fastest that is exact here. */
import type { Arithmetic } from "./arithmetic.ts";
import { makeBigIntArithmetic } from "./bigint_arithmetic.ts";
import { Kernel } from "./kernel.ts";
import { makeKernelArithmetic } from "./kernel_arithmetic.ts";
import type { KernelCode } from "./kernel_code.ts";

/** An arithmetic and what it runs on, for benchmarks and reports. */
export interface ChosenArithmetic {
  readonly arithmetic: Arithmetic;
  /** The kernel's limbs in bits, or `undefined` for BigInt. */
  readonly width: number | undefined;
}

/**
 * The first kernel of `codes` that compiles and, if it multiplies with fused additions, is
 * seen to fuse; BigInt when there is none.
 *
 * @param p The safe prime of the D-H group.
 */
export function chooseArithmetic(codes: readonly KernelCode[], p: bigint): ChosenArithmetic {
  const fallback = makeBigIntArithmetic(p);
  for (const code of codes) {
    const kernel = tryKernel(code);
    if (kernel?.fuses !== true) continue;
    return { arithmetic: makeKernelArithmetic(kernel, p, fallback), width: kernel.layout.width };
  }
  return { arithmetic: fallback, width: undefined };
}

/** {@link chooseArithmetic} at the first computation: whoever computes nothing pays nothing. */
export function lazyArithmetic(codes: readonly KernelCode[], p: bigint): Arithmetic {
  let chosen: Arithmetic | undefined;
  const get = (): Arithmetic => chosen ??= chooseArithmetic(codes, p).arithmetic;
  return {
    modExpSecret: (base, exponent, modulus) => get().modExpSecret(base, exponent, modulus),
    agree: (base, exponent) => get().agree(base, exponent),
    expectMore: (base, modulus) => get().expectMore(base, modulus),
    modExpPublic: (base, exponent, modulus) => get().modExpPublic(base, exponent, modulus),
    fixedBaseG2: (exponent) => get().fixedBaseG2(exponent),
    multiExp: (terms, modulus) => get().multiExp(terms, modulus),
    invert: (value, modulus) => get().invert(value, modulus),
    isMember: (value) => get().isMember(value),
  };
}

function tryKernel(code: KernelCode): Kernel | undefined {
  try {
    return new Kernel(code);
  } catch {
    return undefined; // No WebAssembly here, or not these instructions: the next one may do.
  }
}
