/** The server on real loopback sockets, with our own endpoints and with peers that write by hand. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import {
  type Call,
  type IncomingCall,
  platformRandom,
  type SipCallEvent,
  SipEndpoint,
  SystemClock,
} from "../../../lib/session/mod.ts";
import {
  parseNameAddress,
  parseSipUri,
  parseStun,
  type SipServerEvent,
  writeStun,
} from "../../../lib/sip/mod.ts";
import { SipServer } from "../../../lib/lab/sip_server.ts";
import { bindUdp, makeSelfSignedCertificate } from "../../../lib/transport/mod.ts";
import {
  openLabSip,
  PING,
  placeOf,
  rawRequest,
  rawResponse,
  rawStream,
  rawUdp,
} from "../../helpers/lab_sip.ts";

const OFFER = utf8("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\n");
const ANSWER = utf8(
  "v=0\r\no=- 2 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=message 8 TCP/MSRP *\r\n",
);
const FROM = parseNameAddress('"Alice" <sip:alice@127.0.0.1>');

async function nextEvent<Type extends SipCallEvent["type"]>(
  events: AsyncIterator<SipCallEvent>,
  type: Type,
): Promise<Extract<SipCallEvent, { type: Type }>> {
  const { value, done } = await events.next();
  assert(!done, `expected ${type}, the call ended`);
  assertEquals(value.type, type, JSON.stringify(value));
  return value as Extract<SipCallEvent, { type: Type }>;
}

function eventsOf(call: Call): AsyncIterator<SipCallEvent> {
  return call.events()[Symbol.asyncIterator]();
}

async function firstCall(endpoint: SipEndpoint): Promise<IncomingCall> {
  const { value, done } = await endpoint.calls()[Symbol.asyncIterator]().next();
  assert(!done);
  return value;
}

const WAYS = ["127.0.0.1", "::1"].flatMap((host) =>
  (["udp", "tcp", "tls"] as const).flatMap((ours) =>
    (["udp", "tcp"] as const).map((theirs) => ({ host, ours, theirs }))
  )
);

for (const { host, ours, theirs } of WAYS) {
  Deno.test(`SipServer carries a call from ${ours} to ${theirs} at ${host}, and its changes both ways`, async () => {
    const certificate = await makeSelfSignedCertificate({ commonName: "lab@localhost" });
    await using server = await openLabSip({
      listen: (["udp", "tcp", "tls"] as const).map((transport) => ({ host, port: 0, transport })),
      tls: { certificate },
    });
    const common = { clock: new SystemClock(), random: platformRandom, userAgent: "sotto/test" };
    await using bob = await SipEndpoint.open({
      ...common,
      listen: [{ host, port: 0, transport: theirs }],
    });
    await using alice = await SipEndpoint.open({ ...common, listen: [], tls: { insecure: true } });
    server.route("echo", parseSipUri((bob.uris[0] ?? "").replace("sip:", "sip:echo@")));
    const { local } = server.places.find((it) => it.transport === ours) ?? { local: undefined };
    const place = host.includes(":") ? `[${host}]` : host;
    const outgoing = alice.invite({
      target: parseSipUri(`sip:echo@${place}:${local?.port};transport=${ours}`),
      from: FROM,
      offer: OFFER,
    });
    const incoming = await firstCall(bob);
    const atAlice = eventsOf(outgoing);
    const atBob = eventsOf(incoming);
    incoming.answer(ANSWER);
    assertEquals((await nextEvent(atAlice, "answered")).answer, ANSWER);
    await nextEvent(atBob, "confirmed");
    // A change in each direction goes through the server, as Record-Route wants it.
    outgoing.reoffer(OFFER);
    (await nextEvent(atBob, "offer")).respond(ANSWER);
    await nextEvent(atAlice, "offer-answered");
    incoming.reoffer(OFFER);
    (await nextEvent(atAlice, "offer")).respond(ANSWER);
    await nextEvent(atBob, "offer-answered");
    await incoming.hangup();
    assertEquals((await nextEvent(atAlice, "ended")).by, "remote");
  });
}

Deno.test("SipServer hands a refusal and a cancelled call on", async () => {
  await using server = await openLabSip();
  const common = { clock: new SystemClock(), random: platformRandom, userAgent: "sotto/test" };
  await using bob = await SipEndpoint.open({
    ...common,
    listen: [{ host: "127.0.0.1", port: 0, transport: "udp" }],
  });
  await using alice = await SipEndpoint.open({ ...common, listen: [] });
  server.route("echo", parseSipUri((bob.uris[0] ?? "").replace("sip:", "sip:echo@")));
  const target = parseSipUri(`sip:echo@127.0.0.1:${placeOf(server, "udp").port}`);
  const calls = bob.calls()[Symbol.asyncIterator]();
  const refused = eventsOf(alice.invite({ target, from: FROM, offer: OFFER }));
  const first = await calls.next();
  assert(!first.done);
  await first.value.reject(486);
  assertEquals((await nextEvent(refused, "rejected")).status, 486);
  const cancelled = alice.invite({ target, from: FROM, offer: OFFER });
  const second = await calls.next();
  assert(!second.done);
  second.value.ring();
  await nextEvent(eventsOf(cancelled), "ringing");
  await cancelled.hangup();
  assertEquals((await nextEvent(eventsOf(second.value), "ended")).by, "remote");
});

for (const transport of ["udp", "tcp", "tls"] as const) {
  Deno.test(`SipServer reaches who registered over ${transport} by the same flow`, async () => {
    const certificate = await makeSelfSignedCertificate({ commonName: "lab@localhost" });
    const events: SipServerEvent[] = [];
    await using server = await openLabSip({
      listen: (["udp", transport] as const).map((it) => ({
        host: "127.0.0.1",
        port: 0,
        transport: it,
      })),
      tls: { certificate },
      isOpen: true,
      onEvent: (event) => events.push(event),
    });
    await using bob = transport === "udp"
      ? await rawUdp(server)
      : await rawStream(server, transport);
    await bob.send(rawRequest("REGISTER", "bob", bob.local, transport, "sip:127.0.0.1"));
    const registered = await bob.next();
    assert(registered.kind === "response");
    assertEquals(registered.status, 200);
    await using alice = await rawUdp(server);
    await alice.send(rawRequest("MESSAGE", "alice", alice.local, "udp", "sip:bob@127.0.0.1"));
    const message = await bob.next();
    assert(message.kind === "request");
    assertEquals(message.method, "MESSAGE");
    await bob.send(rawResponse(message, 202));
    const response = await alice.next();
    assert(response.kind === "response");
    assertEquals(response.status, 202);
    assertEquals(events.map((it) => it.type), ["registered", "forwarded", "answered"]);
    assertEquals(server.load.contacts, 1);
  });
}

Deno.test("SipServer answers keep-alives, and several messages in one piece", async () => {
  await using server = await openLabSip({
    listen: [{ host: "127.0.0.1", port: 0, transport: "tcp" }],
  });
  await using peer = await rawStream(server);
  const options = () => rawRequest("OPTIONS", "alice", peer.local, "tcp", "sip:127.0.0.1");
  await peer.send(new Uint8Array([...PING, ...utf8(options() + options()), ...PING]));
  for (let message = 0; message < 2; message++) {
    const response = await peer.next();
    assert(response.kind === "response");
    assertEquals(response.status, 200);
  }
});

Deno.test("SipServer answers STUN where it takes SIP over UDP", async () => {
  await using server = await openLabSip();
  await using socket = await bindUdp({ host: "127.0.0.1", port: 0 });
  const transaction = platformRandom(12);
  await socket.send(writeStun({ class: "request", transaction }), placeOf(server, "udp"));
  const { value } = await socket[Symbol.asyncIterator]().next();
  assert(value !== undefined);
  assertEquals(parseStun(value.data).mappedAddress, socket.local);
});

Deno.test("SipServer ends a connection on which nobody can tell where the next message begins", async () => {
  await using server = await openLabSip({
    listen: [{ host: "127.0.0.1", port: 0, transport: "tcp" }],
  });
  await using peer = await rawStream(server);
  await peer.send("OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: nonsense\r\n\r\n");
  await peer.over;
});

Deno.test("SipServer says which address is taken, and that TLS takes a certificate", async () => {
  await using server = await openLabSip();
  const { port } = placeOf(server, "udp");
  const taken = await assertRejects(
    () => openLabSip({ listen: [{ host: "127.0.0.1", port, transport: "udp" }] }),
    SottoError,
  );
  assertEquals(taken.code, "transport/address-in-use");
  const bare = await assertRejects(
    () => openLabSip({ listen: [{ host: "127.0.0.1", port: 0, transport: "tls" }] }),
    SottoError,
  );
  assertEquals(bare.code, "sip/no-certificate");
  await assertRejects(() => openLabSip({ listen: [] }), RangeError);
});

Deno.test("SipServer.close() ends everything, twice if need be, and frees the ports", async () => {
  const server = await openLabSip({
    listen: [{ host: "127.0.0.1", port: 0, transport: "tcp" }],
  });
  await using peer = await rawStream(server);
  const { port } = placeOf(server, "tcp");
  await Promise.all([server.close(), server.close()]);
  await peer.over;
  await using again = await SipServer.open({
    listen: [{ host: "127.0.0.1", port, transport: "tcp" }],
    users: [],
    clock: new SystemClock(),
    random: platformRandom,
    serverName: "lab/test",
  });
  assertEquals(again.uris, [`sip:127.0.0.1:${port};transport=tcp`]);
});
