/** Two endpoints on real loopback sockets. */
import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { decodeUtf8Lossy, utf8 } from "../../../lib/base/bytes.ts";
import type { SottoError } from "../../../lib/base/errors.ts";
import type { WireRecord } from "../../../lib/base/wire_tap.ts";
import { SystemClock } from "../../../lib/session/clock.ts";
import { platformRandom } from "../../../lib/session/random.ts";
import {
  type Call,
  type IncomingCall,
  type SipCallEvent,
  SipEndpoint,
  type SipEndpointOptions,
} from "../../../lib/session/sip_endpoint.ts";
import { parseNameAddress, parseSipUri, type SipTransport } from "../../../lib/sip/mod.ts";
import {
  bindUdp,
  certificateFingerprint,
  connectTcp,
  listenTcp,
  makeSelfSignedCertificate,
} from "../../../lib/transport/mod.ts";

const OFFER = utf8("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\n");
const ANSWER = utf8(
  "v=0\r\no=- 2 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=message 8 TCP/MSRP *\r\n",
);
const FROM = parseNameAddress('"Alice" <sip:alice@example.com>');
const FAST = { t1: 20, t2: 80, t4: 50, d: 100 };

function open(options: Partial<SipEndpointOptions> = {}): Promise<SipEndpoint> {
  return SipEndpoint.open({
    listen: [],
    clock: new SystemClock(),
    random: platformRandom,
    userAgent: "sotto/test",
    ...options,
  });
}

function listening(
  transport: SipTransport,
  options: Partial<SipEndpointOptions> = {},
): Promise<SipEndpoint> {
  return open({ listen: [{ host: "127.0.0.1", port: 0, transport }], ...options });
}

function bobAt(endpoint: SipEndpoint) {
  return parseSipUri((endpoint.uris[0] ?? "").replace("sip:", "sip:bob@"));
}

/** Reads a call event by event. */
class Reader {
  readonly #events: AsyncIterator<SipCallEvent>;
  constructor(call: Call) {
    this.#events = call.events()[Symbol.asyncIterator]();
  }
  async next<Type extends SipCallEvent["type"]>(
    type: Type,
  ): Promise<Extract<SipCallEvent, { type: Type }>> {
    const { value, done } = await this.#events.next();
    assert(!done, `expected ${type}, the call ended`);
    assertEquals(value.type, type);
    return value as Extract<SipCallEvent, { type: Type }>;
  }
  async end(): Promise<void> {
    assertEquals((await this.#events.next()).done, true);
  }
}

async function firstCall(endpoint: SipEndpoint): Promise<IncomingCall> {
  const { value, done } = await endpoint.calls()[Symbol.asyncIterator]().next();
  assert(!done);
  return value;
}

for (const transport of ["udp", "tcp", "tls"] as const) {
  Deno.test(`SipEndpoint sets up, changes and ends a call over ${transport}`, async () => {
    const certificate = await makeSelfSignedCertificate({ commonName: "bob@127.0.0.1" });
    const fingerprint = await certificateFingerprint(certificate.certPem);
    await using bob = await listening(transport, { tls: { certificate } });
    await using alice = await open({ tls: { fingerprint } });
    const outgoing = alice.invite({ target: bobAt(bob), from: FROM, offer: OFFER });
    const atAlice = new Reader(outgoing);

    const incoming = await firstCall(bob);
    assertEquals(incoming.offer, OFFER);
    assertEquals(incoming.from.displayName, "Alice");
    assertEquals(incoming.callId, outgoing.callId);
    assertEquals(incoming.transport, transport);
    assertEquals(incoming.remoteTag, outgoing.localTag);
    assertEquals(await bob.localHostForCall(incoming), "127.0.0.1");
    const atBob = new Reader(incoming);
    incoming.ring();
    assertEquals((await atAlice.next("ringing")).status, 180);
    incoming.answer(ANSWER, { contactParams: [{ name: "isfocus" }] });
    const answered = await atAlice.next("answered");
    assertEquals(answered.answer, ANSWER);
    assertEquals(answered.isFocus, true);
    assertEquals(outgoing.remoteTag, incoming.localTag);
    assertEquals((await atBob.next("confirmed")).answer, undefined);

    outgoing.reoffer(OFFER);
    const offer = await atBob.next("offer");
    assertEquals(offer.offer, OFFER);
    offer.respond(ANSWER);
    assertEquals((await atAlice.next("offer-answered")).answer, ANSWER);

    incoming.reoffer(OFFER);
    (await atAlice.next("offer")).respond(undefined, 488);
    assertEquals((await atBob.next("offer-rejected")).status, 488);

    await incoming.hangup();
    assertEquals((await atBob.next("ended")).by, "local");
    assertEquals((await atAlice.next("ended")).by, "remote");
    await atAlice.end();
    await atBob.end();
    assertEquals([alice.callCount, bob.callCount], [0, 0]);
    await outgoing.hangup();
  });
}

Deno.test("SipEndpoint carries a rejection with its reason and header fields", async () => {
  await using bob = await listening("udp");
  await using alice = await open();
  const outgoing = alice.invite({ target: bobAt(bob), from: FROM, offer: OFFER });
  const incoming = await firstCall(bob);
  const warning = { name: "Warning", value: '305 sotto "no such media"' };
  await incoming.reject(488, "No Way", [warning]);
  const rejected = await new Reader(outgoing).next("rejected");
  assertEquals([rejected.status, rejected.reason], [488, "No Way"]);
  assertEquals(rejected.headers.find((it) => it.name === "Warning"), warning);
});

Deno.test("SipEndpoint cancels a ringing call when its signal is aborted", async () => {
  await using bob = await listening("udp");
  await using alice = await open();
  const giveUp = new AbortController();
  const outgoing = alice.invite({
    target: bobAt(bob),
    from: FROM,
    offer: OFFER,
    signal: giveUp.signal,
  });
  const incoming = await firstCall(bob);
  incoming.ring();
  const atAlice = new Reader(outgoing);
  await atAlice.next("ringing");
  giveUp.abort();
  assertEquals((await atAlice.next("ended")).reason, "cancelled");
  const ended = await new Reader(incoming).next("ended");
  assertEquals([ended.by, ended.reason], ["remote", "cancelled"]);
});

Deno.test("SipEndpoint hangs up before anything was sent", async () => {
  await using alice = await open();
  const target = parseSipUri("sip:bob@127.0.0.1:9");
  const outgoing = alice.invite({ target, from: FROM, offer: OFFER, signal: AbortSignal.abort() });
  const reader = new Reader(outgoing);
  assertEquals((await reader.next("ended")).by, "local");
  await reader.end();
});

Deno.test("SipEndpoint says sip/timeout when UDP meets silence", async () => {
  const silent = await bindUdp({ host: "127.0.0.1", port: 0 });
  const { port } = silent.local;
  await silent.close();
  await using alice = await open({ timers: FAST });
  const target = parseSipUri(`sip:bob@127.0.0.1:${port}`);
  const call = alice.invite({ target, from: FROM, offer: OFFER });
  const { error } = await new Reader(call).next("failed");
  assertEquals((error as SottoError).code, "sip/timeout");
});

Deno.test("SipEndpoint says transport/refused when TCP is refused", async () => {
  const gone = await listenTcp({ host: "127.0.0.1", port: 0 });
  const { port } = gone.local;
  await gone.close();
  await using alice = await open();
  const target = parseSipUri(`sip:bob@127.0.0.1:${port};transport=tcp`);
  const { error } = await new Reader(alice.invite({ target, from: FROM, offer: OFFER }))
    .next("failed");
  assertEquals((error as SottoError).code, "transport/refused");
});

Deno.test("SipEndpoint says transport/reset when the connection breaks before any response", async () => {
  const listener = await listenTcp({ host: "127.0.0.1", port: 0 });
  const cut = (async () => {
    for await (const stream of listener) {
      await stream.readable.getReader().read();
      await stream.close();
      return;
    }
  })();
  await using alice = await open();
  const target = parseSipUri(`sip:bob@127.0.0.1:${listener.local.port};transport=tcp`);
  const { error } = await new Reader(alice.invite({ target, from: FROM, offer: OFFER }))
    .next("failed");
  assertEquals((error as SottoError).code, "transport/reset");
  await cut;
});

Deno.test("SipEndpoint says transport/name-not-found for a host that cannot exist", async () => {
  await using alice = await open();
  const target = parseSipUri("sip:bob@nowhere.invalid");
  const { error } = await new Reader(alice.invite({ target, from: FROM, offer: OFFER }))
    .next("failed");
  assertEquals((error as SottoError).code, "transport/name-not-found");
});

Deno.test("SIP-076 a TLS server that nobody vouches for is refused", async () => {
  const certificate = await makeSelfSignedCertificate({ commonName: "bob@127.0.0.1" });
  await using bob = await listening("tls", { tls: { certificate } });
  await using alice = await open();
  const { error } = await new Reader(
    alice.invite({ target: bobAt(bob), from: FROM, offer: OFFER }),
  ).next("failed");
  assertMatch(error.code, /^transport\/tls-/);
});

Deno.test("SIP-070 a request above 1300 octets goes over TCP, and over UDP when that is refused", async () => {
  const long = utf8(`${decodeUtf8Lossy(OFFER)}a=x:${"y".repeat(1200)}\r\n`);
  // The same port for both, as a listener that serves both has it.
  const tcp = await listenTcp({ host: "127.0.0.1", port: 0 });
  const { port } = tcp.local;
  await tcp.close();
  const both = (["udp", "tcp"] as const).map((transport) => ({
    host: "127.0.0.1",
    port,
    transport,
  }));
  await using alice = await open();
  for (const [listen, expected] of [[both, "tcp"], [both.slice(0, 1), "udp"]] as const) {
    await using bob = await open({ listen });
    const target = parseSipUri(`sip:bob@127.0.0.1:${port}`);
    const outgoing = alice.invite({ target, from: FROM, offer: long });
    const incoming = await firstCall(bob);
    assertEquals(incoming.transport, expected);
    incoming.answer(ANSWER);
    await new Reader(outgoing).next("answered");
    await outgoing.hangup();
  }
  await using bob = await open({ listen: both });
  const fixed = parseSipUri(`sip:bob@127.0.0.1:${port};transport=udp`);
  const outgoing = alice.invite({ target: fixed, from: FROM, offer: long });
  const incoming = await firstCall(bob);
  assertEquals(incoming.transport, "udp");
  await incoming.reject(486);
  await new Reader(outgoing).next("rejected");
});

Deno.test("SipEndpoint answers a keep-alive on a connection and closes a broken one", async () => {
  await using bob = await listening("tcp");
  const { port } = bobAt(bob);
  await using stream = await connectTcp({ host: "127.0.0.1", port: port ?? 0 });
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  await writer.write(utf8("\r\n\r\n"));
  assertEquals((await reader.read()).value, utf8("\r\n"));
  await writer.write(utf8("this is not SIP\r\n\r\n"));
  assertEquals((await reader.read()).done, true);
});

Deno.test("SipEndpoint tells its tap of everything", async () => {
  const records: WireRecord[] = [];
  await using bob = await listening("udp");
  await using alice = await open({ tap: (record) => records.push(record) });
  const outgoing = alice.invite({ target: bobAt(bob), from: FROM, offer: OFFER });
  const incoming = await firstCall(bob);
  incoming.answer(ANSWER);
  await new Reader(outgoing).next("answered");
  await outgoing.hangup();
  const lines = records.map(({ direction, protocol, transport, data }) =>
    `${direction} ${protocol} ${transport} ${decodeUtf8Lossy(data).split(/ sip:|\r\n/)[0]}`
  );
  assertEquals(lines, [
    "out sip udp INVITE",
    "in sip udp SIP/2.0 200 OK",
    "out sip udp ACK",
    "out sip udp BYE",
    "in sip udp SIP/2.0 200 OK",
  ]);
});

Deno.test("SipEndpoint ends its calls() when it is closed, and its calls with them", async () => {
  const bob = await listening("udp");
  const calls = bob.calls()[Symbol.asyncIterator]();
  const next = calls.next();
  await bob.close();
  assertEquals((await next).done, true);
  await bob.close();
});

Deno.test("SipEndpoint can be closed while a call waits for its answer", async () => {
  await using alice = await open();
  const bob = await listening("udp");
  const outgoing = alice.invite({ target: bobAt(bob), from: FROM, offer: OFFER });
  const waiting = new Reader(await firstCall(bob));
  await bob.close();
  await waiting.end();
  assertEquals(outgoing.isOver, false);
});

Deno.test("SipEndpoint cannot listen for TLS without a certificate, nor twice at one place", async () => {
  const failure = await listening("tls").catch((error: unknown) => error);
  assertInstanceOf(failure, Error);
  assertEquals((failure as SottoError).code, "sip/no-certificate");
  await using bob = await listening("tcp");
  const { port } = bobAt(bob);
  const again = await open({ listen: [{ host: "127.0.0.1", port: port ?? 0, transport: "tcp" }] })
    .catch((error: unknown) => error);
  assertEquals((again as SottoError).code, "transport/address-in-use");
});

Deno.test("SipEndpoint reaches a peer by IPv6, and a host by name", async () => {
  await using bob = await open({ listen: [{ host: "::1", port: 0, transport: "udp" }] });
  await using alice = await open();
  const call = alice.invite({ target: bobAt(bob), from: FROM, offer: OFFER });
  assertEquals(bob.uris[0]?.startsWith("sip:[::1]:"), true);
  await (await firstCall(bob)).reject(486);
  await new Reader(call).next("rejected");

  await using carol = await listening("udp");
  const named = parseSipUri(`sip:carol@localhost:${bobAt(carol).port}`);
  assertEquals(await alice.localHostFor(named), "127.0.0.1");
  const second = alice.invite({ target: named, from: FROM, offer: OFFER });
  await (await firstCall(carol)).reject(486);
  await new Reader(second).next("rejected");
});
