import { assertEquals, assertRejects } from "@std/assert";
import { concatBytes, decodeUtf8, utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { memoryStreamPair } from "../../../lib/transport/memory.ts";

Deno.test("memoryStreamPair() carries octets both ways and closes by halves", async () => {
  const [a, b] = memoryStreamPair();
  const writer = a.writable.getWriter();
  await writer.write(utf8("question"));
  await writer.close();
  assertEquals(decodeUtf8(concatBytes(...await Array.fromAsync(b.readable))), "question");
  await b.writable.getWriter().write(utf8("answer"));
  await b.close();
  assertEquals(decodeUtf8(concatBytes(...await Array.fromAsync(a.readable))), "answer");
  await a.close();
});

Deno.test("memoryStreamPair() gives each end the other's address", () => {
  const addresses = [{ host: "192.0.2.1", port: 7 }, { host: "192.0.2.2", port: 8 }] as const;
  const [a, b] = memoryStreamPair({ addresses });
  assertEquals([a.local, a.remote], [...addresses]);
  assertEquals([b.local, b.remote], [addresses[1], addresses[0]]);
});

Deno.test("memoryStreamPair() makes a writer wait at its capacity", async () => {
  const [a, b] = memoryStreamPair({ capacity: 10 });
  const writer = a.writable.getWriter();
  await writer.write(new Uint8Array(10));
  let taken = false;
  const second = writer.write(new Uint8Array(1)).then(() => taken = true);
  await new Promise((resolve) => setImmediate(resolve));
  assertEquals(taken, false);
  const reader = b.readable.getReader();
  assertEquals((await reader.read()).value?.length, 10);
  await second;
  assertEquals((await reader.read()).value?.length, 1);
});

Deno.test("memoryStreamPair() copies, so that the writer may use its buffer again", async () => {
  const [a, b] = memoryStreamPair();
  const bytes = utf8("x");
  await a.writable.getWriter().write(bytes);
  bytes[0] = 0;
  assertEquals((await b.readable.getReader().read()).value, utf8("x"));
});

Deno.test("memoryStreamPair() tells a writer that its reader left", async () => {
  const [a, b] = memoryStreamPair({ capacity: 1 });
  const writer = a.writable.getWriter();
  await writer.write(utf8("x"));
  const waiting = writer.write(utf8("y"));
  await b.close();
  const error = await assertRejects(() => waiting, SottoError);
  assertEquals(error.code, "transport/reset");
  await a.close();
});

Deno.test("memoryStreamPair() ends a pending read when its own end is closed", async () => {
  const [a] = memoryStreamPair();
  const reading = a.readable.getReader().read();
  await a.close();
  assertEquals((await reading).done, true);
});
