import { assert, assertEquals, assertMatch } from "@std/assert";
import { headerValue, headerValues } from "../../../lib/sip/mod.ts";
import {
  ALICE,
  BOB,
  CAROL,
  peer,
  ScriptedServer,
  type ServerRequestParts,
} from "../../helpers/scripted_server.ts";

/** A REGISTER of alice with these parts, and the answer to it. */
function register(server: ScriptedServer, parts: ServerRequestParts = {}, who = ALICE) {
  server.request("REGISTER", who, {
    uri: "sip:example.com",
    to: `<sip:${who.name}@example.com>`,
    ...parts,
  });
  return server.takeResponse();
}

const contactsIn = (response: Parameters<typeof headerValues>[0]): string[] =>
  headerValues(response, "Contact");

Deno.test("SIP-051 RFC 3261 §10.3 step 8: the 200 lists every contact with what is left of its time", () => {
  const server = new ScriptedServer({
    dateText: (now) => new Date(Date.UTC(2026, 1, 3, 10, 11, 12) + now).toUTCString(),
  });
  register(server, { contact: "<sip:alice@192.0.2.1>;expires=600", callId: "a" });
  server.advance(100_500);
  const second = register(server, {
    contact: '"Desk" <sip:alice@192.0.2.9;transport=tcp>;q=0.5',
    callId: "b",
    headers: ["Expires: 1200"],
  });
  assertEquals(second.status, 200);
  assertEquals(contactsIn(second), [
    "<sip:alice@192.0.2.1>;expires=500",
    "Desk <sip:alice@192.0.2.9;transport=tcp>;q=0.5;expires=1200",
  ]);
  assertEquals(headerValue(second, "Date"), "Tue, 03 Feb 2026 10:12:52 GMT");
  assertEquals(headerValues(second, "Record-Route"), []);
});

Deno.test("SIP-051 RFC 3261 §10.3 step 7: the parameter counts before the header field, and both before the default", () => {
  const server = new ScriptedServer({ times: { defaultExpires: 1800, maxExpires: 7200 } });
  const response = register(server, {
    contact: "<sip:a@192.0.2.1>;expires=600, <sip:b@192.0.2.1>",
    headers: ["Expires: 900"],
  });
  assertEquals(contactsIn(response), [
    "<sip:a@192.0.2.1>;expires=600",
    "<sip:b@192.0.2.1>;expires=900",
  ]);
  const other = register(new ScriptedServer({ times: { defaultExpires: 1800 } }));
  assertEquals(contactsIn(other), ["<sip:alice@192.0.2.1>;expires=1800"]);
  const long = register(new ScriptedServer({ times: { maxExpires: 7200 } }), {
    headers: ["Expires: 4294967295"],
  });
  assertEquals(contactsIn(long), ["<sip:alice@192.0.2.1>;expires=7200"]);
  const nonsense = register(new ScriptedServer(), { headers: ["Expires: tomorrow"] });
  assertEquals(contactsIn(nonsense), ["<sip:alice@192.0.2.1>;expires=3600"]);
});

Deno.test("SIP-052 RFC 3261 §10.3 step 7: too short a time is answered 423 with Min-Expires, and nothing changes", () => {
  const server = new ScriptedServer({ times: { minExpires: 120 } });
  register(server, { contact: "<sip:alice@192.0.2.1>;expires=600", callId: "a" });
  const brief = register(server, {
    contact: "<sip:x@192.0.2.7>;expires=600, <sip:y@192.0.2.8>;expires=119",
    callId: "b",
  });
  assertEquals(brief.status, 423);
  assertEquals(headerValue(brief, "Min-Expires"), "120");
  assertEquals(contactsIn(register(server, { contact: null, callId: "c" })), [
    "<sip:alice@192.0.2.1>;expires=600",
  ]);
  // Only what is shorter than an hour may be refused, and zero is a wish of another kind.
  const strict = new ScriptedServer({ times: { minExpires: 7000, maxExpires: 9000 } });
  assertEquals(register(strict, { contact: "<sip:a@192.0.2.1>;expires=3600" }).status, 200);
});

Deno.test("SIP-053 RFC 3261 §10.2.2: zero removes one contact, and `*` with Expires: 0 all of them", () => {
  const server = new ScriptedServer();
  register(server, { contact: "<sip:a@192.0.2.1>, <sip:b@192.0.2.1>, <sip:c@192.0.2.1>" });
  const less = register(server, { contact: "<sip:b@192.0.2.1>;expires=0", sequence: 2 });
  assertEquals(contactsIn(less).length, 2);
  const unclear = register(server, { contact: "*", sequence: 3 });
  assertEquals(unclear.status, 400);
  const late = register(server, { contact: "*", sequence: 4, headers: ["Expires: 60"] });
  assertEquals(late.status, 400);
  assertEquals(server.core.contactCount, 2);
  const none = register(server, { contact: "*", sequence: 5, headers: ["Expires: 0"] });
  assertEquals([none.status, contactsIn(none)], [200, []]);
  assertEquals(server.core.contactCount, 0);
});

Deno.test("RFC 3261 §10.3 step 6: `*` beside another contact is invalid", () => {
  const server = new ScriptedServer();
  const response = register(server, {
    contact: "*",
    headers: ["Contact: <sip:a@192.0.2.1>", "Expires: 0"],
  });
  assertEquals(response.status, 400);
});

Deno.test("RFC 3261 §10.3 steps 6 and 7: with the same Call-ID, only a higher CSeq changes anything", () => {
  const server = new ScriptedServer();
  register(server, { sequence: 7 });
  for (
    const parts of [
      { contact: "<sip:alice@192.0.2.1>;expires=0", sequence: 7 },
      { contact: "<sip:alice@192.0.2.1>;expires=0", sequence: 6 },
      // Not one part of it is carried out.
      { contact: "<sip:new@192.0.2.1>, <sip:alice@192.0.2.1>", sequence: 7 },
      { contact: "*", headers: ["Expires: 0"], sequence: 7 },
    ]
  ) {
    assertEquals(register(server, parts).status, 500);
    assertEquals(server.core.contactCount, 1);
  }
  // Another Call-ID is another client, or the same after it was started again.
  assertEquals(
    register(server, { contact: "*", headers: ["Expires: 0"], callId: "2" }).status,
    200,
  );
  assertEquals(server.core.contactCount, 0);
});

Deno.test("SIP-051 RFC 3261 §10.3 step 7: contacts are compared as URIs, not as text", () => {
  const server = new ScriptedServer();
  register(server, { contact: "<sip:%61lice@EXAMPLE.org;Transport=TCP>" });
  const again = register(server, { contact: "<sip:alice@example.org;transport=tcp>", sequence: 2 });
  assertEquals(contactsIn(again).length, 1);
  const other = register(server, { contact: "<sip:ALICE@example.org;transport=tcp>", sequence: 3 });
  assertEquals(contactsIn(other).length, 2);
});

Deno.test("RFC 3261 §10.3 step 2: an extension that is not understood is answered 420", () => {
  const server = new ScriptedServer();
  const response = register(server, { headers: ["Require: outbound, path, gin"] });
  assertEquals(response.status, 420);
  assertEquals(headerValue(response, "Unsupported"), "path, gin");
  assertEquals(server.core.contactCount, 0);
});

Deno.test("RFC 3261 §10.3 steps 1 and 5: addresses of other domains are none of ours", () => {
  const server = new ScriptedServer();
  assertEquals(register(server, { to: "<sip:alice@elsewhere.example>" }).status, 404);
  // A REGISTER for another domain would have to be forwarded there, and nothing is.
  assertEquals(register(server, { uri: "sip:elsewhere.example" }).status, 403);
});

Deno.test("RFC 3261 §10.3 step 5: an address of record has no parameters and no escapes", () => {
  const server = new ScriptedServer();
  register(server, { to: "<sip:%61lice@EXAMPLE.com;user=ip>" });
  server.request("INVITE", BOB, { uri: "sip:alice@example.com" });
  assertEquals(server.said(), ["INVITE 192.0.2.1"]);
});

Deno.test("SIP-060 RFC 3261 §22.2: whoever registers proves who they are, by the strongest digest first", () => {
  const server = new ScriptedServer({ isOpen: false });
  const challenged = register(server);
  assertEquals(challenged.status, 401);
  assertEquals(
    headerValues(challenged, "WWW-Authenticate").map((it) => /algorithm=([^,\s]+)/.exec(it)?.[1]),
    ["SHA-512-256", "SHA-256", "MD5"],
  );
  assertMatch(headerValue(challenged, "WWW-Authenticate") ?? "", /realm="example\.com"/);
  assertEquals(server.core.contactCount, 0);
  // Nothing is remembered of who only knocks (§8.2.7).
  assertEquals(server.core.transactionCount, 0);
});

Deno.test("SIP-062 RFC 8760 §2.3: each of the three algorithms is enough", () => {
  for (const index of [0, 1, 2]) {
    const server = new ScriptedServer({ isOpen: false });
    const challenged = register(server);
    const who = { username: "alice", password: "secret-alice" };
    const header = ScriptedServer.credentials(
      challenged,
      "REGISTER",
      "sip:example.com",
      who,
      index,
    );
    assertEquals(register(server, { sequence: 2, headers: [header] }).status, 200);
  }
});

Deno.test("SIP-063 RFC 7616 §3.3: credentials that were used before are challenged again, as stale", () => {
  const server = new ScriptedServer({ isOpen: false });
  const challenged = register(server);
  const who = { username: "alice", password: "secret-alice" };
  const header = ScriptedServer.credentials(challenged, "REGISTER", "sip:example.com", who);
  assertEquals(register(server, { sequence: 2, headers: [header] }).status, 200);
  const replayed = register(server, { sequence: 3, headers: [header] });
  assertEquals(replayed.status, 401);
  assertMatch(headerValue(replayed, "WWW-Authenticate") ?? "", /stale=true/i);
});

Deno.test("RFC 3261 §17.2.2: a REGISTER that is repeated is answered as before, not judged again", () => {
  const server = new ScriptedServer({ isOpen: false });
  const challenged = register(server);
  const who = { username: "alice", password: "secret-alice" };
  const header = ScriptedServer.credentials(challenged, "REGISTER", "sip:example.com", who);
  const parts = { sequence: 2, headers: [header], branch: "z9hG4bKsame" };
  assertEquals(register(server, parts).status, 200);
  assertEquals(register(server, parts).status, 200);
});

Deno.test("SIP-064 RFC 3261 §22.4: a wrong password, or credentials for something else, let nobody in", () => {
  for (
    const [password, uri, status] of [
      ["wrong", "sip:example.com", 401],
      ["secret-alice", "sip:elsewhere.example", 400],
      // The server's own address means the same resource: SIPp writes it.
      ["secret-alice", "sip:192.0.2.100:5060", 200],
    ] as const
  ) {
    const server = new ScriptedServer({ isOpen: false });
    const header = ScriptedServer.credentials(register(server), "REGISTER", uri, {
      username: "alice",
      password,
    });
    assertEquals(register(server, { sequence: 2, headers: [header] }).status, status);
    assertEquals(server.core.contactCount, status === 200 ? 1 : 0);
  }
});

Deno.test("RFC 3261 §10.3 step 4: nobody registers somebody else", () => {
  const server = new ScriptedServer({ isOpen: false });
  const challenged = register(server);
  const header = ScriptedServer.credentials(challenged, "REGISTER", "sip:example.com", {
    username: "carol",
    password: "secret-carol",
  });
  assertEquals(register(server, { sequence: 2, headers: [header] }).status, 403);
  const again = register(server, {}, CAROL);
  const own = ScriptedServer.credentials(again, "REGISTER", "sip:example.com", {
    username: "carol@example.com", // Some clients write the whole address.
    password: "secret-carol",
  });
  assertEquals(register(server, { headers: [own] }, CAROL).status, 200);
});

Deno.test("RFC 3261 §10.3: bindings end when their time is over", () => {
  const server = new ScriptedServer();
  register(server, { contact: "<sip:alice@192.0.2.1>;expires=60" });
  server.advance(59_999);
  server.request("OPTIONS", BOB, { uri: "sip:alice@example.com", contact: null });
  assertEquals(server.said(), ["OPTIONS 192.0.2.1"]);
  server.events.length = 0;
  server.advance(1);
  assertEquals(server.core.contactCount, 0);
  assertEquals(server.events.map((it) => it.type), ["unregistered"]);
});

Deno.test("RFC 3261 §10.3: a user has no more contacts than the limit, and the server neither", () => {
  const server = new ScriptedServer({ limits: { contactsPerUser: 2, contacts: 3 } });
  register(server, { contact: "<sip:a@192.0.2.1>, <sip:b@192.0.2.1>" });
  assertEquals(register(server, { contact: "<sip:c@192.0.2.1>", sequence: 2 }).status, 403);
  assertEquals(register(server, { contact: "<sip:x@192.0.2.2>" }, BOB).status, 200);
  assertEquals(register(server, { contact: "<sip:x@192.0.2.3>" }, CAROL).status, 403);
  // A refresh is never too much.
  assertEquals(register(server, { contact: "<sip:b@192.0.2.1>", sequence: 3 }).status, 200);
  assertEquals(server.core.contactCount, 3);
});

const OUTBOUND = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>"';

Deno.test("SIP-055 RFC 5626 §6: instance and flow number are the binding, and its flow is the way to it", () => {
  const server = new ScriptedServer();
  const old = peer("alice", "192.0.2.1", "tcp", 1);
  const fresh = peer("alice", "192.0.2.1", "tcp", 2);
  const headers = ["Supported: path, outbound"];
  const contact = `<sip:alice@10.0.0.1:6000;transport=tcp>;${OUTBOUND};reg-id=1`;
  const first = register(server, { contact, headers, callId: "a" }, old);
  assertEquals(headerValue(first, "Require"), "outbound");
  const moved = contact.replace("6000", "6001");
  const second = register(server, { contact: moved, headers, callId: "b" }, fresh);
  assertEquals(contactsIn(second), [`${moved};expires=3600`]);
  server.request("INVITE", BOB, { uri: "sip:alice@example.com" });
  const { to, message } = server.takeRequest();
  assertEquals([to.connection, to.host], [2, "192.0.2.1"]);
  assertEquals(message.requestUri, "sip:alice@10.0.0.1:6001;transport=tcp");
});

Deno.test("SIP-055 RFC 5626 §6: a binding that is a flow ends with its connection", () => {
  const server = new ScriptedServer();
  const phone = peer("alice", "192.0.2.1", "tcp", 1);
  register(server, {
    contact: `<sip:alice@10.0.0.1;transport=tcp>;${OUTBOUND};reg-id=1`,
    headers: ["Supported: outbound"],
  }, phone);
  assert(server.core.isNeeded(1));
  server.take(server.core.receiveFlowEnd(1));
  assertEquals(server.core.contactCount, 0);
  server.request("INVITE", BOB, { uri: "sip:alice@example.com" });
  assertEquals(server.takeResponse().status, 480);
});

Deno.test("SIP-055 RFC 5626 §6: without an instance reg-id means nothing; two flows at once are a mistake", () => {
  const server = new ScriptedServer();
  const headers = ["Supported: outbound"];
  const plain = register(server, { contact: "<sip:alice@192.0.2.1>;reg-id=1", headers });
  assertEquals([plain.status, headerValue(plain, "Require")], [200, undefined]);
  const contact = `<sip:a@192.0.2.1>;${OUTBOUND};reg-id=1, <sip:b@192.0.2.1>;${OUTBOUND};reg-id=2`;
  assertEquals(register(server, { contact, headers, sequence: 2 }).status, 400);
});

Deno.test("SIP-055 RFC 5626 §6: behind another proxy without Path a flow cannot be registered", () => {
  const server = new ScriptedServer();
  const vias = ["SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKedge"];
  const contact = `<sip:alice@10.0.0.1>;${OUTBOUND};reg-id=1`;
  const asked = register(server, { contact, vias, headers: ["Supported: outbound"] });
  assertEquals(asked.status, 439);
  // Who does not speak of outbound is registered as ever.
  assertEquals(register(server, { contact, vias }).status, 200);
});

Deno.test("RFC 5626 §7: one instance is called once, by its newest flow, and by the next when that is gone", () => {
  const server = new ScriptedServer();
  const headers = ["Supported: outbound"];
  for (const flow of [1, 2]) {
    register(server, {
      contact: `<sip:alice@10.0.0.1:600${flow};transport=tcp>;${OUTBOUND};reg-id=${flow}`,
      headers,
      callId: `flow-${flow}`,
    }, peer("alice", "192.0.2.1", "tcp", flow));
  }
  server.request("INVITE", BOB, { uri: "sip:alice@example.com" });
  const first = server.takeRequest();
  assertEquals(first.to.connection, 2);
  server.answer(first, 430);
  const [, second] = server.takeRequests();
  assertEquals(second?.to.connection, 1);
});
