import { assertEquals, assertRejects } from "@std/assert";
import { decodeUtf8, utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { bindUdp } from "../../../lib/transport/udp.ts";

const LOOPBACK = { host: "127.0.0.1", port: 0 };

Deno.test("bindUdp() sends and receives with the sender's address", async () => {
  await using a = await bindUdp(LOOPBACK);
  await using b = await bindUdp(LOOPBACK);
  await a.send(utf8("ping"), b.local);
  const received = await b[Symbol.asyncIterator]().next();
  assertEquals(received.value && decodeUtf8(received.value.data), "ping");
  assertEquals(received.value?.from, a.local);
});

Deno.test("bindUdp() works over IPv6", async () => {
  await using a = await bindUdp({ host: "::1", port: 0 });
  await using b = await bindUdp({ host: "[::1]", port: 0 });
  await a.send(utf8("six"), b.local);
  const received = await b[Symbol.asyncIterator]().next();
  assertEquals(received.value?.from, a.local);
});

Deno.test("bindUdp() reports an address that is taken", async () => {
  await using socket = await bindUdp(LOOPBACK);
  const error = await assertRejects(() => bindUdp(socket.local), SottoError);
  assertEquals(error.code, "transport/address-in-use");
});

Deno.test("DatagramSocket.send() refuses what no datagram can carry, and works on", async () => {
  await using a = await bindUdp(LOOPBACK);
  await using b = await bindUdp(LOOPBACK);
  const error = await assertRejects(() => a.send(new Uint8Array(70_000), b.local), SottoError);
  assertEquals(error.code, "transport/datagram-too-large");
  await a.send(utf8("small"), b.local);
  const received = await b[Symbol.asyncIterator]().next();
  assertEquals(received.value && decodeUtf8(received.value.data), "small");
});

Deno.test("DatagramSocket.send() to a port nobody listens on is silence, not an error", async () => {
  const gone = await bindUdp(LOOPBACK);
  await gone.close();
  await using a = await bindUdp(LOOPBACK);
  await a.send(utf8("hello?"), gone.local);
  await a.send(utf8("hello??"), gone.local);
  await using b = await bindUdp(LOOPBACK);
  await b.send(utf8("here"), a.local);
  const received = await a[Symbol.asyncIterator]().next();
  assertEquals(received.value && decodeUtf8(received.value.data), "here");
});

Deno.test("DatagramSocket ends its iteration when closed, and then refuses to send", async () => {
  const socket = await bindUdp(LOOPBACK);
  const iterating = Array.fromAsync(socket);
  await socket.close();
  await socket.close();
  assertEquals(await iterating, []);
  const error = await assertRejects(() => socket.send(utf8("x"), LOOPBACK), SottoError);
  assertEquals(error.code, "transport/closed");
});

Deno.test("DatagramSocket keeps at most queueLimit datagrams for a slow consumer", async () => {
  await using a = await bindUdp(LOOPBACK);
  await using b = await bindUdp(LOOPBACK, { queueLimit: 2 });
  await using probe = await bindUdp(LOOPBACK);
  for (let n = 0; n < 10; n++) await a.send(Uint8Array.of(n), b.local);
  // Every round trip is a turn of the event loop, in which b takes one datagram or more.
  const echo = probe[Symbol.asyncIterator]();
  for (let n = 0; n < 100; n++) {
    await probe.send(utf8("mark"), probe.local);
    await echo.next();
  }
  const iterator = b[Symbol.asyncIterator]();
  const first = await iterator.next();
  const second = await iterator.next();
  assertEquals([first.value?.data[0], second.value?.data[0]], [0, 1]);
  const ending = iterator.next();
  await b.close();
  assertEquals((await ending).done, true);
});
