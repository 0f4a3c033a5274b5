import { assertEquals } from "@std/assert";
import { concatBytes, utf8 } from "../../../../lib/base/bytes.ts";
import type { WireRecord } from "../../../../lib/base/wire_tap.ts";
import { JsonlReader } from "../../../../lib/trace/logs/jsonl_reader.ts";
import { JsonlWriter } from "../../../../lib/trace/logs/jsonl_writer.ts";
import { everySplit } from "../../../helpers/every_split.ts";

const BASE: WireRecord = {
  at: 1_700_000_000_123.456,
  direction: "out",
  protocol: "msrp",
  transport: "tls",
  local: { host: "::1", port: 40000 },
  remote: { host: "192.0.2.2", port: 2855 },
  data: utf8("x\r\n\u2028"),
};

Deno.test("JsonlReader reads back what JsonlWriter wrote, whatever the split", () => {
  const writer = new JsonlWriter();
  const binary = { ...BASE, direction: "in", data: Uint8Array.of(0xff) } as const;
  const file = concatBytes(
    writer.start(),
    writer.record(BASE),
    writer.record(binary),
    writer.record({ ...BASE, protocol: "sip", transport: "udp" }),
  );
  for (const { label, pieces } of everySplit(file)) {
    const reader = new JsonlReader();
    const arrivals = [...pieces.flatMap((it) => reader.feed(it)), ...reader.end()];
    assertEquals(arrivals.map((it) => it.type), ["octets", "octets", "datagram"], label);
    const [first, second] = arrivals.flatMap((it) => it.type === "octets" ? [it] : []);
    assertEquals([first?.data, first?.src, first?.dst], [BASE.data, BASE.local, BASE.remote]);
    assertEquals([second?.data, second?.src], [binary.data, BASE.remote]);
    assertEquals([first?.transport, first?.protocol, first?.connection], ["tls", "msrp", 1]);
    assertEquals(first?.at?.toFixed(3), "1700000000123.456");
  }
});

Deno.test("JsonlReader names a bad line with its offset and goes on", () => {
  const good = new JsonlWriter().record(BASE);
  const bad = [
    "{",
    "17",
    "{}",
    '{"type":"wire"}',
    '{"type":"wire","local":"a:1","remote":"b:2","base64":"?"}',
  ];
  for (const line of bad) {
    const reader = new JsonlReader();
    const arrivals = [...reader.feed(concatBytes(good, utf8(`${line}\n`), good)), ...reader.end()];
    assertEquals(arrivals.map((it) => it.type), ["octets", "finding", "octets"], line);
    const finding = arrivals[1];
    assertEquals(finding?.type === "finding" && finding.finding.offset, good.length);
  }
});

Deno.test("JsonlReader passes over empty lines and objects of another type", () => {
  const reader = new JsonlReader();
  assertEquals(reader.feed(utf8('\n{"type":"otr","state":"encrypted"}\n')), []);
  assertEquals(reader.end(), []);
});

Deno.test("JsonlReader leaves a line out that is too long, and holds no more than that", () => {
  const reader = new JsonlReader({ lineSize: 100 });
  for (let piece = 0; piece < 50; piece++) assertEquals(reader.feed(utf8("x".repeat(60))), []);
  const arrivals = reader.feed(concatBytes(utf8("\n"), new JsonlWriter().start()));
  assertEquals(arrivals.map((it) => it.type), ["finding"]);
});
