/** Two people with accounts at the lab call each other through it, over every transport and both families. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { passwordSecret } from "../../../lib/auth/mod.ts";
import { decodeUtf8Lossy, utf8 } from "../../../lib/base/bytes.ts";
import type { SipServer } from "../../../lib/lab/sip_server.ts";
import {
  type Call,
  platformRandom,
  type SipCallEvent,
  SipEndpoint,
  SystemClock,
} from "../../../lib/session/mod.ts";
import {
  parseNameAddress,
  parseSipUri,
  type SipTransport,
  type SipUri,
  writeHostPort,
} from "../../../lib/sip/mod.ts";
import { type Certificate, makeSelfSignedCertificate } from "../../../lib/transport/mod.ts";
import { openLabSip } from "../../helpers/lab_sip.ts";

const OFFER = utf8("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\n");
const ANSWER = utf8(
  "v=0\r\no=- 2 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=message 8 TCP/MSRP *\r\n",
);
const TRANSPORTS = ["udp", "tcp", "tls"] as const;

async function openLab(host: string, certificate: Certificate): Promise<SipServer> {
  return await openLabSip({
    listen: TRANSPORTS.map((transport) => ({ host, port: 0, transport })),
    domains: ["lab.example"],
    tls: { certificate },
  });
}

function proxyAt(server: SipServer, transport: SipTransport): SipUri {
  const local = server.places.find((it) => it.transport === transport)?.local;
  assert(local !== undefined);
  return parseSipUri(`sip:${writeHostPort(local.host, local.port)};transport=${transport}`);
}

/** Somebody at the lab, and what crossed their wire. */
async function person(
  server: SipServer,
  name: string,
  transport: SipTransport,
  certificate: Certificate,
  password = `secret-${name}`,
): Promise<AsyncDisposable & { readonly endpoint: SipEndpoint; readonly wire: string[] }> {
  const wire: string[] = [];
  const [place] = server.places;
  const endpoint = await SipEndpoint.open({
    listen: transport === "udp" && place !== undefined
      ? [{ host: place.local.host, port: 0, transport }]
      : [],
    clock: new SystemClock(),
    random: platformRandom,
    userAgent: "sotto/test",
    tls: { ca: certificate.certPem },
    proxy: proxyAt(server, transport),
    credentials: (realm) =>
      realm === "lab.example" ? { username: name, password: passwordSecret(password) } : undefined,
    tap: (record) => void wire.push(decodeUtf8Lossy(record.data)),
  });
  return { endpoint, wire, [Symbol.asyncDispose]: () => endpoint.close() };
}

async function next<Type extends SipCallEvent["type"]>(
  events: AsyncIterator<SipCallEvent>,
  type: Type,
): Promise<Extract<SipCallEvent, { type: Type }>> {
  const { value, done } = await events.next();
  assert(!done, `expected ${type}, the call ended`);
  assertEquals(value.type, type, JSON.stringify(value));
  return value as Extract<SipCallEvent, { type: Type }>;
}

const eventsOf = (call: Call) => call.events()[Symbol.asyncIterator]();
const addressOf = (name: string) => parseNameAddress(`<sip:${name}@lab.example>`);

for (const host of ["127.0.0.1", "::1"]) {
  for (const ours of TRANSPORTS) {
    for (const theirs of TRANSPORTS) {
      Deno.test(`an account over ${ours} calls one over ${theirs} at ${host}, and both change and end it`, async () => {
        const certificate = await makeSelfSignedCertificate({ commonName: "lab", names: [host] });
        await using server = await openLab(host, certificate);
        await using bob = await person(server, "bob", theirs, certificate);
        await using alice = await person(server, "alice", ours, certificate);
        await using registration = bob.endpoint.register({
          address: addressOf("bob"),
          expires: 600,
        });
        const registered = await registration.settled();
        assert(registered.type === "registered", JSON.stringify(registered));
        assert(registered.own !== undefined, "its own contact was not found");
        const outgoing = alice.endpoint.invite({
          target: parseSipUri("sip:bob@lab.example"),
          from: addressOf("alice"),
          offer: OFFER,
        });
        const { value: incoming, done } = await bob.endpoint.calls()[Symbol.asyncIterator]().next();
        assert(!done);
        const atAlice = eventsOf(outgoing);
        const atBob = eventsOf(incoming);
        incoming.ring();
        await next(atAlice, "ringing");
        incoming.answer(ANSWER);
        assertEquals((await next(atAlice, "answered")).answer, ANSWER);
        await next(atBob, "confirmed");
        incoming.reoffer(OFFER);
        (await next(atAlice, "offer")).respond(ANSWER);
        await next(atBob, "offer-answered");
        outgoing.reoffer(OFFER);
        (await next(atBob, "offer")).respond(ANSWER);
        await next(atAlice, "offer-answered");
        await incoming.hangup();
        assertEquals((await next(atAlice, "ended")).by, "remote");
        // The strongest digest was taken, and nothing went past the proxy.
        const proof = alice.wire.find((it) => /^Proxy-Authorization:/m.test(it)) ?? "";
        assertMatch(proof, /algorithm=SHA-512-256/);
        assert(alice.wire.every((it) => !it.includes("SIP/2.0 4") || it.includes("SIP/2.0 407")));
        await registration.close();
        assertEquals(registration.last, { type: "unregistered", isConfirmed: true });
        assertEquals(server.load.contacts, 0);
      });
    }
  }
}

Deno.test("an account with a wrong password is refused, once", async () => {
  const certificate = await makeSelfSignedCertificate({ commonName: "lab", names: ["127.0.0.1"] });
  await using server = await openLab("127.0.0.1", certificate);
  await using alice = await person(server, "alice", "tcp", certificate, "wrong");
  await using registration = alice.endpoint.register({ address: addressOf("alice"), expires: 600 });
  assertEquals((await registration.settled()).type, "refused");
  assertEquals(alice.wire.filter((it) => it.startsWith("REGISTER ")).length, 2);
});

Deno.test("an account that asks for too little time is told how long, and registers so", async () => {
  const certificate = await makeSelfSignedCertificate({ commonName: "lab", names: ["127.0.0.1"] });
  await using server = await openLabSip({
    listen: [{ host: "127.0.0.1", port: 0, transport: "tcp" }],
    domains: ["lab.example"],
    times: { minExpires: 90 },
  });
  await using alice = await person(server, "alice", "tcp", certificate);
  await using registration = alice.endpoint.register({ address: addressOf("alice"), expires: 30 });
  const outcome = await registration.settled();
  assert(outcome.type === "registered");
  assertEquals(outcome.expires, 90);
});
