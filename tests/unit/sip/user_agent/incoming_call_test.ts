/** What the application may do with a call that came in, and when. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { SottoError } from "../../../../lib/base/errors.ts";
import { headerValue, isSipUri } from "../../../../lib/sip/mod.ts";
import { IncomingCall, isSecureCall } from "../../../../lib/sip/user_agent/incoming_call.ts";
import { OTHER_SDP, requestText, ScriptedSip, SDP } from "../../../helpers/scripted_sip.ts";
import { request } from "../../../helpers/sip_messages.ts";

function called(): ScriptedSip {
  return new ScriptedSip().receive(
    requestText("INVITE", { body: SDP, headers: ["User-Agent: Blink 1.0"] }),
  );
}

Deno.test("IncomingCall is reported with everything the application needs", () => {
  const event = called().incoming();
  assertEquals(isSipUri(event.from.uri) && event.from.uri.user, "alice");
  assertEquals([event.callId, event.remoteTag, event.userAgent], ["call-1", "a1", "Blink 1.0"]);
  assertEquals(event.source, ScriptedSip.udp.remote);
  assertEquals(event.requestUri.user, "bob");
  assert(event.remoteContact !== undefined);
});

Deno.test("IncomingCall refuses a second final response, and a ring after the first", () => {
  const agent = called();
  const { call } = agent.incoming();
  agent.take(agent.core.answer(call, utf8(OTHER_SDP), {}, 0));
  const refused = (act: () => unknown) =>
    assertEquals(assertThrows(act, SottoError).code, "sip/call-answered");
  refused(() => agent.core.answer(call, utf8(OTHER_SDP), {}, 0));
  refused(() => agent.core.reject(call, 486, undefined, [], 0));
  refused(() => agent.core.ring(call, 0));
});

Deno.test("IncomingCall is rejected with 300 to 699 and nothing else", () => {
  const agent = called();
  const { call } = agent.incoming();
  for (const status of [200, 299, 700, 486.5, NaN]) {
    assertThrows(() => agent.core.reject(call, status, undefined, [], 0), RangeError);
  }
  agent.take(agent.core.reject(call, 699, undefined, [], 0));
  assertEquals(agent.lastResponse().message.status, 699);
});

Deno.test("IncomingCall that hangs up before the answer says 603", () => {
  const agent = called();
  agent.take(agent.core.hangUp(agent.incoming().call, 0));
  assertEquals(agent.said(), ["603"]);
});

Deno.test("IncomingCall answers with Contact, Allow, Server and the tag of its dialog", () => {
  const agent = called();
  const { call, localTag } = agent.incoming();
  const headers = [{ name: "X-Own", value: "1" }];
  agent.take(agent.core.answer(call, utf8(OTHER_SDP), { headers }, 0));
  const { message } = agent.lastResponse();
  assertEquals(headerValue(message, "To"), `<sip:bob@example.com>;tag=${localTag}`);
  assertEquals(headerValue(message, "Contact"), "<sip:bob@192.0.2.2:5060>");
  assertEquals(headerValue(message, "Server"), "sotto/test");
  assertEquals(headerValue(message, "X-Own"), "1");
  assertEquals(message.body, utf8(OTHER_SDP));
});

Deno.test("IncomingCall survives a refusal that nobody acknowledges", () => {
  const agent = called();
  agent.take(agent.core.reject(agent.incoming().call, 486, undefined, [], 0)).advance(40_000);
  assertEquals([agent.core.callCount, agent.core.transactionCount], [0, 0]);
  assert(agent.said().length > 5);
});

Deno.test("IncomingCall ends 487 when the INVITE expires, and does not once it was answered", () => {
  const expiring = () =>
    new ScriptedSip().receive(requestText("INVITE", { body: SDP, headers: ["Expires: 30"] }));
  const agent = expiring().advance(29_999);
  assertEquals(agent.said(), ["100"]);
  agent.advance(1);
  assertEquals(agent.said()[0], "487");
  assertEquals(agent.heard(), [{ type: "ended", by: "remote", reason: "expired" }]);
  const other = expiring();
  const { call, localTag } = other.incoming();
  other.take(other.core.answer(call, utf8(OTHER_SDP), {}, 0));
  other.receive(requestText("ACK", { toTag: localTag })).advance(60_000);
  assertEquals(other.said(), ["200"]);
});

Deno.test("isSecureCall() looks at the scheme of the Request-URI", () => {
  assertEquals(isSecureCall({ ...request("INVITE"), requestUri: "SIPS:bob@x" }), true);
  assertEquals(isSecureCall(request("INVITE")), false);
  assertEquals(typeof IncomingCall, "function");
});
