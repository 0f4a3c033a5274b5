import { assert, assertEquals, assertRejects } from "@std/assert";
import { ascii } from "../../../lib/base/ascii.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { isWildcard, reaches, SipDatagrams } from "../../../lib/lab/sip_datagrams.ts";
import { SystemClock } from "../../../lib/session/mod.ts";
import { type Flow, parseStun, writeStun } from "../../../lib/sip/mod.ts";
import { bindUdp } from "../../../lib/transport/mod.ts";

Deno.test("SipDatagrams answers by the socket that was asked", async () => {
  const heard = Promise.withResolvers<Flow>();
  let count = 0;
  const sockets = new SipDatagrams({
    clock: new SystemClock(),
    nextNumber: () => ++count,
    receive: (_, flow) => heard.resolve(flow),
  });
  await sockets.bind({ host: "127.0.0.1", port: 0 });
  const second = await sockets.bind({ host: "127.0.0.1", port: 0 });
  await using peer = await bindUdp({ host: "127.0.0.1", port: 0 });
  await peer.send(ascii("hello"), second);
  const flow = await heard.promise;
  assertEquals([flow.connection, flow.remote], [2, peer.local]);
  assertEquals(sockets.localAddress(flow.connection, "127.0.0.1"), second);
  await sockets.send(ascii("back"), { ...flow, ...flow.remote });
  const { value } = await peer[Symbol.asyncIterator]().next();
  assert(value !== undefined);
  assertEquals(value.from, second);
  await sockets.close();
});

Deno.test("SipDatagrams answers STUN at once, and hands none of it on", async () => {
  const received: number[] = [];
  const sockets = new SipDatagrams({
    clock: new SystemClock(),
    nextNumber: () => 1,
    receive: (data) => void received.push(data.length),
  });
  const at = await sockets.bind({ host: "127.0.0.1", port: 0 });
  await using peer = await bindUdp({ host: "127.0.0.1", port: 0 });
  const transaction = new Uint8Array(12).fill(7);
  await peer.send(new Uint8Array(20), at); // Begins like STUN, and is none.
  await peer.send(writeStun({ class: "request", transaction }), at);
  const { value } = await peer[Symbol.asyncIterator]().next();
  assert(value !== undefined);
  assertEquals(parseStun(value.data).mappedAddress, peer.local);
  assertEquals([value.from, received], [at, []]);
  await sockets.close();
});

Deno.test("SipDatagrams says when no socket of its family is there", async () => {
  const sockets = new SipDatagrams({
    clock: new SystemClock(),
    nextNumber: () => 1,
    receive: () => {},
  });
  await sockets.bind({ host: "127.0.0.1", port: 0 });
  const error = await assertRejects(
    () => sockets.send(ascii("x"), { transport: "udp", host: "::1", port: 5060 }),
    SottoError,
  );
  assertEquals(error.code, "transport/unreachable");
  assertEquals(sockets.localAddress(undefined, "::1"), undefined);
  await sockets.close();
});

Deno.test("reaches() and isWildcard() know loopback from the rest", () => {
  assertEquals(reaches("127.0.0.1", "127.0.0.2"), true);
  assertEquals(reaches("127.0.0.1", "192.0.2.1"), false);
  assertEquals(reaches("0.0.0.0", "127.0.0.1"), true);
  assertEquals(reaches("0.0.0.0", "::1"), false);
  assertEquals([isWildcard("::"), isWildcard("::1")], [true, false]);
});
