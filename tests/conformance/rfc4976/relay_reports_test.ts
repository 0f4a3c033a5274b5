/** RFC 4976 §6.4.1, §6.4.3: what a relay reports of messages that were lost or refused. */
import { assert, assertEquals } from "@std/assert";
import { type Chunk, headerValue, writeMsrpPath } from "../../../lib/msrp/mod.ts";
import { RelayBench, type RelayPeer, show } from "../../helpers/relay_core_bench.ts";

const ALICE = "msrps://alice.example:7777/alice123;tcp";
const BOB = "msrps://bob.example:8145/foo;tcp";

/** A URI of Alice's, and Bob, who writes to her. */
function pair(): { bench: RelayBench; alice: RelayPeer; bob: RelayPeer; uri: string } {
  const bench = new RelayBench();
  const alice = bench.connect(ALICE);
  const uri = alice.auth();
  return { bench, alice, bob: bench.connect(BOB), uri };
}

/** Message-ID, Byte-Range and Status of REPORTs. */
function reports(frames: readonly Chunk[]): string[] {
  return frames.filter((it) => show(it) === "REPORT").map(({ headers }) =>
    ["Message-ID", "Byte-Range", "Status"].map((it) => headerValue(headers, it)).join(" | ")
  );
}

Deno.test("MSRP-131 without an answer within 30 seconds the sender gets REPORT 408", () => {
  const { bench, alice, bob, uri } = pair();
  bob.message([uri, ALICE], "hello", { id: "lost1234" });
  bob.frames();
  bench.advance(29_999);
  assertEquals(bob.frames(), []);
  bench.advance(1);
  const report = bob.only();
  assertEquals(reports([report]), ["lost1234 | 1-5/* | 000 408 Timeout"]);
  assertEquals(writeMsrpPath(report.toPath), BOB);
  assertEquals(writeMsrpPath(report.fromPath), uri);
  assertEquals(headerValue(report.headers, "Failure-Report"), undefined);
  // Too late.
  alice.answer(alice.only(), "200 OK");
  bench.advance(60_000);
  assertEquals(bob.frames(), []);
});

Deno.test("MSRP-131 an answer in time, or no wish for one, means no report", () => {
  const { bench, alice, bob, uri } = pair();
  bob.message([uri, ALICE], "a");
  alice.answer(alice.only(), "200 OK");
  bob.message([uri, ALICE], "b", { headers: ["Failure-Report: partial"] });
  bob.message([uri, ALICE], "c", { headers: ["Failure-Report: no"] });
  bob.frames();
  bench.advance(100_000);
  assertEquals(bob.frames(), []);
});

Deno.test("MSRP-131 the time runs from the last octet of a chunk", () => {
  const { bench, alice, bob, uri } = pair();
  const body = "x".repeat(5_000);
  bob.send(
    `MSRP slow1234 SEND\r\nTo-Path: ${uri} ${ALICE}\r\nFrom-Path: ${BOB}\r\n` +
      `Message-ID: slow5678\r\nByte-Range: 1-*/5000\r\nContent-Type: text/plain\r\n\r\n` +
      body.slice(0, 3_000),
  );
  bench.advance(60_000);
  assertEquals(bob.frames(), [], "the chunk has not ended, so nothing is late");
  bob.send(`${body.slice(3_000)}\r\n-------slow1234$\r\n`);
  assertEquals(bob.starts(), ["200 OK"]);
  assertEquals(alice.only().body?.length, 5_000, "and it was one chunk");
  bench.advance(29_999);
  assertEquals(bob.frames(), []);
  bench.advance(1);
  assertEquals(reports(bob.frames()), ["slow5678 | 1-5000/5000 | 000 408 Timeout"]);
});

Deno.test("MSRP-132 an error of the next hop becomes a REPORT with its code", () => {
  const { alice, bob, uri } = pair();
  const outcome = (choice: string, status: string): string[] => {
    bob.message([uri, ALICE], "hello", { headers: [`Failure-Report: ${choice}`] });
    bob.frames();
    alice.answer(alice.only(), status);
    return reports(bob.frames());
  };
  assertEquals(outcome("yes", "415 No"), ["msg45678 | 1-5/* | 000 415 Unsupported Media Type"]);
  assertEquals(outcome("partial", "413 x"), ["msg45678 | 1-5/* | 000 413 Stop Sending Message"]);
  assertEquals(outcome("no", "481 x"), []);
  assertEquals(outcome("yes", "200 OK"), []);
});

Deno.test("MSRP-132 across two URIs of ours the report takes the whole way back", () => {
  const bench = new RelayBench();
  const alice = bench.connect(ALICE);
  const bob = bench.connect(BOB);
  const hers = alice.auth("alice");
  const his = bob.auth("bob");
  alice.message([hers, his, BOB], "hello");
  alice.frames();
  bob.answer(bob.only(), "403 Forbidden");
  const report = alice.only();
  assertEquals(reports([report]), ["msg45678 | 1-5/* | 000 403 Forbidden"]);
  assertEquals(writeMsrpPath(report.toPath), ALICE);
  assertEquals(writeMsrpPath(report.fromPath), `${hers} ${his}`);
});

Deno.test("RFC 4976 §6.4.1 who cannot be reached is reported, each message once", () => {
  const { bench, alice, uri } = pair();
  const far = "msrps://far.example:9000/xyz;tcp";
  alice.message([uri, far], "one", { id: "one12345" });
  alice.message([uri, far], "two", { id: "two12345", headers: ["Failure-Report: partial"] });
  alice.message([uri, far], "three", { id: "thr12345", headers: ["Failure-Report: no"] });
  assertEquals(alice.starts(), ["200 OK"]);
  assertEquals(bench.opened.length, 1, "one connection for all");
  bench.act(bench.relay.connectFailed((bench.opened[0] as RelayPeer).id, bench.now));
  assertEquals(reports(alice.frames()), [
    "one12345 | 1-3/* | 000 408 Timeout",
    "two12345 | 1-3/* | 000 408 Timeout",
  ]);
  assert(!alice.isClosed);
  // A driver that never answers is no better.
  alice.message([uri, far], "four", { id: "fou12345" });
  alice.frames();
  bench.advance(30_000);
  assertEquals(reports(alice.frames()), ["fou12345 | 1-4/* | 000 408 Timeout"]);
  assertEquals(bench.relay.connectionCount, 1);
});

Deno.test("RFC 4976 §6.4.1 a connection that breaks takes what was not answered with it", () => {
  const { bench, alice, bob, uri } = pair();
  bob.message([uri, ALICE], "seen", { id: "seen1234" });
  alice.answer(alice.only(), "200 OK");
  bob.message([uri, ALICE], "unanswered", { id: "gone1234" });
  alice.isTaking = false;
  bob.message([uri, ALICE], "y".repeat(100_000), { id: "half1234" });
  bob.message([uri, ALICE], "waiting", { id: "wait1234" });
  bob.frames();
  alice.end();
  assertEquals(reports(bob.frames()), [
    "gone1234 | 1-10/* | 000 408 Timeout",
    "half1234 | 1-100000/* | 000 408 Timeout",
    "wait1234 | 1-7/* | 000 408 Timeout",
  ]);
  bench.advance(100_000);
  assertEquals(bob.frames(), []);
});

Deno.test("RFC 4976 §6.4.1 a request that is no SEND and gets nowhere is answered 408", () => {
  const { bench, alice, uri } = pair();
  alice.frame("AUTH", [uri, "msrps://extra.example;tcp"], { transactionId: "mnbv1234" });
  bench.act(bench.relay.connectFailed((bench.opened[0] as RelayPeer).id, bench.now));
  const answer = alice.only();
  assertEquals([show(answer), answer.startLine.transactionId], ["408 Timeout", "mnbv1234"]);
  // The identifier is free again, and was not while the request waited.
  alice.frame("NICKNAME", [uri, "msrps://extra.example:1/x;tcp"], { transactionId: "mnbv1234" });
  assertEquals(alice.starts(), []);
  alice.frame("NICKNAME", [uri, "msrps://extra.example:1/x;tcp"], { transactionId: "mnbv1234" });
  assertEquals(alice.starts(), ["400 Bad Request"]);
});

Deno.test("MSRP-052 a chunk that is refused while it is on its way ends with #, and no more follows", () => {
  const { alice, bob, uri } = pair();
  bob.send(
    `MSRP big12345 SEND\r\nTo-Path: ${uri} ${ALICE}\r\nFrom-Path: ${BOB}\r\n` +
      `Message-ID: big45678\r\nByte-Range: 1-*/90000\r\nContent-Type: text/plain\r\n\r\n` +
      "x".repeat(4_000),
  );
  const [transactionId] = /[0-9a-f]{16}/.exec(new TextDecoder().decode(alice.raw())) ?? [];
  alice.frame("413 Stop", [uri], { transactionId: transactionId ?? "" });
  assertEquals(new TextDecoder().decode(alice.raw()), `\r\n-------${transactionId}#\r\n`);
  assertEquals(reports(bob.frames()), ["big45678 | 1-*/90000 | 000 413 Stop Sending Message"]);
  bob.send("x".repeat(50_000));
  bob.send("\r\n-------big12345+\r\n");
  assertEquals(alice.raw().length, 0);
  assertEquals(bob.starts(), ["200 OK"]);
});
