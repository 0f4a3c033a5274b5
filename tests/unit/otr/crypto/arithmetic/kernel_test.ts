import { assert, assertEquals, assertThrows } from "@std/assert";
import { toBigInt } from "../../../../../lib/otr/crypto/arithmetic/big_integers.ts";
import { FMA_KERNEL } from "../../../../../lib/otr/crypto/arithmetic/fma_kernel.ts";
import { INTEGER_KERNEL } from "../../../../../lib/otr/crypto/arithmetic/integer_kernel.ts";
import { Kernel, type KernelFunctions } from "../../../../../lib/otr/crypto/arithmetic/kernel.ts";
import type {
  KernelCode,
  MemoryMap,
} from "../../../../../lib/otr/crypto/arithmetic/kernel_code.ts";
import { DH_MODULUS } from "../../../../../lib/otr/crypto/arithmetic/mod.ts";
import { seededRandom } from "../../../../helpers/seeded_random.ts";
import { testKey } from "../../../../helpers/otr_pair.ts";

const MODULI = new Map([[1536, DH_MODULUS], [1024, testKey("bob").publicKey.numbers.p]]);

/** The bare functions of one size on numbers, and the modulus that the kernel reduces by. */
class BareKernel {
  readonly kernel: Kernel;
  readonly map: MemoryMap;
  readonly run: KernelFunctions;
  readonly modulus: bigint;
  readonly radix: bigint;
  readonly #octets: number;

  constructor(code: KernelCode, bits: number) {
    this.kernel = new Kernel(code);
    const map = this.kernel.layout.sizes.find((it) => it.bits === bits);
    assert(map !== undefined);
    this.map = map;
    this.run = this.kernel.functions(map);
    this.#octets = this.kernel.reserve(256);
    const width = BigInt(this.kernel.layout.width);
    this.radix = 1n << 2n * BigInt(map.pairs) * width;
    const value = MODULI.get(bits) ?? 0n;
    // k with k·value ≡ −1 modulo 2^width, bit by bit.
    let k = 0n;
    for (let bit = 0n; bit < width; bit++) {
      if (((k * value + 1n) >> bit & 1n) === 1n) k |= 1n << bit;
    }
    this.modulus = k * value;
    this.write(map.modulus, this.modulus + 1n);
  }

  write(to: number, value: bigint): void {
    for (let at = 0; at < this.map.octets + 8; at++) {
      this.kernel.octets[this.#octets + at] = Number(value >> BigInt(8 * at) & 0xffn);
    }
    this.run.load(to, this.#octets);
  }

  read(from: number): bigint {
    this.run.save(this.#octets, from);
    const octets = this.kernel.octets.slice(this.#octets, this.#octets + this.map.octets);
    return toBigInt(octets.reverse());
  }

  /** 0, 1, N and its neighbours, and numbers whose limbs are all ones or carry from end to end. */
  edges(): bigint[] {
    const { modulus } = this;
    const bits = BigInt(modulus.toString(2).length);
    const width = BigInt(this.kernel.layout.width);
    const ones = (1n << width) - 1n;
    const numbers = [
      0n,
      1n,
      2n,
      ones,
      ones << width,
      ones + 1n,
      modulus - 1n,
      modulus,
      modulus + 1n,
    ]
      .concat([2n * modulus - 1n, (1n << bits) - 1n, (1n << bits - 1n) - 1n, 1n << bits - 1n]);
    // Every other limb full, and the other way round.
    let alternating = 0n;
    for (let at = 0n; at + width < bits; at += 2n * width) alternating |= ones << at;
    return [...numbers, alternating, (1n << bits - 1n) - 1n - alternating];
  }
}

for (const [name, code] of Object.entries({ fma: FMA_KERNEL, integer: INTEGER_KERNEL })) {
  for (const bits of MODULI.keys()) {
    Deno.test(`Kernel ${name}: multiply and square at ${bits} bits agree with BigInt`, () => {
      const it = new BareKernel(code, bits);
      if (!it.kernel.fuses) return; // Then chooseArithmetic() does not take it.
      const { map: { accumulator, factor }, modulus, radix } = it;
      const random = seededRandom(bits);
      const numbers = [
        ...it.edges(),
        ...Array.from({ length: 60 }, () => toBigInt(random(204)) % (2n * modulus)),
      ];
      for (const x of numbers) {
        for (const y of numbers) {
          it.write(accumulator, x);
          it.write(factor, y);
          it.run.multiply(accumulator, accumulator);
          const product = it.read(accumulator);
          // product = x·y/R: multiplied by R it is x·y again. And it stays below 2N.
          assertEquals((product * radix - x * y) % modulus, 0n);
          assert(product < 2n * modulus);
        }
        it.write(accumulator, x);
        it.run.square();
        const square = it.read(accumulator);
        assertEquals((square * radix - x * x) % modulus, 0n);
        assert(square < 2n * modulus);
      }
    });

    Deno.test(`Kernel ${name}: results are operands again, many times over, at ${bits} bits`, () => {
      const it = new BareKernel(code, bits);
      if (!it.kernel.fuses) return;
      const { map: { accumulator, factor, stride }, modulus, radix } = it;
      // The limbs of a result may be a little out of range; nothing but a chain shows it.
      for (const start of it.edges()) {
        let expected = start % modulus;
        it.write(accumulator, start);
        for (let round = 0; round < 40; round++) {
          it.kernel.octets.copyWithin(factor, accumulator, accumulator + stride);
          it.run.square();
          it.run.multiply(accumulator, accumulator);
          expected = expected ** 3n % modulus;
          const result = it.read(accumulator);
          assert(result < 2n * modulus);
          // R² divides x³.
          assertEquals((result * radix * radix - expected) % modulus, 0n);
          expected = result % modulus;
        }
      }
    });

    Deno.test(`Kernel ${name}: load and save are each other's inverse at ${bits} bits`, () => {
      const it = new BareKernel(code, bits);
      const random = seededRandom(bits);
      for (
        const x of [
          ...it.edges(),
          ...[1, 7, 100, 128].map((length) => toBigInt(random(length))),
        ]
      ) {
        it.write(it.map.accumulator, x);
        assertEquals(it.read(it.map.accumulator), x);
      }
    });

    Deno.test(`Kernel ${name}: power takes the digit of every place from the table at ${bits} bits`, () => {
      const it = new BareKernel(code, bits);
      if (!it.kernel.fuses) return;
      const { map: { accumulator, stride }, modulus, radix } = it;
      const table = it.kernel.reserve(32 * stride);
      const exponentAt = it.kernel.reserve(16);
      // Entry e is 3^e·R, whatever the rest does with it.
      for (let e = 0n; e < 32n; e++) {
        it.write(table + Number(e) * stride, 3n ** e * radix % modulus);
      }
      for (const exponent of [0n, 1n, 31n, 32n, 0x1234567n, (1n << 30n) - 1n]) {
        for (let at = 0n; at < 16n; at++) {
          it.kernel.octets[exponentAt + Number(at)] = Number(exponent >> (8n * at) & 0xffn);
        }
        it.write(accumulator, radix % modulus);
        it.run.power(exponentAt, 6, table);
        let expected = 1n;
        for (let bit = 29n; bit >= 0n; bit--) {
          expected = expected * expected * ((exponent >> bit & 1n) === 1n ? 3n : 1n) % modulus;
        }
        assertEquals((it.read(accumulator) - expected * radix) % modulus, 0n);
      }
    });
  }

  Deno.test(`Kernel ${name}: reserves no more than it has`, () => {
    assertThrows(() => new Kernel(code).reserve(1 << 20), RangeError, "room");
  });

  Deno.test(`Kernel ${name}: wipe() leaves zeros`, () => {
    const it = new BareKernel(code, 1536);
    const at = it.kernel.reserve(it.map.stride);
    it.write(at, DH_MODULUS);
    it.kernel.wipe(at, it.map.stride);
    assertEquals(
      it.kernel.octets.slice(at, at + it.map.stride).every((octet) => octet === 0),
      true,
    );
  });
}
