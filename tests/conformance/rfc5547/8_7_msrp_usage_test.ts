/** RFC 5547 §8.4, §8.7 and what RFC 4975 says of messages of any size: streamed both ways. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { latin1 } from "../../../lib/base/ascii.ts";
import { concatBytes, utf8 } from "../../../lib/base/bytes.ts";
import {
  type Chunk,
  ChunkParser,
  headerValue,
  type MsrpEvent,
  parseByteRange,
  parseMsrpUri,
} from "../../../lib/msrp/mod.ts";
import { everySplit } from "../../helpers/every_split.ts";
import { frame, MsrpBench, sendFrame, SESSION } from "../../helpers/msrp_peer.ts";

/** Octets of a file: no two stretches of it are alike. */
function octetsAt(position: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (position + at) * 7919 >> 3 & 0xff);
}

/** Feeds what is asked for; returns the questions. */
function feed(bench: MsrpBench): { position: number; length: number }[] {
  const asked: { position: number; length: number }[] = [];
  for (;;) {
    const at = bench.events.findIndex((it) => it.type === "octets-wanted");
    const [event] = at < 0 ? [] : bench.events.splice(at, 1);
    if (event?.type !== "octets-wanted") return asked;
    const { messageId, position, length } = event;
    asked.push({ position, length });
    bench.act(
      bench.core.supply(SESSION, messageId, octetsAt(position, length), bench.now),
    );
  }
}

const FILE = { contentType: "application/octet-stream", successReport: true } as const;

function starting(length: number, config = {}, start = 0): MsrpBench {
  const bench = MsrpBench.bound(config);
  bench.send("", { ...FILE, body: { length, start } });
  return bench;
}

function ranges(chunks: readonly Chunk[]): string[] {
  return chunks.map(({ headers, continuation }) =>
    `${headerValue(headers, "Byte-Range")}${continuation}`
  );
}

/** Lets a whole file leave, every chunk answered; returns its chunks. */
function sendAll(bench: MsrpBench): Chunk[] {
  const chunks: Chunk[] = [];
  for (;;) {
    feed(bench);
    const frames = bench.frames();
    if (frames.length === 0) return chunks;
    chunks.push(...frames);
    for (const it of frames) bench.answer(it);
  }
}

Deno.test("RFC5547-8.7 a file is one message: one Message-ID, in chunks of 64 KiB, in order", () => {
  const chunks = sendAll(starting(200_000));
  assertEquals(new Set(chunks.map((it) => headerValue(it.headers, "Message-ID"))).size, 1);
  assertEquals(ranges(chunks), [
    "1-*/200000+",
    "65537-*/200000+",
    "131073-*/200000+",
    "196609-*/200000$",
  ]);
  assertEquals(
    concatBytes(...chunks.map((it) => it.body ?? new Uint8Array())),
    octetsAt(0, 200_000),
  );
});

Deno.test("RFC5547-8.7 through relays the chunks are as small as the session wants them", () => {
  const chunks = sendAll(starting(20_000, { chunkSize: 8192 }));
  assertEquals(ranges(chunks), ["1-*/20000+", "8193-*/20000+", "16385-*/20000$"]);
});

Deno.test("RFC5547-8.7 an empty file is a message with an empty body", () => {
  const [only, ...others] = sendAll(starting(0));
  assertEquals(others, []);
  assertEquals([headerValue(only?.headers ?? [], "Byte-Range"), only?.body?.length], ["1-0/0", 0]);
});

Deno.test("MSRP-189 a message that continues a file starts behind what the peer has", () => {
  assertEquals(ranges(sendAll(starting(100, {}, 40))), ["41-100/100$"]);
  assertEquals(ranges(sendAll(starting(100, {}, 100))), ["101-100/100$"]);
});

Deno.test("MSRP-012 no chunk of a streamed body holds its own end-line", () => {
  // The first identifiers that this source of randomness makes, as bodies.
  const first = sendAll(starting(1000))[0]?.startLine.transactionId ?? "";
  const bench = starting(1000);
  for (const event of bench.takeEvents()) {
    if (event.type !== "octets-wanted") continue;
    const body = new Uint8Array(1000).fill(0x20);
    body.set(new TextEncoder().encode(`\r\n-------${first}$\r\n`), 100);
    bench.act(bench.core.supply(SESSION, event.messageId, body, bench.now));
  }
  const [chunk] = bench.frames();
  assert(chunk !== undefined && chunk.startLine.transactionId !== first);
  assertEquals(chunk.body?.length, 1000);
});

Deno.test("MSRP-045 a chat message waits for no more than the chunk of the file that is leaving", () => {
  const bench = MsrpBench.bound();
  const chat = "msrp://us.example:7654/chat5678;tcp";
  bench.core.addSession({
    localPath: [parseMsrpUri(chat)],
    remotePath: [parseMsrpUri("msrp://them.example:2855/chat1234;tcp")],
    acceptTypes: ["*"],
    sessionId: "chat",
  }, bench.now);
  bench.receive(frame("SEND", { to: chat, headers: ["Message-ID: bind5678"] }));
  bench.frames();
  bench.isTaking = false;
  bench.send("", { ...FILE, body: { length: 1_000_000 } });
  feed(bench);
  bench.act(
    bench.core.send("chat", { contentType: "text/plain", body: utf8("hi") }, bench.now).outputs,
  );
  for (let turn = 0; turn < 4; turn++) {
    bench.writable();
    feed(bench);
  }
  const sizes = readFrames(bench.transmitted).map((it) => [it.type, it.size] as const);
  const at = sizes.findIndex(([type]) => type === "text/plain");
  assert(at >= 0 && at <= 1, `frames before the chat message: ${at}`);
  assert(sizes.slice(0, at).every(([, size]) => size <= 65_536));
});

/** Kind and size of the frames that have begun; the last may not have ended. */
function readFrames(pieces: readonly Uint8Array[]): { type: string; size: number }[] {
  const frames: { type: string; size: number }[] = [];
  for (const event of new ChunkParser().feed(concatBytes(...pieces))) {
    if (event.type === "chunk-start") {
      frames.push({ type: headerValue(event.head.headers, "Content-Type") ?? "", size: 0 });
    }
    const last = frames.at(-1);
    if (event.type === "chunk-data" && last !== undefined) last.size += event.bytes.length;
  }
  return frames;
}

Deno.test("RFC5547-8.7 chunks are pipelined, as far as a window lets octets be unanswered", () => {
  const bench = MsrpBench.bound({}, { limits: { unansweredLength: 200_000 } });
  bench.send("", { ...FILE, body: { length: 1_000_000 } });
  feed(bench);
  const frames = bench.frames();
  assertEquals(frames.length, 3, "three chunks of 64 KiB fit 200000 octets");
  feed(bench);
  assertEquals(bench.frames().length, 0);
  bench.answer(frames[0]);
  feed(bench);
  assertEquals(bench.frames().length, 1);
});

Deno.test("RFC5547-8.7 no more than two pieces are held, however long nobody reads", () => {
  const bench = starting(10_000_000);
  bench.isTaking = false;
  const asked = feed(bench);
  const held = asked.reduce((sum, it) => sum + it.length, 0) -
    bench.transmitted.reduce((sum, it) => sum + it.length, 0);
  assert(held <= 2 * 65_536, `${held} octets are held`);
});

Deno.test("RFC5547-8.7 the peer's max-size holds for files too", () => {
  const bench = MsrpBench.bound({ peerMaxSize: 99 });
  assertThrows(() => bench.send("", { ...FILE, body: { length: 100 } }), Error, "at most 99");
});

Deno.test("MSRP-188 the sender gives a file up with #, in the middle of a chunk and between two", () => {
  const inside = starting(1_000_000);
  inside.isTaking = false;
  feed(inside);
  const id = headerValue(firstHead(inside), "Message-ID") ?? "";
  inside.act(inside.core.abort(SESSION, id, inside.now));
  inside.isTaking = true;
  inside.writable();
  assertEquals(inside.frames().at(-1)?.continuation, "#");
  assertEquals(inside.eventTypes().at(-1), "message-failed");

  const between = MsrpBench.bound();
  const messageId = between.send("", { ...FILE, body: { length: 200_000 } });
  const wanted = between.takeEvents().find((it) => it.type === "octets-wanted");
  assert(wanted?.type === "octets-wanted");
  between.act(between.core.supply(SESSION, messageId, octetsAt(0, wanted.length), between.now));
  assertEquals(ranges(between.frames()), ["1-*/200000+"]);
  between.act(between.core.abort(SESSION, messageId, between.now));
  assertEquals(ranges(between.frames()), ["65537-*/200000#"]);
  // A piece that was being read meanwhile is of no use any more.
  between.act(between.core.supply(SESSION, messageId, octetsAt(65_536, 65_536), between.now));
  assertEquals(between.frames(), []);
});

/** The head of the first frame, which may not have left completely. */
function firstHead(bench: MsrpBench): { name: string; value: string }[] {
  return latin1(concatBytes(...bench.transmitted)).split("\r\n").slice(1, 8).flatMap((line) => {
    const [, name = "", value = ""] = /^([\w-]+): (.*)$/.exec(line) ?? [];
    return name === "" ? [] : [{ name, value }];
  });
}

Deno.test("MSRP-188 413 stops the sender of a file: # for the chunk, nothing after it", () => {
  const bench = starting(1_000_000, { chunkSize: 8192 });
  feed(bench);
  const [chunk] = bench.frames();
  bench.answer(chunk, "413 Too Much");
  const failed = bench.takeEvents().find((it) => it.type === "message-failed");
  assertEquals(failed?.type === "message-failed" && failed.code, 413);
  feed(bench);
  assertEquals(bench.frames().filter((it) => it.continuation !== "#"), []);
});

// -- receiving ------------------------------------------------------------------------------

const STREAMING = { streamsIncoming: true, acceptTypes: ["*"] } as const;

/** Puts together what was streamed, wherever it belongs. */
function collect(events: readonly MsrpEvent[]): string {
  const octets: number[] = [];
  for (const event of events) {
    if (event.type !== "message-octets") continue;
    for (const [at, octet] of event.bytes.entries()) octets[event.position + at] = octet;
  }
  return latin1(Uint8Array.from(octets));
}

Deno.test("RFC5547-8.7 octets are handed on as they come, and none is kept", () => {
  const bench = MsrpBench.bound(STREAMING);
  bench.receive(sendFrame("hello ", { range: "1-*/11", flag: "+" }));
  bench.receive(sendFrame("world", { range: "7-11/11", flag: "$" }));
  const events = bench.takeEvents();
  assertEquals(events.map((it) => it.type), [
    "message-began",
    "message-octets",
    "message-octets",
    "message-ended",
  ]);
  assertEquals(events[0]?.type === "message-began" && events[0].total, 11);
  assertEquals(collect(events), "hello world");
  assertEquals(bench.codes(), [200, 200]);
});

Deno.test("MSRP-016 a streamed message is the same however TCP cuts it", () => {
  const text = sendFrame("hello ", { range: "1-*/11", flag: "+" }) +
    sendFrame("world", { range: "7-11/11", transactionId: "tid67890" });
  for (const { pieces, label } of everySplit(new TextEncoder().encode(text))) {
    const bench = MsrpBench.bound(STREAMING);
    for (const piece of pieces) bench.receive(piece);
    const events = bench.takeEvents();
    assertEquals(collect(events), "hello world", label);
    assertEquals(events.at(-1)?.type, "message-ended", label);
  }
});

Deno.test("MSRP-066 chunks out of order, MSRP-067 the last of overlapping ones wins", () => {
  const bench = MsrpBench.bound(STREAMING);
  bench.receive(sendFrame("WORLD", { range: "7-11/11", flag: "$" }));
  bench.receive(sendFrame("hello w", { range: "1-7/11", flag: "+" }));
  const events = bench.takeEvents();
  assertEquals(collect(events), "hello wORLD");
  assertEquals(events.at(-1)?.type, "message-ended");
});

Deno.test("MSRP-068 a message that its sender gives up is told of as such", () => {
  const bench = MsrpBench.bound(STREAMING);
  bench.receive(sendFrame("hel", { range: "1-*/11", flag: "#" }));
  const last = bench.takeEvents().at(-1);
  assertEquals(last?.type === "message-aborted" && [last.reason, last.received], ["sender", 3]);
});

Deno.test("MSRP-188 the receiver stops a file with 413, at once and for every further chunk", () => {
  const bench = MsrpBench.bound(STREAMING);
  const text = sendFrame("hello ", { range: "1-*/11", flag: "+" });
  bench.receive(text.slice(0, -15));
  bench.act(bench.core.refuse(SESSION, "msg45678", bench.now));
  assertEquals(bench.codes(), [413]);
  bench.receive(text.slice(-15));
  assertEquals(bench.codes(), [], "one answer to one request");
  bench.receive(sendFrame("world", { range: "7-11/11" }));
  assertEquals(bench.codes(), [413]);
  assertEquals(collect(bench.takeEvents().filter((it) => it.type === "message-ended")), "");
});

Deno.test("MSRP-188 a sender that wants no failure reports is not answered", () => {
  const bench = MsrpBench.bound(STREAMING);
  const headers = ["Failure-Report: no"];
  bench.receive(sendFrame("hello ", { range: "1-*/11", flag: "+", headers }).slice(0, -15));
  bench.act(bench.core.refuse(SESSION, "msg45678", bench.now));
  assertEquals(bench.transmitted.length, 0);
});

Deno.test("MSRP-074 more than was described is answered 413 where it passes", () => {
  const bench = MsrpBench.bound({ ...STREAMING, maxSize: 5 });
  bench.receive(sendFrame("hello", { range: "1-*/*", flag: "+" }));
  assertEquals(bench.codes(), [200]);
  bench.receive(sendFrame("!", { range: "6-*/*", flag: "+" }));
  assertEquals(bench.codes(), [413]);
  assertEquals(bench.takeEvents().filter((it) => it.type === "message-aborted").length, 1);
});

Deno.test("MSRP-080 a streamed message is reported on when its receiver says so", () => {
  const bench = MsrpBench.bound({ ...STREAMING, reports: "manual" });
  bench.receive(sendFrame("hello", { headers: ["Success-Report: yes"] }));
  assertEquals(bench.codes(), [200]);
  bench.act(bench.core.report(SESSION, "msg45678", { code: 200 }, bench.now));
  const [report] = bench.frames();
  assertEquals(headerValue(report?.headers ?? [], "Status"), "000 200 OK");
  const range = parseByteRange(headerValue(report?.headers ?? [], "Byte-Range") ?? "");
  assertEquals(range, { start: 1, end: 5, total: 5 });
});
