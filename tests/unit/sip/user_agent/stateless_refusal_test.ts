import type { UserAgentEvent } from "../../../../lib/sip/events.ts";
import { assertEquals } from "@std/assert";
import { headerValue, NO_BODY, type SipRequest } from "../../../../lib/sip/mod.ts";
import { Outbox } from "../../../../lib/sip/user_agent/outbox.ts";
import { refuseStateless, withTopVia } from "../../../../lib/sip/user_agent/stateless_refusal.ts";
import { ScriptedSip, type Sent } from "../../../helpers/scripted_sip.ts";

function request(via: string): SipRequest {
  const headers = [
    ["Via", via],
    ["Via", "SIP/2.0/UDP far.example;branch=z9hG4bK0"],
    ["To", "<sip:b@b>"],
    ["From", "<sip:a@a>;tag=1"],
    ["Call-ID", "1"],
    ["CSeq", "1 OPTIONS"],
  ];
  return {
    kind: "request",
    method: "OPTIONS",
    requestUri: "sip:b",
    headers: headers.map(([name = "", value = ""]) => ({ name, value })),
    body: NO_BODY,
  };
}

function refused(via: string): Sent {
  const outbox = new Outbox<UserAgentEvent>();
  refuseStateless(outbox, request(via), ScriptedSip.udp, 482, [{
    name: "Retry-After",
    value: "5",
  }]);
  const reader = new ScriptedSip();
  reader.take(outbox.take());
  return reader.lastResponse();
}

Deno.test("refuseStateless() answers in the same way each time, back to the nearest hop", () => {
  const via = "SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1";
  const [first, second] = [refused(via), refused(via)];
  assertEquals(first.data, second.data);
  assertEquals(first.to.port, 5070);
  assertEquals(headerValue(first.message, "Retry-After"), "5");
});

Deno.test("refuseStateless() sends to where the octets came from when the Via is malformed", () => {
  assertEquals(refused("nonsense").to, { transport: "udp", host: "192.0.2.1", port: 5060 });
});

Deno.test("withTopVia() leaves the other hops where they are", () => {
  const via = { version: "2.0", transport: "TCP", host: "a.example", parameters: [] };
  const { headers } = withTopVia(request("SIP/2.0/UDP x;branch=z9hG4bK1"), via);
  assertEquals(headers.slice(0, 3).map((it) => it.value), [
    "SIP/2.0/TCP a.example",
    "SIP/2.0/UDP far.example;branch=z9hG4bK0",
    "<sip:b@b>",
  ]);
});
