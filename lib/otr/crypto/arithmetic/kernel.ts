/**
 * A WebAssembly kernel in use: numbers in its memory, moduli, Montgomery form. Protocol
 * code never sees this; {@link makeKernelArithmetic} builds {@link Arithmetic} on it.
 */
import { bitLength } from "./big_integers.ts";
import type { KernelCode, KernelLayout, KernelSize } from "./kernel_code.ts";

/** Address of a number in the kernel's memory. */
export type Address = number;

/** A modulus with everything that is computed for it once. */
export interface Modulus {
  readonly size: KernelSize;
  readonly value: bigint;
  /** −N⁻¹ mod 2^width. */
  readonly inverse: bigint;
  /** R mod N: 1 in Montgomery form. */
  readonly one: bigint;
  /** R² mod N: multiplying by it brings a number into Montgomery form. */
  readonly square: bigint;
}

type Multiply = (to: Address, a: Address, b: Address) => void;
type Square = (to: Address, a: Address) => void;
type Select = (to: Address, table: Address, index: number, count: number) => void;

/** The functions of one size. */
export interface KernelFunctions {
  readonly multiply: Multiply;
  readonly square: Square;
  readonly select: Select;
}

/** An instance and its memory. Not reentrant, as nothing here is: every call ends before the next. */
export class Kernel {
  readonly layout: KernelLayout;
  readonly #exports: Readonly<Record<string, unknown>>;
  readonly #memory: DataView;
  readonly #octets: Uint8Array;
  readonly #functions = new Map<number, KernelFunctions>();
  readonly #loaded = new Map<number, bigint>();
  #next: Address;

  /**
   * Compiles the module; takes some milliseconds.
   * @throws {WebAssembly.CompileError} when the engine does not know its instructions.
   */
  constructor(code: KernelCode) {
    this.layout = code.layout;
    const module = new WebAssembly.Module(Uint8Array.fromBase64(code.wasm));
    this.#exports = new WebAssembly.Instance(module).exports;
    const { buffer } = this.#exports["memory"] as WebAssembly.Memory;
    this.#memory = new DataView(buffer);
    this.#octets = new Uint8Array(buffer);
    this.#next = 16 * Math.ceil(code.layout.free / 16);
  }

  /**
   * Whether `relaxed_madd` rounds once here, in both lanes: a·b + c where the exact answer
   * and the one rounded twice differ. (1 + 2^-30)² = 1 + 2^-29 + 2^-60; less 1 + 2^-29 that is
   * 2^-60, of which nothing is left when the product is rounded first.
   */
  get fuses(): boolean {
    const probe = this.#exports["probe"] as ((at: Address) => void) | undefined;
    if (probe === undefined) return true;
    const factor = 1 + 2 ** -30;
    for (const lane of [0, 8]) {
      const sign = lane === 0 ? 1 : -1;
      this.#memory.setFloat64(lane, sign * factor, true);
      this.#memory.setFloat64(16 + lane, factor, true);
      this.#memory.setFloat64(32 + lane, -sign * (1 + 2 ** -29), true);
    }
    probe(0);
    return this.#memory.getFloat64(48, true) === 2 ** -60 &&
      this.#memory.getFloat64(56, true) === -(2 ** -60);
  }

  /** Room for `count` numbers of a size, for good. @throws {RangeError} when memory is full. */
  reserve({ stride }: KernelSize, count: number): Address {
    const at = this.#next;
    if (at + count * stride > this.#octets.length) throw new RangeError("kernel memory is full");
    this.#next += count * stride;
    return at;
  }

  /** The size that takes this modulus, if one does: odd, and not much smaller than the size. */
  sizeFor(modulus: bigint): KernelSize | undefined {
    if ((modulus & 1n) === 0n) return undefined;
    const bits = bitLength(modulus);
    const fitting = this.layout.sizes.filter((it) => bits <= it.bits && bits > it.bits / 2);
    return fitting.reduce<KernelSize | undefined>(
      (best, it) => best === undefined || it.bits < best.bits ? it : best,
      undefined,
    );
  }

  /** What multiplies numbers of a size. */
  functions({ bits }: KernelSize): KernelFunctions {
    let functions = this.#functions.get(bits);
    if (functions === undefined) {
      functions = {
        multiply: this.#exports[`multiply${bits}`] as Multiply,
        square: this.#exports[`square${bits}`] as Square,
        select: this.#exports[`select${bits}`] as Select,
      };
      this.#functions.set(bits, functions);
    }
    return functions;
  }

  /** Computes what a modulus needs. It must have a {@link sizeFor}. */
  prepare(value: bigint, size: KernelSize): Modulus {
    const width = BigInt(this.layout.width);
    const mask = (1n << width) - 1n;
    // Newton: each step doubles the bits that are right, from 3 on.
    let inverse = value;
    for (let right = 3; right < this.layout.width; right *= 2) {
      inverse = inverse * (2n - value * inverse) & mask;
    }
    const one = (1n << width * BigInt(size.limbs)) % value;
    return { size, value, inverse: -inverse & mask, one, square: one * one % value };
  }

  /** Makes a modulus the one that the functions of its size reduce by. */
  use({ size, value, inverse }: Modulus): void {
    if (this.#loaded.get(size.bits) === value) return;
    this.write(size.modulus, value, size);
    this.#memory.setBigUint64(size.inverse, inverse, true);
    this.#loaded.set(size.bits, value);
  }

  /** Puts a number below 2^(limbs·width) into memory. */
  write(to: Address, value: bigint, { stride }: KernelSize): void {
    const { width, octets } = this.layout;
    const shift = BigInt(width);
    for (let at = to; at < to + stride; at += octets) {
      const limb = Number(BigInt.asUintN(width, value));
      if (octets === 8) this.#memory.setFloat64(at, limb, true);
      else this.#memory.setUint32(at, limb, true);
      value >>= shift;
    }
  }

  /** Takes a number out of memory. */
  read(from: Address, { limbs }: KernelSize): bigint {
    const { width, octets } = this.layout;
    let value = 0n;
    for (let limb = limbs - 1; limb >= 0; limb--) {
      const at = from + limb * octets;
      const part = octets === 8
        ? this.#memory.getFloat64(at, true)
        : this.#memory.getUint32(at, true);
      value = value << BigInt(width) | BigInt(part);
    }
    return value;
  }

  /** Overwrites octets of memory. */
  wipe(from: Address, octets: number): void {
    this.#octets.fill(0, from, from + octets);
  }

  /** Overwrites what the functions of a size left in their own room: digits, doubled limbs. */
  wipeScratch({ scratch, stride }: KernelSize): void {
    this.wipe(scratch, 4 * stride);
  }
}
