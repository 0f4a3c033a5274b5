/**
 * Makes the WebAssembly kernels of lib/otr/crypto/arithmetic. This script is their source;
 * tests/unit/otr/crypto/arithmetic/fma_kernel_test.ts and its neighbour prove that what is
 * committed is what it makes.
 *
 * Usage: deno run -RW tools/make_kernel.ts
 */
import {
  combFunction,
  powerFunction,
  selectFunction,
  timesFunction,
} from "./kernel/exponentiation.ts";
import { fmaLimbs } from "./kernel/fma_limbs.ts";
import { integerLimbs } from "./kernel/integer_limbs.ts";
import { CONSTANTS, type LimbFormat } from "./kernel/limb_format.ts";
import { layOut, type MemoryMap } from "./kernel/memory_map.ts";
import { beginningOfColumns, multiplyFunction, squareFunction } from "./kernel/montgomery.ts";
import { loadFunction, saveFunction } from "./kernel/octets.ts";
import { probeFunction, type ProbeWriter } from "./kernel/probe.ts";
import { type DataSegment, type WasmFunction, writeModule } from "./kernel/wasm_code.ts";

/** Pages of 64 KiB: operands, and what `free` leaves for tables. */
const PAGES = 16;
const SIZES = [1536, 1024] as const;

/** A module, and what lib/ has to know of it. */
export interface Kernel {
  readonly wasm: Uint8Array;
  readonly layout: {
    readonly width: number;
    readonly sizes: readonly MemoryMap[];
    readonly free: number;
    readonly pages: number;
  };
}

/**
 * A module and its layout.
 *
 * @param make Makes the format anew for every function.
 */
export function makeKernel(make: () => LimbFormat, probe: ProbeWriter = probeFunction): Kernel {
  const functions: WasmFunction[] = [];
  const data: DataSegment[] = [];
  const sizes: MemoryMap[] = [];
  const { width, excess, constants } = make();
  // The probe has the octets below the constants.
  let address = CONSTANTS + 16 * constants.length;
  if (constants.length > 0) {
    data.push({ address: CONSTANTS, words: constants.flatMap((it) => [it, it]) });
  }
  for (const bits of SIZES) {
    const map = layOut(make(), bits, address);
    address = map.end;
    sizes.push(map);
    const first = functions.length;
    const indices = { multiply: first, square: first + 1, select: first + 2 };
    const add = (name: string, parameters: number, code: WasmFunction["code"]): void => {
      functions.push({ name: `${name}${bits}`, parameters, code });
    };
    add("multiply", 2, multiplyFunction(make(), map));
    add("square", 0, squareFunction(make(), map));
    add("select", 2, selectFunction(map));
    add("power", 3, powerFunction(map, indices));
    add("comb", 4, combFunction(map, indices));
    add("times", 1, timesFunction(map, indices.multiply));
    add("load", 2, loadFunction(make(), map));
    add("save", 2, saveFunction(make(), map));
    const beginning = beginningOfColumns(make(), map, true).flat();
    if (beginning.some((it) => it !== 0n)) data.push({ address: map.beginning, words: beginning });
  }
  if (excess.low !== 0n) functions.push({ name: "probe", parameters: 1, code: probe() });
  return {
    wasm: writeModule(functions, PAGES, data),
    layout: { width, sizes, free: address, pages: PAGES },
  };
}

/** The source text of the module that lib/ imports. */
export function writeKernelCode(name: string, what: string, { wasm, layout }: Kernel): string {
  return "// deno-fmt-ignore-file\n" +
    `/** ${what} Made by tools/make_kernel.ts: do not edit. */\n` +
    `import type { KernelCode } from "./kernel_code.ts";\n\n` +
    `/** ${what} */\n` +
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
