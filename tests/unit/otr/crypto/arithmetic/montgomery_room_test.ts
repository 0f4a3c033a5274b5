import { assert, assertEquals } from "@std/assert";
import { FMA_KERNEL } from "../../../../../lib/otr/crypto/arithmetic/fma_kernel.ts";
import { INTEGER_KERNEL } from "../../../../../lib/otr/crypto/arithmetic/integer_kernel.ts";
import { Kernel } from "../../../../../lib/otr/crypto/arithmetic/kernel.ts";
import { MontgomeryRoom } from "../../../../../lib/otr/crypto/arithmetic/montgomery_room.ts";
import { DH_MODULUS } from "../../../../../lib/otr/crypto/arithmetic/mod.ts";
import { plainPower } from "../../../../helpers/arithmetic_contract.ts";
import { testKey } from "../../../../helpers/otr_pair.ts";

const dsaModulus = testKey("alice").publicKey.numbers.p;

for (const [name, code] of Object.entries({ fma: FMA_KERNEL, integer: INTEGER_KERNEL })) {
  for (const value of [DH_MODULUS, dsaModulus]) {
    const bits = value.toString(2).length;
    const open = (): { kernel: Kernel; room: MontgomeryRoom } => {
      const kernel = new Kernel(code);
      const map = kernel.layout.sizes.find((it) => it.bits === bits);
      assert(map !== undefined);
      const room = new MontgomeryRoom(kernel, map);
      room.use(room.prepare(value));
      return { kernel, room };
    };

    Deno.test(`MontgomeryRoom ${name} ${bits}: a modulus of full friendliness is its own multiple`, () => {
      const { kernel, room } = open();
      const { multiple } = room.prepare(value);
      assertEquals(multiple % value, 0n);
      assertEquals(BigInt.asUintN(kernel.layout.width, multiple + 1n), 0n);
      assertEquals(multiple === value, value === DH_MODULUS);
    });

    Deno.test(`MontgomeryRoom ${name} ${bits}: what comes in goes out`, () => {
      const { kernel, room } = open();
      if (!kernel.fuses) return;
      const at = kernel.reserve(room.map.stride);
      for (const number of [0n, 1n, value - 1n, value, 12345678901234567890n]) {
        room.enter(at, number);
        room.take(at);
        assertEquals(room.leave(), number % value);
      }
    });

    Deno.test(`MontgomeryRoom ${name} ${bits}: power and comb agree`, () => {
      const { kernel, room } = open();
      if (!kernel.fuses) return;
      const shape = { steps: 8, blocks: 4 };
      const tables = kernel.reserve(room.combOctets(shape));
      room.fillComb(tables, 7n, shape);
      for (const octet of [0, 1, 0x80, 0xff]) {
        const exponent = new Uint8Array(20).fill(octet);
        const expected = plainPower(7n, BigInt(`0x${exponent.toHex()}`), value);
        room.combPower(tables, exponent, shape);
        assertEquals(room.leave(), expected);
        room.power(7n, exponent);
        assertEquals(room.leave(), expected);
      }
    });

    Deno.test(`MontgomeryRoom ${name} ${bits}: odd powers are what they say`, () => {
      const { kernel, room } = open();
      if (!kernel.fuses) return;
      const table = kernel.reserve(8 * room.map.stride);
      room.fillOddPowers(table, 9n, 8);
      for (let at = 0; at < 8; at++) {
        room.take(table + at * room.map.stride);
        assertEquals(room.leave(), plainPower(9n, BigInt(2 * at + 1), value));
      }
    });
  }
}
