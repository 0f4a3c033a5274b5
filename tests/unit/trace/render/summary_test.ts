import { assertEquals } from "@std/assert";
import { concatBytes } from "../../../../lib/base/bytes.ts";
import { TraceAnalysis } from "../../../../lib/trace/analysis/trace_analysis.ts";
import { TraceStatistics } from "../../../../lib/trace/analysis/trace_statistics.ts";
import { summaryJson, summaryLines } from "../../../../lib/trace/render/summary.ts";
import { TraceInput } from "../../../../lib/trace/trace_input.ts";
import { responseFrame, sendFrame } from "../../../helpers/capture_files.ts";

function summarise(bytes: Uint8Array) {
  const input = new TraceInput();
  const analysis = new TraceAnalysis();
  const statistics = new TraceStatistics();
  for (const arrival of [...input.feed(bytes), ...input.end()]) {
    for (const object of analysis.receive(arrival)) statistics.receive(object);
  }
  for (const object of analysis.end()) statistics.receive(object);
  return { format: input.format, statistics, overview: analysis.overview() };
}

Deno.test("summaryLines() counts what is there", () => {
  const parts = summarise(concatBytes(sendFrame("aaaa", "?OTRv3?"), responseFrame("aaaa")));
  assertEquals(summaryLines(parts), [
    "input: raw-msrp, no times",
    "MSRP: 2 frames (1 request, 1 response): SEND 1, 200 1",
    "messages: 1 complete, 0 incomplete, 0 given up, 7 octets: accepted 1",
    "SIP: 0 messages",
    "OTR: 1 message: query 1",
    "session 1: msrp://192.0.2.1:40000/a;tcp ↔ msrp://192.0.2.2:2855/b;tcp: 2 frames, 1 message, 7 octets",
    `connection 1: ? ↔ ?: MSRP, ${
      sendFrame("aaaa", "?OTRv3?").length + responseFrame("aaaa").length
    } octets`,
    "findings: 0",
  ]);
});

Deno.test("summaryLines() names a damaged end and an empty input", () => {
  const cut = summaryLines(summarise(sendFrame("aaaa", "hello").subarray(0, -9)));
  assertEquals(cut.at(-2), "findings: 1");
  assertEquals(cut.at(-1)?.includes("1 × error MSRP-4975-7.1-truncated"), true);
  assertEquals(summaryLines(summarise(new Uint8Array()))[0], "input: empty, no times");
});

Deno.test("summaryJson() says the same as one object", () => {
  const parts = summarise(concatBytes(sendFrame("aaaa", "hello"), responseFrame("aaaa")));
  const summary = JSON.parse(summaryJson(parts));
  assertEquals(summary.type, "summary");
  assertEquals(summary.chunks, { requests: 1, responses: 1, truncated: 0 });
  assertEquals(summary.deliveries, { accepted: 1 });
  assertEquals(summary.sessions.length, 1);
  assertEquals(JSON.parse(summaryJson(summarise(new Uint8Array()))).format, null);
});

Deno.test("summaryLines() lists no more than a screenful of anything", () => {
  const frames = Array.from({ length: 150 }, (_, at) => {
    const text = new TextDecoder().decode(sendFrame(`t${1000 + at}`, "x", `m${at}`));
    return new TextEncoder().encode(text.replace("/a;tcp", `/a${at};tcp`));
  });
  const lines = summaryLines(summarise(concatBytes(...frames)));
  assertEquals(lines.filter((it) => it.startsWith("session ")).length, 100);
  assertEquals(lines.includes("… and 50 more sessions"), true);
});
