/**
 * Numbers modulo odd numbers of one size, inside a kernel: into Montgomery form and out of it,
 * products, powers by a window, and the tables of combs.
 */
import type { Address, Kernel, KernelFunctions } from "./kernel.ts";
import type { MemoryMap } from "./kernel_code.ts";

/** Bits of a digit, teeth of a comb; a table has 32 entries. */
export const DIGIT = 5;
const ENTRIES = 1 << DIGIT;
/** Octets of exponents that there is room for. */
export const EXPONENT_OCTETS = 192;

/** A modulus with everything that is computed for it once. */
export interface Modulus {
  readonly value: bigint;
  /** k·value ≡ −1 modulo 2^width: what the kernel reduces by. */
  readonly multiple: bigint;
  /** R: 1 in Montgomery form. */
  readonly one: bigint;
  /** R²: multiplying by it brings a number into Montgomery form. */
  readonly square: bigint;
}

/** How the bits of an exponent are spread over a comb. */
export interface CombShape {
  /** Squarings. */
  readonly steps: number;
  /** Tables that share the squarings. */
  readonly blocks: number;
}

/** Room and functions for one size of modulus. Results of every method are in the accumulator. */
export class MontgomeryRoom {
  readonly map: MemoryMap;
  readonly run: KernelFunctions;
  readonly #kernel: Kernel;
  /** Numbers and exponents as octets. */
  readonly #octets: Address;
  readonly #window: Address;
  /** 1 as it is, R and R² of the modulus in use. */
  readonly #plainOne: Address;
  readonly #one: Address;
  readonly #square: Address;
  #modulus: Modulus | undefined;

  constructor(kernel: Kernel, map: MemoryMap) {
    this.#kernel = kernel;
    this.map = map;
    this.run = kernel.functions(map);
    this.#octets = kernel.reserve(EXPONENT_OCTETS + 64);
    this.#window = kernel.reserve(ENTRIES * map.stride);
    [this.#plainOne, this.#one, this.#square] = [1, 2, 3].map(() => kernel.reserve(map.stride)) as [
      Address,
      Address,
      Address,
    ];
    this.#put(this.#plainOne, 1n);
  }

  /** Computes what a modulus needs: odd, and of at most as many bits as this room's. */
  prepare(value: bigint): Modulus {
    const { width } = this.#kernel.layout;
    // Newton: each step doubles the low bits that are right, from 3 on.
    let inverse = value;
    for (let right = 3; right < width; right *= 2) {
      inverse = BigInt.asUintN(width, inverse * (2n - value * inverse));
    }
    const multiple = value * BigInt.asUintN(width, -inverse);
    const one = (1n << BigInt(2 * this.map.pairs * width)) % multiple;
    return { value, multiple, one, square: one * one % multiple };
  }

  /** From now on everything is modulo this. */
  use(modulus: Modulus): void {
    if (this.#modulus === modulus) return;
    this.#put(this.map.modulus, modulus.multiple + 1n);
    this.#put(this.#one, modulus.one);
    this.#put(this.#square, modulus.square);
    this.#modulus = modulus;
  }

  /** The accumulator becomes 1. */
  begin(): void {
    this.#copy(this.map.accumulator, this.#one);
  }

  /** A number comes in. `to` and not the accumulator. */
  enter(to: Address, value: bigint): void {
    this.#put(to, value);
    this.#copy(this.map.factor, this.#square);
    this.run.multiply(to, to);
  }

  /** The accumulator goes out. */
  leave(): bigint {
    this.#saveResult();
    const at = this.#octets;
    let value = 0n;
    for (let word = this.map.octets - 8; word >= 0; word -= 8) {
      value = value << 64n | this.#kernel.words.getBigUint64(at + word, true);
    }
    return value % (this.#modulus?.value ?? 1n);
  }

  /** The accumulator goes out as octets, highest first. The modulus must be its own multiple. */
  leaveOctets(length: number): Uint8Array<ArrayBuffer> {
    this.#saveResult();
    return new Uint8Array(this.#kernel.octets.subarray(this.#octets, this.#octets + length))
      .reverse();
  }

  /** The accumulator is kept elsewhere. */
  keep(to: Address): void {
    this.#copy(to, this.map.accumulator);
  }

  /** The accumulator is taken from elsewhere. */
  take(from: Address): void {
    this.#copy(this.map.accumulator, from);
  }

  /** base^exponent for a secret exponent, by a fixed window. */
  power(base: bigint, exponent: Uint8Array): void {
    const { run, map: { stride, factor } } = this;
    const table = this.#window;
    this.#copy(table, this.#one);
    this.enter(table + stride, base);
    this.#copy(factor, table + stride);
    for (let entry = 2; entry < ENTRIES; entry++) {
      run.multiply(table + entry * stride, table + (entry - 1) * stride);
    }
    this.begin();
    this.#putExponent(exponent);
    run.power(this.#octets, Math.ceil(8 * exponent.length / DIGIT), table);
  }

  /** The odd powers of a base: base, base³, … `count` of them. */
  fillOddPowers(table: Address, base: bigint, count: number): void {
    const { run, map: { stride, accumulator, factor } } = this;
    this.enter(table, base);
    this.take(table);
    run.square();
    this.#copy(factor, accumulator);
    for (let entry = 1; entry < count; entry++) {
      run.multiply(table + entry * stride, table + (entry - 1) * stride);
    }
  }

  /** Octets of the tables of a comb. */
  combOctets({ blocks }: CombShape): number {
    return blocks * ENTRIES * this.map.stride;
  }

  /**
   * The tables of a comb: entry e of a block is the product of base^(2^(tooth · spacing + block ·
   * steps)) over the teeth whose bits are set in e, spacing = steps · blocks.
   */
  fillComb(tables: Address, base: bigint, { steps, blocks }: CombShape): void {
    const { run, map: { stride, accumulator, factor } } = this;
    const table = (block: number): Address => tables + block * ENTRIES * stride;
    for (let block = 0; block < blocks; block++) this.#copy(table(block), this.#one);
    this.enter(this.#window, base);
    this.take(this.#window);
    for (let tooth = 0; tooth < DIGIT; tooth++) {
      for (let block = 0; block < blocks; block++) {
        const first = 1 << tooth;
        this.#copy(factor, accumulator);
        for (let below = 0; below < first; below++) {
          run.multiply(table(block) + (first + below) * stride, table(block) + below * stride);
        }
        for (let step = 0; step < steps; step++) run.square();
      }
    }
  }

  /** The power of a comb's base for a secret exponent of at most its bits. */
  combPower(tables: Address, exponent: Uint8Array, { steps, blocks }: CombShape): void {
    this.begin();
    this.#putExponent(exponent);
    this.run.comb(this.#octets, steps, blocks, tables);
  }

  /** Overwrites everything that depended on secrets. */
  wipe(): void {
    const { accumulator, beginning, stride } = this.map;
    this.#kernel.wipe(accumulator, beginning - accumulator);
    this.#kernel.wipe(this.#octets, EXPONENT_OCTETS + 64);
    this.#kernel.wipe(this.#window, ENTRIES * stride);
  }

  #saveResult(): void {
    this.run.times(this.#plainOne);
    this.run.save(this.#octets, this.map.accumulator);
  }

  #put(to: Address, value: bigint): void {
    for (let at = 0; at < this.map.octets + 8; at += 8) {
      this.#kernel.words.setBigUint64(this.#octets + at, BigInt.asUintN(64, value), true);
      value >>= 64n;
    }
    this.run.load(to, this.#octets);
  }

  /** Lowest octet first, and zeros to the end of the room. */
  #putExponent(exponent: Uint8Array): void {
    const { octets } = this.#kernel;
    octets.fill(0, this.#octets, this.#octets + EXPONENT_OCTETS + 64);
    for (let at = 0; at < exponent.length; at++) {
      octets[this.#octets + at] = exponent[exponent.length - 1 - at] ?? 0;
    }
  }

  #copy(to: Address, from: Address): void {
    this.#kernel.octets.copyWithin(to, from, from + this.map.stride);
  }
}
