import { assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { isGzip, recogniseTrace } from "../../../lib/trace/trace_format.ts";
import { pcapFile, responseFrame, sectionHeader } from "../../helpers/capture_files.ts";

Deno.test("recogniseTrace() goes by content alone", () => {
  const told = (bytes: Uint8Array | string) =>
    recogniseTrace(typeof bytes === "string" ? utf8(bytes) : bytes, true);
  assertEquals(told(pcapFile([], { isLittleEndian: false, isNano: true })), "pcap");
  assertEquals(told(sectionHeader()), "pcapng");
  assertEquals(told(responseFrame("abcd1234")), "raw-msrp");
  assertEquals(told("\r\n\r\nMSRP abcd1234 200 OK\r\n"), "raw-msrp");
  assertEquals(told("2026-02-03 10:11:12.1 [sip-session3 42]: Connecting\n"), "log");
  assertEquals(told("2026-02-03 10:11:12: 1.2.3.4:5 --> 1.2.3.4:6\nMSRP abcd SEND\r\n"), "log");
  assertEquals(told("\ufeff2026-02-03 10:11:12: hello\n"), "log");
  assertEquals(told('{"v":1,"type":"trace","format":"sotto-wire"}\n'), "jsonl");
  assertEquals(told('{"v":1,"at":"","type":"wire"}\n'), "jsonl");
  for (const text of ["", "abc", "hello\nworld\n", '{"type":"chunk"}\n', "\x89PNG\r\n\x1a\n"]) {
    assertEquals(told(text), "unknown", text);
  }
});

Deno.test("recogniseTrace() asks for more until it can tell, and gives up at its limit", () => {
  assertEquals(recogniseTrace(utf8("MSR"), false), "more");
  assertEquals(recogniseTrace(utf8("MSRP a"), false), "raw-msrp");
  assertEquals(recogniseTrace(utf8("2026-02-03 10:11:12: hel"), false), "more");
  assertEquals(recogniseTrace(utf8("x\n".repeat(1000)), false), "more");
  assertEquals(recogniseTrace(utf8("x\n".repeat(40_000)), false), "unknown");
});

Deno.test("isGzip() knows the first three octets", () => {
  assertEquals(isGzip(Uint8Array.of(0x1f, 0x8b, 8)), true);
  assertEquals(isGzip(Uint8Array.of(0x1f, 0x8b, 9)), false);
});
