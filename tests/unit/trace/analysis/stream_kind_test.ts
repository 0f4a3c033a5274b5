import { assertEquals } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { recogniseStream } from "../../../../lib/trace/analysis/stream_kind.ts";

Deno.test("recogniseStream() tells by content what a stream carries", () => {
  const told = (text: string) => recogniseStream(utf8(text));
  assertEquals(told("MSRP abcd SEND"), "msrp");
  assertEquals(told("REGISTER sip:example.com SIP/2.0\r\n"), "sip");
  assertEquals(told("\r\n\r\nSIP/2.0 200 OK\r\n"), "sip");
  assertEquals(told("GET /x HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"), "websocket");
  assertEquals(recogniseStream(Uint8Array.of(0x16, 3, 1, 0, 5)), "tls");
  assertEquals(told("MSR"), "unknown");
  assertEquals(told("something else"), "unknown");
  assertEquals(told("x".repeat(20_000)), "other");
});

Deno.test("recogniseStream() finds MSRP when the capture began within a body", () => {
  const text = "the rest of a body\r\n-------abcd$\r\nMSRP efgh 200 OK\r\n";
  assertEquals(recogniseStream(utf8(text)), "msrp");
  assertEquals(recogniseStream(utf8("somebody writes MSRP efgh 200 OK\r\n")), "unknown");
});
