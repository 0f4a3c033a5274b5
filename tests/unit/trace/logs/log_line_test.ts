import { assertEquals } from "@std/assert";
import {
  isSipRecordLine,
  readLogLine,
  readMsrpRecordLine,
  readSipAddressLine,
} from "../../../../lib/trace/logs/log_line.ts";

Deno.test("readLogLine() reads both layouts, with and without a fraction", () => {
  const at = Date.UTC(2026, 1, 3, 10, 11, 12);
  assertEquals(readLogLine("2026-02-03 10:11:12.131999 [sip-session3 4242]: hello"), {
    at: at + 131.999,
    process: "sip-session3 4242",
    text: "hello",
  });
  assertEquals(readLogLine("2026-02-03 10:11:12: hello"), { at, process: "", text: "hello" });
  assertEquals(readLogLine("2026-02-03 10:11:12 hello"), undefined);
  assertEquals(readLogLine(" 2026-02-03 10:11:12: hello"), undefined);
  assertEquals(readLogLine("MSRP abcd SEND"), undefined);
});

Deno.test("readMsrpRecordLine() turns the arrow into source and destination", () => {
  const local = { host: "192.0.2.10", port: 49822 };
  const remote = { host: "203.0.113.5", port: 2855 };
  assertEquals(readMsrpRecordLine("192.0.2.10:49822 --> 203.0.113.5:2855"), {
    src: local,
    dst: remote,
  });
  assertEquals(readMsrpRecordLine("192.0.2.10:49822 <-- 203.0.113.5:2855"), {
    src: remote,
    dst: local,
  });
  assertEquals(readMsrpRecordLine("[::1]:1 --> ::1:2")?.dst, { host: "::1", port: 2 });
  assertEquals(readMsrpRecordLine("INFO Connecting to msrps://x:1/y;tcp"), undefined);
});

Deno.test("readSipAddressLine() reads addresses and transport", () => {
  assertEquals(isSipRecordLine("SENDING: Packet 1, +0:00:03.1"), true);
  assertEquals(isSipRecordLine("RECEIVED: Packet 12, +1 day, 2:03:04"), true);
  assertEquals(isSipRecordLine("SENDING: nothing"), false);
  assertEquals(readSipAddressLine("192.0.2.10:61000 -(SIP over TLS)-> 203.0.113.1:5061"), {
    src: { host: "192.0.2.10", port: 61000 },
    dst: { host: "203.0.113.1", port: 5061 },
    transport: "tls",
  });
  assertEquals(readSipAddressLine("::1:5060 -(SIP over UDP6)-> ::1:5061")?.transport, "udp");
  assertEquals(readSipAddressLine("1.2.3.4:1 -(SIP over TCP)-> 1.2.3.4:2")?.transport, "tcp");
  assertEquals(readSipAddressLine("REGISTER sip:example.com SIP/2.0"), undefined);
});
