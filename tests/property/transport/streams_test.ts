/** What holds for every stream: octets arrive whole and in order, whatever stands in the way. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { concatBytes } from "../../../lib/base/bytes.ts";
import type { WireRecord } from "../../../lib/base/wire_tap.ts";
import {
  type ByteStream,
  faultyStream,
  memoryStreamPair,
  recordStream,
} from "../../../lib/transport/mod.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

const pieces = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 });

async function send(stream: ByteStream, written: readonly Uint8Array[]): Promise<void> {
  const writer = stream.writable.getWriter();
  for (const bytes of written) await writer.write(bytes);
  await writer.close();
}

async function receive(stream: ByteStream): Promise<Uint8Array[]> {
  return await Array.fromAsync(stream.readable);
}

Deno.test("memoryStreamPair() delivers every octet in order, whatever its capacity", async () => {
  await fc.assert(
    fc.asyncProperty(pieces, fc.integer({ min: 1, max: 200 }), async (written, capacity) => {
      const [a, b] = memoryStreamPair({ capacity });
      const [arrived] = await Promise.all([receive(b), send(a, written)]);
      assertEquals(concatBytes(...arrived), concatBytes(...written));
    }),
  );
});

Deno.test("faultyStream() that only splits changes no octet, and never exceeds its piece", async () => {
  await fc.assert(fc.asyncProperty(
    pieces,
    fc.integer({ min: 1, max: 20 }),
    fc.integer(),
    async (written, splitUpTo, seed) => {
      const [a, b] = memoryStreamPair();
      const faulty = faultyStream(b, { random: seededRandom(seed), incoming: { splitUpTo } });
      const [arrived] = await Promise.all([receive(faulty), send(a, written)]);
      assertEquals(concatBytes(...arrived), concatBytes(...written));
      assert(arrived.every((it) => it.length > 0 && it.length <= splitUpTo));
    },
  ));
});

Deno.test("faultyStream() delivers a prefix of so many octets before its cut", async () => {
  await fc.assert(fc.asyncProperty(
    pieces,
    fc.integer({ min: 1, max: 300 }),
    async (written, cutAfter) => {
      const [a, b] = memoryStreamPair();
      const faulty = faultyStream(b, { random: seededRandom(1), incoming: { cutAfter } });
      const arrived: Uint8Array[] = [];
      const reading = (async () => {
        for await (const bytes of faulty.readable) arrived.push(bytes);
      })().catch(() => {}); // The cut, where the input reaches it.
      await send(a, written).catch(() => {});
      await reading;
      const all = concatBytes(...written);
      assertEquals(concatBytes(...arrived), all.subarray(0, cutAfter));
    },
  ));
});

Deno.test("recordStream() tells its tap exactly the octets that passed", async () => {
  await fc.assert(fc.asyncProperty(pieces, pieces, async (forth, back) => {
    const records: WireRecord[] = [];
    const [a, b] = memoryStreamPair();
    const recorded = recordStream(a, {
      tap: (it) => records.push(it),
      now: () => 0,
      protocol: "sip",
    });
    await Promise.all([send(recorded, forth), receive(b), send(b, back), receive(recorded)]);
    const passed = (direction: "in" | "out"): Uint8Array =>
      concatBytes(...records.filter((it) => it.direction === direction).map((it) => it.data));
    assertEquals([passed("out"), passed("in")], [concatBytes(...forth), concatBytes(...back)]);
  }));
});
