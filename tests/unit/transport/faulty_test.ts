import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { concatBytes, utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import {
  faultyDatagrams,
  type FaultyOptions,
  faultyStream,
} from "../../../lib/transport/faulty.ts";
import { memoryStreamPair } from "../../../lib/transport/memory.ts";
import { bindUdp } from "../../../lib/transport/udp.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

const INPUT = Uint8Array.from({ length: 400 }, (_, at) => at);

/** The pieces in which INPUT arrives through a faulty receiver. */
async function receive(options: Omit<FaultyOptions, "random">, seed = 1): Promise<Uint8Array[]> {
  const [a, b] = memoryStreamPair();
  await a.writable.getWriter().write(INPUT);
  await a.close();
  await using faulty = faultyStream(b, { random: seededRandom(seed), ...options });
  return await Array.fromAsync(faulty.readable);
}

Deno.test("faultyStream() without faults changes nothing", async () => {
  assertEquals(await receive({}), [INPUT]);
});

Deno.test("faultyStream() splits without loss, the same way for the same seed", async () => {
  const pieces = await receive({ incoming: { splitUpTo: 7 } });
  assert(pieces.length >= 400 / 7);
  assert(pieces.every((it) => it.length >= 1 && it.length <= 7));
  assertEquals(concatBytes(...pieces), INPUT);
  assertEquals(await receive({ incoming: { splitUpTo: 7 } }), pieces);
  const other = await receive({ incoming: { splitUpTo: 7 } }, 2);
  assert(
    other.length !== pieces.length || other.some((it, at) => it.length !== pieces[at]?.length),
  );
});

Deno.test("faultyStream() drops whole pieces and damages single octets", async () => {
  const kept = await receive({ incoming: { splitUpTo: 4, drop: 0.5 } });
  const length = concatBytes(...kept).length;
  assert(length > 0 && length < INPUT.length, `${length} octets were left`);
  const damaged = concatBytes(...await receive({ incoming: { corrupt: 1 } }));
  assertEquals(damaged.filter((it, at) => it !== INPUT[at]).length, 1);
  assertEquals(damaged.length, INPUT.length);
});

Deno.test("faultyStream() waits by the injected clock only", async () => {
  const waits: number[] = [];
  const sleep = (ms: number): Promise<void> => {
    waits.push(ms);
    return Promise.resolve();
  };
  await receive({ incoming: { delay: 250 }, sleep });
  assertEquals(waits, [250]);
  const [a] = memoryStreamPair();
  assertThrows(
    () => faultyStream(a, { random: seededRandom(1), incoming: { delay: 1 } }),
    TypeError,
    "sleep",
  );
});

Deno.test("faultyStream() delivers up to the cut, then fails as reset", async () => {
  const [a, b] = memoryStreamPair();
  await a.writable.getWriter().write(INPUT);
  const faulty = faultyStream(b, { random: seededRandom(1), incoming: { cutAfter: 10 } });
  const reader = faulty.readable.getReader();
  assertEquals((await reader.read()).value, INPUT.subarray(0, 10));
  const error = await assertRejects(() => reader.read(), SottoError);
  assertEquals(error.code, "transport/reset");
  assertEquals((await a.readable.getReader().read()).done, true);
});

Deno.test("faultyStream() cuts what we send in the middle of a write", async () => {
  const [a, b] = memoryStreamPair();
  const faulty = faultyStream(a, {
    random: seededRandom(1),
    outgoing: { cutAfter: 25, splitUpTo: 10 },
  });
  const error = await assertRejects(() => faulty.writable.getWriter().write(INPUT), SottoError);
  assertEquals(error.code, "transport/reset");
  assertEquals(concatBytes(...await Array.fromAsync(b.readable)), INPUT.subarray(0, 25));
});

Deno.test("faultyDatagrams() drops, doubles and damages whole datagrams", async () => {
  const deliver = async (faults: object): Promise<Uint8Array[]> => {
    await using receiver = await bindUdp({ host: "127.0.0.1", port: 0 });
    await using sender = faultyDatagrams(await bindUdp({ host: "127.0.0.1", port: 0 }), {
      random: seededRandom(3),
      outgoing: faults,
    });
    await sender.send(utf8("one"), receiver.local);
    // Sent by the receiver to itself, behind the datagrams in question.
    await receiver.send(utf8("end"), receiver.local);
    const arrived: Uint8Array[] = [];
    for await (const { data } of receiver) {
      if (data.length === 3 && data[0] === 0x65) break;
      arrived.push(data);
    }
    return arrived;
  };
  assertEquals(await deliver({}), [utf8("one")]);
  assertEquals(await deliver({ drop: 1 }), []);
  assertEquals(await deliver({ duplicate: 1 }), [utf8("one"), utf8("one")]);
  const [damaged] = await deliver({ corrupt: 1 });
  assertEquals(damaged?.filter((it, at) => it !== utf8("one")[at]).length, 1);
});

Deno.test("faultyDatagrams() spoils what arrives as well", async () => {
  await using socket = faultyDatagrams(await bindUdp({ host: "127.0.0.1", port: 0 }), {
    random: seededRandom(3),
    incoming: { duplicate: 1 },
  });
  await socket.send(utf8("x"), socket.local);
  const iterator = socket[Symbol.asyncIterator]();
  assertEquals((await iterator.next()).value?.data, utf8("x"));
  assertEquals((await iterator.next()).value?.data, utf8("x"));
});
