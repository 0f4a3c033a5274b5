/** RFC 4975 §5.1, §7.1, §9: where frames begin and end, and what a head may hold. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromLatin1, latin1 } from "../../../lib/base/ascii.ts";
import { utf8 } from "../../../lib/base/bytes.ts";
import {
  ChunkParser,
  type ChunkParserEvent,
  type ChunkParserLimits,
  freshTransactionId,
  headerValue,
  parseMsrpUri,
  readRequestFields,
  writeChunk,
} from "../../../lib/msrp/mod.ts";
import { everySplit } from "../../helpers/every_split.ts";
import {
  collectFrames,
  frame,
  MsrpBench,
  OURS,
  readFrames,
  sendFrame,
  SESSION,
  THEIRS,
} from "../../helpers/msrp_peer.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

function parse(text: string, limits?: ChunkParserLimits): ChunkParserEvent[] {
  const parser = new ChunkParser({ limits });
  return [...parser.feed(fromLatin1(text)), ...parser.end()];
}

/** Codes of what is wrong: of the frame as a whole, or of the head. */
function faults(text: string, limits?: ChunkParserLimits): string[] {
  return parse(text, limits).flatMap((event) => {
    if (event.type === "parse-error") return [`fatal ${event.error.code}`];
    const problem = event.type === "chunk-start" ? event.head.problem : undefined;
    return problem === undefined ? [] : [problem.code];
  });
}

function bodies(text: string): (string | undefined)[] {
  return collectFrames(parse(text)).map(({ body }) => body && latin1(body));
}

Deno.test("MSRP-001 the start line is in capitals and has single spaces", () => {
  const good = frame("SEND");
  assertEquals(faults(good), []);
  assertEquals(faults(good.replace("MSRP", "msrp")), ["fatal msrp/bad-start-line"]);
  assertEquals(faults(good.replace("SEND", "send")), ["msrp/bad-start-line"]);
  assertEquals(faults(good.replace(" SEND", "  SEND")), ["msrp/bad-start-line"]);
  assertEquals(faults(good.replace(" tid", "  tid")), ["fatal msrp/bad-start-line"]);
  assertEquals(faults(good.replace("SEND", "20")), ["msrp/bad-start-line"]);
  assertEquals(faults(good.replace("SEND", "2000")), ["msrp/bad-start-line"]);
});

Deno.test("MSRP-002 a status line without a comment is a response", () => {
  for (const start of ["200", "200 ", "200 OK"]) {
    const [chunk] = readFrames(fromLatin1(frame(start)));
    assertEquals(chunk?.startLine.kind, "response");
    assertEquals(chunk?.startLine.kind === "response" && chunk.startLine.code, 200);
  }
  const bench = MsrpBench.bound().receive(frame("404"));
  assertEquals(bench.text(), "", "a response is never answered");
});

Deno.test("MSRP-003 a transaction identifier has 4 to 32 characters of a small alphabet", () => {
  for (const good of ["abcd", "0bcd", "a.-+%=zZ9", "x".repeat(32)]) {
    assertEquals(faults(frame("SEND", { transactionId: good })), []);
  }
  for (const bad of ["abc", ".bcd", "abc_", "ab c", "abcé", "x".repeat(33), "x".repeat(200)]) {
    assertEquals(faults(frame("SEND", { transactionId: bad })), ["fatal msrp/bad-start-line"], bad);
  }
});

Deno.test("MSRP-004 our transaction identifiers have 64 random bits and avoid live ones", () => {
  const asked: number[] = [];
  const random = seededRandom(4);
  const counting = (length: number): Uint8Array => {
    asked.push(length);
    return random(length);
  };
  const first = freshTransactionId(seededRandom(4));
  const second = freshTransactionId(counting, undefined, (it) => it === first);
  assert(first !== second);
  assertEquals(asked, [8, 8], "64 bits each time");
  assert(/^[0-9a-f]{16}$/.test(second));
});

Deno.test("MSRP-005 To-Path comes first and From-Path second, once each", () => {
  const [to, from] = [`To-Path: ${OURS}\r\n`, `From-Path: ${THEIRS}\r\n`];
  const head = (lines: string): string =>
    `MSRP abcd SEND\r\n${lines}Message-ID: 1234\r\n-------abcd$\r\n`;
  assertEquals(faults(head(to + from)), []);
  assertEquals(faults(head(from + to)), ["msrp/bad-path-order"]);
  assertEquals(faults(head(to)), ["msrp/bad-path-order"]);
  assertEquals(faults(head(from)), ["msrp/bad-path-order"]);
  assertEquals(faults(head("")), ["msrp/bad-path-order"]);
  assertEquals(faults(head(to + from + to)), ["msrp/repeated-header"]);
  assertEquals(faults(head(`X-First: 1\r\n${to}${from}`)), ["msrp/bad-path-order"]);
});

Deno.test("MSRP-006 header names compare in any case, values keep theirs", () => {
  const text = frame("SEND").replace("To-Path", "TO-PATH").replace("From-Path", "from-path")
    .replace("-------", "message-id: AbCd\r\n-------");
  const [chunk] = collectFrames(parse(text));
  assertEquals(chunk?.problem, undefined);
  assertEquals(headerValue(chunk?.headers ?? [], "Message-ID"), "AbCd");
});

Deno.test("MSRP-007 there is no header folding", () => {
  assertEquals(
    faults(frame("SEND", { headers: ["X-Long: one", " two", "Message-ID: 1234"] })),
    ["msrp/bad-header"],
  );
});

Deno.test("MSRP-008 only $, + and # end a frame", () => {
  for (const flag of ["$", "+", "#"]) {
    const [chunk] = collectFrames(parse(sendFrame("text", { flag })));
    assertEquals(chunk?.continuation as string, flag);
  }
  for (const flag of ["!", "", " ", "$$"]) {
    const text = sendFrame("text", { flag }) + "-------tid12345$\r\n";
    assertEquals(bodies(text), [`text\r\n-------tid12345${flag}`]);
  }
});

Deno.test("MSRP-009 another transaction's end-line does not end the frame", () => {
  const body = "before\r\n-------othertid$\r\nafter";
  assertEquals(bodies(sendFrame(body)), [body]);
  // In the head it is a line that is no header field.
  assertEquals(faults(frame("SEND", { headers: ["-------othertid$"] })), ["msrp/bad-header"]);
});

Deno.test("MSRP-010 seven hyphens and the identifier end nothing without a flag or within a line", () => {
  for (
    const body of [
      "-------tid12345",
      "x-------tid12345$",
      "--------tid12345$",
      "------tid12345$",
      "\r\n-------tid12345\r\n",
      "\r\n-------tid12345$x\r\n",
      "\n-------tid12345$\r\n",
      "\r-------tid12345$\r\n",
      "\r\n-------tid12345$\n",
      "\r\n-------TID12345$\r\n",
      "\r\n\r\n-------tid1234$\r\n",
    ]
  ) assertEquals(bodies(sendFrame(body)), [body], body);
});

Deno.test("MSRP-011 the CRLF before the end-line belongs to the framing", () => {
  assertEquals(bodies(sendFrame("line")), ["line"]);
  assertEquals(bodies(sendFrame("line\r\n")), ["line\r\n"]);
  assertEquals(bodies(sendFrame("\r\n")), ["\r\n"]);
  assertEquals(bodies(sendFrame("\r\n\r\n")), ["\r\n\r\n"]);
});

Deno.test("MSRP-012 a sender never lets its own end-line stand in a body", () => {
  // The first identifier that this randomness gives is in the body: another one is taken.
  const taken = freshTransactionId(seededRandom(12));
  for (const body of [`\r\n-------${taken}$\r\n`, `-------${taken}`, `x-------${taken}+`]) {
    const chosen = freshTransactionId(seededRandom(12), utf8(body));
    assert(chosen !== taken);
    assertThrows(
      () =>
        writeChunk({
          startLine: { kind: "request", transactionId: taken, method: "SEND" },
          toPath: [parseMsrpUri(OURS)],
          fromPath: [parseMsrpUri(THEIRS)],
          headers: [{ name: "Content-Type", value: "text/plain" }],
          body: utf8(body),
          continuation: "$",
        }),
      TypeError,
      "end-line",
    );
  }
  const plain = MsrpBench.bound();
  plain.send("anything");
  const [first] = plain.frames();
  const body = `-------${first?.startLine.transactionId}$`;
  const bench = MsrpBench.bound();
  bench.send(body);
  assertEquals(bench.frames().map((it) => latin1(it.body ?? new Uint8Array())), [body]);
});

Deno.test("MSRP-013 a request without a body has no Content-Type and no blank line", () => {
  const bench = new MsrpBench();
  bench.core.addSession({
    localPath: [parseMsrpUri(OURS)],
    remotePath: [parseMsrpUri(THEIRS)],
    acceptTypes: ["*"],
  }, 0);
  bench.act(bench.core.bind(SESSION, 0));
  const text = bench.text();
  assert(!/Content-/i.test(text) && !text.includes("\r\n\r\n"), text);
  // The other way round: a Content-Type without a body is malformed.
  const strict = MsrpBench.bound();
  strict.receive(frame("SEND", { headers: ["Message-ID: 1234", "Content-Type: text/plain"] }));
  assertEquals(strict.codes(), [400]);
});

Deno.test("MSRP-014 a body comes with a Content-Type, last in the head, and one blank line", () => {
  const bench = MsrpBench.bound();
  bench.send("text", { headers: [{ name: "Content-Disposition", value: "inline" }] });
  const text = bench.text();
  assert(text.includes("Content-Disposition: inline\r\nContent-Type: text/plain\r\n\r\ntext\r\n"));
  bench.receive(frame("SEND", { headers: ["Message-ID: 1234"], body: "typeless" }));
  assertEquals(bench.codes(), [400]);
});

Deno.test("MSRP-015 an empty body is not an absent one, and is delivered", () => {
  const [without] = collectFrames(parse(frame("SEND")));
  assertEquals(without?.body, undefined);
  for (const text of [sendFrame(""), sendFrame("").replace("\r\n\r\n\r\n", "\r\n\r\n")]) {
    assertEquals(bodies(text), [""]);
    const bench = MsrpBench.bound().receive(text);
    assertEquals(bench.codes(), [200]);
    assertEquals(bench.messages(), [""]);
  }
  const bench = MsrpBench.bound();
  bench.send("");
  assert(bench.text().includes("Byte-Range: 1-0/0\r\nContent-Type: text/plain\r\n\r\n\r\n-------"));
});

Deno.test("MSRP-016 any split and any pipelining give the same result", () => {
  const text = sendFrame("one\r\n-------tid1234+\r\n--", { transactionId: "tid12345" }) +
    frame("200 OK", { transactionId: "ab.c" }) +
    sendFrame("", { transactionId: "tid3" }) +
    frame("REPORT", { headers: ["Message-ID: 1234", "Status: 000 200 OK"] }) +
    sendFrame("\r\n\r\n-------\r\n", { flag: "+" });
  const whole = collectFrames(parse(text));
  assertEquals(whole.length, 5);
  for (const { label, pieces } of everySplit(fromLatin1(text))) {
    const parser = new ChunkParser();
    const events = pieces.flatMap((it) => parser.feed(it));
    assertEquals(collectFrames([...events, ...parser.end()]), whole, label);
  }
});

Deno.test("MSRP-017 bodies are raw octets, with no transfer encoding", () => {
  const body = Uint8Array.from({ length: 256 }, (_, at) => at);
  assertEquals(bodies(sendFrame(latin1(body))), [latin1(body)]);
  const bench = MsrpBench.bound();
  bench.send(body);
  const [chunk] = bench.frames();
  assertEquals(chunk?.body, body);
  assertEquals(headerValue(chunk?.headers ?? [], "Content-Transfer-Encoding"), undefined);
});

Deno.test("MSRP-018 an unknown header field is ignored", () => {
  const bench = MsrpBench.bound().receive(sendFrame("text", { headers: ["X-New: $ # +"] }));
  assertEquals(bench.codes(), [200]);
  assertEquals(bench.messages(), ["text"]);
});

Deno.test("MSRP-019 we send no bodies but in SEND", () => {
  const bench = MsrpBench.bound().receive(sendFrame("x", { headers: ["Success-Report: yes"] }));
  const reports = bench.frames().filter(({ startLine }) =>
    startLine.kind === "request" && startLine.method === "REPORT"
  );
  assertEquals(reports.map((it) => it.body), [undefined]);
  // One that comes with a body is read all the same.
  bench.send("ours", { messageId: "msgours1", successReport: true });
  bench.takeEvents();
  bench.receive(frame("REPORT", {
    headers: ["Message-ID: msgours1", "Status: 000 200 OK", "Content-Type: text/plain"],
    body: "x".repeat(20_000),
  }));
  assertEquals(bench.eventTypes(), ["message-sent", "message-delivered"]);
});

Deno.test("MSRP-020 a response with nothing but its paths is accepted", () => {
  const bench = MsrpBench.bound();
  bench.send("text");
  bench.answer(bench.frames()[0]);
  assertEquals(bench.eventTypes(), ["message-sent"]);
});

Deno.test("MSRP-021 comments and Status texts are UTF-8", () => {
  const comment = latin1(utf8("schön ✓"));
  const [chunk] = collectFrames(parse(frame(`200 ${comment}`)));
  assertEquals(chunk?.startLine.kind === "response" && chunk.startLine.comment, "schön ✓");
  const [report] = collectFrames(
    parse(frame("REPORT", { headers: ["Message-ID: 1234", `Status: 000 200 ${comment}`] })),
  );
  assertEquals(readRequestFields(report?.headers ?? []).status?.comment, "schön ✓");
});

Deno.test("MSRP-022 stray CRLFs between frames are tolerated, other junk closes the connection", () => {
  const bench = MsrpBench.bound();
  bench.receive(`\r\n\r\n${sendFrame("one")}\r\n${sendFrame("two")}`);
  assertEquals(bench.messages(), ["one", "two"]);
  bench.receive("junk");
  assert(bench.isClosed);
  assertEquals(bench.eventTypes(), ["peer-error", "connection-closed"]);
  const lone = MsrpBench.bound().receive(`\r${sendFrame("x")}`);
  assert(lone.isClosed);
});

Deno.test("MSRP-023 every limit has a name, and passing it is an error of its own", () => {
  const heads = { headers: ["X-One: 1", "X-Two: 2", `X-Three: ${"3".repeat(50)}`] };
  const cases: [ChunkParserLimits, string, string][] = [
    [{ lineLength: 58 }, frame("SEND", heads), "fatal msrp/head-too-long"],
    [{ headLength: 120 }, frame("SEND", heads), "fatal msrp/head-too-long"],
    [{ headerCount: 4 }, frame("SEND", heads), "fatal msrp/too-many-headers"],
    [{ bodyLength: 9 }, sendFrame("0123456789"), "fatal msrp/body-too-long"],
    [
      { pathLength: 2 },
      frame("SEND", { from: `${THEIRS} ${THEIRS} ${THEIRS}` }),
      "msrp/path-too-long",
    ],
  ];
  for (const [limits, text, fault] of cases) {
    assertEquals(faults(text), []);
    assertEquals(faults(text, limits), [fault]);
  }
  const chunks = MsrpBench.bound({}, { limits: { chunkCount: 2 } });
  for (let at = 1; at <= 3; at++) {
    chunks.receive(sendFrame("x", { flag: "+", range: `${at}-*/*` }));
  }
  assertEquals(chunks.codes(), [200, 200, 413]);
});

Deno.test("MSRP-024 a frame cut short at the end of the stream shows its octets", () => {
  const text = sendFrame("all that came");
  const cut = text.slice(0, text.indexOf(" came"));
  const events = parse(cut);
  const data = events.flatMap((it) => it.type === "chunk-data" ? [latin1(it.bytes)] : []);
  assertEquals(data.join(""), "all that");
  const last = events.at(-1);
  assertEquals(last?.type === "parse-error" && last.error.code, "msrp/truncated");
});

Deno.test("MSRP-025 a Byte-Range is start-end/total with stars for what is not known", () => {
  for (const good of ["1-5/5", "1-*/*", "1-*/5", "3-5/*", "1-0/0", "7-3/2"]) {
    const bench = MsrpBench.bound().receive(sendFrame("hello", { range: good, flag: "#" }));
    assertEquals(bench.codes(), [200], good);
  }
  for (const bad of ["0-5/5", "*-5/5", "1-5", "1/5", "-1-5/5", "a-b/c", "1 - 5/5"]) {
    const text = sendFrame("hello", { range: bad });
    const bench = MsrpBench.bound().receive(text);
    assertEquals(bench.codes(), [400], bad);
  }
});

Deno.test("MSRP-026 a Status is a namespace, a code and perhaps a comment, of three digits each", () => {
  const statusOf = (value: string): unknown =>
    readRequestFields([{ name: "Status", value }]).status;
  assertEquals(statusOf("000 200"), { namespace: "000", code: 200 });
  assertEquals(statusOf("000 200 OK"), { namespace: "000", code: 200, comment: "OK" });
  assertEquals(statusOf("123 413 a b"), { namespace: "123", code: 413, comment: "a b" });
  for (const bad of ["000", "00 200", "000 20", "000 2000", "000200", "ok 200", ""]) {
    assertThrows(() => statusOf(bad), Error, "expected a Status");
  }
});

Deno.test("MSRP-027 other report choices are malformed", () => {
  const codes = (headers: string[]): number[] =>
    MsrpBench.bound().receive(sendFrame("x", { headers })).codes();
  assertEquals(codes(["Success-Report: maybe"]), [400]);
  assertEquals(codes(["Success-Report: partial"]), [400]);
  assertEquals(codes(["Failure-Report: maybe"]), [400]);
  assertEquals(codes(["Failure-Report: no", "Success-Report: maybe"]), [], "no failures to it");
  assertEquals(codes(["Failure-Report: Yes", "Success-Report: NO"]), [200]);
});

Deno.test("MSRP-028 the length of the body wins over its Byte-Range", () => {
  for (const range of ["1-3/5", "1-9/5", "1-5/99", "1-5/3"]) {
    const bench = MsrpBench.bound().receive(sendFrame("hello", { range }));
    assertEquals(bench.messages(), ["hello"], range);
  }
});
