/** RFC 4976 §6.2, §6.4: what a relay forwards, for whom, and what it makes of the paths. */
import { assert, assertEquals } from "@std/assert";
import { headerValue, writeMsrpPath } from "../../../lib/msrp/mod.ts";
import { bodyOf, RelayBench, type RelayPeer, show } from "../../helpers/relay_core_bench.ts";

const ALICE = "msrps://alice.example:7777/alice123;tcp";
const BOB = "msrps://bob.example:8145/foo;tcp";

/** Alice with a URI of the relay, and Bob, who knows it and needs no relay. */
function pair(): { bench: RelayBench; alice: RelayPeer; bob: RelayPeer; uri: string } {
  const bench = new RelayBench();
  const alice = bench.connect(ALICE);
  const uri = alice.auth();
  const bob = bench.connect(BOB);
  return { bench, alice, bob, uri };
}

Deno.test("MSRP-134 a SEND is forwarded with our URI moved, a new identifier, and all the rest", () => {
  const { alice, bob, uri } = pair();
  bob.message([uri, ALICE], "Hi Alice", {
    transactionId: "6aef1234",
    headers: ["X-Strange: kept", "Success-Report: yes", "Byte-Range: 1-8/8"],
  });
  const got = alice.only();
  assertEquals(show(got), "SEND");
  assert(got.startLine.transactionId !== "6aef1234");
  assertEquals(writeMsrpPath(got.toPath), ALICE);
  assertEquals(writeMsrpPath(got.fromPath), `${uri} ${BOB}`);
  assertEquals(got.headers.map((it) => `${it.name}: ${it.value}`), [
    "Message-ID: msg45678",
    "X-Strange: kept",
    "Success-Report: yes",
    "Byte-Range: 1-8/8",
    "Content-Type: text/plain",
  ]);
  assertEquals(bodyOf(got), "Hi Alice");
  assertEquals(got.continuation, "$");
});

Deno.test("MSRP-130 a SEND is answered at once, only to the previous hop, and by its Failure-Report", () => {
  const { alice, bob, uri } = pair();
  const answers = (headers: readonly string[]): string[] => {
    bob.message([uri, ALICE], "x", { headers });
    return bob.starts();
  };
  bob.message([uri, ALICE], "x", { transactionId: "6aef1234" });
  const answer = bob.only();
  assertEquals(show(answer), "200 OK");
  assertEquals(answer.startLine.transactionId, "6aef1234");
  assertEquals(writeMsrpPath(answer.toPath), BOB);
  assertEquals(writeMsrpPath(answer.fromPath), uri);
  assertEquals(answers(["Failure-Report: yes"]), ["200 OK"]);
  assertEquals(answers(["Failure-Report: partial"]), []);
  assertEquals(answers(["Failure-Report: no"]), []);
  assertEquals(alice.frames().length, 4);
});

Deno.test("MSRP-133 only from or towards the client that owns the URI", () => {
  const { bench, alice, bob, uri } = pair();
  // From the client, to anywhere: the relay calls the next hop.
  alice.message([uri, "msrps://far.example:9000/xyz;tcp", "msrps://carol.example:1/c;tcp"], "x");
  assertEquals(alice.starts(), ["200 OK"]);
  const [far] = bench.opened;
  assert(far !== undefined);
  bench.connected(far);
  const got = far.only();
  assertEquals(
    writeMsrpPath(got.toPath),
    "msrps://far.example:9000/xyz;tcp msrps://carol.example:1/c;tcp",
  );
  assertEquals(writeMsrpPath(got.fromPath), `${uri} ${ALICE}`);
  // From a stranger to anybody but the client: an open relay.
  bob.message([uri, "msrps://victim.example:1/v;tcp"], "spam");
  assertEquals(bob.starts(), ["403 Forbidden"]);
  assertEquals(bench.opened.length, 1);
  // A URI that nobody was given.
  bob.message([uri.replace(/\/[0-9a-f]+;/, "/00000000000000000000000000000000;"), ALICE], "x");
  assertEquals(bob.starts(), ["481 No Such Session"]);
  assertEquals(alice.starts(), []);
});

Deno.test("MSRP-133 a message of both our clients passes two URIs of ours", () => {
  const bench = new RelayBench();
  const alice = bench.connect(ALICE);
  const bob = bench.connect(BOB);
  const hers = alice.auth("alice");
  const his = bob.auth("bob");
  alice.message([hers, his, BOB], "Hi Bob");
  assertEquals(alice.starts(), ["200 OK"]);
  const got = bob.only();
  assertEquals(writeMsrpPath(got.toPath), BOB);
  assertEquals(writeMsrpPath(got.fromPath), `${his} ${hers} ${ALICE}`);
  assertEquals(bench.opened, [], "nobody is called for it");
  // A stranger cannot go through one of them to the other.
  const carol = bench.connect("msrps://carol.example:1/c;tcp");
  carol.message([hers, his, BOB], "x");
  assertEquals(carol.starts(), ["403 Forbidden"]);
});

Deno.test("RFC 4976 §6.2 what is not addressed to the relay ends the connection", () => {
  const { bench, bob, uri } = pair();
  bob.message([uri.replace("relay.example", "other.example"), ALICE], "x");
  assertEquals(bob.starts(), ["481 No Such Session"]);
  assert(bob.isClosed);
  assertEquals(bench.takeEvents().at(-1)?.type, "connection-closed");
});

Deno.test("RFC 4976 §6.2 msrps URIs are not reached without TLS", () => {
  const { bench, uri } = pair();
  const plain = bench.connect(BOB, { isSecure: false });
  plain.message([uri, ALICE], "x");
  assert(plain.isClosed);
});

Deno.test("RFC 4976 §6.4 a path that leads through the same URI twice is refused", () => {
  const { alice, bob, uri } = pair();
  bob.message([uri, ALICE], "x", { from: `${uri} ${BOB}` });
  assertEquals(bob.starts(), ["400 Bad Request"]);
  alice.message([uri, uri, ALICE], "x");
  assertEquals(alice.starts(), ["400 Bad Request"]);
  alice.message([uri], "to nobody");
  assertEquals(alice.starts(), ["481 No Such Session"]);
});

Deno.test("MSRP-135 unknown methods go on like REPORT, with their response all the way back", () => {
  const { alice, bob, uri } = pair();
  bob.frame("NICKNAME", [uri, ALICE], {
    transactionId: "nick1234",
    headers: ['Use-Nickname: "Bob"'],
  });
  const got = alice.only();
  assertEquals(show(got), "NICKNAME");
  assertEquals(writeMsrpPath(got.fromPath), `${uri} ${BOB}`);
  assertEquals(headerValue(got.headers, "Use-Nickname"), '"Bob"');
  assertEquals(bob.starts(), [], "the relay has no answer of its own");
  alice.answer(got, "425 Nickname in use");
  const answer = bob.only();
  assertEquals(show(answer), "425 Nickname in use");
  assertEquals(answer.startLine.transactionId, "nick1234");
  assertEquals(writeMsrpPath(answer.toPath), BOB);
  assertEquals(writeMsrpPath(answer.fromPath), `${uri} ${ALICE}`);
});

Deno.test("MSRP-135 by configuration methods are blocked", () => {
  const bench = new RelayBench({ blockedMethods: ["NICKNAME"] });
  const alice = bench.connect(ALICE);
  const uri = alice.auth();
  const bob = bench.connect(BOB);
  bob.frame("NICKNAME", [uri, ALICE]);
  assertEquals(bob.starts(), ["501 Unknown Method"]);
  assertEquals(alice.starts(), []);
});

Deno.test("MSRP-140 responses to SEND stop here, those to AUTH go back along the path", () => {
  const { bench, alice, uri } = pair();
  alice.frame("AUTH", [uri, "msrps://extra.example;tcp"], { transactionId: "mnbv1234" });
  const [extra] = bench.opened;
  assert(extra !== undefined);
  bench.connected(extra);
  const got = extra.only();
  assertEquals(writeMsrpPath(got.toPath), "msrps://extra.example;tcp");
  assertEquals(writeMsrpPath(got.fromPath), `${uri} ${ALICE}`);
  extra.answer(got, "401 Unauthorized", [
    'WWW-Authenticate: Digest realm="extra", nonce="abc", qop="auth"',
  ]);
  const answer = alice.only();
  assertEquals(answer.startLine.transactionId, "mnbv1234");
  assertEquals(writeMsrpPath(answer.toPath), ALICE);
  assertEquals(writeMsrpPath(answer.fromPath), `${uri} msrps://extra.example;tcp`);
  assertEquals(parameterNames(headerValue(answer.headers, "WWW-Authenticate")), [
    "realm",
    "nonce",
    "qop",
  ]);

  alice.message([uri, "msrps://extra.example:2855/bob;tcp", BOB], "x");
  assertEquals(alice.starts(), ["200 OK"]);
  bench.connected(bench.opened.at(-1) as RelayPeer);
  const send = (bench.opened.at(-1) as RelayPeer).only();
  bench.opened.at(-1)?.answer(send, "200 OK");
  assertEquals(alice.starts(), []);
});

Deno.test("RFC 4976 §6.4.3 a response that is not addressed to us, or answers nothing, is dropped", () => {
  const { alice, bob, uri } = pair();
  bob.frame("NICKNAME", [uri, ALICE], { transactionId: "nick1234" });
  const got = alice.only();
  alice.frame("200 OK", [`${uri.replace(/\/[0-9a-f]{4}/, "/0000")}`, BOB], {
    transactionId: got.startLine.transactionId,
  });
  alice.frame("200 OK", [uri, BOB], { transactionId: "never123" });
  assertEquals(bob.starts(), []);
  alice.answer(got, "200 OK");
  assertEquals(bob.starts(), ["200 OK"]);
});

Deno.test("RFC 4976 §6.4.2 a peer that called us is answered over its own connection", () => {
  const { bench, alice, bob, uri } = pair();
  bob.message([uri, ALICE], "Hi Alice");
  alice.answer(alice.only(), "200 OK");
  bob.frames();
  alice.message([uri, BOB], "Hi Bob");
  assertEquals(bench.opened, []);
  assertEquals(bodyOf(bob.only()), "Hi Bob");
  // Another connection that claims the name does not take the session over.
  const mallory = bench.connect(BOB);
  mallory.message([uri, ALICE], "it is me, Bob");
  mallory.frames();
  alice.message([uri, BOB], "really?", { transactionId: "tid99999" });
  assertEquals(mallory.frames(), []);
  assertEquals(bodyOf(bob.only()), "really?");
});

Deno.test("RFC 4976 §6.4.2 REPORTs go on and are never answered", () => {
  const { alice, bob, uri } = pair();
  const headers = ["Message-ID: msg45678", "Byte-Range: 1-8/8", "Status: 000 200 OK"];
  bob.frame("REPORT", [uri, ALICE], { headers });
  const got = alice.only();
  assertEquals(show(got), "REPORT");
  assertEquals(writeMsrpPath(got.fromPath), `${uri} ${BOB}`);
  assertEquals(got.headers.map((it) => `${it.name}: ${it.value}`), headers);
  bob.frame("REPORT", [uri, "msrps://else.example:1/x;tcp"], { headers });
  assertEquals(bob.starts(), []);
});

Deno.test("MSRP-018 a frame without a body stays one, and an empty body too", () => {
  const { alice, bob, uri } = pair();
  bob.frame("SEND", [uri, ALICE], { headers: ["Message-ID: bind1234", "Byte-Range: 1-0/0"] });
  const bind = alice.only();
  assertEquals([bind.body, headerValue(bind.headers, "Byte-Range")], [undefined, "1-0/0"]);
  bob.message([uri, ALICE], "");
  assertEquals(alice.only().body?.length, 0);
});

Deno.test("RFC 4975 §10.2 what is malformed is answered 400 and not forwarded", () => {
  const { alice, bob, uri } = pair();
  bob.frame("SEND", [uri, ALICE], { headers: ["Byte-Range: 0-3/3"], body: "abc" });
  bob.frame("SEND", [uri, ALICE], { headers: ["Message-ID: x"], body: "no type" });
  bob.message([uri, ALICE], "x", { headers: ["Byte-Range: 999999999999999-*/*"] });
  assertEquals(bob.starts(), ["400 Bad Request", "400 Bad Request", "400 Bad Request"]);
  assertEquals(alice.starts(), []);
});

Deno.test("MSRP-019 a body of a request that is no SEND has 10240 octets at most", () => {
  const { alice, bob, uri } = pair();
  const of = (length: number): void => {
    bob.frame("NICKNAME", [uri, ALICE], {
      transactionId: `nick${length}`,
      headers: ["Content-Type: text/plain"],
      body: "x".repeat(length),
    });
  };
  of(10_240);
  assertEquals(alice.only().body?.length, 10_240);
  of(10_241);
  assertEquals(alice.starts(), []);
  assertEquals(bob.starts(), ["413 Stop Sending Message"]);
});

function parameterNames(challenge: string | undefined): string[] {
  return [...(challenge ?? "").matchAll(/(\w+)="/g)].map((it) => it[1] ?? "");
}
