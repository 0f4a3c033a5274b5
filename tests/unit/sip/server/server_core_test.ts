/** What a server does with octets before they are requests, and with everything else that arrives. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { ascii } from "../../../../lib/base/ascii.ts";
import { PeerError } from "../../../../lib/base/errors.ts";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { parseStun, writeStun } from "../../../../lib/sip/flow/stun_message.ts";
import { SipServerCore } from "../../../../lib/sip/server/server_core.ts";
import { ALICE, BOB, peer, ScriptedServer } from "../../../helpers/scripted_server.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

Deno.test("SipServerCore needs a domain", () => {
  assertThrows(() =>
    new SipServerCore({
      random: seededRandom(1),
      domains: [],
      password: () => undefined,
      serverName: "x",
      places: () => [],
      isOwnAddress: () => false,
      localAddress: () => ({ host: "192.0.2.1", port: 5060 }),
    }), TypeError);
});

Deno.test("SipServerCore answers what can be answered, and reports the rest", () => {
  const server = new ScriptedServer();
  server.receive(
    server.requestText("INVITE", ALICE).replace("CSeq: 1 INVITE", "CSeq: 1 BYE"),
    ALICE,
  );
  assertEquals(server.takeResponse().status, 400);
  server.receive("GET / HTTP/1.1\r\n\r\n", ALICE);
  server.receive(server.requestText("ACK", ALICE).replace("CSeq: 1 ACK", "CSeq: 1 BYE"), ALICE);
  assertEquals(server.said(), []);
  assertEquals(server.events.map((it) => it.type), [
    "refused",
    "malformed",
    "malformed",
    "malformed",
  ]);
  server.events.length = 0;
  server.receive("\r\n\r\n", ALICE);
  server.receive("\0", ALICE);
  server.receive(new Uint8Array(0), ALICE);
  assertEquals([server.said(), server.events], [[], []]);
});

Deno.test("SipServerCore answers 400 to what only a proxy reads and cannot", () => {
  const server = new ScriptedServer();
  server.register(BOB);
  server.request("INVITE", ALICE, { headers: ["Route: <sip:192.0.2.100;lr>, <nonsense>"] });
  assertEquals(server.takeResponse().status, 400);
});

Deno.test("SipServerCore says the same again to a request that it refused, and keeps nothing", () => {
  const server = new ScriptedServer();
  const text = server.requestText("INVITE", ALICE, { uri: "sip:x@elsewhere.example" });
  server.receive(text, ALICE);
  const first = server.takeResponse();
  server.receive(text, ALICE);
  assertEquals(server.takeResponse(), first);
  assertEquals([server.core.transactionCount, server.core.deadline], [0, undefined]);
});

Deno.test("SipServerCore has a last place for transactions", () => {
  const server = new ScriptedServer({ limits: { transactions: 3 } });
  server.register(BOB);
  server.request("MESSAGE", ALICE);
  server.sent.length = 0;
  server.request("MESSAGE", ALICE, { callId: "2" });
  assertEquals(server.takeResponse().status, 503);
  // Everything ends by itself.
  server.advance(64_000);
  assertEquals(server.core.transactionCount, 0);
});

Deno.test("SipServerCore.receivePing() answers on the same connection", () => {
  const server = new ScriptedServer();
  const phone = peer("bob", "192.0.2.2", "tcp", 5);
  server.take(server.core.receivePing(phone.flow));
  assertEquals(server.pongs.map((it) => it.connection), [5]);
});

Deno.test("SipServerCore answers STUN over UDP out of the same socket, and nothing that only looks like it", () => {
  const { core } = new ScriptedServer();
  const flow = { ...ALICE.flow, connection: 3 };
  const transaction = new Uint8Array(12).fill(7);
  const outputs = core.receive(writeStun({ class: "request", transaction }), flow, 0);
  const [only, ...others] = outputs;
  assert(only?.type === "transmit" && others.length === 0);
  assertEquals([only.to.host, only.to.port, only.to.connection], ["192.0.2.1", 5060, 3]);
  const answer = parseStun(only.data);
  assertEquals([answer.class, answer.mappedAddress], ["success", ALICE.flow.remote]);
  assertEquals(answer.transaction, transaction);
  assertEquals(core.receive(Uint8Array.of(0, 1, 0, 0), flow, 0), []);
  assertEquals(core.receive(only.data, flow, 0), []);
});

Deno.test("SipServerCore.receiveBroken() answers if it can, and closes", () => {
  const server = new ScriptedServer();
  const phone = peer("bob", "192.0.2.2", "tcp", 5);
  const error = new PeerError("sip/bad-framing", "RFC 3261 §18.3", "expected one Content-Length");
  const head = utf8(server.requestText("INVITE", phone).replace("Content-Length: 0\r\n", ""));
  server.take(server.core.receiveBroken(error, head, phone.flow));
  assertEquals(server.takeResponse().status, 400);
  server.take(server.core.receiveBroken(error, undefined, phone.flow));
  server.take(server.core.receiveBroken(error, ascii("x"), phone.flow));
  assertEquals(server.closed, [5, 5, 5]);
});

Deno.test("SipServerCore.deadline is the first of transactions, branches and registrations", () => {
  const server = new ScriptedServer();
  server.register(BOB, "<sip:bob@192.0.2.2>;expires=60");
  server.advance(40_000);
  assertEquals(server.core.deadline, 60_000);
  server.request("INVITE", ALICE);
  assertEquals(server.core.deadline, 40_200);
  assert(server.core.isNeeded(1) === false);
});
