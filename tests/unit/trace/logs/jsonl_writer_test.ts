import { assertEquals } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { JsonlWriter } from "../../../../lib/trace/logs/jsonl_writer.ts";

const RECORD = {
  at: 1_700_000_000_123.456,
  direction: "in",
  protocol: "sip",
  transport: "udp",
  local: { host: "192.0.2.1", port: 5060 },
  remote: { host: "::1", port: 5061 },
  data: utf8("å\r\n"),
} as const;

function told(octets: Uint8Array): unknown {
  const text = new TextDecoder().decode(octets);
  assertEquals(text.indexOf("\n"), text.length - 1);
  return JSON.parse(text);
}

Deno.test("JsonlWriter writes one line a record: text where it is text, base64 where it is not", () => {
  const writer = new JsonlWriter({ application: "sotto test" });
  assertEquals(told(writer.start()), {
    v: 1,
    type: "trace",
    format: "sotto-wire",
    application: "sotto test",
  });
  const fields = {
    v: 1,
    at: "2023-11-14T22:13:20.123456Z",
    type: "wire",
    direction: "in",
    protocol: "sip",
    transport: "udp",
    local: "192.0.2.1:5060",
    remote: "[::1]:5061",
  };
  assertEquals(told(writer.record(RECORD)), { ...fields, text: "å\r\n" });
  const binary = { ...RECORD, data: Uint8Array.of(0xff, 0) };
  assertEquals(told(writer.record(binary)), { ...fields, base64: "/wA=" });
  assertEquals(writer.end().length, 0);
});
