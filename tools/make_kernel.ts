/**
 * Makes the WebAssembly kernels of lib/otr/crypto/arithmetic. This script is their source;
 * tests/unit/otr/crypto/arithmetic/kernel_code_test.ts proves that what is committed is
 * what it makes.
 *
 * Usage: deno run -RW tools/make_kernel.ts
 */
import { fmaLimbs } from "./kernel/fma_limbs.ts";
import { integerLimbs } from "./kernel/integer_limbs.ts";
import {
  type KernelSize,
  type LimbFormat,
  multiplyFunction,
  numberOctets,
  squareFunction,
} from "./kernel/montgomery.ts";
import { probeFunction, type ProbeWriter } from "./kernel/probe.ts";
import { selectFunction } from "./kernel/table.ts";
import { type WasmFunction, writeModule } from "./kernel/wasm_code.ts";

/** Pages of 64 KiB: operands, scratch, and what {@link KernelLayout.free} leaves for tables. */
const PAGES = 16;
const SIZES = [1536, 1024] as const;

/** What lib/ has to know of a module. */
export interface KernelLayout {
  readonly width: number;
  readonly octets: number;
  readonly sizes: readonly (KernelSize & { readonly stride: number })[];
  /** First address that no function uses by itself. */
  readonly free: number;
  readonly pages: number;
}

/** A module and its layout. */
export function makeKernel(
  make: () => LimbFormat,
  probe: ProbeWriter = probeFunction,
): { wasm: Uint8Array; layout: KernelLayout } {
  const format = make();
  const functions: WasmFunction[] = [];
  const sizes: (KernelSize & { readonly stride: number })[] = [];
  // Address 0 stays free: 64 octets for the probe.
  let address = 64;
  for (const bits of SIZES) {
    // One bit more than the modulus: numbers stay below 2N.
    const limbs = Math.ceil((bits + 1) / format.width);
    const shape = { bits, limbs, modulus: 0, inverse: 0, scratch: 0 };
    const stride = 16 * Math.ceil(numberOctets(format, shape) / 16);
    const size: KernelSize = {
      bits,
      limbs,
      modulus: address,
      inverse: address + stride,
      scratch: address + stride + 16,
    };
    address += stride + 16 + 4 * stride;
    sizes.push({ ...size, stride });
    functions.push(
      {
        name: `multiply${bits}`,
        parameters: ["i32", "i32", "i32"],
        results: [],
        code: multiplyFunction(make(), size),
      },
      {
        name: `square${bits}`,
        parameters: ["i32", "i32"],
        results: [],
        code: squareFunction(make(), size),
      },
      {
        name: `select${bits}`,
        parameters: ["i32", "i32", "i32", "i32"],
        results: [],
        code: selectFunction(stride),
      },
    );
  }
  if (format.hasHighHalves) {
    functions.push({ name: "probe", parameters: ["i32"], results: [], code: probe() });
  }
  const layout = { width: format.width, octets: format.octets, sizes, free: address, pages: PAGES };
  return { wasm: writeModule(functions, PAGES), layout };
}

/** The source text of the module that lib/ imports. */
export function writeKernelCode(
  name: string,
  what: string,
  { wasm, layout }: { readonly wasm: Uint8Array; readonly layout: KernelLayout },
): string {
  return "// deno-fmt-ignore-file\n" +
    `/** ${what} Made by tools/make_kernel.ts: do not edit. */\n` +
    `import type { KernelCode } from "./kernel_code.ts";\n\n` +
    `export const ${name}: KernelCode = {\n` +
    `  layout: ${JSON.stringify(layout)},\n` +
    `  wasm:\n    "${wasm.toBase64()}",\n};\n`;
}

/** The files that this script makes, by path below the project. */
export function kernelFiles(): Record<string, string> {
  const folder = "lib/otr/crypto/arithmetic";
  return {
    [`${folder}/fma_kernel.ts`]: writeKernelCode(
      "FMA_KERNEL",
      "Montgomery arithmetic on float64 limbs with fused multiply-add.",
      makeKernel(fmaLimbs),
    ),
    [`${folder}/integer_kernel.ts`]: writeKernelCode(
      "INTEGER_KERNEL",
      "Montgomery arithmetic on 28-bit limbs with integer SIMD.",
      makeKernel(integerLimbs),
    ),
  };
}

if (import.meta.main) {
  const root = new URL("..", import.meta.url);
  for (const [path, text] of Object.entries(kernelFiles())) {
    await Deno.writeTextFile(new URL(path, root), text);
  }
}
