/** Calls to names: a real name server, real sockets, servers that are dead or say 503 (RFC 3263, SIP-074, SIP-075). */
import { assert, assertEquals } from "@std/assert";
import { decodeUtf8Lossy, utf8 } from "../../../lib/base/bytes.ts";
import {
  type IncomingCall,
  platformRandom,
  SipEndpoint,
  type SipEndpointOptions,
  SystemClock,
} from "../../../lib/session/mod.ts";
import { parseNameAddress, parseSipUri, type SipTransport } from "../../../lib/sip/mod.ts";
import {
  connectTcp,
  listenTcp,
  type NaptrRecord,
  type SrvRecord,
} from "../../../lib/transport/mod.ts";
import { DnsServer, type NameTable } from "../../helpers/dns_server.ts";
import { requestText } from "../../helpers/scripted_sip.ts";

const SDP = utf8("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\n");
const FROM = parseNameAddress("<sip:alice@example.com>");
/** Timer B after 1.3 seconds: a dead UDP server cannot say so. */
const FAST = { t1: 20, t2: 80, t4: 50, d: 100 };

function endpoint(options: Partial<SipEndpointOptions> = {}): Promise<SipEndpoint> {
  return SipEndpoint.open({
    listen: [],
    clock: new SystemClock(),
    random: platformRandom,
    userAgent: "sotto/test",
    timers: FAST,
    ...options,
  });
}

function server(
  transport: SipTransport,
  options: Partial<SipEndpointOptions> = {},
  host = "127.0.0.1",
): Promise<SipEndpoint> {
  return endpoint({ listen: [{ host, port: 0, transport }], ...options });
}

function portOf(it: SipEndpoint): number {
  return parseSipUri(it.uris[0] ?? "").port ?? 0;
}

function srv(priority: number, port: number, target: string): SrvRecord {
  return { priority, weight: 0, port, target };
}

function naptr(order: number, services: string, replacement: string): NaptrRecord {
  return { order, preference: 1, flags: "s", services, regexp: "", replacement };
}

/** Answers the next call of `it`. */
async function answerOne(it: SipEndpoint): Promise<IncomingCall> {
  const { value, done } = await it.calls()[Symbol.asyncIterator]().next();
  assert(!done);
  value.answer(SDP);
  return value;
}

/** Calls `target`: the event that decides. */
async function call(alice: SipEndpoint, target: string): Promise<string> {
  const outgoing = alice.invite({ target: parseSipUri(target), from: FROM, offer: SDP });
  for await (const event of outgoing.events()) {
    if (event.type === "ringing") continue;
    if (event.type === "answered") {
      await outgoing.hangup();
      return "answered";
    }
    if (event.type === "rejected") return `rejected ${event.status}`;
    return event.type === "failed" ? `failed ${event.error.code}` : event.type;
  }
  return "ended";
}

function zone(service: string, transport: string, records: readonly SrvRecord[]): NameTable {
  const name = `_sip._${transport}.example.com`;
  return {
    "example.com": { NAPTR: [naptr(20, "SIP+D2X", "x.example.com"), naptr(10, service, name)] },
    [name]: { SRV: records },
    "one.example.com": { A: ["127.0.0.1"] },
    "both.example.com": { A: ["127.0.0.1"], AAAA: ["::1"] },
    "six.example.com": { AAAA: ["::1"] },
  };
}

Deno.test("SIP-075 a call finds its server by NAPTR, SRV and A, past one that says 503 and one that is dead", async () => {
  await using busy = await server("udp", { limits: { transactions: 0 } });
  await using bob = await server("udp");
  // Nobody listens at the discard port of loopback.
  const records = [
    srv(1, portOf(busy), "one.example.com"),
    srv(2, 9, "one.example.com"),
    srv(3, portOf(bob), "one.example.com"),
  ];
  await using dns = await DnsServer.start(zone("SIP+D2U", "udp", records));
  await using alice = await endpoint({ dns: { nameServer: dns.nameServer } });
  const answering = answerOne(bob);
  assertEquals(await call(alice, "sip:bob@example.com"), "answered");
  const { requestUri } = await answering;
  assertEquals(requestUri.host, "example.com", "the URI is not rewritten with what DNS says (§4)");
  assertEquals(dns.asked.slice(0, 2), ["NAPTR example.com", "SRV _sip._udp.example.com"]);
  // Dead servers are remembered: the next call goes to Bob at once.
  const places = await alice.locate(parseSipUri("sip:bob@example.com"));
  assertEquals(places.map((it) => it.port), [portOf(bob), portOf(busy), 9]);
});

Deno.test("SIP-075 over TCP a refused connection is enough to go on, over to the other family", async () => {
  await using bob = await server("tcp", {}, "::1");
  const records = [srv(1, portOf(bob), "both.example.com")];
  await using dns = await DnsServer.start(zone("SIP+D2T", "tcp", records));
  await using alice = await endpoint({ dns: { nameServer: dns.nameServer } });
  const answering = answerOne(bob);
  assertEquals(await call(alice, "sip:bob@example.com"), "answered");
  const { source, transport } = await answering;
  assertEquals([source.host, transport], ["::1", "tcp"]);
});

for (const transport of ["udp", "tcp"] as const) {
  Deno.test(`SIP-074 a name that has only AAAA is called over IPv6, ${transport}`, async () => {
    await using bob = await server(transport, {}, "::1");
    await using dns = await DnsServer.start(zone("", transport, []));
    await using alice = await endpoint({ dns: { nameServer: dns.nameServer } });
    const answering = answerOne(bob);
    const target = `sip:bob@six.example.com:${portOf(bob)};transport=${transport}`;
    assertEquals(await call(alice, target), "answered");
    assertEquals((await answering).source.host, "::1");
  });

  Deno.test(`SIP-074 an IPv6 literal is called as it is, ${transport}`, async () => {
    await using bob = await server(transport, {}, "::1");
    await using alice = await endpoint();
    const answering = answerOne(bob);
    const target = `sip:bob@[::1]:${portOf(bob)};transport=${transport}`;
    assertEquals(await call(alice, target), "answered");
    await answering;
  });
}

Deno.test("SIP-075 when every server fails, the call ends with what the last one said", async () => {
  await using busy = await server("udp", { limits: { transactions: 0 } });
  await using alsoBusy = await server("udp", { limits: { transactions: 0 } });
  const records = [busy, alsoBusy].map((it, at) => srv(at, portOf(it), "one.example.com"));
  await using dns = await DnsServer.start(zone("SIP+D2U", "udp", records));
  await using alice = await endpoint({ dns: { nameServer: dns.nameServer } });
  assertEquals(await call(alice, "sip:bob@example.com"), "rejected 503");
  const refused = [srv(0, 9, "one.example.com")];
  dns.change({ ...zone("", "tcp", refused), "example.com": {} });
  assertEquals(await call(alice, "sip:x@example.com;transport=tcp"), "failed transport/refused");
});

Deno.test("SIP-074 what DNS cannot tell ends the call: no such host, a service that is not offered", async () => {
  await using dns = await DnsServer.start({
    "_sip._udp.example.com": { SRV: [srv(0, 0, ".")] },
    "example.com": { A: ["127.0.0.1"] },
  });
  await using alice = await endpoint({ dns: { nameServer: dns.nameServer } });
  const absent = await call(alice, "sip:bob@absent.example.com");
  assertEquals(absent, "failed transport/name-not-found");
  assertEquals(await call(alice, "sip:bob@example.com"), "failed sip/not-available");
});

Deno.test("SIP-074 an outbound proxy is located instead of the target, and becomes the first Route", async () => {
  await using proxy = await server("udp");
  await using dns = await DnsServer.start({
    "_sip._udp.proxy.example": { SRV: [srv(0, portOf(proxy), "one.example.com")] },
    "one.example.com": { A: ["127.0.0.1"] },
  });
  const sent: string[] = [];
  await using alice = await endpoint({
    dns: { nameServer: dns.nameServer },
    proxy: parseSipUri("sip:proxy.example;transport=udp"),
    tap: ({ direction, data }) => {
      if (direction === "out") sent.push(new TextDecoder().decode(data));
    },
  });
  const answering = answerOne(proxy);
  assertEquals(await call(alice, "sip:bob@nowhere.invalid"), "answered");
  await answering;
  assertEquals(sent[0]?.startsWith("INVITE sip:bob@nowhere.invalid SIP/2.0\r\n"), true);
  assertEquals(sent[0]?.includes("\r\nRoute: <sip:proxy.example;transport=udp;lr>\r\n"), true);
  assertEquals(dns.asked.some((it) => it.includes("nowhere")), false);
});

Deno.test("SIP-075 §5 a response whose connection is gone goes to where sent-by leads by DNS", async () => {
  const backup = await listenTcp({ host: "127.0.0.2", port: 0 });
  const { port } = backup.local;
  await using dns = await DnsServer.start({ "client.example.com": { A: ["127.0.0.2"] } });
  await using bob = await server("tcp", { dns: { nameServer: dns.nameServer } });
  const client = await connectTcp({ host: "127.0.0.1", port: portOf(bob) });
  const via = `SIP/2.0/TCP client.example.com:${port};branch=z9hG4bKgone`;
  const writer = client.writable.getWriter();
  await writer.write(utf8(requestText("INVITE", { via })));
  const { value: incoming, done } = await bob.calls()[Symbol.asyncIterator]().next();
  assert(!done);
  const accepted = backup[Symbol.asyncIterator]().next();
  // Bob closes his side once he has seen the end of ours.
  await writer.close();
  for await (const _ of client.readable);
  await client.close();
  void incoming.reject(486);
  const { value: stream } = await accepted;
  const { value } = await (stream?.readable ?? new ReadableStream()).getReader().read();
  assertEquals(decodeUtf8Lossy(value).startsWith("SIP/2.0 486 "), true);
  assertEquals(dns.asked[0]?.includes("client.example.com"), true);
  await stream?.close();
  await backup.close();
});
