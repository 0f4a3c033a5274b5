import { assert, assertEquals, assertThrows } from "@std/assert";
import { FMA_KERNEL } from "../../../../../lib/otr/crypto/arithmetic/fma_kernel.ts";
import { INTEGER_KERNEL } from "../../../../../lib/otr/crypto/arithmetic/integer_kernel.ts";
import { toBigInt } from "../../../../../lib/otr/crypto/arithmetic/big_integers.ts";
import { Kernel, type Modulus } from "../../../../../lib/otr/crypto/arithmetic/kernel.ts";
import type { KernelCode } from "../../../../../lib/otr/crypto/arithmetic/kernel_code.ts";
import { DH_MODULUS } from "../../../../../lib/otr/crypto/arithmetic/mod.ts";
import { seededRandom } from "../../../../helpers/seeded_random.ts";
import { testKey } from "../../../../helpers/otr_pair.ts";

const MODULI = [DH_MODULUS, testKey("bob").publicKey.numbers.p];

function enter(code: KernelCode, value: bigint): { kernel: Kernel; modulus: Modulus } {
  const kernel = new Kernel(code);
  const size = kernel.sizeFor(value);
  assert(size !== undefined);
  const modulus = kernel.prepare(value, size);
  kernel.use(modulus);
  return { kernel, modulus };
}

/** 0, 1, N ± 1, N, 2N − 1, and numbers whose limbs are all ones or carry from end to end. */
function edges(value: bigint, width: number): bigint[] {
  const ones = (1n << BigInt(width)) - 1n;
  const bits = value.toString(2).length;
  const everyLimb = (1n << BigInt(bits)) - 1n;
  return [0n, 1n, 2n, ones, ones << BigInt(width), everyLimb, value - 1n, value, value + 1n]
    .concat([2n * value - 1n, (1n << BigInt(bits - 1)) - 1n, 1n << BigInt(bits - 1)]);
}

for (const [name, code] of Object.entries({ fma: FMA_KERNEL, integer: INTEGER_KERNEL })) {
  for (const value of MODULI) {
    const bits = value.toString(2).length;
    Deno.test(`Kernel ${name}: multiply and square at ${bits} bits agree with BigInt`, () => {
      const { kernel, modulus: { size, one } } = enter(code, value);
      if (!kernel.fuses) return; // Then chooseArithmetic() does not take it.
      const { multiply, square } = kernel.functions(size);
      const a = kernel.reserve(size, 3);
      const b = a + size.stride;
      const to = b + size.stride;
      const random = seededRandom(bits);
      const numbers = [
        ...edges(value, kernel.layout.width),
        ...Array.from({ length: 60 }, () => toBigInt(random(bits / 8)) % (2n * value)),
      ];
      for (const x of numbers) {
        kernel.write(a, x, size);
        for (const y of numbers) {
          kernel.write(b, y, size);
          multiply(to, a, b);
          const product = kernel.read(to, size);
          // product = x·y/R: multiplied by R it is x·y again. And it stays below 2N.
          assertEquals(product * one % value, x * y % value);
          assert(product < 2n * value);
        }
        square(to, a);
        const squared = kernel.read(to, size);
        assertEquals(squared * one % value, x * x % value);
        assert(squared < 2n * value);
        square(a, a); // The result may stand in the operand's place.
        assertEquals(kernel.read(a, size), squared);
      }
    });

    Deno.test(`Kernel ${name}: select reads any entry at ${bits} bits`, () => {
      const { kernel, modulus: { size } } = enter(code, value);
      const { select } = kernel.functions(size);
      const table = kernel.reserve(size, 33);
      const to = table + 32 * size.stride;
      for (let at = 0; at < 32; at++) {
        kernel.write(table + at * size.stride, value - BigInt(at), size);
      }
      for (let at = 0; at < 32; at++) {
        select(to, table, at, 32);
        assertEquals(kernel.read(to, size), value - BigInt(at));
      }
    });
  }

  Deno.test(`Kernel ${name}: takes moduli of its sizes, and reserves no more than it has`, () => {
    const kernel = new Kernel(code);
    assertEquals(kernel.sizeFor(DH_MODULUS)?.bits, 1536);
    assertEquals(kernel.sizeFor((1n << 1024n) - 1n)?.bits, 1024);
    assertEquals(kernel.sizeFor(1n << 1023n), undefined);
    assertEquals(kernel.sizeFor(101n), undefined);
    assertEquals(kernel.sizeFor((1n << 1600n) - 1n), undefined);
    const [size] = kernel.layout.sizes;
    assert(size !== undefined);
    assertThrows(() => kernel.reserve(size, 1 << 20), RangeError, "full");
  });

  Deno.test(`Kernel ${name}: wipe() leaves zeros`, () => {
    const { kernel, modulus: { size } } = enter(code, DH_MODULUS);
    const at = kernel.reserve(size, 1);
    kernel.write(at, DH_MODULUS, size);
    kernel.wipe(at, size.stride);
    assertEquals(kernel.read(at, size), 0n);
  });
}
