/** An account at Kamailio: REGISTER with each hash over each transport, calls through the proxy, and what is refused. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { passwordSecret } from "../../../lib/auth/mod.ts";
import { decodeUtf8Lossy, utf8 } from "../../../lib/base/bytes.ts";
import type { WireRecord } from "../../../lib/base/wire_tap.ts";
import {
  type Call,
  platformRandom,
  type SipCallEvent,
  SipEndpoint,
  type SipEndpointOptions,
  SystemClock,
} from "../../../lib/session/mod.ts";
import {
  parseNameAddress,
  parseSipUri,
  type RegistrationEvent,
  type SipTransport,
} from "../../../lib/sip/mod.ts";
import { Kamailio, KAMAILIO_NEEDS } from "../../helpers/kamailio.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";

const needs = { needs: KAMAILIO_NEEDS };
const OFFER = utf8("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\n");
const ANSWER = utf8(
  "v=0\r\no=- 2 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=message 8 TCP/MSRP *\r\n",
);

/** Somebody with an account, and everything that crossed the wire. */
interface Person extends AsyncDisposable {
  readonly endpoint: SipEndpoint;
  /** What was sent and received, in order. */
  readonly wire: string[];
}

async function person(
  kamailio: Kamailio,
  transport: SipTransport,
  user: string,
  options: Partial<SipEndpointOptions> & { readonly password?: string } = {},
): Promise<Person> {
  const password = passwordSecret(options.password ?? kamailio.users[user] ?? "");
  const wire: string[] = [];
  const endpoint = await SipEndpoint.open({
    listen: transport === "udp" ? [{ host: "127.0.0.1", port: 0, transport }] : [],
    clock: new SystemClock(),
    random: platformRandom,
    userAgent: "sotto/test",
    tls: { ca: kamailio.certificate.certPem },
    proxy: serverOf(kamailio, transport),
    credentials: (realm) => realm === kamailio.domain ? { username: user, password } : undefined,
    tap: (record: WireRecord) => {
      wire.push(decodeUtf8Lossy(record.data));
    },
    ...options,
  });
  return { endpoint, wire, [Symbol.asyncDispose]: () => endpoint.close() };
}

function serverOf(kamailio: Kamailio, transport: SipTransport) {
  const { host, name, ports } = kamailio;
  return parseSipUri(
    transport === "tls"
      ? `sip:${name}:${ports.sips};transport=tls`
      : `sip:${host}:${ports.sip};transport=${transport}`,
  );
}

function addressOf(kamailio: Kamailio, user: string) {
  return parseNameAddress(`<sip:${user}@${kamailio.domain}>`);
}

function registered(event: RegistrationEvent) {
  assert(event.type === "registered", event.type === "refused" ? event.error.message : event.type);
  return event;
}

function requests(wire: readonly string[], method: string): string[] {
  return wire.filter((it) => it.startsWith(`${method} `));
}

for (const algorithm of ["MD5", "SHA-256"] as const) {
  for (const transport of ["udp", "tcp", "tls"] as const) {
    livePeerTest(
      `REGISTER with ${algorithm} over ${transport}: bound, refreshed with the same nonce, taken back`,
      needs,
      async () => {
        await using kamailio = await Kamailio.start({ algorithm });
        await kamailio.explain(async () => {
          await using alice = await person(kamailio, transport, "alice");
          const registration = alice.endpoint.register({
            address: addressOf(kamailio, "alice"),
            instance: "urn:uuid:00000000-0000-1000-8000-aabbccddeeff",
            expires: 600,
          });
          const first = registered(await registration.settled());
          assertEquals(first.expires, 600);
          assertEquals(first.bindings.length, 1);
          assert(first.own !== undefined, "our own binding was not found");
          registration.refresh();
          for await (const event of registration.events()) {
            if (event.type === "registered" && event !== first) break;
          }
          const sent = requests(alice.wire, "REGISTER");
          assertEquals(sent.length, 3, "one challenge for both");
          assert(!/^Authorization:/m.test(sent[0] ?? ""));
          assertMatch(sent[1] ?? "", new RegExp(`algorithm=${algorithm}, .*nc=00000001`));
          assertMatch(sent[2] ?? "", /nc=00000002/);
          await registration.close();
          assertEquals(registration.last, { type: "unregistered", isConfirmed: true });
        });
      },
    );
  }
}

livePeerTest("a nonce that ran out is replaced without a word", needs, async () => {
  await using kamailio = await Kamailio.start({ nonceExpires: 1 });
  await kamailio.explain(async () => {
    await using alice = await person(kamailio, "udp", "alice");
    await using registration = alice.endpoint.register({
      address: addressOf(kamailio, "alice"),
      expires: 6,
    });
    let count = 0;
    for await (const event of registration.events()) {
      if (event.type === "registered" && ++count === 2) break;
      assert(event.type === "registered" || event.type === "registering", event.type);
    }
    // Kamailio challenges anew and does not say `stale`: the password had passed before.
    const challenges = alice.wire.filter((it) => it.startsWith("SIP/2.0 401 "));
    assertEquals(challenges.length, 2);
    assert(!challenges.some((it) => it.includes("stale=true")), "Kamailio has learnt to say it");
  });
});

livePeerTest("a wrong password is tried once, and named as what it is", needs, async () => {
  await using kamailio = await Kamailio.start();
  await kamailio.explain(async () => {
    await using alice = await person(kamailio, "udp", "alice", { password: "wrong" });
    const registration = alice.endpoint.register({
      address: addressOf(kamailio, "alice"),
    });
    const event = await registration.settled();
    assert(event.type === "refused", event.type);
    assertEquals(event.error.code, "sip/credentials-rejected");
    assertEquals(requests(alice.wire, "REGISTER").length, 2);
    // And a call: this proxy calls every nonce stale, and means the same.
    const call = alice.endpoint.invite({
      target: parseSipUri(`sip:bob@${kamailio.domain}`),
      from: addressOf(kamailio, "alice"),
      offer: OFFER,
    });
    const failed = await next(call.events()[Symbol.asyncIterator](), "failed");
    assertEquals(failed.error.code, "sip/credentials-rejected");
  });
});

livePeerTest("somebody else's address is refused", needs, async () => {
  await using kamailio = await Kamailio.start();
  await kamailio.explain(async () => {
    await using alice = await person(kamailio, "tcp", "alice");
    const registration = alice.endpoint.register({
      address: addressOf(kamailio, "bob"),
    });
    const event = await registration.settled();
    assert(event.type === "refused" && event.response?.status === 403);
    assertEquals(event.error.code, "sip/registration-refused");
  });
});

livePeerTest("a lifetime that the registrar raises is the one that counts", needs, async () => {
  await using kamailio = await Kamailio.start({ registrationExpires: { min: 120 } });
  await kamailio.explain(async () => {
    await using alice = await person(kamailio, "udp", "alice");
    await using registration = alice.endpoint.register({
      address: addressOf(kamailio, "alice"),
      expires: 30,
    });
    // Kamailio raises it by itself, without a 423.
    assertEquals(registered(await registration.settled()).expires, 120);
  });
});

for (const transport of ["udp", "tcp", "tls"] as const) {
  livePeerTest(
    `a call over ${transport}: INVITE answers 407, re-INVITE and BYE travel through the proxy`,
    needs,
    async () => {
      await using kamailio = await Kamailio.start({ algorithm: "SHA-256" });
      await kamailio.explain(async () => {
        await using alice = await person(kamailio, transport, "alice");
        await using bob = await person(kamailio, transport, "bob");
        await using registration = bob.endpoint.register({
          address: addressOf(kamailio, "bob"),
        });
        registered(await registration.settled());
        const call = alice.endpoint.invite({
          target: parseSipUri(`sip:bob@${kamailio.domain}`),
          from: addressOf(kamailio, "alice"),
          offer: OFFER,
        });
        const heard = call.events()[Symbol.asyncIterator]();
        const { value: incoming } = await bob.endpoint.calls()[Symbol.asyncIterator]().next();
        assert(incoming !== undefined);
        const theirs = incoming.events()[Symbol.asyncIterator]();
        incoming.answer(ANSWER);
        await next(heard, "answered");
        await next(theirs, "confirmed");
        const [first, second, ...others] = requests(alice.wire, "INVITE");
        assertEquals(others, []);
        assert(!/^Proxy-Authorization:/m.test(first ?? ""));
        assertMatch(second ?? "", /^Proxy-Authorization: Digest .*algorithm=SHA-256/m);
        const [ack] = requests(alice.wire, "ACK").slice(-1);
        assertMatch(ack ?? "", /^Proxy-Authorization: /m);
        assertMatch(ack ?? "", /^Route: <sip:.*;lr/m);
        await reoffer(call, heard, theirs);
        await incoming.hangup();
        assertEquals((await next(heard, "ended")).by, "remote");
        assertEquals((await next(theirs, "ended")).by, "local");
      });
    },
  );
}

/** Alice changes the session, and Bob agrees. */
async function reoffer(
  call: Call,
  ours: AsyncIterator<SipCallEvent>,
  theirs: AsyncIterator<SipCallEvent>,
): Promise<void> {
  call.reoffer(OFFER);
  (await next(theirs, "offer")).respond(ANSWER);
  await next(ours, "offer-answered");
}

async function next<Type extends SipCallEvent["type"]>(
  events: AsyncIterator<SipCallEvent>,
  type: Type,
): Promise<Extract<SipCallEvent, { type: Type }>> {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error(`the events ended before ${type}`);
    if (value.type === type) return value as Extract<SipCallEvent, { type: Type }>;
    const isFinal = value.type === "failed" || value.type === "rejected" || value.type === "ended";
    if (isFinal) throw new Error(`${JSON.stringify(value)} before ${type}`);
  }
}
