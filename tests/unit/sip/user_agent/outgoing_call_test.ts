/** What a call of ours says and hears. Clauses are in tests/conformance/rfc3261. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { SottoError } from "../../../../lib/base/errors.ts";
import { headerValue, parseNameAddress, parseSipUri } from "../../../../lib/sip/mod.ts";
import { OTHER_SDP, responseText, ScriptedSip, SDP } from "../../../helpers/scripted_sip.ts";

Deno.test("OutgoingCall writes the header fields of an INVITE", () => {
  const agent = new ScriptedSip();
  agent.invite({
    target: parseSipUri("sip:bob@192.0.2.1:5070;transport=tcp;method=INVITE?subject=x"),
    to: parseNameAddress("<sip:bob@example.com>"),
    headers: [{ name: "Subject", value: "hello" }],
    callId: "mine",
    localTag: "tag",
  });
  const { message, to } = agent.lastRequest();
  assertEquals([to.transport, to.host, to.port], ["tcp", "192.0.2.1", 5070]);
  assertEquals(message.requestUri, "sip:bob@192.0.2.1:5070;transport=tcp");
  const field = (name: string) => headerValue(message, name);
  assertEquals(field("From"), "Alice <sip:alice@example.com>;tag=tag");
  assertEquals(field("To"), "<sip:bob@example.com>");
  assertEquals(field("Contact"), "<sip:alice@192.0.2.2:5060;transport=tcp>");
  assertEquals([field("Call-ID"), field("Subject"), field("User-Agent")], [
    "mine",
    "hello",
    "sotto/test",
  ]);
  assertMatch(field("CSeq") ?? "", /^\d{1,5} INVITE$/);
});

Deno.test("OutgoingCall hears of timeouts and of messages that could not be sent", () => {
  const agent = new ScriptedSip();
  agent.invite();
  agent.advance(32_000);
  const [timeout] = agent.heard();
  assert(timeout?.type === "failed");
  assertEquals(timeout.error.code, "sip/timeout");
  for (
    const [error, code] of [
      [new SottoError("transport/refused", "no"), "transport/refused"],
      [new Error("odd"), "sip/not-delivered"],
    ] as const
  ) {
    agent.invite();
    const { transaction } = agent.lastRequest();
    agent.take(agent.core.receiveTransportError(transaction ?? "", error, agent.now));
    const [failed] = agent.heard();
    assert(failed?.type === "failed");
    assertEquals(failed.error.code, code);
  }
  assertEquals(agent.core.callCount, 0);
});

Deno.test("OutgoingCall reports every provisional response above 100, and the rejection", () => {
  const agent = new ScriptedSip();
  agent.invite();
  const { message } = agent.lastRequest();
  for (const status of [100, 180, 183, 486]) {
    agent.receive(responseText(message, status, { reason: `r${status}` }));
  }
  assertEquals(
    agent.heard().map((it) => it.type === "ringing" || it.type === "rejected" ? it.reason : ""),
    ["r180", "r183", "r486"],
  );
  assertEquals(agent.core.callCount, 0);
});

Deno.test("OutgoingCall rings without limit once somebody answered provisionally", () => {
  const agent = new ScriptedSip();
  agent.invite();
  agent.receive(responseText(agent.lastRequest().message, 180)).advance(600_000);
  assertEquals(agent.heard().map((it) => it.type), ["ringing"]);
  assertEquals(agent.core.callCount, 1);
});

Deno.test("OutgoingCall takes a 2xx without tag or Contact from an old callee", () => {
  const agent = new ScriptedSip();
  const call = agent.invite();
  const { message } = agent.lastRequest();
  agent.receive(
    responseText(message, 200, { toTag: undefined, contact: undefined, body: OTHER_SDP }),
  );
  const [answered] = agent.heard();
  assert(answered?.type === "answered");
  assertEquals([answered.contact, answered.remoteTag], [undefined, ""]);
  agent.take(agent.core.hangUp(call, 0));
  const bye = agent.lastRequest("BYE").message;
  assertEquals([bye.requestUri, headerValue(bye, "To")], [
    "sip:bob@192.0.2.1",
    "<sip:bob@192.0.2.1>",
  ]);
});

Deno.test("OutgoingCall bounds how many forks it follows", () => {
  const agent = new ScriptedSip();
  agent.invite({ offer: utf8(SDP) });
  const { message } = agent.lastRequest();
  for (let fork = 0; fork < 40; fork++) {
    agent.receive(responseText(message, 200, { toTag: `t${fork}`, body: OTHER_SDP }));
  }
  const said = agent.said();
  assertEquals(said.filter((it) => it === "ACK").length, 16);
  assertEquals(said.filter((it) => it === "BYE").length, 15);
});
