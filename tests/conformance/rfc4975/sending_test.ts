/** RFC 4975 §7.1.1: SEND as its sender writes it. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { concatBytes } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { type Chunk, headerValue, readRequestFields } from "../../../lib/msrp/mod.ts";
import { frame, MsrpBench, sendFrame, SESSION, sessionConfig } from "../../helpers/msrp_peer.ts";
import { parseMsrpUri } from "../../../lib/msrp/mod.ts";

const LARGE = 500_000;

function header(chunk: Chunk | undefined, name: string): string | undefined {
  return headerValue(chunk?.headers ?? [], name);
}

function methods(chunks: readonly Chunk[]): string[] {
  return chunks.map(({ startLine: it, continuation }) =>
    `${it.kind === "request" ? it.method : it.code}${continuation}`
  );
}

/** A bench whose stream takes one window at a time. */
function slowBench(...config: Parameters<typeof MsrpBench.bound>): MsrpBench {
  const bench = MsrpBench.bound(...config);
  bench.isTaking = false;
  return bench;
}

function finish(bench: MsrpBench): MsrpBench {
  bench.isTaking = true;
  return bench.act([]);
}

Deno.test("MSRP-040 every chunk carries the same Message-ID and report choices", () => {
  const bench = MsrpBench.bound({ chunkSize: 2_048 });
  const id = bench.send(new Uint8Array(5_000), { successReport: true, failureReport: "partial" });
  const chunks = bench.frames();
  assertEquals(chunks.length, 3);
  for (const chunk of chunks) {
    assertEquals(header(chunk, "Message-ID"), id);
    assertEquals(header(chunk, "Success-Report"), "yes");
    assertEquals(header(chunk, "Failure-Report"), "partial");
  }
});

Deno.test("MSRP-041 every chunk has a Byte-Range, positions start at 1", () => {
  const bench = MsrpBench.bound({ chunkSize: 2_000 });
  bench.send(new Uint8Array(5_000));
  assertEquals(bench.frames().map((it) => header(it, "Byte-Range")), [
    "1-2000/5000",
    "2001-4000/5000",
    "4001-5000/5000",
  ]);
});

Deno.test("MSRP-042 chunks leave in the order of their octets", () => {
  const bench = MsrpBench.bound({ chunkSize: 1_000 });
  const body = Uint8Array.from({ length: 10_500 }, (_, at) => at % 251);
  bench.send(body);
  const chunks = bench.frames();
  assertEquals(concatBytes(...chunks.map((it) => it.body ?? new Uint8Array())), body);
  const starts = chunks.map((it) => readRequestFields(it.headers).byteRange?.start);
  assertEquals(starts, Array.from({ length: 11 }, (_, at) => at * 1_000 + 1));
});

Deno.test("MSRP-043 a SEND without a body has Byte-Range 1-0/0", () => {
  const bench = new MsrpBench();
  bench.core.addSession(sessionConfig(), 0);
  bench.act(bench.core.bind(SESSION, 0));
  assertEquals(bench.frames().map((it) => header(it, "Byte-Range")), ["1-0/0"]);
});

Deno.test("MSRP-044 a chunk above 2048 octets is interruptible", () => {
  const bench = MsrpBench.bound();
  bench.send(new Uint8Array(2_048));
  bench.send(new Uint8Array(2_049));
  const chunks = bench.frames();
  assertEquals(chunks.map((it) => header(it, "Byte-Range")), ["1-2048/2048", "1-*/2049"]);
});

Deno.test("MSRP-045 an interruptible chunk is cut for responses, reports and other sessions", () => {
  const bench = slowBench();
  const body = Uint8Array.from({ length: LARGE }, (_, at) => at % 251);
  bench.send(body);
  bench.writable();
  bench.receive(sendFrame("hi", { headers: ["Success-Report: yes"] }));
  const chunks = finish(bench).frames();
  assertEquals(methods(chunks), ["SEND+", "200$", "REPORT$", "SEND$"]);
  const [first, , , last] = chunks;
  const start = readRequestFields(last?.headers ?? []).byteRange?.start;
  assertEquals(start, (first?.body?.length ?? 0) + 1);
  assertEquals(header(last, "Byte-Range"), `${start}-*/${LARGE}`);
  assertEquals(concatBytes(first?.body ?? body, last?.body ?? body), body);
});

Deno.test("MSRP-045 sessions on one connection take turns", () => {
  const bench = slowBench();
  const second = "msrp://us.example:7654/second99;tcp";
  bench.core.addSession(sessionConfig({ localPath: [parseMsrpUri(second)] }), 0);
  bench.receive(frame("SEND", { to: second, headers: ["Message-ID: bind5678"] }));
  finish(bench).frames();
  bench.isTaking = false;
  bench.send(new Uint8Array(300_000));
  bench.act(
    bench.core.send("second99", { contentType: "text/plain", body: new Uint8Array(300_000) }, 0)
      .outputs,
  );
  const sessions = finish(bench).frames().map((it) => it.fromPath[0]?.sessionId);
  assert(sessions.length > 4, "both were cut");
  for (const [at, session] of sessions.slice(0, 6).entries()) {
    assertEquals(session, at % 2 === 0 ? SESSION : "second99");
  }
});

Deno.test("MSRP-045 what need not be cut is not: short messages, the tail, peers that cannot read chunks", () => {
  for (const [size, interruptible] of [[2_000, true], [60_000, true], [LARGE, false]] as const) {
    const bench = slowBench({ interruptible });
    bench.send(new Uint8Array(size));
    bench.receive(sendFrame("hi"));
    assertEquals(methods(finish(bench).frames()), ["SEND$", "200$"]);
  }
});

Deno.test("MSRP-046 no chunk but the last is below 2048 octets", () => {
  const bench = slowBench();
  bench.send(new Uint8Array(LARGE));
  for (let round = 0; round < 12; round++) {
    bench.receive(sendFrame(`${round}`, { id: `msg${round}000`, transactionId: `tid${round}000` }));
    bench.writable();
  }
  const sizes = finish(bench).frames().flatMap((it) =>
    it.startLine.kind === "request" ? [it.body?.length ?? 0] : []
  );
  assert(sizes.length > 3);
  for (const size of sizes.slice(0, -1)) assert(size >= 2_048, `${size}`);
});

Deno.test("MSRP-047 the last chunk ends with $, the others with +, a given-up message with #", () => {
  const bench = MsrpBench.bound({ chunkSize: 3_000 });
  bench.send(new Uint8Array(7_000));
  assertEquals(methods(bench.frames()), ["SEND+", "SEND+", "SEND$"]);
  const slow = slowBench();
  const id = slow.send(new Uint8Array(LARGE));
  slow.act(slow.core.abort(SESSION, id, slow.now));
  assertEquals(methods(finish(slow).frames()), ["SEND#"]);
  assertEquals(slow.takeEvents(), [{
    type: "message-failed",
    session: SESSION,
    messageId: id,
    code: 0,
    comment: "Given Up",
    cause: "aborted",
  }]);
});

Deno.test("MSRP-047 between two chunks an empty one with # gives the message up", () => {
  const bench = slowBench({ chunkSize: 100_000 });
  const id = bench.send(new Uint8Array(LARGE));
  bench.writable();
  assertEquals(methods(bench.frames()), ["SEND+"]);
  bench.act(bench.core.abort(SESSION, id, bench.now));
  const [last, ...more] = finish(bench).frames();
  assertEquals(more, []);
  assertEquals([last?.continuation, last?.body?.length, header(last, "Message-ID")], ["#", 0, id]);
  assertEquals(readRequestFields(last?.headers ?? []).byteRange?.total, LARGE);
});

Deno.test("MSRP-048 without a 200 within 30 s of the last octet the message has failed", () => {
  const bench = slowBench();
  const id = bench.send(new Uint8Array(100_000));
  bench.wait(29_000);
  finish(bench).frames();
  bench.wait(29_999);
  assertEquals(bench.eventTypes(), [], "the timer starts with the last octet");
  bench.wait(1);
  assertEquals(bench.takeEvents(), [{
    type: "message-failed",
    session: SESSION,
    messageId: id,
    code: 408,
    comment: "Timeout",
    cause: "timeout",
  }]);
  assertEquals(bench.core.deadline, undefined);
});

Deno.test("MSRP-049 partial has no timer but hears of errors, no hears of nothing", () => {
  for (const failureReport of ["partial", "no"] as const) {
    const bench = MsrpBench.bound();
    const id = bench.send("x", { failureReport });
    assertEquals(bench.eventTypes(), ["message-sent"], "nothing is waited for");
    bench.answer(bench.frames()[0], "400 Bad");
    const events = bench.takeEvents();
    if (failureReport === "no") assertEquals(events, []);
    else {
      assertEquals(events, [{
        type: "message-failed",
        session: SESSION,
        messageId: id,
        code: 400,
        comment: "Bad",
        cause: "response",
      }]);
    }
    bench.send("y", { failureReport });
    bench.takeEvents();
    bench.wait(60_000);
    assertEquals(bench.eventTypes(), [], "no timeout");
  }
});

Deno.test("MSRP-050 requests are not held back for responses", () => {
  const bench = MsrpBench.bound();
  const ids = ["one", "two", "three"].map((it) => bench.send(it));
  const chunks = bench.frames();
  assertEquals(chunks.map((it) => header(it, "Message-ID")), ids);
  for (const chunk of chunks.reverse()) bench.answer(chunk);
  const sent = bench.takeEvents().flatMap((it) => it.type === "message-sent" ? it.messageId : []);
  assertEquals(sent, ids.reverse(), "answers may come in any order");
});

Deno.test("MSRP-051 a success report that is missing at the end is told", () => {
  const bench = MsrpBench.bound();
  const id = bench.send("x", { successReport: true });
  bench.answer(bench.frames()[0]);
  bench.takeEvents();
  bench.act(bench.core.removeSession(SESSION, bench.now));
  assertEquals(bench.takeEvents(), [
    { type: "message-unconfirmed", session: SESSION, messageId: id },
  ]);
});

Deno.test("MSRP-052 after 413 no further chunk of the message leaves, and one in progress ends with #", () => {
  for (const how of ["response", "report"] as const) {
    const bench = slowBench();
    const id = bench.send(new Uint8Array(LARGE));
    const [, transactionId = ""] = /^MSRP (\S+)/.exec(
      String.fromCharCode(...(bench.transmitted[0] ?? []).slice(0, 40)),
    ) ?? [];
    bench.receive(
      how === "response" ? frame("413 Stop", { transactionId }) : frame("REPORT", {
        headers: [`Message-ID: ${id}`, "Byte-Range: 1-100/500000", "Status: 000 413 Stop"],
      }),
    );
    const sent = finish(bench).frames();
    assertEquals(methods(sent), ["SEND#"]);
    assert((sent[0]?.body?.length ?? 0) < 70_000);
    const [failed, ...more] = bench.takeEvents();
    assertEquals(failed?.type === "message-failed" && [failed.code, failed.cause], [413, how]);
    assertEquals(more, []);
  }
  // Between two chunks nothing at all follows.
  const bench = slowBench({ chunkSize: 100_000 });
  bench.send(new Uint8Array(LARGE));
  bench.writable();
  const chunks = bench.frames();
  assertEquals(methods(chunks), ["SEND+"]);
  bench.answer(chunks[0], "413 Stop");
  assertEquals(finish(bench).frames(), []);
});

Deno.test("MSRP-053 only types that the peer accepts are sent", () => {
  const bench = MsrpBench.bound({ peerAcceptTypes: ["message/cpim", "text/*"] });
  bench.send("x", { contentType: "text/html; charset=utf-8" });
  const error = assertThrows(() => bench.send("x", { contentType: "image/png" }), SottoError);
  assertEquals(error.code, "msrp/type-not-accepted");
  // §10.6: what was answered 415 is not tried again.
  const refused = MsrpBench.bound();
  refused.send("x", { contentType: "text/odd" });
  refused.answer(refused.frames()[0], "415 No");
  const again = assertThrows(() => refused.send("x", { contentType: "Text/Odd;a=b" }), SottoError);
  assertEquals(again.code, "msrp/type-not-accepted");
  refused.send("x", { contentType: "text/plain" });
});

Deno.test("MSRP-054 messages keep to the peer's max-size", () => {
  const bench = MsrpBench.bound({ peerMaxSize: 10 });
  bench.send("0123456789");
  const error = assertThrows(() => bench.send("0123456789a"), SottoError);
  assertEquals(error.code, "msrp/too-large-for-peer");
});

Deno.test("MSRP-055 a Message-ID has 64 random bits", () => {
  const bench = MsrpBench.bound();
  const ids = new Set(Array.from({ length: 100 }, () => bench.send("x")));
  assertEquals(ids.size, 100);
  for (const id of ids) assert(/^[0-9a-f]{16}$/.test(id));
});
