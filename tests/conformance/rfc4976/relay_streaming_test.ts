/** RFC 4976 §6.4.1 with RFC 4975 §5.1, §7.1.1: messages pass in pieces, and nobody waits for the whole. */
import { assert, assertEquals } from "@std/assert";
import { concatBytes } from "../../../lib/base/bytes.ts";
import { latin1 } from "../../../lib/base/ascii.ts";
import { type Chunk, headerValue } from "../../../lib/msrp/mod.ts";
import { bodyOf, RelayBench, type RelayPeer, show } from "../../helpers/relay_core_bench.ts";

const ALICE = "msrps://alice.example:7777/alice123;tcp";
const BOB = "msrps://bob.example:8145/foo;tcp";
const CAROL = "msrps://carol.example:8145/car;tcp";

interface Crowd {
  readonly bench: RelayBench;
  readonly alice: RelayPeer;
  readonly bob: RelayPeer;
  readonly carol: RelayPeer;
  readonly uri: string;
}

function crowd(): Crowd {
  const bench = new RelayBench();
  const alice = bench.connect(ALICE);
  const uri = alice.auth();
  return { bench, alice, uri, bob: bench.connect(BOB), carol: bench.connect(CAROL) };
}

function head(uri: string, range: string, id = "big45678"): string {
  return `MSRP big12345 SEND\r\nTo-Path: ${uri} ${ALICE}\r\nFrom-Path: ${BOB}\r\n` +
    `Message-ID: ${id}\r\nByte-Range: ${range}\r\nContent-Type: text/plain\r\n\r\n`;
}

const ranges = (frames: readonly Chunk[]): string[] =>
  frames.map((it) => `${headerValue(it.headers, "Byte-Range")} ${it.continuation}`);

Deno.test("MSRP-137 octets go on before the chunk that brings them has ended", () => {
  const { alice, bob, uri } = crowd();
  bob.send(head(uri, "1-*/1073741824") + "x".repeat(1_000));
  assertEquals(alice.octets < 1_000, true, "no chunk begins with less than 2048 octets");
  bob.send("x".repeat(2_000));
  const seen = alice.octets;
  assert(seen > 3_000);
  bob.send("y".repeat(500));
  assertEquals(alice.octets, seen + 500, "octet for octet");
});

Deno.test("MSRP-045 a chunk is cut for others at once when its source stalls", () => {
  const { alice, bob, carol, uri } = crowd();
  bob.send(head(uri, "1-*/8000") + "x".repeat(3_000));
  carol.message([uri, ALICE], "a word", { id: "word1234" });
  bob.send(`${"x".repeat(5_000)}\r\n-------big12345$\r\n`);
  const frames = alice.frames();
  assertEquals(frames.map((it) => headerValue(it.headers, "Message-ID")), [
    "big45678",
    "word1234",
    "big45678",
  ]);
  // The last octets that came may be the beginning of an end-line, and are not believed yet.
  const first = bodyOf(frames[0] as Chunk).length;
  assert(first > 2_950 && first <= 3_000);
  assertEquals(ranges(frames), ["1-*/8000 +", "1-6/* $", `${first + 1}-*/8000 $`]);
  assertEquals(first + bodyOf(frames[2] as Chunk).length, 8_000);
});

Deno.test("MSRP-045 a fast source is cut too when others wait, and both get their turns", () => {
  const { alice, bob, carol, uri } = crowd();
  alice.isTaking = false;
  bob.send(head(uri, "1-*/200000") + "x".repeat(66_000));
  bob.send("x".repeat(60_000));
  carol.message([uri, ALICE], "a word", { id: "word1234" });
  const before = alice.octets;
  alice.resume();
  const ids = [...latin1(alice.raw()).matchAll(/Message-ID: (\w+)/g)].map((it) => it[1]);
  assertEquals(ids, ["big45678", "word1234", "big45678"]);
  assert(alice.octets - before < 70_000, "one window at most lay before the word");
});

Deno.test("MSRP-045 our own answers do not wait for the end of a long chunk", () => {
  const { alice, bob, uri } = crowd();
  bob.send(head(uri, "1-*/*") + "x".repeat(3_000));
  alice.message([uri, BOB], "hello");
  const text = latin1(alice.raw());
  assert(/\+\r\nMSRP tid12345 200 OK\r\n/.test(text), text.slice(-300));
});

Deno.test("MSRP-137 Byte-Range is right in every piece; only what is here whole names its end", () => {
  const { alice, bob, uri } = crowd();
  bob.message([uri, ALICE], "z".repeat(2_048), { headers: ["Byte-Range: 101-*/9000"] });
  bob.message([uri, ALICE], "z".repeat(2_049), { headers: ["Byte-Range: 101-2149/9000"] });
  bob.message([uri, ALICE], "abc", { headers: ["Byte-Range: 5-99/100"], flag: "+" });
  assertEquals(ranges(alice.frames()), ["101-2148/9000 $", "101-*/9000 $", "5-7/100 +"]);
});

Deno.test("MSRP-012 octets that imitate the end-line of our chunk cut it", () => {
  const { alice, bob, uri } = crowd();
  bob.send(head(uri, "1-*/*") + "x".repeat(3_000));
  const text = latin1(alice.raw());
  const [, id] = /^MSRP (\w+) /.exec(text) ?? [];
  assert(id !== undefined);
  // Whoever could know it; in two pieces, so that no single one holds it.
  bob.send(`..-------${id.slice(0, 5)}`);
  bob.send(`${id.slice(5)}$\r\nMSRP evil SEND..`);
  bob.send("\r\n-------big12345$\r\n");
  const all = latin1(concatBytes(new TextEncoder().encode(text), alice.raw()));
  const rest = all.split(`\r\n-------${id}+\r\n`);
  assertEquals(rest.length, 2, "ended by us, inside the imitation");
  assertEquals(all.split(`-------${id}`).length, 2, "which nowhere stands whole");
});

Deno.test("MSRP-137 a source that breaks off: its chunk ends with +, for it may come back", () => {
  const { alice, bob, bench, uri } = crowd();
  bob.send(head(uri, "1-*/8000") + "x".repeat(3_000));
  bob.end();
  assertEquals(ranges(alice.frames()), ["1-*/8000 +"]);
  const again = bench.connect(BOB);
  again.send(`${head(uri, "3001-*/8000")}${"x".repeat(5_000)}\r\n-------big12345$\r\n`);
  assertEquals(ranges(alice.frames()), ["3001-*/8000 $"]);
});

Deno.test("MSRP-137 a client that breaks off: # tells its peer to forget the message", () => {
  const { alice, bob, uri } = crowd();
  bob.message([uri, ALICE], "hello");
  alice.answer(alice.only(), "200 OK");
  bob.frames();
  alice.send(
    `MSRP big12345 SEND\r\nTo-Path: ${uri} ${BOB}\r\nFrom-Path: ${ALICE}\r\n` +
      `Message-ID: big45678\r\nContent-Type: text/plain\r\n\r\n${"x".repeat(3_000)}`,
  );
  alice.end();
  assertEquals(bob.frames().map((it) => `${show(it)} ${it.continuation}`), ["SEND #"]);
});

Deno.test("RFC 4975 §14.5 a reader that is slow stops its writers, and nobody else", () => {
  const { alice, bob, carol, bench, uri } = crowd();
  const dave = bench.connect("msrps://dave.example:1/d;tcp");
  const his = dave.auth("bob");
  alice.isTaking = false;
  let sent = 0;
  bob.send(head(uri, "1-*/1073741824"));
  while (!bob.isPaused) {
    bob.send("x".repeat(16_384));
    sent += 16_384;
    assert(sent < 1_000_000, "it is stopped before long");
  }
  carol.message([his, dave.uri], "to dave");
  assertEquals(dave.starts(), ["SEND"]);
  assertEquals([carol.isPaused, bob.isPaused], [false, true]);
  while (bob.isPaused) alice.resume();
  assert(alice.octets > 100_000);
});

Deno.test("RFC 4975 §14.5 many small messages stop their writer as one large one does", () => {
  const { alice, bob, uri } = crowd();
  alice.isTaking = false;
  let count = 0;
  while (!bob.isPaused) {
    bob.message([uri, ALICE], "x");
    assert(++count < 2_000);
  }
  assert(count > 100);
  alice.resume();
  assert(!bob.isPaused);
});

Deno.test("RFC 4976 §6.5 a stream that takes nothing for 30 seconds is given up", () => {
  const { alice, bob, bench, uri } = crowd();
  alice.isTaking = false;
  bob.message([uri, ALICE], "x".repeat(70_000));
  bob.frames();
  bench.advance(29_999);
  assert(!alice.isClosed);
  bench.advance(1);
  assert(alice.isClosed);
  assertEquals(bob.starts(), ["REPORT"]);
  assertEquals(bench.takeEvents().map((it) => it.type).slice(-3), [
    "session-closed",
    "connection-closed",
    "message-failed",
  ]);
});

Deno.test("RFC 4976 §6.5 strangers make room for newcomers, clients do not", () => {
  const bench = new RelayBench({ limits: { connections: 3 } });
  const alice = bench.connect(ALICE);
  alice.auth();
  const strangers = [bench.connect(), bench.connect(), bench.connect(), bench.connect()];
  assertEquals(strangers.map((it) => it.isClosed), [true, true, false, false]);
  for (const it of strangers.slice(2)) it.auth();
  const late = bench.connect();
  assert(late.isClosed, "all places are taken by clients");
  assertEquals(bench.relay.connectionCount, 3);
  assert(!alice.isClosed);
});

Deno.test("RFC 4976 §6.5 a connection that nobody used for an hour goes, one with a session stays", () => {
  const { alice, bob, bench, uri } = crowd();
  bob.message([uri, ALICE], "x");
  alice.answer(alice.only(), "200 OK");
  bench.advance(3_599_999);
  assert(!bob.isClosed);
  alice.auth("alice", ["Expires: 3600"]);
  bench.advance(1);
  assert(bob.isClosed);
  bench.advance(3_599_000);
  assert(!alice.isClosed, "it has a session");
  bench.advance(3_600_000);
  assert(alice.isClosed);
});
