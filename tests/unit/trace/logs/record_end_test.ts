import { assertEquals } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import {
  findMsrpRecordEnd,
  findSipRecordEnd,
  type RecordEnd,
} from "../../../../lib/trace/logs/record_end.ts";

const CHUNK = "MSRP abcd SEND\r\nTo-Path: x\r\n\r\n--\n\n-------abcd is not it\r\n-------abcd$\r\n";
const NEXT = "2026-02-03 10:11:12.402001: 192.0.2.10:49822 <-- 203.0.113.5:2855\n";

function sizeOf(end: RecordEnd | number): number {
  return typeof end === "number" ? -1 : end.size;
}

Deno.test("findMsrpRecordEnd() ends a record at its own end-line alone", () => {
  const end = findMsrpRecordEnd(utf8(`${CHUNK}\n${NEXT}`), false, 0);
  assertEquals(end, {
    size: CHUNK.length,
    consumed: CHUNK.length + 1,
    isCut: false,
    bodyEnd: CHUNK.lastIndexOf("-------"),
  });
});

Deno.test("findMsrpRecordEnd() is not misled by a log that somebody pasted into a message", () => {
  const pasted =
    `MSRP abcd SEND\r\n\r\n${NEXT}MSRP efgh SEND\r\n-------efgh$\r\n\r\n-------abcd$\r\n`;
  assertEquals(sizeOf(findMsrpRecordEnd(utf8(`${pasted}\n`), false, 0)), pasted.length);
});

Deno.test("findMsrpRecordEnd() can be asked again with more, from where it was", () => {
  const octets = utf8(`${CHUNK}\n`);
  let from = 0;
  for (let length = 0; length < octets.length; length++) {
    const end = findMsrpRecordEnd(octets.subarray(0, length), false, from);
    assertEquals(typeof end, "number", `at ${length}`);
    if (typeof end === "number") from = end;
  }
  assertEquals(sizeOf(findMsrpRecordEnd(octets, false, from)), CHUNK.length);
});

Deno.test("findMsrpRecordEnd() cuts a record without end where the next one begins", () => {
  const torn = "MSRP lost SEND\r\nTo-Path: x\r\n";
  const end = findMsrpRecordEnd(utf8(torn + NEXT + CHUNK), true, 0);
  assertEquals(end, { size: torn.length, consumed: torn.length, isCut: true });
  assertEquals(sizeOf(findMsrpRecordEnd(utf8(torn), true, 0)), torn.length);
});

Deno.test("findMsrpRecordEnd() does not look for an end for ever once another record began", () => {
  const torn = utf8(`MSRP abcd SEND\r\n${NEXT}${"x".repeat(3 * 1024 * 1024)}`);
  assertEquals(sizeOf(findMsrpRecordEnd(torn, false, 0)), "MSRP abcd SEND\r\n".length);
});

Deno.test("findSipRecordEnd() trusts Content-Length, whatever the body looks like", () => {
  const sip = "MESSAGE sip:b SIP/2.0\r\nContent-Length: 9\r\n\r\nab\n--\ncd\n";
  const end = findSipRecordEnd(utf8(`${sip}\n--\n${NEXT}`), false, 0);
  assertEquals(end, { size: sip.length, consumed: sip.length + 4, isCut: false });
  const compact = "MESSAGE sip:b SIP/2.0\r\nl: 2\r\n\r\nab";
  assertEquals(sizeOf(findSipRecordEnd(utf8(`${compact}\n--\n`), true, 0)), compact.length);
});

Deno.test("findSipRecordEnd() falls back to the first rule before a record or the end", () => {
  const wrong = "MESSAGE sip:b SIP/2.0\r\nContent-Length: 999\r\n\r\nab\n--\ncd";
  assertEquals(sizeOf(findSipRecordEnd(utf8(`${wrong}\n--\n${NEXT}`), true, 0)), wrong.length);
  const keepAlive = "\r\n\r\n";
  const end = findSipRecordEnd(utf8(`${keepAlive}\n--\n`), true, 0);
  assertEquals(sizeOf(end), keepAlive.length);
});

Deno.test("findSipRecordEnd() waits for a body that is not there yet", () => {
  const half = "MESSAGE sip:b SIP/2.0\r\nContent-Length: 9\r\n\r\nab\n--\n";
  assertEquals(typeof findSipRecordEnd(utf8(half), false, 0), "number");
});
