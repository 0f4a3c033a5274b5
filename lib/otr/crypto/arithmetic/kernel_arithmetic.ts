/**
 * {@link Arithmetic} over a WebAssembly kernel. Exponents that are secret go through a fixed
 * window: the same squarings and multiplications for every exponent of a length, and every
 * entry of the table is read whichever is wanted. Public ones take what is fastest.
 */
import type { Arithmetic } from "./arithmetic.ts";
import { fromBigInt, mod } from "./big_integers.ts";
import type { Address, Kernel, KernelFunctions, Modulus } from "./kernel.ts";
import type { KernelSize } from "./kernel_code.ts";

/** Bits of a digit, and entries of its table. */
const WINDOW = 5;
const ENTRIES = 1 << WINDOW;
/** Bases of one {@link Arithmetic.multiExp} whose tables fit; more are taken in turns. */
const TERMS = 4;
/** Octets of an exponent that a comb takes. */
const LONGEST_EXPONENT = 192;
/** Moduli that are remembered: our own key's and those of a few peers. */
const MODULI = 16;

/** Numbers of one size that computations use in turn. */
interface Room {
  readonly size: KernelSize;
  readonly run: KernelFunctions;
  readonly result: Address;
  readonly factor: Address;
  /** 1, not in Montgomery form: multiplying by it leaves that form. */
  readonly plainOne: Address;
  readonly square: Address;
  /** {@link TERMS} tables of {@link ENTRIES} numbers. */
  readonly tables: Address;
}

/**
 * The arithmetic of `kernel`, for the group with the safe prime `p` and the generator 2.
 *
 * @param fallback What the kernel has no size for, and what it does no faster.
 */
export function makeKernelArithmetic(kernel: Kernel, p: bigint, fallback: Arithmetic): Arithmetic {
  const rooms = new Map<number, Room>();
  const moduli = new Map<bigint, Modulus>();

  /** Makes everything ready to compute modulo `modulus`; `undefined`: not with this kernel. */
  function enter(modulus: bigint): { readonly room: Room; readonly modulus: Modulus } | undefined {
    const size = kernel.sizeFor(modulus);
    if (size === undefined) return undefined;
    let prepared = moduli.get(modulus);
    if (prepared === undefined) {
      prepared = kernel.prepare(modulus, size);
      // The oldest leaves: a stranger's moduli must not pile up.
      for (const oldest of moduli.keys()) {
        if (moduli.size < MODULI) break;
        moduli.delete(oldest);
      }
      moduli.set(modulus, prepared);
    }
    const room = rooms.get(size.bits) ?? makeRoom(size);
    kernel.use(prepared);
    kernel.write(room.square, prepared.square, size);
    return { room, modulus: prepared };
  }

  function makeRoom(size: KernelSize): Room {
    const at = kernel.reserve(size, 4 + TERMS * ENTRIES);
    const { stride } = size;
    const room = {
      size,
      run: kernel.functions(size),
      result: at,
      factor: at + stride,
      plainOne: at + 2 * stride,
      square: at + 3 * stride,
      tables: at + 4 * stride,
    };
    kernel.write(room.plainOne, 1n, size);
    rooms.set(size.bits, room);
    return room;
  }

  /** base^0 … base^(count − 1) in Montgomery form. */
  function fillTable(room: Room, table: Address, base: bigint, count: number, one: bigint): void {
    const { size, run, square } = room;
    const { stride } = size;
    kernel.write(table, one, size);
    kernel.write(table + stride, base, size);
    run.multiply(table + stride, table + stride, square);
    for (let at = 2; at < count; at++) {
      const to = table + at * stride;
      if (at % 2 === 0) run.square(to, table + (at / 2) * stride);
      else run.multiply(to, to - stride, table + stride);
    }
  }

  /** Leaves Montgomery form. The result is below N, or N for 0. */
  function leave({ size, run, result, plainOne }: Room, value: bigint): bigint {
    run.multiply(result, result, plainOne);
    const number = kernel.read(result, size);
    return number === value ? 0n : number;
  }

  function modExpSecret(base: bigint, exponent: Uint8Array, modulus: bigint): bigint {
    const entered = enter(modulus);
    if (entered === undefined) return fallback.modExpSecret(base, exponent, modulus);
    const { room, modulus: { one, value } } = entered;
    const { size, run, result, factor, tables } = room;
    fillTable(room, tables, base, ENTRIES, one);
    const digits = Math.ceil(8 * exponent.length / WINDOW);
    kernel.write(result, one, size);
    for (let place = digits - 1; place >= 0; place--) {
      if (place < digits - 1) {
        for (let bit = 0; bit < WINDOW; bit++) run.square(result, result);
      }
      run.select(factor, tables, digitOf(exponent, place * WINDOW, WINDOW), ENTRIES);
      run.multiply(result, result, factor);
    }
    const power = leave(room, value);
    kernel.wipe(result, 2 * size.stride);
    kernel.wipe(tables, ENTRIES * size.stride);
    kernel.wipeScratch(size);
    return power;
  }

  /** Straus with windows: the squarings are shared by all bases; zero digits are free. */
  function multiExp(
    terms: readonly (readonly [base: bigint, exponent: bigint])[],
    modulus: bigint,
  ): bigint {
    if (terms.length > TERMS) {
      const first = multiExp(terms.slice(0, TERMS), modulus);
      return mod(first * multiExp(terms.slice(TERMS), modulus), modulus);
    }
    const ofTwo = terms.findIndex(([base, exponent]) =>
      base === 2n && isForComb(exponent, modulus)
    );
    if (ofTwo >= 0 && terms.length === 2) {
      // The table for 2 is there already: without it the other base needs no long squarings.
      const [, exponent] = terms[ofTwo] ?? [2n, 0n];
      const power = fixedBaseG2(fromBigInt(exponent, LONGEST_EXPONENT));
      return mod(power * multiExp(terms.toSpliced(ofTwo, 1), modulus), modulus);
    }
    const entered = enter(modulus);
    if (entered === undefined) return fallback.multiExp(terms, modulus);
    const { room, modulus: { one, value } } = entered;
    const { size, run, result, tables } = room;
    const prepared = terms.map(([base, exponent], index) => {
      const table = tables + index * ENTRIES * size.stride;
      fillTable(room, table, mod(base, modulus), ENTRIES, one);
      return { table, digits: exponent.toString(ENTRIES) };
    });
    const longest = Math.max(0, ...prepared.map((it) => it.digits.length));
    kernel.write(result, one, size);
    for (let place = longest; place > 0; place--) {
      if (place < longest) {
        for (let bit = 0; bit < WINDOW; bit++) run.square(result, result);
      }
      for (const { table, digits } of prepared) {
        const digit = Number.parseInt(digits[digits.length - place] ?? "0", ENTRIES);
        if (digit !== 0) run.multiply(result, result, table + digit * size.stride);
      }
    }
    return leave(room, value);
  }

  const fixedBaseG2 = makeComb();
  /** A long exponent of the D-H group, beside which the other one is short. */
  function isForComb(exponent: bigint, modulus: bigint): boolean {
    return modulus === p && exponent >> BigInt(4 * LONGEST_EXPONENT) > 0n &&
      exponent >> BigInt(8 * LONGEST_EXPONENT) === 0n;
  }

  return {
    modExpSecret,
    multiExp,
    modExpPublic: (base, exponent, modulus) => multiExp([[base, exponent]], modulus),
    fixedBaseG2,
    invert: (value, modulus) => fallback.invert(value, modulus),
    isMember: (value) => fallback.isMember(value),
  };

  /** Combs for 2, made at the first use: one for D-H exponents, one for those of SMP. */
  function makeComb(): (exponent: Uint8Array) => bigint {
    const combs = [320, 1536].map((bits) => ({ bits, table: undefined as Address | undefined }));
    return (exponent) => {
      const comb = combs.find((it) => 8 * exponent.length <= it.bits);
      const entered = enter(p);
      if (comb === undefined || entered === undefined) return fallback.fixedBaseG2(exponent);
      const { room, modulus: { one, value } } = entered;
      const { size, run, result, factor } = room;
      const spacing = Math.ceil(comb.bits / (TEETH * BLOCKS)) * BLOCKS;
      comb.table ??= combTable(room, spacing, one);
      const steps = spacing / BLOCKS;
      kernel.write(result, one, size);
      for (let step = steps - 1; step >= 0; step--) {
        if (step < steps - 1) run.square(result, result);
        for (let block = 0; block < BLOCKS; block++) {
          let digit = 0;
          for (let tooth = TEETH - 1; tooth >= 0; tooth--) {
            digit = digit << 1 | digitOf(exponent, tooth * spacing + block * steps + step, 1);
          }
          const table = comb.table + block * (1 << TEETH) * size.stride;
          run.select(factor, table, digit, 1 << TEETH);
          run.multiply(result, result, factor);
        }
      }
      const power = leave(room, value);
      kernel.wipe(result, 2 * size.stride);
      kernel.wipeScratch(size);
      return power;
    };
  }

  /** For each block the products of 2^(tooth·spacing + block·steps) over every set of teeth. */
  function combTable(room: Room, spacing: number, one: bigint): Address {
    const { size, run, factor, square } = room;
    const { stride } = size;
    const entries = 1 << TEETH;
    const steps = spacing / BLOCKS;
    const table = kernel.reserve(size, BLOCKS * entries);
    for (let block = 0; block < BLOCKS; block++) {
      kernel.write(table + block * entries * stride, one, size);
    }
    kernel.write(factor, 2n, size);
    run.multiply(factor, factor, square);
    for (let tooth = 0; tooth < TEETH; tooth++) {
      for (let block = 0; block < BLOCKS; block++) {
        const first = table + block * entries * stride;
        for (let below = 0; below < 1 << tooth; below++) {
          run.multiply(first + (below + (1 << tooth)) * stride, first + below * stride, factor);
        }
        for (let step = 0; step < steps; step++) run.square(factor, factor);
      }
    }
    return table;
  }
}

/** Teeth of a comb: 32 entries, as many as a window has. */
const TEETH = 5;
/** Blocks that share the squarings (Lim and Lee). */
const BLOCKS = 4;

/**
 * `count` ≤ 8 bits of a big-endian exponent from bit `at` on; bits beyond its end are zero.
 * Which octets are read depends on `at` alone.
 */
function digitOf(exponent: Uint8Array, at: number, count: number): number {
  const last = exponent.length - 1 - (at >> 3);
  const low = exponent[last] ?? 0;
  const high = exponent[last - 1] ?? 0;
  return (high << 8 | low) >> (at & 7) & ((1 << count) - 1);
}
