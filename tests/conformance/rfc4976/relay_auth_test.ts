/** RFC 4976 §6.1, §6.3, §9.1: who may use a relay, for how long, and what it hands out. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { headerValue, parseMsrpUri, writeMsrpPath } from "../../../lib/msrp/mod.ts";
import {
  credentials,
  md5,
  parameter,
  PLAIN_RELAY,
  RELAY,
  RelayBench,
  type RelayPeer,
  show,
} from "../../helpers/relay_core_bench.ts";

const ALICE = "msrps://alice.example:7777/alice123;tcp";

Deno.test("MSRP-111 an AUTH without credentials is challenged: Digest, quoted qop, no domain", () => {
  const alice = new RelayBench().connect(ALICE);
  alice.frame("AUTH", ["msrps://alice@relay.example;tcp"], { transactionId: "49fh1234" });
  const answer = alice.only();
  assertEquals(show(answer), "401 Unauthorized");
  assertEquals(answer.startLine.transactionId, "49fh1234");
  assertEquals(writeMsrpPath(answer.toPath), ALICE);
  assertEquals(writeMsrpPath(answer.fromPath), "msrps://alice@relay.example;tcp");
  const challenge = headerValue(answer.headers, "WWW-Authenticate") ?? "";
  assert(challenge.startsWith("Digest "));
  assert(challenge.includes('qop="auth"'));
  assertEquals(parameter(challenge, "realm"), "relay.example");
  assertEquals(/auth-int|-sess|domain=|Basic/i.test(challenge), false);
});

Deno.test("MSRP-112 session variants of the digest are not to be had", () => {
  assertThrows(
    () => new RelayBench({ auth: { algorithms: ["MD5-sess"] } }),
    TypeError,
    "RFC 4976",
  );
});

Deno.test("MSRP-138 the 200 has Use-Path, Expires and a proof that the relay knows the password", () => {
  const alice = new RelayBench().connect(ALICE);
  alice.frame("AUTH", [RELAY]);
  const challenge = headerValue(alice.only().headers, "WWW-Authenticate") ?? "";
  const authorization = credentials(challenge, "alice", "wonderland", RELAY);
  alice.frame("AUTH", [RELAY], { headers: [`Authorization: ${authorization}`] });
  const answer = alice.only();
  assertEquals(show(answer), "200 OK");
  const path = (headerValue(answer.headers, "Use-Path") ?? "").split(" ").map((it) =>
    parseMsrpUri(it)
  );
  assertEquals(path.map((it) => [it.scheme, it.host, it.port, it.transport]), [
    ["msrps", "relay.example", 2855, "tcp"],
  ]);
  assertEquals(headerValue(answer.headers, "Expires"), "900");
  const info = headerValue(answer.headers, "Authentication-Info") ?? "";
  const nonce = parameter(challenge, "nonce");
  const ha1 = md5("alice:relay.example:wonderland");
  // RFC 2617 §3.2.3: A2 of the response has no method.
  const expected = md5(`${ha1}:${nonce}:00000001:0a4f113b:auth:${md5(`:${RELAY}`)}`);
  assertEquals(parameter(info, "rspauth"), expected);
  assertEquals(parameter(info, "cnonce"), "0a4f113b");
  assertEquals(parameter(info, "nc"), "00000001");
  assert(/(^|[ ,])qop=auth(,|$)/.test(info), "unquoted");
  // The nonce that it announces is good for the next AUTH.
  const next = challenge.replace(nonce, parameter(info, "nextnonce"));
  const again = credentials(next, "alice", "wonderland", RELAY);
  alice.frame("AUTH", [RELAY], { headers: [`Authorization: ${again}`] });
  assertEquals(show(alice.only()), "200 OK");
});

Deno.test("MSRP-136 URIs are fresh and cannot be guessed, and no two are the same", () => {
  const bench = new RelayBench();
  const uris = Array.from({ length: 20 }, () => bench.connect(ALICE).auth());
  assertEquals(new Set(uris).size, 20);
  for (const uri of uris) {
    assert(/^[0-9a-f]{32}$/.test(parseMsrpUri(uri).sessionId ?? ""), "128 random bits");
  }
});

Deno.test("MSRP-136 a URI dies at Expires, and with the connection of its client", () => {
  const bench = new RelayBench();
  const alice = bench.connect(ALICE);
  const bob = bench.connect("msrps://bob.example:8145/foo;tcp");
  const short = alice.auth("alice", ["Expires: 60"]);
  bob.message([short, ALICE], "x");
  assertEquals(bob.starts(), ["200 OK"]);
  alice.answer(alice.only(), "200 OK");
  bench.advance(59_999);
  bob.message([short, ALICE], "x");
  assertEquals(bob.starts(), ["200 OK"]);
  alice.answer(alice.only(), "200 OK");
  bench.advance(1);
  bob.message([short, ALICE], "x");
  assertEquals(bob.starts(), ["481 No Such Session"]);

  const long = alice.auth("alice", ["Expires: 3600"]);
  alice.end();
  bob.message([long, ALICE], "x");
  assertEquals(bob.starts(), ["481 No Such Session"]);
  const again = bench.connect(ALICE);
  again.message([long, bob.uri], "x");
  assertEquals(again.starts(), ["481 No Such Session"], "a new connection does not inherit it");
  assertEquals(bench.relay.sessionCount, 0);
});

Deno.test("MSRP-120 an interval out of bounds is answered 423 with the bound", () => {
  const bench = new RelayBench({ auth: { minExpires: 120, maxExpires: 240 } });
  const peer = bench.connect(ALICE);
  const short = peer.authAnswer("alice", ["Expires: 119"]);
  assertEquals([show(short).slice(0, 3), headerValue(short.headers, "Min-Expires")], [
    "423",
    "120",
  ]);
  const long = peer.authAnswer("alice", ["Expires: 241"]);
  assertEquals([show(long).slice(0, 3), headerValue(long.headers, "Max-Expires")], ["423", "240"]);
  const fine = peer.authAnswer("alice", ["Expires: 240"]);
  assertEquals([show(fine), headerValue(fine.headers, "Expires")], ["200 OK", "240"]);
  assertEquals(show(peer.authAnswer("alice", ["Expires: soon"])), "400 Bad Request");
});

Deno.test("MSRP-120 an AUTH for the same client URI prolongs its session; for another it is another", () => {
  const bench = new RelayBench();
  const alice = bench.connect(ALICE);
  const uri = alice.auth("alice", ["Expires: 60"]);
  bench.advance(50_000);
  assertEquals(alice.auth("alice", ["Expires: 600"]), uri);
  bench.advance(300_000);
  const bob = bench.connect("msrps://bob.example:8145/foo;tcp");
  bob.message([uri, ALICE], "still there");
  assertEquals(bob.starts(), ["200 OK"]);
  alice.frames();
  // Nobody else gets it: not another user, not over another connection, not for another session.
  assertEquals(alice.auth("bob") === uri, false);
  assertEquals(bench.connect(ALICE).auth() === uri, false);
  const second = bench.connect(`${ALICE.replace("alice123", "alice456")}`);
  assertEquals(second.auth() === uri, false);
  // A URI of a session is not where AUTHs go.
  alice.frame("AUTH", [uri]);
  assertEquals(alice.starts(), ["481 No Such Session"]);
  bench.advance(300_000);
  bob.message([uri, ALICE], "too late");
  assertEquals(bob.starts().at(-1), "481 No Such Session");
});

Deno.test("MSRP-110 AUTH over plain TCP is refused, unless the relay was told to take it", () => {
  const strict = new RelayBench().connect("msrp://a.example:1/a;tcp", { isSecure: false });
  strict.frame("AUTH", [PLAIN_RELAY]);
  assertEquals(strict.starts(), ["403 Forbidden"]);
  const bench = new RelayBench({ auth: { allowsInsecure: true } });
  const lax = bench.connect("msrp://a.example:1/a;tcp", { isSecure: false });
  const answer = lax.authAnswer("alice", [], { to: [PLAIN_RELAY] });
  assert(headerValue(answer.headers, "Use-Path")?.startsWith("msrp://relay.example:2856/"));
});

Deno.test("RFC 4976 §6.3 wrong credentials are challenged again; a replay is stale; several end it", () => {
  const bench = new RelayBench();
  const alice = bench.connect(ALICE);
  assertEquals(show(alice.authAnswer("alice", [], { password: "guess" })), "401 Unauthorized");
  assertEquals(show(alice.authAnswer("mallory", [], { password: "x" })), "401 Unauthorized");
  alice.auth();
  alice.frame("AUTH", [RELAY]);
  const challenge = headerValue(alice.only().headers, "WWW-Authenticate") ?? "";
  const headers = [
    `Authorization: ${credentials(challenge, "alice", "wonderland", RELAY)}`,
  ];
  alice.frame("AUTH", [RELAY], { headers });
  assertEquals(show(alice.only()), "200 OK");
  alice.frame("AUTH", [RELAY], { headers });
  const replay = alice.only();
  assertEquals(show(replay), "401 Unauthorized");
  assert(/stale=true/i.test(headerValue(replay.headers, "WWW-Authenticate") ?? ""));

  for (let count = 0; count < 5; count++) {
    assert(!alice.isClosed);
    alice.authAnswer("alice", [], { password: "guess" });
  }
  assert(alice.isClosed);
});

Deno.test("MSRP-139 who sends nothing valid for 30 seconds is cut; who did may stay", () => {
  const bench = new RelayBench();
  const silent = bench.connect();
  const challenged = bench.connect();
  challenged.frame("AUTH", [RELAY]);
  const alice = bench.connect(ALICE);
  alice.auth();
  bench.advance(29_999);
  assertEquals([silent, challenged, alice].map((it) => it.isClosed), [false, false, false]);
  bench.advance(1);
  assertEquals([silent, challenged, alice].map((it) => it.isClosed), [true, true, false]);
  bench.advance(500_000);
  assert(!alice.isClosed);
});

Deno.test("MSRP-139 several unsuccessful requests end the probation early", () => {
  const bench = new RelayBench();
  const guesser = bench.connect();
  for (let count = 0; count < 5; count++) {
    assert(!guesser.isClosed);
    guesser.message([RELAY.replace(";", "/guess;"), ALICE], "x");
  }
  assert(guesser.isClosed);
  assertEquals(guesser.starts().at(-1), "481 No Such Session", "the last answer still leaves");
});

Deno.test("RFC 4976 §6.3 a client whose AUTHs fail at the next relay is cut off too", () => {
  const bench = new RelayBench();
  const alice = bench.connect(ALICE);
  const uri = alice.auth();
  const guess = (headers: readonly string[], challenge: string): void => {
    alice.frame("AUTH", [uri, "msrps://extra.example:2855;tcp"], { headers });
    const extra = bench.opened[0] as RelayPeer;
    bench.connected(extra);
    extra.answer(extra.only(), "401 Unauthorized", [`WWW-Authenticate: ${challenge}`]);
  };
  const wrong = ['Authorization: Digest username="alice", response="x"'];
  for (let count = 0; count < 10; count++) {
    guess([], 'Digest realm="e", nonce="n", qop="auth"');
    guess(wrong, 'Digest realm="e", nonce="n", stale=TRUE, qop="auth"');
  }
  assert(!alice.isClosed, "first challenges and stale nonces are no failures");
  for (let count = 0; count < 5; count++) {
    assert(!alice.isClosed);
    guess(wrong, 'Digest realm="e", nonce="n", qop="auth"');
  }
  assert(alice.isClosed);
  assert(!(bench.opened[0] as RelayPeer).isClosed, "the other relay is not to blame");
});

Deno.test("MSRP-119 behind another relay: the URI belongs to whoever it came over", () => {
  const bench = new RelayBench();
  const inner = "msrps://inner.example:9000/jui787s2f;tcp";
  const facts = { isSecure: true, relayHosts: ["inner.example"] };
  const relay = bench.connect(inner, facts);
  relay.frame("AUTH", [RELAY], { from: `${inner} ${ALICE}` });
  const challenge = headerValue(relay.only().headers, "WWW-Authenticate") ?? "";
  relay.frame("AUTH", [RELAY], {
    from: `${inner} ${ALICE}`,
    headers: [`Authorization: ${credentials(challenge, "alice", "wonderland", RELAY)}`],
  });
  const answer = relay.only();
  assertEquals(writeMsrpPath(answer.toPath), `${inner} ${ALICE}`);
  const usePath = (headerValue(answer.headers, "Use-Path") ?? "").split(" ");
  assertEquals(usePath[0], inner, "in the order in which the client uses them");
  const uri = usePath[1] as string;

  // §6.3: across any connection to that relay, but from nobody else.
  relay.end();
  const again = bench.connect(inner, facts);
  again.message([uri, "msrps://far.example:1/x;tcp"], "x", { from: `${inner} ${ALICE}` });
  assertEquals(again.starts(), ["200 OK"]);
  const stranger = bench.connect(inner);
  stranger.message([uri, "msrps://far.example:1/x;tcp"], "x", { from: `${inner} ${ALICE}` });
  assertEquals(stranger.starts(), ["403 Forbidden"]);
  const bob = bench.connect("msrps://bob.example:8145/foo;tcp");
  bob.message([uri, inner, ALICE], "Hi");
  assertEquals(writeMsrpPath(again.only().toPath), `${inner} ${ALICE}`);
});

Deno.test("RFC 4976 §6.3 a relay that shows no certificate is taken for the client", () => {
  const bench = new RelayBench();
  const inner = "msrps://inner.example:9000/jui787s2f;tcp";
  const relay = bench.connect(`${inner} ${ALICE}`);
  const uri = relay.auth();
  relay.end();
  const again = bench.connect(`${inner} ${ALICE}`);
  again.message([uri, "msrps://far.example:1/x;tcp"], "x");
  assertEquals(again.starts(), ["481 No Such Session"], "good on that connection alone");
});

Deno.test("RFC 4975 §14.5 URIs are bounded, for one connection and for all", () => {
  const bench = new RelayBench({ limits: { sessionsPerConnection: 2, sessions: 3 } });
  const alice = bench.connect(ALICE);
  const from = (session: string): string => {
    alice.uri = `msrps://alice.example:7777/${session};tcp`;
    return show(alice.authAnswer());
  };
  assertEquals(["one", "two", "three", "two"].map(from), [
    "200 OK",
    "200 OK",
    "403 Forbidden",
    "200 OK",
  ]);
  const [bob, carol] = [bench.connect(), bench.connect()];
  bob.auth("bob");
  assertEquals(show(carol.authAnswer("bob")), "403 Forbidden");
  assertEquals(bench.relay.sessionCount, 3);
});
