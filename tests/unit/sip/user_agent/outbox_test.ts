/** Outputs in order. */
import type { UserAgentEvent } from "../../../../lib/sip/events.ts";
import { assertEquals } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { Outbox } from "../../../../lib/sip/user_agent/outbox.ts";

Deno.test("Outbox hands out what was collected, in order and once", () => {
  const outbox = new Outbox<UserAgentEvent>();
  const to = { transport: "udp", host: "192.0.2.1", port: 5060 } as const;
  outbox.transmitBytes(utf8("a"), to);
  outbox.report({ type: "call", call: 1, event: { type: "confirmed", answer: undefined } });
  outbox.transmitBytes(utf8("b"), to, "key");
  outbox.close(7);
  const outputs = outbox.take();
  assertEquals(outputs.map((it) => it.type), ["transmit", "event", "transmit", "close"]);
  assertEquals(outputs[0], { type: "transmit", data: utf8("a"), to });
  assertEquals(outputs[2], { type: "transmit", data: utf8("b"), to, transaction: "key" });
  assertEquals(outbox.take(), []);
});
