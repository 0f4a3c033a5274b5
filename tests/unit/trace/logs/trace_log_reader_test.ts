import { assertEquals } from "@std/assert";
import { latin1 } from "../../../../lib/base/ascii.ts";
import { utf8 } from "../../../../lib/base/bytes.ts";
import type { Arrival } from "../../../../lib/trace/arrival.ts";
import { TraceLogReader } from "../../../../lib/trace/logs/trace_log_reader.ts";
import { everySplit } from "../../../helpers/every_split.ts";

const FOLDER = new URL("../../../../fixtures/captures/logs/", import.meta.url);

function read(bytes: Uint8Array): Arrival[] {
  const reader = new TraceLogReader();
  return [...reader.feed(bytes), ...reader.end()];
}

function units(arrivals: readonly Arrival[]) {
  return arrivals.flatMap((it) => it.type === "unit" ? [it] : []);
}

Deno.test("TraceLogReader reads every sample alike, whatever the split", () => {
  for (const { name } of Deno.readDirSync(FOLDER)) {
    const bytes = Deno.readFileSync(new URL(name, FOLDER));
    const wanted = read(bytes);
    assertEquals(units(wanted).length, 2, name);
    for (const { label, pieces } of everySplit(bytes)) {
      const reader = new TraceLogReader();
      const arrivals = [...pieces.flatMap((it) => reader.feed(it)), ...reader.end()];
      assertEquals(arrivals, wanted, `${name} ${label}`);
    }
  }
});

Deno.test("TraceLogReader reads records of several processes as connections of their own", () => {
  const record = (process: string) =>
    `2026-02-03 10:11:12 [${process}]: 192.0.2.1:1 --> 192.0.2.2:2\nMSRP abcd 200 OK\r\n-------abcd$\r\n\n`;
  const arrivals = read(utf8(record("a 1") + record("b 2") + record("a 1")));
  assertEquals(units(arrivals).map((it) => it.connection), [1, 2, 1]);
  assertEquals(units(arrivals).map((it) => it.frame), [1, 2, 3]);
});

Deno.test("TraceLogReader passes library lines on as remarks, escaped", () => {
  const [remark] = read(utf8("2026-02-03 10:11:12: INFO Connected \x1b[31m\n"));
  assertEquals(remark?.type === "remark" && remark.text, "INFO Connected \\x1b[31m");
});

Deno.test("TraceLogReader says that a body was stripped", () => {
  const log = "2026-02-03 10:11:12: 192.0.2.1:1 --> 192.0.2.2:2\nMSRP abcd SEND\r\n\r\n" +
    "<<<stripped data>>>\r\n-------abcd$\r\n\n";
  assertEquals(units(read(utf8(log)))[0]?.isStripped, true);
});

Deno.test("TraceLogReader reads a log whose line ends became LF, and names it once", () => {
  for (const name of ["msrp_trace.blink-qt.txt", "sip_trace.blink-qt.txt"]) {
    const bytes = Deno.readFileSync(new URL(name, FOLDER));
    const converted = utf8(latin1(bytes).replaceAll("\r\n", "\n"));
    const arrivals = read(converted);
    assertEquals(units(arrivals).length, 2, name);
    const findings = arrivals.flatMap((it) => it.type === "finding" ? [it.finding.id] : []);
    assertEquals(findings, ["TRACE-line-ends-converted"], name);
    const originals = units(read(bytes)).map((it) => latin1(it.data).split("\r\n").slice(0, 7));
    assertEquals(units(arrivals).map((it) => latin1(it.data).split("\r\n").slice(0, 7)), originals);
  }
});

Deno.test("TraceLogReader reads a log whose line ends became CRLF", () => {
  const bytes = Deno.readFileSync(new URL("msrp_trace.blink-qt.txt", FOLDER));
  const converted = utf8(latin1(bytes).replaceAll("\r\n", "\n").replaceAll("\n", "\r\n"));
  assertEquals(units(read(converted)).length, 2);
});

Deno.test("TraceLogReader keeps going after a record without its end", () => {
  const torn = "2026-02-03 10:11:12: 192.0.2.1:1 --> 192.0.2.2:2\nMSRP abcd SEND\r\nTo-Path: x\r\n";
  const whole =
    "2026-02-03 10:11:13: 192.0.2.1:1 <-- 192.0.2.2:2\nMSRP efgh 200 OK\r\n-------efgh$\r\n\n";
  const arrivals = read(utf8(torn + whole));
  assertEquals(arrivals.map((it) => it.type), ["finding", "unit", "unit"]);
  assertEquals(
    latin1(units(arrivals)[1]?.data ?? new Uint8Array()),
    "MSRP efgh 200 OK\r\n-------efgh$\r\n",
  );
});

Deno.test("TraceLogReader cuts up a line that is too long, and never holds more", () => {
  const reader = new TraceLogReader({ lineSize: 100, recordSize: 1000 });
  const arrivals = reader.feed(utf8("x".repeat(1050)));
  assertEquals(arrivals.length, 10);
  const record = "2026-02-03 10:11:12: 192.0.2.1:1 --> 192.0.2.2:2\nMSRP abcd SEND\r\n";
  const more = reader.feed(utf8(`\n${record}${"y".repeat(5000)}`));
  assertEquals(units(more)[0]?.data.length, 1000);
});

Deno.test("TraceLogReader takes a SIP line without addresses for a remark", () => {
  const arrivals = read(utf8("2026-02-03 10:11:12: SENDING: Packet 1, +0:00:00\nnot an address\n"));
  assertEquals(arrivals.map((it) => it.type), ["remark", "remark"]);
});
