import { assertEquals } from "@std/assert";
import { latin1 } from "../../../../lib/base/ascii.ts";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { hasBareFirstLine, restoreChunk, toCrlf } from "../../../../lib/trace/logs/line_ends.ts";

Deno.test("toCrlf() completes bare line feeds and leaves whole line ends alone", () => {
  assertEquals(latin1(toCrlf(utf8("a\nb\r\n\nc\r"))), "a\r\nb\r\n\r\nc\r");
  assertEquals(hasBareFirstLine(utf8("a\nb\r\n")), true);
  assertEquals(hasBareFirstLine(utf8("a\r\nb\n")), false);
  assertEquals(hasBareFirstLine(utf8("a")), false);
});

Deno.test("restoreChunk() keeps the body's own line feeds", () => {
  const chunk = "MSRP abcd SEND\nTo-Path: x\n\nline one\nline two\n-------abcd$\n";
  const end = chunk.indexOf("-------");
  assertEquals(
    latin1(restoreChunk(utf8(chunk), end)),
    "MSRP abcd SEND\r\nTo-Path: x\r\n\r\nline one\nline two\r\n-------abcd$\r\n",
  );
});

Deno.test("restoreChunk() takes a chunk without a body for header fields alone", () => {
  const chunk = "MSRP abcd 200 OK\nTo-Path: x\n-------abcd$\n";
  const end = chunk.indexOf("-------");
  assertEquals(
    latin1(restoreChunk(utf8(chunk), end)),
    "MSRP abcd 200 OK\r\nTo-Path: x\r\n-------abcd$\r\n",
  );
});
