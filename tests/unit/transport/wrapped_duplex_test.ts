import { assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { memoryStreamPair } from "../../../lib/transport/memory.ts";
import { WrappedDuplex } from "../../../lib/transport/wrapped_duplex.ts";

Deno.test("WrappedDuplex passes reads, writes and both ends through", async () => {
  const [a, b] = memoryStreamPair();
  const wrapped = new WrappedDuplex(a);
  assertEquals([wrapped.local, wrapped.remote, wrapped.tls], [a.local, a.remote, undefined]);
  await wrapped.write(utf8("x"));
  await wrapped.endWriting();
  assertEquals(await Array.fromAsync(b.readable), [utf8("x")]);
  await b.writable.getWriter().write(utf8("y"));
  await b.close();
  assertEquals(await wrapped.read(), utf8("y"));
  assertEquals(await wrapped.read(), undefined);
  await wrapped.close();
});
