import { assertEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../lib/base/errors.ts";
import type { ChunkHead } from "../../../lib/msrp/chunk.ts";
import { ChunkHeadBuilder } from "../../../lib/msrp/chunk_head.ts";

function build(...lines: string[]): ChunkHead {
  const [start = "", ...rest] = lines;
  const builder = new ChunkHeadBuilder(start, 16, 0);
  for (const [at, line] of rest.entries()) builder.addLine(line, 100 + at);
  return builder.finish(200);
}

const TO = "To-Path: msrp://a:1/a;tcp";
const FROM = "From-Path: msrp://b:1/b;tcp";

Deno.test("ChunkHeadBuilder keeps the header fields in order, paths aside", () => {
  const head = build("MSRP abcd SEND", TO, FROM, "X-B: 1", "X-A: 2");
  assertEquals(head.headers.map((it) => it.name), ["X-B", "X-A"]);
  assertEquals([head.toPath[0]?.host, head.fromPath[0]?.host], ["a", "b"]);
  assertEquals(head.problem, undefined);
});

Deno.test("ChunkHeadBuilder remembers the first fault, and where it was", () => {
  const { problem } = build("MSRP abcd SEND", TO, FROM, "nonsense", "To-Path: x");
  assertEquals([problem?.code, problem?.offset], ["msrp/bad-header", 102]);
  assertEquals(build("MSRP abcd SEND", TO).problem?.offset, 200);
  assertEquals(build("MSRP abcd 20x OK", TO, FROM).startLine, {
    kind: "response",
    transactionId: "abcd",
    code: 0,
  });
});

Deno.test("ChunkHeadBuilder throws when no frame can be told apart", () => {
  for (const line of ["", "MSRP", "MSRP  SEND", "HTTP/1.1 200 OK", "MSRP a SEND"]) {
    const error = assertThrows(() => build(line), PeerError);
    assertEquals([error.code, error.offset], ["msrp/bad-start-line", 0]);
  }
});
