import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import {
  headerValue,
  headerValues,
  parseNameAddress,
  type SipRequest,
  viasOf,
  writeUri,
} from "../../../lib/sip/mod.ts";
import { ALICE, BOB, CAROL, peer, ScriptedServer } from "../../helpers/scripted_server.ts";

/** A server where bob is registered at 192.0.2.2. */
function withBob(options: ConstructorParameters<typeof ScriptedServer>[0] = {}): ScriptedServer {
  const server = new ScriptedServer(options);
  server.register(BOB);
  server.events.length = 0;
  return server;
}

/** A server where bob has two contacts, at 192.0.2.2 and 192.0.2.22. */
function forking(): ScriptedServer {
  const server = withBob();
  server.register(BOB, "<sip:bob@192.0.2.22>");
  return server;
}

/** A call from alice to bob that was answered: its two Record-Route values and the INVITE at bob's. */
function established(server: ScriptedServer, caller = ALICE, headers: readonly string[] = []) {
  server.request("INVITE", caller, { headers });
  const invite = server.takeRequest();
  server.answer(invite, 200, ["Contact: <sip:bob@192.0.2.2>"]);
  const [ok] = server.sent.splice(0);
  assert(ok?.message.kind === "response");
  return { invite, ok: ok.message, routes: headerValues(ok.message, "Record-Route") };
}

Deno.test("SIP-048 RFC 3261 §16.3 step 3: no hops left is answered 483, whoever asks", () => {
  const server = withBob();
  server.request("INVITE", ALICE, { maxForwards: "0" });
  assertEquals(server.takeResponse().status, 483);
  server.request("INVITE", ALICE, { maxForwards: "1" });
  assertEquals(headerValue(server.takeRequest().message, "Max-Forwards"), "0");
  // RFC 2543 peers have none: the check is passed, and one is added (§16.6 step 3).
  server.request("INVITE", ALICE, { maxForwards: null, branch: "old-1", callId: "2" });
  assertEquals(headerValue(server.takeRequest().message, "Max-Forwards"), "70");
});

Deno.test("SIP-010 RFC 3261 §16.3 step 5: Proxy-Require names nothing that is understood here", () => {
  const server = withBob();
  server.request("INVITE", ALICE, { headers: ["Proxy-Require: sec-agree", "Require: foo"] });
  const response = server.takeResponse();
  assertEquals([response.status, headerValue(response, "Unsupported")], [420, "sec-agree"]);
  // Require is between the ends.
  server.request("INVITE", ALICE, { headers: ["Require: foo"], callId: "2" });
  assertEquals(headerValue(server.takeRequest().message, "Require"), "foo");
});

Deno.test("SIP-009 RFC 3261 §16.3 step 2: a scheme that leads nowhere from here is answered 416", () => {
  const server = withBob();
  server.request("INVITE", ALICE, { uri: "tel:+358-555-1234567" });
  assertEquals(server.takeResponse().status, 416);
});

Deno.test("RFC 3261 §16.3 step 4: a request that comes back unchanged is a loop", () => {
  const server = new ScriptedServer({
    routes: ScriptedServer.route("loop", "sip:loop@example.com"),
  });
  server.request("INVITE", ALICE, { uri: "sip:loop@example.com" });
  // It comes back by the network, from ourselves.
  server.receive(textOf(server.takeRequest().message), peer("lab", "192.0.2.100"));
  assertEquals(server.said(), ["482 192.0.2.100"]);
});

Deno.test("RFC 3261 §16.3 step 4: a request that comes back for somebody else is a spiral, and goes on", () => {
  const server = withBob({ routes: ScriptedServer.route("robert", "sip:bob@example.com") });
  server.request("INVITE", ALICE, { uri: "sip:robert@example.com" });
  server.receive(textOf(server.takeRequest().message), peer("lab", "192.0.2.100"));
  const { message, to } = server.takeRequest();
  assertEquals([message.requestUri, to.host], ["sip:bob@192.0.2.2", "192.0.2.2"]);
  assertEquals(viasOf(message).map((it) => it.host), ["192.0.2.100", "192.0.2.100", "192.0.2.1"]);
});

Deno.test("RFC 3261 §16.3: merged requests are no error for a proxy", () => {
  const server = withBob();
  server.request("INVITE", ALICE, { branch: "z9hG4bKone" });
  server.request("INVITE", ALICE, { branch: "z9hG4bKtwo" });
  assertEquals(server.said(), ["INVITE 192.0.2.2", "INVITE 192.0.2.2"]);
});

Deno.test("RFC 3261 §16.3 step 1: methods, fields and bodies that nobody here knows pass unchanged", () => {
  const server = withBob();
  server.request("TELEPORT", ALICE, {
    headers: ["Date: never, ever", "X-Strange:  a ; b , c", "Subject: (unbalanced"],
    body: "beam me up",
  });
  const { message } = server.takeRequest();
  assertEquals(message.method, "TELEPORT");
  assertEquals(headerValue(message, "Date"), "never, ever");
  assertEquals(headerValue(message, "X-Strange"), "a ; b , c");
  assertEquals(headerValue(message, "Subject"), "(unbalanced");
  assertEquals(new TextDecoder().decode(message.body), "beam me up");
});

Deno.test("SIP-060 RFC 3261 §22.3: requests to users take the credentials of one, and these are taken out", () => {
  const server = new ScriptedServer({ isOpen: false });
  const parts = { uri: "sip:bob@example.com" };
  server.request("INVITE", ALICE, parts);
  const challenged = server.takeResponse();
  assertEquals(challenged.status, 407);
  assertEquals(headerValues(challenged, "Proxy-Authenticate").length, 3);
  assertEquals(server.core.transactionCount, 0);
  const header = ScriptedServer.credentials(challenged, "INVITE", "sip:bob@example.com", {
    username: "alice",
    password: "secret-alice",
  });
  const other =
    'Proxy-Authorization: Digest username="a", realm="other", nonce="n", uri="x", response="00000000000000000000000000000000"';
  server.request("INVITE", ALICE, { ...parts, sequence: 2, headers: [other, header] });
  // Bob has an account, and is not there; who knows no password hears of neither.
  assertEquals(server.takeResponse().status, 480);
});

Deno.test("SIP-065 RFC 3261 §22.3: credentials for other proxies travel on", () => {
  const server = withCredentials();
  const [own, other] = headerPair(server, "INVITE");
  server.request("INVITE", ALICE, { sequence: 2, headers: [other, own] });
  const { message } = server.takeRequest();
  assertEquals(headerValues(message, "Proxy-Authorization").length, 1);
  assertMatch(headerValue(message, "Proxy-Authorization") ?? "", /realm="other"/);
});

Deno.test("RFC 3261 §22.1: ACK and CANCEL are never challenged", () => {
  const server = withCredentials();
  server.request("ACK", ALICE, { toTag: "x" });
  server.request("CANCEL", ALICE);
  const statuses = server.said();
  assertEquals(statuses.filter((it) => it.startsWith("407")), []);
});

Deno.test("RFC 3261 §22.3: nobody calls in the name of another user of the domain", () => {
  const server = withCredentials();
  const [own] = headerPair(server, "INVITE");
  server.request("INVITE", ALICE, {
    from: "<sip:carol@example.com>",
    sequence: 2,
    headers: [own],
  });
  assertEquals(server.takeResponse().status, 403);
});

Deno.test("RFC 3261 §16.5: unknown users are 404, absent ones 480, other domains 403, the server itself 404", () => {
  const server = new ScriptedServer({ isOpen: false });
  const ask = (uri: string): number => {
    server.request("MESSAGE", ALICE, { uri });
    const challenged = server.takeResponse();
    if (challenged.status !== 407) return challenged.status;
    const header = ScriptedServer.credentials(challenged, "MESSAGE", uri, {
      username: "alice",
      password: "secret-alice",
    });
    server.request("MESSAGE", ALICE, { uri, sequence: 2, headers: [header] });
    return server.takeResponse().status;
  };
  assertEquals(ask("sip:nobody@example.com"), 404);
  assertEquals(ask("sip:carol@example.com"), 480);
  assertEquals(ask("sip:carol@elsewhere.example"), 403);
  assertEquals(ask("sip:carol@192.0.2.77"), 403);
  assertEquals(ask("sip:example.com"), 404);
});

Deno.test("RFC 3261 §16.5: other domains are served when that was asked for, for users of ours alone", () => {
  const server = new ScriptedServer({ isOpen: false, relaysForeign: true });
  server.request("INVITE", ALICE, { uri: "sip:x@192.0.2.77" });
  assertEquals(server.takeResponse().status, 407);
  const open = new ScriptedServer({ relaysForeign: true });
  open.request("INVITE", ALICE, { uri: "sip:x@192.0.2.77:6000;transport=tcp" });
  const { to, message } = open.takeRequest();
  assertEquals([to.transport, to.host, to.port], ["tcp", "192.0.2.77", 6000]);
  assertEquals(message.requestUri, "sip:x@192.0.2.77:6000;transport=tcp");
});

Deno.test("RFC 3261 §16.5: a static route leads to somebody who never registers, and whom anybody may call", () => {
  const server = new ScriptedServer({
    isOpen: false,
    routes: ScriptedServer.route("echo", "sip:echo@192.0.2.50:7000;transport=tcp"),
  });
  server.request("INVITE", ALICE, { uri: "sip:echo@example.com" });
  const { to, message } = server.takeRequest();
  assertEquals([to.transport, to.host, to.port], ["tcp", "192.0.2.50", 7000]);
  assertEquals(message.requestUri, "sip:echo@192.0.2.50:7000;transport=tcp");
});

Deno.test("SIP-047 RFC 3261 §11.2: OPTIONS to the server itself is answered by it", () => {
  const server = new ScriptedServer({ isOpen: false });
  for (const uri of ["sip:example.com", "sip:192.0.2.100", "sip:192.0.2.100:5060;transport=tcp"]) {
    server.request("OPTIONS", ALICE, { uri, contact: null });
    const response = server.takeResponse();
    assertEquals(response.status, 200);
    assertEquals(headerValue(response, "Supported"), "outbound");
  }
});

Deno.test("RFC 3261 §16.6: the copy keeps every field and its order, but for what the step changes", () => {
  const server = withBob();
  const text = server.requestText("INVITE", ALICE, {
    headers: ["Record-Route: <sip:before.example;lr>", "Subject: x", "X-A: 1", "X-B: 2", "X-A: 3"],
    body: "v=0\r\n",
    vias: ["SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa, SIP/2.0/TCP 10.0.0.2;branch=z9hG4bKb"],
  });
  server.receive(text, ALICE);
  const { message } = server.takeRequest();
  const names = message.headers.map((it) => it.name);
  assertEquals(names, [
    "Via",
    "Via",
    "Via",
    "Max-Forwards",
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Contact",
    "Content-Type",
    "Record-Route",
    "Record-Route",
    "Subject",
    "X-A",
    "X-B",
    "X-A",
    "Content-Length",
  ]);
  assertEquals(headerValue(message, "Max-Forwards"), "69");
  assertEquals(headerValues(message, "Record-Route")[1], "<sip:before.example;lr>");
  assertEquals(message.requestUri, "sip:bob@192.0.2.2");
  assertEquals(viasOf(message).map((it) => it.host), [
    "192.0.2.100",
    "192.0.2.1",
    "10.0.0.1",
    "10.0.0.2",
  ]);
});

Deno.test("SIP-072 SIP-073 RFC 3581 §4: the hop below ours says where the request came from", () => {
  const server = withBob();
  const far = { ...ALICE, flow: { ...ALICE.flow, remote: { host: "203.0.113.9", port: 4444 } } };
  server.request("INVITE", far);
  const invite = server.takeRequest();
  const [ours, theirs] = viasOf(invite.message);
  assertEquals(ours?.host, "192.0.2.100");
  assertEquals(theirs?.parameters.filter((it) => it.name !== "branch"), [
    { name: "rport", value: "4444" },
    { name: "received", value: "203.0.113.9" },
  ]);
  server.answer(invite, 180);
  const [ringing] = server.sent.splice(0);
  assertEquals([ringing?.to.host, ringing?.to.port], ["203.0.113.9", 4444]);
});

Deno.test("RFC 3261 §16.6 step 2: what may not stand in a Request-URI is taken out of the contact", () => {
  const server = new ScriptedServer();
  server.register(BOB, "<sip:bob@192.0.2.2;foo=bar?Subject=hello>;q=0.3");
  server.request("INVITE", ALICE);
  assertEquals(server.takeRequest().message.requestUri, "sip:bob@192.0.2.2;foo=bar");
});

Deno.test("SIP-036 RFC 3261 §16.6 step 4: a Record-Route with lr, before those of others", () => {
  const server = withBob();
  server.request("INVITE", ALICE);
  const [route, ...more] = headerValues(server.takeRequest().message, "Record-Route");
  assertEquals(more, []);
  assertMatch(route ?? "", /^<sip:[0-9a-f.]+@192\.0\.2\.100:5060;lr>$/);
});

Deno.test("RFC 3261 §16.6 step 4: between two transports or families there are two, one for each side", () => {
  const server = new ScriptedServer();
  server.register(peer("bob", "192.0.2.2", "tcp", 5), "<sip:bob@192.0.2.2;transport=tcp>");
  server.request("INVITE", ALICE);
  const tcp = headerValues(server.takeRequest().message, "Record-Route");
  assertEquals(tcp.map((it) => it.replace(/sip:[^@]+@/, "")), [
    "<192.0.2.100:5060;transport=tcp;lr>",
    "<192.0.2.100:5060;lr>",
  ]);
  const other = new ScriptedServer();
  other.register(peer("bob", "2001:db8::2"));
  other.request("INVITE", ALICE);
  const families = headerValues(other.takeRequest().message, "Record-Route");
  assertEquals(families.map((it) => it.replace(/sip:[^@]+@/, "")), [
    "<[2001:db8::100]:5060;lr>",
    "<192.0.2.100:5060;lr>",
  ]);
});

Deno.test("RFC 3261 §16.6 step 4: a sips request is recorded as sips, and reaches secure contacts alone", () => {
  const server = withBob();
  server.register(peer("bob", "192.0.2.2", "tls", 9), "<sips:bob@192.0.2.2>");
  const secure = peer("alice", "192.0.2.1", "tls", 8);
  server.request("INVITE", secure, { uri: "sips:bob@example.com" });
  const { message, to } = server.takeRequest();
  assertEquals([to.transport, to.connection], ["tls", 9]);
  assertMatch(headerValue(message, "Record-Route") ?? "", /^<sips:[^@]+@192\.0\.2\.100:5061;lr>$/);
  const plain = withBob();
  plain.request("INVITE", secure, { uri: "sips:bob@example.com" });
  assertEquals(plain.takeResponse().status, 480);
});

Deno.test("RFC 3261 §16.6 step 8: each branch is unique, and CANCEL and ACK of it have the same", () => {
  const server = forking();
  server.request("INVITE", ALICE);
  const [first, second] = server.takeRequests();
  assert(first !== undefined && second !== undefined);
  const branchOf = (message: SipRequest) =>
    headerValue(message, "Via")?.match(/branch=([^;]+)/)?.[1];
  assertNotEquals(branchOf(first.message), branchOf(second.message));
  assertMatch(branchOf(first.message) ?? "", /^z9hG4bK/);
  server.answer(first, 486);
  const [ack] = server.takeRequests();
  assertEquals([ack?.message.method, ack && branchOf(ack.message)], [
    "ACK",
    branchOf(first.message),
  ]);
  server.answer(second, 180);
  server.sent.length = 0;
  server.request("CANCEL", ALICE, { branch: viaBranch(first.message) });
  const cancel = server.takeRequests()[0];
  assertEquals([cancel?.message.method, cancel && branchOf(cancel.message)], [
    "CANCEL",
    branchOf(second.message),
  ]);
});

Deno.test("SIP-025 RFC 3261 §16.2: an INVITE is answered 100 when nothing else comes soon; others never are", () => {
  const server = withBob();
  server.request("INVITE", ALICE).request("MESSAGE", ALICE, { callId: "2" });
  assertEquals(server.said(), ["INVITE 192.0.2.2", "MESSAGE 192.0.2.2"]);
  server.advance(200);
  assertEquals(server.said(), ["100 192.0.2.1"]);
});

Deno.test("RFC 3261 §16.7 steps 3 and 5: provisional responses pass at once, but for 100", () => {
  const server = withBob();
  server.request("INVITE", ALICE);
  const invite = server.takeRequest();
  server.answer(invite, 100);
  assertEquals(server.said(), []);
  server.answer(invite, 183, ["X-Kept: yes"]);
  const response = server.takeResponse();
  assertEquals(response.status, 183);
  assertEquals(viasOf(response).map((it) => it.host), ["192.0.2.1"]);
  assertEquals(headerValue(response, "X-Kept"), "yes");
  assertMatch(headerValue(response, "To") ?? "", /;tag=b1$/);
});

Deno.test("RFC 3261 §16.7 steps 5 and 10: the first 2xx goes back at once and ends the other branches", () => {
  const server = forking();
  server.request("INVITE", ALICE);
  const [first, second] = server.takeRequests();
  assert(first !== undefined && second !== undefined);
  server.answer(second, 180);
  server.sent.length = 0;
  server.answer(first, 200);
  assertEquals(server.said(), ["200 192.0.2.1", "CANCEL 192.0.2.22"]);
  // It answered before the CANCEL came: both go back (SIP-043).
  server.answer(second, 200, [], "other");
  assertEquals(server.said(), ["200 192.0.2.1"]);
});

Deno.test("RFC 3261 §16.7 step 5: 2xx that are repeated are handed on; a second one to another method is not", () => {
  const server = forking();
  server.request("INVITE", ALICE);
  const [invite] = server.takeRequests();
  assert(invite !== undefined);
  server.answer(invite, 200).answer(invite, 200);
  assertEquals(server.said().filter((it) => it.startsWith("200")).length, 2);
  server.request("MESSAGE", ALICE, { callId: "2" });
  const [first, second] = server.takeRequests();
  assert(first !== undefined && second !== undefined);
  server.answer(first, 200).answer(second, 200);
  assertEquals(server.said(), ["200 192.0.2.1"]);
});

Deno.test("RFC 3261 §16.7 step 6: refusals wait for the last branch, and the best of them goes back", () => {
  for (
    const [one, other, best] of [
      [404, 486, 404],
      [503, 407, 407],
      [302, 486, 302],
      [500, 404, 404],
      [503, 500, 500],
      [408, 486, 486],
      [486, 603, 603],
      [503, 503, 500],
    ] as const
  ) {
    const server = forking();
    server.request("INVITE", ALICE);
    const [first, second] = server.takeRequests();
    assert(first !== undefined && second !== undefined);
    server.answer(first, one);
    assertEquals(server.said(), ["ACK 192.0.2.2"], `${one} has to wait`);
    server.answer(second, other);
    assertEquals(server.said(), ["ACK 192.0.2.22", `${best} 192.0.2.1`], `${one} and ${other}`);
  }
});

Deno.test("RFC 3261 §16.7 step 5: a 6xx cancels the rest, and goes back when they are over", () => {
  const server = forking();
  server.request("INVITE", ALICE);
  const [first, second] = server.takeRequests();
  assert(first !== undefined && second !== undefined);
  server.answer(second, 180);
  server.sent.length = 0;
  server.answer(first, 603);
  assertEquals(server.said(), ["ACK 192.0.2.2", "CANCEL 192.0.2.22"]);
  server.answer(second, 487);
  assertEquals(server.said(), ["ACK 192.0.2.22", "603 192.0.2.1"]);
});

Deno.test("SIP-065 RFC 3261 §16.7 step 7: the challenges of every branch go back together", () => {
  const server = forking();
  server.request("INVITE", ALICE);
  const [first, second] = server.takeRequests();
  assert(first !== undefined && second !== undefined);
  const challenge = (name: string) => `Digest realm="${name}", nonce="n"`;
  server.answer(first, 401, [`WWW-Authenticate: ${challenge("one")}`]);
  server.answer(second, 407, [
    `Proxy-Authenticate: ${challenge("two")}`,
    `WWW-Authenticate: ${challenge("three")}`,
  ]);
  const response = server.sent.at(-1)?.message;
  assert(response?.kind === "response");
  assertEquals(response.status, 401);
  assertEquals(headerValues(response, "WWW-Authenticate"), [challenge("one"), challenge("three")]);
  assertEquals(headerValues(response, "Proxy-Authenticate"), [challenge("two")]);
});

Deno.test("RFC 6026 §8.9: responses that belong to no request are not handed on", () => {
  const server = withBob();
  server.request("INVITE", ALICE);
  const invite = server.takeRequest();
  const stray = { ...invite.message, headers: [...invite.message.headers] };
  stray.headers[0] = { name: "Via", value: "SIP/2.0/UDP 192.0.2.100:5060;branch=z9hG4bKnever" };
  server.answer({ ...invite, message: stray }, 200);
  assertEquals(server.said(), []);
});

Deno.test("RFC 3261 §16.8: Timer C runs again with every ring, and cancels what rings too long", () => {
  const server = withBob();
  server.request("INVITE", ALICE);
  const invite = server.takeRequest();
  server.answer(invite, 180).advance(180_000);
  server.answer(invite, 180).advance(184_999);
  assertEquals(server.said().filter((it) => it.startsWith("CANCEL")), []);
  server.advance(1);
  assertEquals(server.said().filter((it) => it.startsWith("CANCEL")), ["CANCEL 192.0.2.2"]);
  server.answer(invite, 487);
  assertEquals(server.said(), ["ACK 192.0.2.2", "487 192.0.2.1"]);
  assertEquals(server.core.pendingCount, 0);
});

Deno.test("RFC 3261 §16.8, §9.1: who does not even answer the CANCEL is given up", () => {
  const server = withBob();
  server.request("INVITE", ALICE, { branch: "z9hG4bKx" });
  server.answer(server.takeRequest(), 180);
  server.request("CANCEL", ALICE, { branch: "z9hG4bKx" });
  server.advance(32_001);
  assert(server.said().includes("487 192.0.2.1"));
  assertEquals(server.core.pendingCount, 0);
});

Deno.test("RFC 3261 §16.7 step 6: silence on every branch is a 408, but for other methods than INVITE nothing (RFC 4320 §4.2)", () => {
  const server = withBob();
  server.request("INVITE", ALICE).advance(32_000);
  assertEquals(server.said().filter((it) => it.endsWith("192.0.2.1")), [
    "100 192.0.2.1",
    "408 192.0.2.1",
  ]);
  server.request("MESSAGE", ALICE, { callId: "2" }).advance(33_000);
  assertEquals(
    server.said().filter((it) => /^\d.*192\.0\.2\.1$/.test(it) && !it.startsWith("408")),
    [],
  );
  server.advance(64_000);
  assertEquals([server.core.pendingCount, server.core.transactionCount], [0, 0]);
});

Deno.test("RFC 3261 §16.9: a target that cannot be reached counts as 503, and that goes back as 500", () => {
  const server = new ScriptedServer();
  server.register(BOB, "<sip:bob@192.0.2.2;transport=tcp>");
  server.request("INVITE", ALICE);
  const invite = server.takeRequest();
  server.take(server.core.receiveTransportError(invite.transaction ?? "", server.now));
  assertEquals(server.said(), ["500 192.0.2.1"]);
});

Deno.test("SIP-070 RFC 3261 §18.1.1: a long request goes over TCP, and over UDP when nobody listens there", () => {
  const server = withBob();
  server.register(BOB, "<sip:bob@192.0.2.2:5070>");
  server.request("INVITE", ALICE, { headers: [`X-Long: ${"x".repeat(1200)}`] });
  const [flow, invite] = server.takeRequests();
  // The contact that is the sender's own socket is reached the way it came.
  assertEquals([flow?.to.transport, invite?.to.transport], ["udp", "tcp"]);
  server.take(server.core.receiveTransportError(invite?.transaction ?? "", server.now));
  const [again] = server.takeRequests();
  assertEquals([again?.to.transport, again?.to.port], ["udp", 5070]);
  assert(again !== undefined);
  assertMatch(headerValue(again.message, "Via") ?? "", /^SIP\/2\.0\/UDP/);
});

Deno.test("SIP-030 RFC 3261 §16.10: CANCEL is answered, and goes to whoever rings", () => {
  const server = forking();
  server.request("INVITE", ALICE, { branch: "z9hG4bKx" });
  const [first, second] = server.takeRequests();
  assert(first !== undefined && second !== undefined);
  server.answer(first, 180);
  server.sent.length = 0;
  server.request("CANCEL", ALICE, { branch: "z9hG4bKx" });
  assertEquals(server.said(), ["200 192.0.2.1", "CANCEL 192.0.2.2"]);
  // The other one may not be cancelled before it said anything (§9.1).
  server.answer(second, 100);
  assertEquals(server.said(), ["CANCEL 192.0.2.22"]);
  server.answer(first, 487).answer(second, 487);
  assertEquals(server.said().at(-1), "487 192.0.2.1");
});

Deno.test("SIP-031 RFC 3261 §16.10: a CANCEL of nothing known goes on as it is, or nowhere", () => {
  const server = withBob();
  server.request("CANCEL", ALICE, { uri: "sip:bob@example.com" });
  const { message } = server.takeRequest();
  assertEquals([message.method, headerValues(message, "Record-Route")], ["CANCEL", []]);
  server.request("CANCEL", ALICE, { uri: "sip:x@elsewhere.example", callId: "2" });
  assertEquals(server.takeResponse().status, 481);
});

Deno.test("SIP-023 SIP-024 RFC 3261 §16.7, §16.11: the ACK of a refusal ends here, the ACK of a 2xx goes on", () => {
  const server = withBob();
  server.request("INVITE", ALICE, { branch: "z9hG4bKx" });
  server.answer(server.takeRequest(), 486);
  server.sent.length = 0;
  server.request("ACK", ALICE, { branch: "z9hG4bKx", toTag: "b1" });
  assertEquals(server.said(), []);
  const { routes } = established(server);
  const ack = {
    uri: "sip:bob@192.0.2.2",
    toTag: "b1",
    headers: routes.map((it) => `Route: ${it}`),
  };
  server.request("ACK", ALICE, { ...ack, branch: "z9hG4bKack" });
  const first = server.takeRequest();
  server.request("ACK", ALICE, { ...ack, branch: "z9hG4bKack" });
  const second = server.takeRequest();
  assertEquals([first.message.method, first.to.host], ["ACK", "192.0.2.2"]);
  assertEquals(headerValues(first.message, "Route"), []);
  // Without a transaction, a repeated message is the same message again.
  assertEquals(headerValue(first.message, "Via"), headerValue(second.message, "Via"));
});

Deno.test("RFC 3261 §16.4, §16.12: requests in a dialog follow Record-Route both ways, without credentials", () => {
  const server = withCredentials();
  const [own] = headerPair(server, "INVITE");
  const { routes } = established(server, ALICE, [own]);
  server.request("BYE", ALICE, {
    uri: "sip:bob@192.0.2.2",
    toTag: "b1",
    sequence: 3,
    headers: routes.map((it) => `Route: ${it}`),
  });
  const bye = server.takeRequest();
  assertEquals([bye.to.host, bye.message.requestUri], ["192.0.2.2", "sip:bob@192.0.2.2"]);
  assertEquals(headerValues(bye.message, "Route"), []);
  server.request("BYE", BOB, {
    uri: "sip:alice@192.0.2.1",
    toTag: "alice-tag",
    from: "<sip:bob@example.com>",
    headers: routes.toReversed().map((it) => `Route: ${it}`),
  });
  assertEquals(server.takeRequest().to.host, "192.0.2.1");
});

Deno.test("RFC 3261 §16.6 step 4: a route that we did not write for this dialog opens nothing", () => {
  const server = withCredentials();
  const [own] = headerPair(server, "INVITE");
  const { routes } = established(server, ALICE, [own]);
  const [route = ""] = routes;
  const victim = { uri: "sip:victim@203.0.113.7", toTag: "x" };
  for (
    const [header, callId] of [
      ["Route: <sip:192.0.2.100;lr>", "call-1"],
      [`Route: ${route}`, "another-call"],
      [`Route: ${route.replace(/[0-9a-f](?=@)/, (it) => it === "0" ? "1" : "0")}`, "call-1"],
    ] as const
  ) {
    server.request("BYE", CAROL, { ...victim, callId, headers: [header] });
    assertEquals(server.takeResponse().status, 403);
    server.request("ACK", CAROL, { ...victim, callId, headers: [header] });
    assertEquals(server.said(), []);
  }
});

Deno.test("RFC 3261 §16.4: a strict router before us put our Record-Route into the Request-URI", () => {
  const server = withBob();
  const { routes } = established(server);
  const own = writeUri(parseNameAddress(routes[0] ?? "").uri);
  server.request("BYE", ALICE, {
    uri: own,
    toTag: "b1",
    headers: ["Route: <sip:bob@192.0.2.2>"],
  });
  const { message, to } = server.takeRequest();
  assertEquals([message.requestUri, to.host], ["sip:bob@192.0.2.2", "192.0.2.2"]);
  assertEquals(headerValues(message, "Route"), []);
});

Deno.test("RFC 3261 §16.6 step 6: a strict router after us finds itself in the Request-URI", () => {
  const server = withBob();
  const { routes } = established(server);
  server.request("BYE", ALICE, {
    uri: "sip:bob@192.0.2.2",
    toTag: "b1",
    headers: [...routes, "<sip:strict@192.0.2.60>", "<sip:p1.example;lr>"].map((it) =>
      `Route: ${it}`
    ),
  });
  const { message, to } = server.takeRequest();
  assertEquals([message.requestUri, to.host], ["sip:strict@192.0.2.60", "192.0.2.60"]);
  assertEquals(headerValues(message, "Route"), ["<sip:p1.example;lr>", "<sip:bob@192.0.2.2>"]);
});

Deno.test("RFC 3261 §16.4: our own maddr, port and transport are taken out of the Request-URI", () => {
  const server = withBob();
  server.request("INVITE", ALICE, {
    uri: "sip:bob@example.com:5060;maddr=192.0.2.100;transport=udp",
  });
  assertEquals(server.takeRequest().to.host, "192.0.2.2");
  // Another maddr is where the request goes, and nothing goes out of the domain.
  server.request("INVITE", ALICE, { uri: "sip:bob@example.com;maddr=192.0.2.99", callId: "2" });
  assertEquals(server.takeResponse().status, 403);
});

Deno.test("SIP-077 RFC 5626 §5.3: a dialog goes back over the flows it came by, whatever its contacts say", () => {
  const server = new ScriptedServer();
  const phone = peer("bob", "192.0.2.2", "tcp", 5);
  server.register(phone, "<sip:bob@192.0.2.2;transport=tcp>");
  const caller = peer("alice", "192.0.2.1", "tcp", 6);
  server.request("INVITE", caller, { contact: "<sip:alice@10.9.9.9;transport=tcp>" });
  const invite = server.takeRequest();
  assertEquals(invite.to.connection, 5);
  const routes = headerValues(invite.message, "Record-Route").map((it) => `Route: ${it}`);
  server.answer(invite, 200, ["Contact: <sip:bob@10.8.8.8;transport=tcp>"]);
  server.sent.length = 0;
  const bye = { toTag: "alice-tag", from: "<sip:bob@example.com>", headers: routes };
  server.request("BYE", phone, { ...bye, uri: "sip:alice@10.9.9.9;transport=tcp" });
  assertEquals(server.takeRequest().to.connection, 6);
  server.request("INFO", caller, {
    uri: "sip:bob@10.8.8.8;transport=tcp",
    toTag: "b1",
    headers: routes,
  });
  assertEquals(server.takeRequest().to.connection, 5);
  // A flow that ended is none: the contact is asked.
  server.take(server.core.receiveFlowEnd(6));
  server.request("BYE", phone, { ...bye, uri: "sip:alice@10.9.9.9;transport=tcp", sequence: 2 });
  const { to } = server.takeRequest();
  assertEquals([to.host, to.connection], ["10.9.9.9", undefined]);
});

Deno.test("RFC 3261 §8.2.7: floods of requests that are refused leave nothing behind", () => {
  const server = new ScriptedServer({ isOpen: false });
  for (let call = 0; call < 500; call++) {
    server.request("INVITE", ALICE, { callId: `flood-${call}` });
  }
  assertEquals(server.sent.length, 500);
  assertEquals([server.core.transactionCount, server.core.pendingCount], [0, 0]);
});

Deno.test("RFC 3261 §16.7: strangers who call bots leave room for those who have an account", () => {
  const server = new ScriptedServer({
    isOpen: false,
    routes: ScriptedServer.route("echo", "sip:echo@192.0.2.50"),
    limits: { requests: 10 },
  });
  const [own] = headerPair(server, "INVITE");
  for (let call = 0; call < 20; call++) {
    server.request("INVITE", CAROL, { uri: "sip:echo@example.com", callId: `flood-${call}` });
  }
  assertEquals(server.core.pendingCount, 5);
  assertEquals(server.said().filter((it) => it === "503 192.0.2.3").length, 15);
  server.register(BOB, undefined, [
    ScriptedServer.credentials(server.register(BOB), "REGISTER", "sip:example.com", {
      username: "bob",
      password: "secret-bob",
    }),
  ]);
  server.request("INVITE", ALICE, { sequence: 2, headers: [own] });
  assertEquals(server.said(), ["INVITE 192.0.2.2"]);
});

/** A server that asks for passwords, with bob registered. */
function withCredentials(): ScriptedServer {
  const server = new ScriptedServer({ isOpen: false });
  const who = { username: "bob", password: "secret-bob" };
  const header = ScriptedServer.credentials(
    server.register(BOB),
    "REGISTER",
    "sip:example.com",
    who,
  );
  assertEquals(server.register(BOB, undefined, [header]).status, 200);
  return server;
}

/** Alice's credentials for a request to bob, and somebody else's. */
function headerPair(server: ScriptedServer, method: string): [string, string] {
  const uri = "sip:bob@example.com";
  server.request(method, ALICE, { uri, callId: "challenge" });
  const challenged = server.takeResponse();
  const own = ScriptedServer.credentials(challenged, method, uri, {
    username: "alice",
    password: "secret-alice",
  });
  return [
    own,
    'Proxy-Authorization: Digest username="a", realm="other", nonce="n", uri="sip:x", response="00000000000000000000000000000000"',
  ];
}

/** The branch of the caller's own Via in a forwarded request. */
function viaBranch(request: SipRequest): string {
  return /branch=([^;,]+)/.exec(headerValues(request, "Via")[1] ?? "")?.[1] ?? "";
}

function textOf(request: SipRequest): string {
  const lines = request.headers.map(({ name, value }) => `${name}: ${value}`);
  return [`${request.method} ${request.requestUri} SIP/2.0`, ...lines, "", ""].join("\r\n");
}
