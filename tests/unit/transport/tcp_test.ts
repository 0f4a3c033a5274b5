import { assertEquals, assertGreater, assertInstanceOf, assertRejects } from "@std/assert";
import { decodeUtf8, utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import type { HostPort } from "../../../lib/base/wire_tap.ts";
import type { ByteStream } from "../../../lib/transport/byte_stream.ts";
import { connectTcp, listenTcp } from "../../../lib/transport/tcp.ts";
import { bothEnds, LOOPBACK, readAll, writeTo } from "../../helpers/streams.ts";

Deno.test("connectTcp() and listenTcp() know both ends' addresses", async () => {
  await using listener = await listenTcp(LOOPBACK);
  assertGreater(listener.local.port, 0);
  const [client, server] = await bothEnds(listener, connectTcp);
  await using _client = client;
  await using _server = server;
  assertEquals(client.remote, listener.local);
  assertEquals(server.remote, client.local);
  assertEquals(server.local, client.remote);
  assertEquals(client.tls, undefined);
});

Deno.test("connectTcp() reaches localhost and IPv6 in brackets", async () => {
  await using listener = await listenTcp(LOOPBACK);
  await using stream = await connectTcp({ host: "localhost", port: listener.local.port });
  assertEquals(stream.remote.host, "127.0.0.1");
  await using listener6 = await listenTcp({ host: "[::1]", port: 0 });
  await using stream6 = await connectTcp({ host: "[::1]", port: listener6.local.port });
  assertEquals(stream6.remote, { host: "::1", port: listener6.local.port });
});

Deno.test("connectTcp() is a half-closable stream: the peer's end does not stop our writing", async () => {
  await using listener = await listenTcp(LOOPBACK);
  const [client, server] = await bothEnds(listener, connectTcp);
  await using _client = client;
  await using _server = server;
  await writeTo(client, utf8("question"));
  await client.writable.close();
  assertEquals(decodeUtf8(await readAll(server)), "question");
  await writeTo(server, utf8("answer"));
  await server.close();
  assertEquals(decodeUtf8(await readAll(client)), "answer");
});

Deno.test("connectTcp() reports a closed port as refused", async () => {
  const listener = await listenTcp(LOOPBACK);
  await listener.close();
  const error = await assertRejects(() => connectTcp(listener.local), SottoError, "refused");
  assertEquals(error.code, "transport/refused");
  assertInstanceOf(error.cause, Deno.errors.ConnectionRefused);
});

Deno.test("connectTcp() reports an unknown name without asking anybody about .invalid", async () => {
  const error = await assertRejects(
    () => connectTcp({ host: "nobody.invalid", port: 5060 }),
    SottoError,
  );
  assertEquals(error.code, "transport/name-not-found");
});

Deno.test("connectTcp() rejects with the signal's own reason, before and while it waits", async () => {
  const reason = new Error("enough");
  const before = await assertRejects(() =>
    connectTcp(LOOPBACK, { signal: AbortSignal.abort(reason) })
  );
  assertEquals(before, reason);
  // 192.0.2.0/24 is for documentation (RFC 5737): nothing answers there. Where a network
  // refuses it at once the wait is over before the abort, which is just as well.
  const abort = new AbortController();
  const waiting = connectTcp({ host: "192.0.2.1", port: 9 }, { signal: abort.signal })
    .then((stream) => stream.close().then(() => reason), (error: unknown) => error);
  queueMicrotask(() => abort.abort(reason));
  const ended = await waiting;
  if (ended !== reason) assertEquals(ended instanceof SottoError, true);
});

Deno.test("connectTcp() forgets its signal once it is connected", async () => {
  await using listener = await listenTcp(LOOPBACK);
  const abort = new AbortController();
  const connect = (to: HostPort): Promise<ByteStream> => connectTcp(to, { signal: abort.signal });
  const [client, server] = await bothEnds(listener, connect);
  await using _client = client;
  await using _server = server;
  abort.abort();
  await writeTo(client, utf8("still here"));
  await client.writable.close();
  assertEquals(decodeUtf8(await readAll(server)), "still here");
});

Deno.test("connectTcp() meets a reset as transport/reset", async () => {
  await using listener = await listenTcp(LOOPBACK);
  const [client, server] = await bothEnds(listener, connectTcp);
  await using _client = client;
  await writeTo(client, utf8("never read, so that closing resets"));
  await server.close();
  const error = await assertRejects(async () => {
    // The first write may still be taken; a system that was told of the reset takes none.
    for (;;) await writeTo(client, new Uint8Array(65_536));
  }, SottoError);
  assertEquals(error.code, "transport/reset");
});

Deno.test("close() ends a pending read quietly and makes writes fail with transport/closed", async () => {
  await using listener = await listenTcp(LOOPBACK);
  const [client, server] = await bothEnds(listener, connectTcp);
  await using _server = server;
  const reading = client.readable.getReader().read();
  const writer = client.writable.getWriter();
  await client.close();
  await client.close();
  assertEquals((await reading).done, true);
  const error = await assertRejects(() => writer.write(utf8("late")), SottoError);
  assertEquals(error.code, "transport/closed");
});

Deno.test("writable.write() waits for a slow reader and loses nothing", async () => {
  await using listener = await listenTcp(LOOPBACK);
  const [client, server] = await bothEnds(listener, connectTcp);
  await using _client = client;
  await using _server = server;
  const total = 24 << 20;
  const block = Uint8Array.from({ length: 1 << 20 }, (_, at) => at * 31);
  let written = 0;
  const writing = (async () => {
    const writer = client.writable.getWriter();
    for (; written < total; written += block.length) await writer.write(block);
    await writer.close();
  })();
  // Turns of the event loop, not time: a writer that did not wait would be done by then.
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
  assertEquals(written < total, true, `${written} octets were taken with nobody reading`);
  let read = 0;
  let sum = 0;
  for await (const bytes of server.readable) {
    for (const byte of bytes) sum = (sum + byte) >>> 0;
    read += bytes.length;
  }
  await writing;
  assertEquals(read, total);
  assertEquals(sum, 24 * block.reduce((a, b) => a + b, 0) >>> 0);
});

Deno.test("listenTcp() serves 1000 quick connections", async () => {
  await using listener = await listenTcp(LOOPBACK);
  const serving = (async () => {
    let served = 0;
    for await (const stream of listener) {
      await writeTo(stream, utf8("hi"));
      await stream.close();
      if (++served === 1000) return served;
    }
    return served;
  })();
  let heard = 0;
  for (let round = 0; round < 20; round++) {
    const greetings = Array.from({ length: 50 }, async () => {
      await using stream = await connectTcp(listener.local);
      return decodeUtf8(await readAll(stream));
    });
    for (const greeting of await Promise.all(greetings)) if (greeting === "hi") heard++;
  }
  assertEquals([heard, await serving], [1000, 1000]);
});

Deno.test("listenTcp() reports an address that is taken or foreign", async () => {
  await using listener = await listenTcp(LOOPBACK);
  const taken = await assertRejects(() => listenTcp(listener.local), SottoError);
  assertEquals(taken.code, "transport/address-in-use");
  const foreign = await assertRejects(() => listenTcp({ host: "192.0.2.1", port: 0 }), SottoError);
  assertEquals(foreign.code, "transport/address-not-available");
});

Deno.test("Listener ends its iteration when it is closed, and closes when the loop is left", async () => {
  const listener = await listenTcp(LOOPBACK);
  const iterating = Array.fromAsync(listener);
  await listener.close();
  assertEquals(await iterating, []);

  const second = await listenTcp(LOOPBACK);
  const client = connectTcp(second.local);
  for await (const stream of second) {
    await stream.close();
    break;
  }
  await (await client).close();
  const error = await assertRejects(() => connectTcp(second.local), SottoError);
  assertEquals(error.code, "transport/refused");
});
