/**
 * {@link Arithmetic} over a WebAssembly kernel. Secret exponents go through a fixed window or a
 * comb: the same squarings and multiplications for every exponent of a length, and every entry
 * of a table is read whichever is wanted. Public ones take what is fastest.
 */
import type { Arithmetic } from "./arithmetic.ts";
import { bitLength, mod } from "./big_integers.ts";
import { CombTables } from "./comb_tables.ts";
import type { Address, Kernel } from "./kernel.ts";
import type { MemoryMap } from "./kernel_code.ts";
import {
  type CombShape,
  DIGIT,
  EXPONENT_OCTETS,
  type Modulus,
  MontgomeryRoom,
} from "./montgomery_room.ts";
import { slidingDigits, windowWidth } from "./sliding_windows.ts";

/** Moduli that are remembered: our own keys' and those of a few peers. */
const MODULI = 16;
/** Bases of one product whose odd powers fit; more are taken in turns. */
const TERMS = 4;
/** Odd powers below 2^6. */
const ODD_POWERS = 32;

/** A comb for exponents of up to some bits, and how many bases may have one. */
interface CombKind {
  readonly modulusBits: number;
  readonly bits: number;
  readonly shape: CombShape;
  readonly places: number;
}

/** 5 teeth each: the bits are at most 5 · steps · blocks. */
const COMB_KINDS: readonly CombKind[] = [
  // D-H key pairs: 2 alone.
  { modulusBits: 1536, bits: 320, shape: { steps: 8, blocks: 8 }, places: 1 },
  // SMP: 2, and the generators of two runs.
  { modulusBits: 1536, bits: 1536, shape: { steps: 39, blocks: 8 }, places: 7 },
  // DSA: the generator of our key, and the generators and keys of a few peers.
  { modulusBits: 1024, bits: 160, shape: { steps: 8, blocks: 4 }, places: 8 },
];

interface Combs extends CombKind {
  readonly tables: CombTables;
}

interface Term {
  readonly base: bigint;
  readonly exponent: bigint;
}

/** A size of modulus with everything that belongs to it. */
interface Size {
  readonly map: MemoryMap;
  readonly room: MontgomeryRoom;
  readonly oddPowers: Address;
  readonly kept: Address;
  readonly combs: readonly Combs[];
}

/**
 * The arithmetic of `kernel`, for the group with the safe prime `p` and the generator 2.
 *
 * @param fallback For what the kernel has no size, and what it does no faster.
 */
export function makeKernelArithmetic(kernel: Kernel, p: bigint, fallback: Arithmetic): Arithmetic {
  const sizes = kernel.layout.sizes.map((map) => makeSize(kernel, map));
  const moduli = new Map<bigint, Modulus>();

  /** The size of a modulus, ready to compute with it; `undefined`: not with this kernel. */
  function enter(value: bigint): Size | undefined {
    const size = sizeOf(value);
    if (size === undefined) return undefined;
    let modulus = moduli.get(value);
    if (modulus === undefined) {
      modulus = size.room.prepare(value);
      // The oldest leaves: a stranger's moduli must not pile up.
      for (const oldest of moduli.keys()) {
        if (moduli.size < MODULI) break;
        moduli.delete(oldest);
      }
      moduli.set(value, modulus);
    }
    size.room.use(modulus);
    return size;
  }

  /** Numbers with half a size's bits or fewer are faster, and safe enough, elsewhere. */
  function sizeOf(modulus: bigint): Size | undefined {
    const bits = modulus === p ? 1536 : bitLength(modulus);
    return (modulus & 1n) === 0n ? undefined : sizes.find(({ map }) =>
      // A modulus of full size is its own multiple; only p is known to be.
      map.bits === 1536 ? modulus === p : bits <= map.bits && bits > map.bits / 2
    );
  }

  function findTables(
    size: Size,
    base: bigint,
    modulus: bigint,
    bits: number,
  ): { readonly combs: Combs; readonly at: Address } | undefined {
    for (const combs of size.combs) {
      // A comb does all of its work for any exponent; a short one is done sooner without.
      if (bits > combs.bits || bits < combs.bits / 4) continue;
      const at = combs.tables.find(
        base,
        modulus,
        (it) => size.room.fillComb(it, base, combs.shape),
      );
      if (at !== undefined) return { combs, at };
    }
    return undefined;
  }

  /** A power for a secret exponent is left in the accumulator. */
  function powerOfSecret(size: Size, base: bigint, exponent: Uint8Array, modulus: bigint): void {
    const found = findTables(size, base, modulus, 8 * exponent.length);
    if (found === undefined) size.room.power(base, exponent);
    else size.room.combPower(found.at, exponent, found.combs.shape);
  }

  function modExpSecret(base: bigint, exponent: Uint8Array, modulus: bigint): bigint {
    const size = exponent.length > EXPONENT_OCTETS ? undefined : enter(modulus);
    if (size === undefined) return fallback.modExpSecret(base, exponent, modulus);
    powerOfSecret(size, base, exponent, modulus);
    const power = size.room.leave();
    size.room.wipe();
    return power;
  }

  function multiExp(
    terms: readonly (readonly [base: bigint, exponent: bigint])[],
    modulus: bigint,
  ): bigint {
    if (terms.length > TERMS) {
      const first = multiExp(terms.slice(0, TERMS), modulus);
      return mod(first * multiExp(terms.slice(TERMS), modulus), modulus);
    }
    const size = enter(modulus);
    if (size === undefined) return fallback.multiExp(terms, modulus);
    const { room, kept } = size;
    const plain: Term[] = [];
    const combed = new Map<Combs, { readonly term: Term; readonly at: Address }[]>();
    for (const [anyBase, exponent] of terms) {
      const term = { base: mod(anyBase, modulus), exponent };
      if (modulus !== p) size.combs[0]?.tables.count(term.base, modulus);
      const found = findTables(size, term.base, modulus, bitLength(exponent));
      if (found === undefined) plain.push(term);
      else combed.set(found.combs, [...combed.get(found.combs) ?? [], { term, at: found.at }]);
    }
    straus(size, plain);
    for (const [{ shape }, powers] of combed) {
      room.keep(kept);
      publicCombs(size, powers, shape);
      room.run.times(kept);
    }
    return room.leave();
  }

  const g = 2n;
  return {
    modExpSecret,
    multiExp,
    modExpPublic: (base, exponent, modulus) => multiExp([[base, exponent]], modulus),
    fixedBaseG2(exponent) {
      if (exponent.length > EXPONENT_OCTETS) return fallback.fixedBaseG2(exponent);
      const size = sizeOf(p);
      for (const { bits, tables } of size?.combs ?? []) {
        if (8 * exponent.length <= bits) {
          tables.want(g, p);
          break;
        }
      }
      return modExpSecret(g, exponent, p);
    },
    agree(base, exponent) {
      const size = enter(p);
      if (size === undefined) return fallback.agree(base, exponent);
      powerOfSecret(size, base, exponent, p);
      const octets = size.room.leaveOctets(size.map.bits / 8);
      size.room.wipe();
      return octets;
    },
    expectMore(base, modulus) {
      sizeOf(modulus)?.combs.at(-1)?.tables.want(base, modulus);
    },
    invert: (value, modulus) => fallback.invert(value, modulus),
    isMember: (value) => fallback.isMember(value),
  };
}

function makeSize(kernel: Kernel, map: MemoryMap): Size {
  const room = new MontgomeryRoom(kernel, map);
  return {
    map,
    room,
    oddPowers: kernel.reserve(TERMS * ODD_POWERS * map.stride),
    kept: kernel.reserve(map.stride),
    combs: COMB_KINDS.filter((it) => it.modulusBits === map.bits).map((kind) => ({
      ...kind,
      tables: new CombTables(
        Array.from({ length: kind.places }, () => kernel.reserve(room.combOctets(kind.shape))),
      ),
    })),
  };
}

/** Straus: all bases share the squarings. */
function straus({ room, oddPowers, map: { stride } }: Size, terms: readonly Term[]): void {
  const prepared = terms.map(({ base, exponent }, index) => {
    const width = windowWidth(bitLength(exponent));
    const table = oddPowers + index * ODD_POWERS * stride;
    room.fillOddPowers(table, base, 1 << (width - 1));
    return { table, digits: slidingDigits(exponent, width) };
  });
  const longest = Math.max(0, ...prepared.map((it) => it.digits.length));
  room.begin();
  for (let bit = longest - 1; bit >= 0; bit--) {
    if (bit < longest - 1) room.run.square();
    for (const { table, digits } of prepared) {
      const digit = digits[bit] ?? 0;
      if (digit !== 0) room.run.times(table + (digit >> 1) * stride);
    }
  }
}

/** Bases with tables of one shape, for public exponents. */
function publicCombs(
  { room, map: { stride } }: Size,
  powers: readonly { readonly term: Term; readonly at: Address }[],
  { steps, blocks }: CombShape,
): void {
  const spacing = steps * blocks;
  const prepared = powers.map(({ term, at }) => ({ at, bits: term.exponent.toString(2) }));
  room.begin();
  for (let step = steps - 1; step >= 0; step--) {
    if (step < steps - 1) room.run.square();
    for (const { at, bits } of prepared) {
      for (let block = 0; block < blocks; block++) {
        let digit = 0;
        for (let tooth = 0; tooth < DIGIT; tooth++) {
          const bit = tooth * spacing + block * steps + step;
          if (bits.charCodeAt(bits.length - 1 - bit) === 49) digit |= 1 << tooth;
        }
        if (digit !== 0) room.run.times(at + (block * (1 << DIGIT) + digit) * stride);
      }
    }
  }
}
