/** RFC 3261 §10.2, RFC 3608, RFC 5626 §4.2, §4.5: keeping an address registered (SIP-050 to SIP-055). */
import { assert, assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { platformRandom, SipEndpoint, SystemClock } from "../../../lib/session/mod.ts";
import {
  callIdOf,
  cSeqOf,
  type Destination,
  fromOf,
  headerValue,
  headerValues,
  parseNameAddress,
  parseSipMessage,
  parseSipUri,
  type RegistrationEvent,
  registrationHop,
  tagOf,
  toOf,
  writeNameAddress,
} from "../../../lib/sip/mod.ts";
import { ScriptedRegistrar } from "../../helpers/scripted_registrar.ts";
import { bindUdp } from "../../../lib/transport/mod.ts";
import { ScriptedSip, SDP } from "../../helpers/scripted_sip.ts";
import { ACCOUNT, SipChallenger } from "../../helpers/sip_challenger.ts";

const INSTANCE = "urn:uuid:00000000-0000-1000-8000-aabbccddeeff";

function registered(events: readonly RegistrationEvent[]) {
  const found = events.find((it) => it.type === "registered");
  assert(found?.type === "registered", JSON.stringify(events));
  return found;
}

Deno.test("SIP-050 Request-URI without user, To and From the address of record, no tag in To", () => {
  const it = new ScriptedRegistrar({
    address: parseNameAddress('"Alice" <sip:alice@example.com:5070;user=phone>'),
  });
  const { message, to } = it.register;
  assertEquals(message.requestUri, "sip:example.com:5070");
  assertEquals([to.host, to.port, to.transport], ["example.com", 5070, "udp"]);
  assertEquals(toOf(message).uri, fromOf(message).uri);
  assertEquals(tagOf(toOf(message)), undefined);
  assertNotEquals(tagOf(fromOf(message)), undefined);
  assertEquals(headerValues(message, "Contact"), ["<sip:alice@192.0.2.2:5060>;expires=3600"]);
  assertEquals(it.names(), ["registering"]);
});

Deno.test("SIP-050 the same Call-ID and rising CSeq for all requests of a binding", () => {
  const it = new ScriptedRegistrar();
  const requests = [it.bind(60)];
  it.advance(30_000);
  requests.push(it.bind(60));
  it.end();
  requests.push(it.answer(200));
  const [first, second, third] = requests;
  assert(first !== undefined && second !== undefined && third !== undefined);
  assertEquals(callIdOf(second), callIdOf(first));
  assertEquals(callIdOf(third), callIdOf(first));
  assertEquals(cSeqOf(second).number, cSeqOf(first).number + 1);
  assertEquals(cSeqOf(third).number, cSeqOf(first).number + 2);
});

Deno.test("SIP-050 a Record-Route in the answer means nothing (10.2)", () => {
  const it = new ScriptedRegistrar();
  it.bind(60, ["Record-Route: <sip:evil.example;lr>"]);
  it.advance(30_000);
  assertEquals(headerValues(it.register.message, "Route"), []);
  assertEquals(it.register.to.host, "example.com");
});

Deno.test("SIP-051 our binding is found among all, its own expires before Expires", () => {
  const it = new ScriptedRegistrar();
  it.answer(200, {
    headers: [
      "Contact: <sip:alice@198.51.100.9>;expires=7, <sip:alice@192.0.2.2:5060>;expires=100",
      "Expires: 50",
    ],
  });
  const event = registered(it.told());
  assertEquals([event.expires, event.bindings.length], [100, 2]);
  assertEquals(event.own?.address.uri, parseSipUri("sip:alice@192.0.2.2:5060"));
});

Deno.test("SIP-051 Expires where the binding says nothing, what was asked for where nobody does", () => {
  const it = new ScriptedRegistrar({ expires: 900 });
  it.answer(200, { headers: ["Contact: <sip:alice@192.0.2.2:5060>", "Expires: 50"] });
  assertEquals(registered(it.told()).expires, 50);
  const other = new ScriptedRegistrar({ expires: 900 });
  other.answer(200);
  const event = registered(other.told());
  assertEquals([event.expires, event.own], [900, undefined]);
});

Deno.test("SIP-054 a Service-Route that nobody can read is no way: it is tried again", () => {
  const it = new ScriptedRegistrar();
  it.bind(60, ["Service-Route: <sip:a"]);
  assertEquals(it.names(), ["registering", "failed"]);
});

for (
  const [expires, refresh] of [[3600, 3300], [1200, 900], [600, 300], [60, 30], [2, 1]] as const
) {
  Deno.test(`SIP-052 a binding of ${expires} s is refreshed after ${refresh} s`, () => {
    const it = new ScriptedRegistrar();
    it.bind(expires);
    it.said();
    it.advance(1000 * refresh - 1);
    assertEquals(it.said(), []);
    it.advance(1);
    assertEquals(it.said(), ["REGISTER"]);
    assertEquals(it.names(), ["registering", "registered"]);
  });
}

Deno.test("SIP-052 423 is answered with what Min-Expires asks for, also later", () => {
  const it = new ScriptedRegistrar({ expires: 60 });
  it.answer(423, { headers: ["Min-Expires: 1800"] });
  const { message } = it.register;
  assertEquals(headerValue(message, "Expires"), "1800");
  assertMatch(headerValue(message, "Contact") ?? "", /;expires=1800$/);
  it.bind(1800);
  it.advance(1_500_000);
  assertEquals(headerValue(it.register.message, "Expires"), "1800");
  assertEquals(it.names(), ["registering", "registered"]);
});

Deno.test("SIP-052 423 without a higher Min-Expires, or an absurd one, ends it", () => {
  for (const headers of [[], ["Min-Expires: 60"], ["Min-Expires: x"], ["Min-Expires: 99999999"]]) {
    const it = new ScriptedRegistrar({ expires: 60 });
    it.answer(423, { headers });
    assertEquals(it.said(), ["REGISTER"]);
    assertEquals(it.names(), ["registering", "refused"]);
  }
});

Deno.test("SIP-053 unregistering says expires=0 of our own Contact, never *", () => {
  const it = new ScriptedRegistrar();
  it.bind(60);
  it.end();
  const { message } = it.register;
  assertEquals(headerValues(message, "Contact"), ["<sip:alice@192.0.2.2:5060>;expires=0"]);
  assertEquals(headerValue(message, "Expires"), "0");
  it.answer(200);
  assertEquals(it.told().at(-1), { type: "unregistered", isConfirmed: true });
  it.said();
  it.advance(10_000_000);
  assertEquals(it.said(), []);
});

Deno.test("SIP-053 unregistering waits for the answer that is owed (10.2)", () => {
  const it = new ScriptedRegistrar();
  it.end();
  assertEquals(it.said(), ["REGISTER"]);
  const again = new ScriptedRegistrar();
  again.end();
  again.bind(60);
  assertMatch(headerValue(again.register.message, "Contact") ?? "", /;expires=0$/);
  again.answer(200);
  assertEquals(again.names(), ["registering", "unregistered"]);
});

Deno.test("SIP-053 a silent registrar does not keep us: the end is told, without confirmation", () => {
  const it = new ScriptedRegistrar();
  it.bind(60);
  it.end();
  it.advance(32_000);
  assertEquals(it.told().at(-1), { type: "unregistered", isConfirmed: false });
});

Deno.test("SIP-054 the outbound proxy is the first Route, and where REGISTER goes", () => {
  const options = {
    address: parseNameAddress("<sip:alice@example.com>"),
    routes: [parseNameAddress("<sip:proxy.example;transport=tcp;lr>")],
  };
  const it = new ScriptedRegistrar(options);
  const { message, to } = it.register;
  assertEquals(message.requestUri, "sip:example.com");
  assertEquals(headerValues(message, "Route"), ["<sip:proxy.example;transport=tcp;lr>"]);
  assertEquals([to.host, to.transport], ["proxy.example", "tcp"]);
  assertEquals(registrationHop(options).host, "proxy.example");
  assertMatch(headerValue(message, "Contact") ?? "", /;transport=tcp>/);
});

Deno.test("SIP-054 Service-Route is told in order, path is supported", () => {
  const it = new ScriptedRegistrar();
  assertEquals(headerValue(it.register.message, "Supported"), "path");
  it.bind(60, ["Service-Route: <sip:a;lr>,<sip:b;lr>", "Path: <sip:p;lr>", "Server: x"]);
  const event = registered(it.told());
  assertEquals(event.serviceRoute.map(writeNameAddress), ["<sip:a;lr>", "<sip:b;lr>"]);
  assertEquals(event.server, "x");
});

Deno.test("SIP-055 instance and reg-id are the same in every REGISTER", () => {
  const it = new ScriptedRegistrar({ instance: INSTANCE });
  const contacts = [it.bind(60, ["Require: outbound"])];
  it.advance(30_000);
  contacts.push(it.bind(60));
  it.end();
  contacts.push(it.answer(200));
  for (const message of contacts) {
    const contact = headerValue(message, "Contact") ?? "";
    assertMatch(contact, new RegExp(`;\\+sip\\.instance="<${INSTANCE}>";reg-id=1;expires=\\d+$`));
    assertEquals(headerValue(message, "Supported"), "path, outbound, gruu");
  }
  const [first, second] = it.told().filter((event) => event.type === "registered");
  assert(first?.type === "registered" && second?.type === "registered");
  assertEquals([first.isOutbound, second.isOutbound], [true, false]);
});

Deno.test("SIP-055 439: the first hop lacks outbound, the registration goes without (RFC 5626 4.2.1)", () => {
  const it = new ScriptedRegistrar({ instance: INSTANCE });
  it.answer(439);
  const { message } = it.register;
  assertEquals(/reg-id/.test(headerValue(message, "Contact") ?? ""), false);
  assertEquals(headerValue(message, "Supported"), "path");
  it.answer(439);
  assertEquals(it.names(), ["registering", "refused"]);
});

Deno.test("SIP-055 430: the flow is gone, another one is made", () => {
  const it = new ScriptedRegistrar({ instance: INSTANCE });
  it.answer(430);
  assertEquals(it.names(), ["registering", "failed"]);
  it.advance(4_000);
  assertEquals(it.names(), ["registering"]);
});

Deno.test("SIP-055 a connection that ends is replaced at once, others mean nothing (RFC 5626 4.5)", () => {
  const it = new ScriptedRegistrar({ transport: "tcp", instance: INSTANCE });
  const { message } = it.register;
  it.receive(reply(message, 60), ScriptedSip.tcp);
  assertEquals(registered(it.told()).destination.connection, 1);
  it.said();
  it.take(it.core.receiveFlowEnd(2, it.now));
  assertEquals(it.said(), []);
  it.take(it.core.receiveFlowEnd(1, it.now));
  assertEquals(it.register.to.connection, undefined);
  assertEquals(it.said(), ["REGISTER"]);
});

Deno.test("SIP-055 a refresh goes over the flow of the registration (RFC 5626 4.2.2)", () => {
  const it = new ScriptedRegistrar({ transport: "tcp", instance: INSTANCE });
  it.receive(reply(it.register.message, 60), ScriptedSip.tcp);
  it.advance(30_000);
  assertEquals(it.register.to.connection, 1);
});

function reply(message: Parameters<typeof headerValues>[0], expires: number): string {
  const copied = ["Via", "From", "To", "Call-ID", "CSeq"].map((name) =>
    `${name}: ${headerValue(message, name)}`
  );
  const contact = headerValue(message, "Contact")?.replace(/expires=\d+/, `expires=${expires}`);
  return ["SIP/2.0 200 OK", ...copied, `Contact: ${contact}`, "Content-Length: 0", "", ""].join(
    "\r\n",
  );
}

const WAYS_TO_FAIL: Readonly<Record<string, (it: ScriptedRegistrar) => void>> = {
  "silence": (it) => void it.advance(32_000),
  "a transport error": (it) => {
    const error = new SottoError("transport/refused", "refused");
    it.take(it.core.receiveTransportError(it.register.transaction ?? "", error, it.now));
  },
  "500": (it) => void it.answer(500),
  "503": (it) => void it.answer(503),
};

for (const [name, fail] of Object.entries(WAYS_TO_FAIL)) {
  Deno.test(`SIP-055 ${name} is not answered at once: the wait doubles up to 30 s (RFC 5626 4.5)`, () => {
    const it = new ScriptedRegistrar();
    for (const most of [4_000, 8_000, 16_000, 30_000, 30_000]) {
      fail(it);
      const failed = it.told().at(-1);
      assert(failed?.type === "failed");
      const wait = failed.retryAt - it.now;
      assert(wait >= most / 2 && wait <= most, `${wait} of ${most}`);
      it.said();
      it.advance(wait - 1);
      assertEquals(it.said(), []);
      it.advance(1);
      assertEquals(it.sent.length, 1);
    }
    it.bind(60);
    assertEquals(it.names(), ["registering", "registered"]);
    it.advance(30_000);
    fail(it);
    const failed = it.told().at(-1);
    assert(failed?.type === "failed" && failed.retryAt - it.now <= 4_000, "counts anew");
  });
}

Deno.test("SIP-055 Retry-After is waited for, but not for ever", () => {
  for (
    const [text, seconds] of [["7", 7], ["0", 0], ["120 (later)", 120], ["999999", 3600]] as const
  ) {
    const it = new ScriptedRegistrar();
    it.answer(503, { headers: [`Retry-After: ${text}`] });
    const failed = it.told().at(-1);
    assert(failed?.type === "failed");
    assertEquals(failed.retryAt, 1000 * seconds);
  }
});

Deno.test("SIP-055 what cannot heal is told and not tried again", () => {
  for (const status of [302, 400, 403, 404, 420, 600, 603]) {
    const it = new ScriptedRegistrar();
    it.answer(status, { reason: "No\u001b[31m" });
    it.said();
    it.advance(10_000_000);
    assertEquals(it.said(), []);
    const [, refused] = it.told();
    assert(refused?.type === "refused");
    assertEquals(refused.error.code, "sip/registration-refused");
    assertEquals(refused.error.message, `the registrar says ${status} No\\x1b[31m`);
    assertEquals(refused.response?.status, status);
  }
});

Deno.test("SIP-060 REGISTER is challenged, and refreshes carry credentials unasked", () => {
  const challenger = new SipChallenger(401, "example.com");
  const it = new ScriptedRegistrar({}, { credentials: () => ACCOUNT });
  it.answer(401, { headers: challenger.challenge(0) });
  const second = it.bind(60);
  assertEquals(challenger.verdict(second, 0), "accepted");
  it.advance(30_000);
  const refresh = it.bind(60);
  assertMatch(headerValue(refresh, "Authorization") ?? "", /nc=00000002/);
  assertEquals(challenger.verdict(refresh, 30_000), "accepted");
  it.end();
  assertMatch(headerValue(it.register.message, "Authorization") ?? "", /nc=00000003/);
  assertEquals(it.names(), ["registering", "registered", "registered"]);
});

Deno.test("SIP-063 a wrong password ends the registration after one attempt", () => {
  const challenger = new SipChallenger(401, "example.com");
  const it = new ScriptedRegistrar({}, { credentials: () => ACCOUNT });
  it.answer(401, { headers: challenger.challenge(0) });
  it.answer(401, { headers: challenger.challenge(0) });
  it.advance(10_000_000);
  assertEquals(it.said(), ["REGISTER", "REGISTER"]);
  const refused = it.told().at(-1);
  assert(refused?.type === "refused");
  assertEquals(refused.error.code, "sip/credentials-rejected");
});

Deno.test("SIP-066 a registrar that does not know the password it accepted is not believed", () => {
  const challenger = new SipChallenger(401, "example.com");
  const it = new ScriptedRegistrar({}, { credentials: () => ACCOUNT });
  it.answer(401, { headers: challenger.challenge(0) });
  const info = challenger.info(it.register.message, 0).replace(/rspauth="..../, 'rspauth="0000');
  it.bind(60, [info]);
  const refused = it.told().at(-1);
  assert(refused?.type === "refused");
  assertEquals(refused.error.code, "auth/wrong-proof");
});

const SERVERS: readonly Destination[] = [
  { transport: "udp", host: "192.0.2.11", port: 5060 },
  { transport: "tcp", host: "192.0.2.12", port: 5060 },
];

Deno.test("SIP-075 the next registrar is tried, and stays the first for refreshes (10.2.4)", () => {
  const it = new ScriptedRegistrar({ destinations: SERVERS });
  it.answer(503);
  assertEquals(it.register.to.host, "192.0.2.12");
  it.bind(60);
  it.advance(30_000);
  assertEquals(it.register.to.host, "192.0.2.12");
});

Deno.test("SIP-053 a Contact that changed with the way takes the old one with it", () => {
  const it = new ScriptedRegistrar({ destinations: SERVERS });
  it.bind(60);
  it.advance(30_000);
  it.answer(503);
  assertEquals(headerValues(it.register.message, "Contact"), [
    "<sip:alice@192.0.2.2:5060;transport=tcp>;expires=3600",
    "<sip:alice@192.0.2.2:5060>;expires=0",
  ]);
});

Deno.test("SIP-050 only SIP addresses can be registered, and not without end", () => {
  const it = new ScriptedRegistrar();
  const address = parseNameAddress("<tel:+1234>");
  assertThrows(() => it.core.register({ address }, 0), TypeError);
  assertThrows(() => {
    const alice = parseNameAddress("<sip:alice@example.com>");
    for (let count = 0; count < 300; count++) it.core.register({ address: alice }, 0);
  }, RangeError);
});

Deno.test("SIP-054 calls of a registered address take its Service-Route, those of others do not (RFC 3608 5)", async () => {
  await using server = await bindUdp({ host: "127.0.0.1", port: 0 });
  await using endpoint = await SipEndpoint.open({
    listen: [],
    clock: new SystemClock(),
    random: platformRandom,
    userAgent: "sotto/test",
  });
  const { port } = server.local;
  const route = `<sip:127.0.0.1:${port};lr;way=service>`;
  const alice = parseNameAddress("<sip:alice@example.com>");
  const datagrams = server[Symbol.asyncIterator]();
  const receive = async () => {
    const { value } = await datagrams.next();
    assert(value !== undefined);
    const message = parseSipMessage(value.data, { transport: "udp" });
    assert(message.kind === "request");
    return { message, from: value.from };
  };
  const registration = endpoint.register({
    address: alice,
    destinations: [{ transport: "udp", host: "127.0.0.1", port, isFixed: true }],
  });
  const asked = await receive();
  const answer = reply(asked.message, 60).replace(
    "Contact:",
    `Service-Route: ${route}\r\nContact:`,
  );
  await server.send(utf8(answer), asked.from);
  assertEquals((await registration.settled()).type, "registered");
  // The host of the target does not exist: without the route nobody could be found.
  const target = parseSipUri("sip:bob@nowhere.invalid");
  endpoint.invite({ target, from: alice, offer: utf8(SDP) });
  const invite = await receive();
  assertEquals(headerValues(invite.message, "Route"), [route]);
  assertEquals(invite.message.requestUri, "sip:bob@nowhere.invalid");
  const carol = parseNameAddress("<sip:carol@example.com>");
  const other = parseSipUri(`sip:bob@127.0.0.1:${port};transport=udp`);
  endpoint.invite({ target: other, from: carol, offer: utf8(SDP) });
  for (;;) {
    const { message } = await receive();
    if (message.requestUri !== `sip:bob@127.0.0.1:${port};transport=udp`) continue; // Repetitions.
    assertEquals(headerValues(message, "Route"), []);
    break;
  }
});
