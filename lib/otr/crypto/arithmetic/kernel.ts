/**
 * A WebAssembly kernel in use: its functions and its memory. The rest of this folder computes
 * with it; nobody else sees it.
 */
import type { KernelCode, KernelLayout, MemoryMap } from "./kernel_code.ts";

/** Address of a number, of octets or of a table in the kernel's memory. */
export type Address = number;

/** The functions for one size of modulus; tools/kernel says what each of them does. */
export interface KernelFunctions {
  /** `to` = a · factor / R. */
  readonly multiply: (to: Address, a: Address) => void;
  /** accumulator = accumulator² / R. */
  readonly square: () => void;
  /** accumulator = accumulator · (the number at `entry`) / R. */
  readonly times: (entry: Address) => void;
  /** accumulator = 1 becomes a power, by a table of 32 powers; for secret exponents. */
  readonly power: (exponent: Address, digits: number, table: Address) => void;
  /** The same by the tables of a comb. */
  readonly comb: (exponent: Address, steps: number, blocks: number, tables: Address) => void;
  /** Octets, lowest first, become limbs. */
  readonly load: (to: Address, from: Address) => void;
  /** Limbs become octets. */
  readonly save: (to: Address, from: Address) => void;
}

/** An instance and its memory. Not reentrant, as nothing here is: every call ends before the next. */
export class Kernel {
  readonly layout: KernelLayout;
  /** All of the memory. */
  readonly octets: Uint8Array;
  /** The same, for words. */
  readonly words: DataView;
  readonly #exports: Readonly<Record<string, unknown>>;
  #free: Address;

  /**
   * Compiles the module; takes some milliseconds.
   * @throws {WebAssembly.CompileError} when the engine does not know its instructions.
   */
  constructor(code: KernelCode) {
    this.layout = code.layout;
    const module = new WebAssembly.Module(Uint8Array.fromBase64(code.wasm));
    this.#exports = new WebAssembly.Instance(module).exports;
    const { buffer } = this.#exports["memory"] as WebAssembly.Memory;
    this.octets = new Uint8Array(buffer);
    this.words = new DataView(buffer);
    this.#free = code.layout.free;
  }

  /**
   * Whether `relaxed_madd` rounds once here, in both lanes, so that this kernel is exact; true of
   * one that does not need it. (1 + 2^−30)² is 1 + 2^−29 + 2^−60, and less
   * 1 + 2^−29 that is 2^−60, of which nothing is left when the product is rounded first.
   */
  get fuses(): boolean {
    const probe = this.#exports["probe"] as ((at: Address) => void) | undefined;
    if (probe === undefined) return true;
    const factor = 1 + 2 ** -30;
    for (const [lane, sign] of [[0, 1], [8, -1]] as const) {
      this.words.setFloat64(lane, sign * factor, true);
      this.words.setFloat64(16 + lane, factor, true);
      this.words.setFloat64(32 + lane, -sign * (1 + 2 ** -29), true);
    }
    probe(0);
    return this.words.getFloat64(48, true) === 2 ** -60 &&
      this.words.getFloat64(56, true) === -(2 ** -60);
  }

  /** The functions of a size. */
  functions({ bits }: MemoryMap): KernelFunctions {
    const named = (name: string): never => this.#exports[`${name}${bits}`] as never;
    return {
      multiply: named("multiply"),
      square: named("square"),
      times: named("times"),
      power: named("power"),
      comb: named("comb"),
      load: named("load"),
      save: named("save"),
    };
  }

  /**
   * Room that nobody else gets, aligned to 16 octets.
   * @throws {RangeError} when memory is full: a mistake in what this folder adds up.
   */
  reserve(octets: number): Address {
    const at = this.#free;
    this.#free += 16 * Math.ceil(octets / 16);
    if (this.#free > this.octets.length) throw new RangeError("expected room in the kernel");
    return at;
  }

  /** Overwrites `octets` octets. */
  wipe(from: Address, octets: number): void {
    this.octets.fill(0, from, from + octets);
  }
}
