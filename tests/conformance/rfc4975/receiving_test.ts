/** RFC 4975 §7.2, §7.3, §10: requests as their receiver takes or refuses them. */
import { assert, assertEquals } from "@std/assert";
import { fromLatin1, latin1 } from "../../../lib/base/ascii.ts";
import { concatBytes } from "../../../lib/base/bytes.ts";
import { type MsrpSessionConfig, parseMsrpUri, writeMsrpPath } from "../../../lib/msrp/mod.ts";
import {
  frame,
  MsrpBench,
  OURS,
  sendFrame,
  SESSION,
  sessionConfig,
  THEIRS,
} from "../../helpers/msrp_peer.ts";

/** What a SEND with these parts is answered; the session is fresh. */
function answer(text: string, config: Partial<MsrpSessionConfig> = {}): number[] {
  return MsrpBench.bound(config).receive(text).codes();
}

Deno.test("MSRP-060 To-Path names exactly one session of this connection, else 481", () => {
  assertEquals(answer(sendFrame("x")), [200]);
  assertEquals(answer(sendFrame("x", { to: OURS.replace("ours", "mine") })), [481]);
  assertEquals(answer(sendFrame("x", { to: OURS.replace("7654", "7655") })), [481]);
  assertEquals(answer(sendFrame("x", { to: `${OURS} ${OURS}` })), [481]);
  assertEquals(answer(sendFrame("x", { to: OURS.toUpperCase() })), [481], "session-ids keep case");
  assertEquals(
    answer(sendFrame("x", { to: "msrp://other.example:1/x;tcp", headers: ["Failure-Report: no"] })),
    [],
  );
  const removed = MsrpBench.bound();
  removed.act(removed.core.removeSession(SESSION, removed.now));
  assertEquals(removed.receive(sendFrame("x")).codes(), [481]);
});

Deno.test("MSRP-060 by option the session-id alone decides", () => {
  const bench = MsrpBench.bound({}, { matchBySessionId: true });
  bench.receive(sendFrame("x", { to: "msrp://198.51.100.1:1/ours5678;tcp" }));
  assertEquals(bench.codes(), [200]);
  bench.receive(sendFrame("x", { to: "msrp://198.51.100.1:1/OURS5678;tcp" }));
  assertEquals(bench.codes(), [481]);
});

Deno.test("MSRP-061 a session that is bound to another connection is answered 506", () => {
  const bench = new MsrpBench({
    claimSession: (to) => to.sessionId === SESSION ? "bound-elsewhere" : undefined,
  });
  assertEquals(bench.receive(sendFrame("x")).codes(), [506]);
  assertEquals(bench.receive(sendFrame("x", { to: THEIRS })).codes(), [481]);
  assertEquals(bench.messages(), []);
});

Deno.test("MSRP-062 Failure-Report decides what is answered", () => {
  const bad = { to: "msrp://other.example:1/x;tcp" };
  const withChoice = (value: string, parts = {}): string =>
    sendFrame("x", { headers: [`Failure-Report: ${value}`], ...parts });
  assertEquals(answer(sendFrame("x")), [200]);
  assertEquals(answer(withChoice("yes")), [200]);
  assertEquals(answer(withChoice("partial")), []);
  assertEquals(answer(withChoice("partial", bad)), [481]);
  assertEquals(answer(withChoice("no")), []);
  assertEquals(answer(withChoice("no", bad)), []);
});

Deno.test("MSRP-063 a response repeats the transaction identifier and ends with $", () => {
  const bench = MsrpBench.bound();
  bench.receive(sendFrame("x", { transactionId: "their.tid", flag: "+" }));
  assertEquals(
    bench.text(),
    `MSRP their.tid 200 OK\r\nTo-Path: ${THEIRS}\r\nFrom-Path: ${OURS}\r\n-------their.tid$\r\n`,
  );
});

Deno.test("MSRP-064 a response to SEND goes to the previous hop, to other methods all the way", () => {
  const from = `msrp://relay.example:2855/hop;tcp ${THEIRS}`;
  const toPath = (text: string): string => {
    const [chunk] = MsrpBench.bound().receive(text).frames();
    return writeMsrpPath(chunk?.toPath ?? []);
  };
  assertEquals(toPath(sendFrame("x", { from })), "msrp://relay.example:2855/hop;tcp");
  assertEquals(toPath(frame("NICKNAME", { from })), from);
});

Deno.test("MSRP-065 a message in one chunk has no Byte-Range or starts at 1, and ends with $", () => {
  for (const range of [undefined, "1-5/5", "1-*/5", "1-*/*", "1-9/9"]) {
    const parts = range === undefined ? {} : { range };
    assertEquals(MsrpBench.bound().receive(sendFrame("hello", parts)).messages(), ["hello"]);
  }
  const late = MsrpBench.bound().receive(sendFrame("world", { range: "6-10/10" }));
  assertEquals(late.messages(), [], "its beginning is missing");
});

Deno.test("MSRP-066 chunks come in any order, $ before others, and $ sets the length", () => {
  const chunks: [string, string, string][] = [
    ["abcd", "1-4/*", "+"],
    ["efgh", "5-*/12", "+"],
    ["ijkl", "9-12/12", "$"],
  ];
  const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
  for (const order of orders) {
    const bench = MsrpBench.bound();
    for (const [count, at] of order.entries()) {
      assertEquals(bench.messages(), [], "not complete before the last");
      const [body, range, flag] = chunks[at] ?? ["", "", ""];
      bench.receive(sendFrame(body, { range, flag, transactionId: `tid${count}` }));
    }
    assertEquals(bench.messages(), ["abcdefghijkl"], order.join());
    assertEquals(bench.codes(), [200, 200, 200]);
  }
  // What lies behind the end that $ defines is no part of the message.
  const bench = MsrpBench.bound();
  bench.receive(sendFrame("abcdefXX", { range: "1-*/*", flag: "+" }));
  bench.receive(sendFrame("ef", { range: "5-6/6", flag: "$" }));
  assertEquals(bench.messages(), ["abcdef"]);
});

Deno.test("MSRP-067 where chunks overlap the one received last wins", () => {
  const bench = MsrpBench.bound();
  bench.receive(sendFrame("aaaaaa", { range: "1-*/*", flag: "+" }));
  bench.receive(sendFrame("cccc", { range: "9-*/*", flag: "+" }));
  bench.receive(sendFrame("bbbbbb", { range: "4-*/*", flag: "+" }));
  bench.receive(sendFrame("d", { range: "12-12/12", flag: "$" }));
  assertEquals(bench.messages(), ["aaabbbbbbccd"]);
});

Deno.test("MSRP-068 # discards what has come of a message", () => {
  const bench = MsrpBench.bound();
  bench.receive(sendFrame("abc", { range: "1-*/9", flag: "+" }));
  bench.receive(sendFrame("de", { range: "4-*/9", flag: "#" }));
  assertEquals(bench.takeEvents(), [{
    type: "message-aborted",
    session: SESSION,
    messageId: "msg45678",
    reason: "sender",
    received: 5,
  }]);
  assertEquals(bench.codes(), [200, 200]);
  bench.receive(sendFrame("fghi", { range: "6-9/9", flag: "$" }));
  assertEquals(bench.messages(), [], "its beginning is gone");
  // A body-less # will do as well.
  bench.receive(sendFrame("abc", { id: "other123", range: "1-*/9", flag: "+" }));
  bench.receive(frame("SEND", { headers: ["Message-ID: other123"], flag: "#" }));
  assertEquals(bench.eventTypes(), ["message-aborted"]);
});

Deno.test("MSRP-069 an unsupported media type is answered 415, before its body has come", () => {
  const text = sendFrame("x").replace("text/plain", "image/png");
  assertEquals(answer(text), [415]);
  assertEquals(answer(text.replace("Message-ID", "Failure-Report: no\r\nMessage-ID")), []);
  const bench = MsrpBench.bound();
  bench.receive(text.slice(0, text.indexOf("\r\n\r\n") + 4));
  assertEquals(bench.codes(), [415]);
  bench.receive(text.slice(text.indexOf("\r\n\r\n") + 4) + sendFrame("next"));
  assertEquals(bench.codes(), [200], "one response, and the stream goes on");
  assertEquals(bench.messages(), ["next"]);
});

Deno.test("MSRP-070 multipart/mixed and multipart/alternative are always accepted", () => {
  for (const type of ["multipart/mixed", "Multipart/Alternative; boundary=x"]) {
    assertEquals(answer(sendFrame("x").replace("text/plain", type), { acceptTypes: [] }), [200]);
  }
  assertEquals(answer(sendFrame("x").replace("text/plain", "multipart/related")), [415]);
});

Deno.test("MSRP-071 an unknown method is answered 501", () => {
  for (const method of ["NICKNAME", "AUTH", "FILE_OFFSET"]) {
    assertEquals(answer(frame(method)), [501]);
  }
  assertEquals(answer(frame("NICKNAME", { headers: ["Failure-Report: no"] })), []);
});

Deno.test("MSRP-072 a malformed request is answered 400 where an answer is possible", () => {
  assertEquals(answer(frame("SEND", { headers: ["no colon"] })), [400]);
  assertEquals(answer(frame("send")), [400]);
  assertEquals(answer(sendFrame("x").replace("Message-ID: msg45678\r\n", "")), [400]);
  assertEquals(answer(frame("SEND", { headers: ["Message-ID: 1 2"] })), [400]);
  assertEquals(answer(frame("SEND", { to: "nonsense" })), [], "who we would be is not known");
  assertEquals(answer(frame("SEND", { from: "nonsense" })), [], "nobody to answer");
  assertEquals(answer(frame("REPORT", { headers: ["no colon"] })), [], "never to a REPORT");
  const bench = MsrpBench.bound().receive(frame("SEND", { headers: ["no colon"] }));
  const [event] = bench.takeEvents();
  assert(event?.type === "peer-error");
  assertEquals([event.error.code, event.error.rule], ["msrp/bad-header", "RFC 4975 §9"]);
  assert(event.error.offset !== undefined && event.error.offset > 0);
  assertEquals(bench.receive(sendFrame("x")).messages(), ["x"], "the connection goes on");
});

Deno.test("MSRP-073 a chunk may be as long as the whole message", () => {
  const body = "x".repeat(1_000_000);
  const bench = MsrpBench.bound({ maxSize: body.length }).receive(sendFrame(body));
  assertEquals(bench.messages(), [body]);
});

Deno.test("MSRP-074 a message that is too large is answered 413, once and early", () => {
  const announced = MsrpBench.bound({ maxSize: 100 });
  announced.receive(sendFrame("x", { range: "1-*/101" }).split("x\r\n")[0] ?? "");
  assertEquals(announced.codes(), [413], "by what its Byte-Range says");
  const grown = MsrpBench.bound({ maxSize: 100 });
  const text = sendFrame("x".repeat(300), { range: "1-*/*", flag: "+" });
  grown.receive(text.slice(0, -150));
  assertEquals(grown.codes(), [413], "by what has come");
  grown.receive(text.slice(-150));
  assertEquals(grown.codes(), []);
  grown.receive(sendFrame("y", { range: "301-301/301" }));
  assertEquals(grown.codes(), [413], "and its further chunks as well");
  const [aborted] = grown.takeEvents();
  assertEquals(aborted?.type === "message-aborted" && aborted.reason, "too-large");
  assertEquals(grown.receive(sendFrame("fine", { id: "next5678" })).messages(), ["fine"]);
});

Deno.test("MSRP-075 a message that is never completed is dropped in time", () => {
  const bench = MsrpBench.bound({}, { limits: { idleTime: 10_000 } });
  bench.receive(sendFrame("abc", { range: "1-*/9", flag: "+" }));
  bench.wait(6_000);
  bench.receive(sendFrame("def", { range: "4-*/9", flag: "+" }));
  bench.wait(9_999);
  assertEquals(bench.eventTypes(), []);
  bench.wait(1);
  assertEquals(bench.takeEvents(), [{
    type: "message-aborted",
    session: SESSION,
    messageId: "msg45678",
    reason: "timeout",
    received: 6,
  }]);
  assertEquals(bench.core.deadline, undefined);
});

Deno.test("a message that comes twice is marked (RFC 4975 §5.4)", () => {
  const bench = MsrpBench.bound().receive(
    sendFrame("x") + sendFrame("x") + sendFrame("x", {
      id: "other678",
    }),
  );
  const repeats = bench.takeEvents().flatMap((it) =>
    it.type === "message-received" ? [it.isRepeat] : []
  );
  assertEquals(repeats, [false, true, false]);
  assertEquals(bench.codes(), [200, 200, 200], "it is acknowledged all the same");
});

Deno.test("a keep-alive is answered 200 (facts about AG Projects' clients)", () => {
  const bench = MsrpBench.bound().receive(frame("SEND", {
    headers: ["Message-ID: keep1234", "Byte-Range: 1-0/0", "Keep-Alive: yes"],
  }));
  assertEquals(bench.codes(), [200]);
  assertEquals(bench.eventTypes(), ["keep-alive-answered"]);
});

Deno.test("what one peer sends the other takes, at every size and cut", () => {
  const body = Uint8Array.from({ length: 150_000 }, (_, at) => (at * 7) % 256);
  const ours = MsrpBench.bound({ chunkSize: 4_000 });
  const mirrored = sessionConfig({
    localPath: [parseMsrpUri(THEIRS)],
    remotePath: [parseMsrpUri(OURS)],
  });
  for (const length of [0, 1, 2_047, 2_048, 2_049, 3_999, 4_000, 4_001, 150_000]) {
    const theirs = new MsrpBench();
    theirs.core.addSession(mirrored, 0);
    ours.send(body.subarray(0, length));
    const wire = concatBytes(...ours.transmitted.splice(0));
    for (let at = 0; at < wire.length; at += 1_461) theirs.receive(wire.subarray(at, at + 1_461));
    const got = theirs.takeEvents().flatMap((it) => it.type === "message-received" ? it.body : []);
    assertEquals(got.length, 1);
    assertEquals(latin1(got[0] ?? fromLatin1("?")), latin1(body.subarray(0, length)));
  }
});
