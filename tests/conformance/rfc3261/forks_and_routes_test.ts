/** RFC 3261 §9.1, §12.2.1.1, §13.2.2.4 and RFC 3891 §3: calls that branch, old proxies on the way, and what we do not replace. */
import { assert, assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import {
  callIdOf,
  cSeqOf,
  fromOf,
  headerValue,
  headerValues,
  parseNameAddress,
  tagOf,
  toOf,
} from "../../../lib/sip/mod.ts";
import {
  OTHER_SDP,
  requestText,
  responseText,
  ScriptedSip,
  SDP,
} from "../../helpers/scripted_sip.ts";

function reliable(number: number, contact: string, route: string, toTag: string) {
  return {
    toTag,
    contact,
    headers: ["Require: 100rel", `RSeq: ${number}`, `Record-Route: ${route}`],
  };
}

Deno.test("SIP-043 each early dialog of a fork has its own target, routes and numbers", () => {
  const it = new ScriptedSip();
  it.invite();
  const { message: invite } = it.lastRequest("INVITE");
  const number = cSeqOf(invite).number;
  it.receive(
    responseText(invite, 183, reliable(5, "<sip:b@192.0.2.1:5071>", "<sip:p1;lr>", "one")),
  );
  const first = it.lastRequest("PRACK").message;
  it.receive(
    responseText(invite, 183, reliable(9, "<sip:b@192.0.2.1:5072>", "<sip:p2;lr>", "two")),
  );
  const second = it.lastRequest("PRACK").message;
  assertEquals([first.requestUri, second.requestUri], [
    "sip:b@192.0.2.1:5071",
    "sip:b@192.0.2.1:5072",
  ]);
  assertEquals([first, second].map((each) => headerValue(each, "Route")), [
    "<sip:p1;lr>",
    "<sip:p2;lr>",
  ]);
  assertEquals([first, second].map((each) => headerValue(each, "RAck")), [
    `5 ${number} INVITE`,
    `9 ${number} INVITE`,
  ]);
  assertEquals([first, second].map((each) => cSeqOf(each).number), [number + 1, number + 1]);
  assertEquals([first, second].map((each) => tagOf(toOf(each))), ["one", "two"]);
});

Deno.test("SIP-043 the forks that did not answer are gone: their requests get 481", () => {
  const it = new ScriptedSip();
  const call = it.invite();
  const { message: invite } = it.lastRequest("INVITE");
  for (const toTag of ["one", "two"]) it.receive(responseText(invite, 180, { toTag }));
  it.receive(responseText(invite, 200, { toTag: "two", body: OTHER_SDP }));
  const bye = (fromTag: string) => {
    it.receive(requestText("BYE", {
      uri: "sip:alice@192.0.2.2",
      callId: callIdOf(invite),
      fromTag,
      toTag: tagOf(fromOf(invite)),
      sequence: 7,
    }));
    return it.lastResponse().message.status;
  };
  assertEquals(bye("one"), 481);
  assertEquals(it.heard().map((event) => event.type), ["ringing", "ringing", "answered"]);
  assertEquals(bye("two"), 200);
  assertEquals(it.heard().map((event) => event.type), ["ended"]);
  assertEquals(call > 0, true);
});

Deno.test("SIP-043 a 2xx of another fork is acknowledged and gets BYE, also after the call is over", () => {
  const it = new ScriptedSip();
  const call = it.invite();
  const { message: invite } = it.lastRequest("INVITE");
  it.receive(responseText(invite, 200, { toTag: "one", body: OTHER_SDP }));
  it.take(it.core.hangUp(call, it.now));
  it.receive(responseText(it.lastRequest("BYE").message, 200));
  it.said();
  it.receive(responseText(invite, 200, {
    toTag: "two",
    body: OTHER_SDP,
    contact: "<sip:b@192.0.2.1:5072>",
  }));
  const [ack, bye, ...others] = it.sent.map(({ message }) => message);
  assert(ack?.kind === "request" && bye?.kind === "request");
  assertEquals([ack.method, bye.method, others.length], ["ACK", "BYE", 0]);
  assertEquals([tagOf(toOf(ack)), tagOf(toOf(bye))], ["two", "two"]);
  assertEquals(bye.requestUri, "sip:b@192.0.2.1:5072");
});

Deno.test("SIP-030 one CANCEL ends all forks, and is not sent to any of them alone", () => {
  const it = new ScriptedSip();
  const call = it.invite({ routes: [parseNameAddress("<sip:proxy.example;lr>")] });
  const { message: invite } = it.lastRequest("INVITE");
  for (const toTag of ["one", "two"]) it.receive(responseText(invite, 180, { toTag }));
  it.take(it.core.hangUp(call, it.now));
  it.take(it.core.hangUp(call, it.now));
  const cancels = it.sent.filter(({ message }) =>
    message.kind === "request" && message.method === "CANCEL"
  );
  assertEquals(cancels.length, 1);
  const { message: cancel, to } = it.lastRequest("CANCEL");
  assertEquals(cancel.requestUri, invite.requestUri);
  assertEquals(headerValues(cancel, "Route"), ["<sip:proxy.example;lr>"]);
  assertEquals(tagOf(toOf(cancel)), undefined);
  assertEquals(to, it.lastRequest("INVITE").to);
  it.receive(responseText(cancel, 200));
  it.receive(responseText(invite, 487));
  assertEquals(it.heard().at(-1), { type: "ended", by: "local", reason: "cancelled" });
});

Deno.test("SIP-036 a strict router first: INVITE, ACK to a refusal and CANCEL take its way", () => {
  const it = new ScriptedSip();
  const routes = ["<sip:old.example:5071>", "<sip:new.example;lr>"].map((each) =>
    parseNameAddress(each)
  );
  const call = it.invite({ routes });
  const { message: invite, to } = it.lastRequest("INVITE");
  const expected = ["<sip:new.example;lr>", "<sip:bob@192.0.2.1>"];
  assertEquals(invite.requestUri, "sip:old.example:5071");
  assertEquals(headerValues(invite, "Route"), expected);
  assertEquals([to.host, to.port], ["old.example", 5071]);
  it.receive(responseText(invite, 180));
  it.take(it.core.hangUp(call, it.now));
  const cancel = it.lastRequest("CANCEL").message;
  assertEquals([cancel.requestUri, headerValues(cancel, "Route")], [invite.requestUri, expected]);
  it.receive(responseText(invite, 487));
  const ack = it.lastRequest("ACK").message;
  assertEquals([ack.requestUri, headerValues(ack, "Route")], [invite.requestUri, expected]);
});

Deno.test("SIP-036 a strict router behind a loose one changes nothing for us", () => {
  const it = new ScriptedSip();
  const call = it.placed({}, {
    // As a caller sees it: the nearest proxy wrote the last one.
    headers: ["Record-Route: <sip:old.example>", "Record-Route: <sip:near.example;lr>"],
  });
  it.take(it.core.hangUp(call, it.now));
  const { message, to } = it.lastRequest("BYE");
  assertEquals(message.requestUri, "sip:bob@192.0.2.1");
  assertEquals(headerValues(message, "Route"), ["<sip:near.example;lr>", "<sip:old.example>"]);
  assertEquals(to.host, "near.example");
});

Deno.test("SIP-010 Require: replaces is answered 420; Replaces and Supported: replaces alone are ignored", () => {
  const it = new ScriptedSip();
  const replaces = "Replaces: call-0;to-tag=1;from-tag=2";
  it.receive(requestText("INVITE", { body: SDP, headers: [replaces, "Require: replaces"] }));
  const refused = it.lastResponse().message;
  assertEquals([refused.status, headerValue(refused, "Unsupported")], [420, "replaces"]);
  assertEquals(it.events, []);
  it.receive(requestText("INVITE", {
    callId: "call-2",
    body: SDP,
    headers: [replaces, "Supported: replaces"],
  }));
  const { call } = it.incoming();
  it.take(it.core.answer(call, utf8(OTHER_SDP), {}, it.now));
  assertEquals(it.lastResponse().message.status, 200);
});
