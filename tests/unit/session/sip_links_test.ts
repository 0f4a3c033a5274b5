/** Sockets by themselves: where we say that we are, what is reused, what is closed. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { decodeUtf8Lossy, utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { SystemClock } from "../../../lib/session/clock.ts";
import { platformRandom } from "../../../lib/session/random.ts";
import { SipLinks, type SipLinksOptions } from "../../../lib/session/sip_links.ts";
import { SipLocator } from "../../../lib/session/sip_locator.ts";
import { DnsServer } from "../../helpers/dns_server.ts";
import { bindUdp, connectTcp, listenTcp } from "../../../lib/transport/mod.ts";

interface Opened extends AsyncDisposable {
  readonly links: SipLinks;
  readonly came: string[];
  /** Resolves when something more came. */
  more(): Promise<void>;
}

function open(options: Partial<SipLinksOptions> = {}): Opened {
  const came: string[] = [];
  let nudge = Promise.withResolvers<void>();
  const note = (what: string): void => {
    came.push(what);
    nudge.resolve();
    nudge = Promise.withResolvers<void>();
  };
  const clock = new SystemClock();
  const links = new SipLinks({
    clock,
    locator: new SipLocator({ clock, random: platformRandom }),
    tls: {},
    connectionLimit: 8,
    handler: {
      receiveDatagram: (data, { transport }) => note(`${transport} ${decodeUtf8Lossy(data)}`),
      receiveStun: (data) => note(`stun ${data[0]}${data[1]}`),
      receiveOctets: (data, { transport, connection }) =>
        note(`${transport} ${connection} ${decodeUtf8Lossy(data)}`),
      receiveEnd: (connection) => note(`end ${connection}`),
    },
    ...options,
  });
  return {
    links,
    came,
    more: () => nudge.promise,
    [Symbol.asyncDispose]: () => links.close(500),
  };
}

Deno.test("SipLinks names the address that suits the peer, also when it listens everywhere", async () => {
  await using everywhere = open();
  const { local } = await everywhere.links.listen({ host: "0.0.0.0", port: 0, transport: "udp" });
  assertEquals(everywhere.links.localAddress("udp", "127.0.0.1"), {
    host: "127.0.0.1",
    port: local.port,
  });
  await using one = open();
  await one.links.listen({ host: "127.0.0.1", port: 0, transport: "udp" });
  const elsewhere = one.links.localAddress("udp", "192.0.2.99");
  assertEquals(elsewhere.port, 5060, "a loopback socket reaches nobody else");
  assertMatch(one.links.localAddress("udp", "127.0.0.9").host, /^127\.0\.0\.1$/);
});

Deno.test("SipLinks binds a socket for whom no socket can reach yet, and keeps it", async () => {
  const peer = await bindUdp({ host: "127.0.0.1", port: 0 });
  await using it = open();
  const to = { transport: "udp", host: "127.0.0.1", port: peer.local.port } as const;
  await it.links.prepare(to);
  assertEquals(it.links.places.length, 1);
  await it.links.send(utf8("a"), to);
  await it.links.send(utf8("b"), to);
  assertEquals(it.links.places.length, 1);
  const reader = peer[Symbol.asyncIterator]();
  const first = await reader.next();
  const { port } = it.links.localAddress("udp", "127.0.0.1");
  assertEquals([decodeUtf8Lossy(first.value.data), first.value.from.port], ["a", port]);
  await peer.close();
});

Deno.test("SipLinks uses one connection for a place, and listens for what comes back later", async () => {
  const listener = await listenTcp({ host: "127.0.0.1", port: 0 });
  const accepted = listener[Symbol.asyncIterator]();
  await using it = open();
  const to = { transport: "tcp", host: "127.0.0.1", port: listener.local.port } as const;
  await it.links.prepare(to);
  const used: number[] = [];
  await Promise.all(["a", "b"].map((text) => it.links.send(utf8(text), to, (id) => used.push(id))));
  assertEquals(used, [1, 1]);
  const { value } = await accepted.next();
  assertEquals(it.links.places.map((place) => place.transport), ["tcp"]);
  const back = await connectTcp(it.links.localAddress("tcp", "127.0.0.1"));
  const writer = back.writable.getWriter();
  const arriving = it.more();
  await writer.write(utf8("hello"));
  await arriving;
  assertEquals(it.came, ["tcp 2 hello"]);
  const ending = it.more();
  await value.close();
  await ending;
  assertEquals(it.came.at(-1), "end 1");
  await it.links.send(utf8("c"), to, (id) => used.push(id));
  assertEquals(used.at(-1), 3, "a connection that ended is made anew");
  await back.close();
  await listener.close();
});

Deno.test("SipLinks answers on the connection that is named, as long as it is open", async () => {
  await using it = open();
  const { local } = await it.links.listen({ host: "127.0.0.1", port: 0, transport: "tcp" });
  const peer = await connectTcp(local);
  const arriving = it.more();
  await peer.writable.getWriter().write(utf8("?"));
  await arriving;
  const to = { transport: "tcp", host: "127.0.0.1", port: 1, connection: 1 } as const;
  await it.links.send(utf8("!"), to);
  const reader = peer.readable.getReader();
  assertEquals((await reader.read()).value, utf8("!"));
  await it.links.closeConnection(1);
  assertEquals((await reader.read()).done, true);
  const error = await assertRejects(() => it.links.send(utf8("!"), to), SottoError);
  assertEquals(error.code, "transport/refused");
  await peer.close();
});

Deno.test("SipLinks cuts connections beyond its limit", async () => {
  await using it = open({ connectionLimit: 1 });
  const { local } = await it.links.listen({ host: "127.0.0.1", port: 0, transport: "tcp" });
  const first = await connectTcp(local);
  const arriving = it.more();
  await first.writable.getWriter().write(utf8("x"));
  await arriving;
  const second = await connectTcp(local);
  assertEquals((await second.readable.getReader().read()).done, true);
  await Promise.all([first.close(), second.close()]);
});

Deno.test("SipLinks sends to the next address of a name when the first refuses", async () => {
  await using dns = await DnsServer.start({});
  const listener = await listenTcp({ host: "127.0.0.1", port: 0 });
  const records = [1, listener.local.port].map((port, at) => ({
    priority: at,
    weight: 0,
    port,
    target: "a.example",
  }));
  dns.change({ "_sip._tcp.bob.example": { SRV: records }, "a.example": { A: ["127.0.0.1"] } });
  const accepted = listener[Symbol.asyncIterator]().next();
  const clock = new SystemClock();
  const { nameServer } = dns;
  const locator = new SipLocator({ clock, random: platformRandom, dns: { nameServer } });
  await using it = open({ locator });
  const to = { transport: "tcp", host: "bob.example", port: 5060, portIsImplied: true } as const;
  await it.links.send(utf8("hello"), to);
  const { value: stream } = await accepted;
  const { value } = await (stream?.readable ?? new ReadableStream()).getReader().read();
  assertEquals(decodeUtf8Lossy(value), "hello");
  assertEquals(locator.health.isFailed({ ...to, host: "127.0.0.1", port: 1 }, clock.now()), true);
  await stream?.close();
  await listener.close();
});
