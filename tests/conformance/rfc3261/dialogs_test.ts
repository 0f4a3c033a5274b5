/** RFC 3261 §12–15, RFC 3262, RFC 3311, RFC 3840: what happens inside a call (SIP-035 … SIP-048, SIP-087, SIP-088). */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { decodeUtf8Lossy, utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import {
  fromOf,
  headerValue,
  headerValues,
  parseSipUri,
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

Deno.test("SIP-035 a dialog is known by Call-ID and both tags, which hold 64 random bits", () => {
  const agent = new ScriptedSip();
  const { tag } = agent.established();
  assertMatch(tag, /^[0-9a-f]{16}$/);
  const options = (parts: Parameters<typeof requestText>[1]) =>
    agent.receive(requestText("OPTIONS", { sequence: 5, toTag: tag, ...parts })).said();
  assertEquals(options({}), ["200"]);
  assertEquals(options({ fromTag: "other" }), ["481"]);
  assertEquals(options({ callId: "other" }), ["481"]);
  assertEquals(options({ toTag: tag.toUpperCase().replace(/^./, "g") }), ["481"]);
});

Deno.test("SIP-036 the route set of a callee is Record-Route in order, and is repeated in the 200", () => {
  const agent = new ScriptedSip();
  const routes = ["<sip:p1.example.com;lr>", "<sip:p2.example.com;lr>"];
  const headers = routes.map((it) => `Record-Route: ${it}`);
  agent.receive(requestText("INVITE", { body: SDP, headers }));
  const { call, localTag } = agent.incoming();
  agent.take(agent.core.answer(call, utf8(OTHER_SDP), {}, 0));
  assertEquals(headerValues(agent.lastResponse().message, "Record-Route"), routes);
  agent.receive(requestText("ACK", { toTag: localTag })).take(agent.core.hangUp(call, 0));
  const { message, to } = agent.lastRequest("BYE");
  assertEquals(headerValues(message, "Route"), routes);
  assertEquals([message.requestUri, to.host], ["sip:alice@192.0.2.1", "p1.example.com"]);
});

Deno.test("SIP-036 the route set of a caller is Record-Route reversed", () => {
  const agent = new ScriptedSip();
  const headers = ["Record-Route: <sip:p2.example.com;lr>, <sip:p1.example.com:5070;lr>"];
  const call = agent.placed({}, { headers });
  agent.take(agent.core.hangUp(call, 0));
  const { message, to } = agent.lastRequest("BYE");
  assertEquals(headerValues(message, "Route"), [
    "<sip:p1.example.com:5070;lr>",
    "<sip:p2.example.com;lr>",
  ]);
  assertEquals([to.host, to.port], ["p1.example.com", 5070]);
});

Deno.test("SIP-036 a strict router gets its own URI as the Request-URI, the target comes last", () => {
  const agent = new ScriptedSip();
  const headers = [
    "Record-Route: <sip:p2.example.com;lr>",
    "Record-Route: <sip:strict.example.com>",
  ];
  const call = agent.placed({}, { headers, contact: "<sip:bob@192.0.2.9>" });
  agent.take(agent.core.hangUp(call, 0));
  const { message, to } = agent.lastRequest("BYE");
  assertEquals(message.requestUri, "sip:strict.example.com");
  assertEquals(headerValues(message, "Route"), ["<sip:p2.example.com;lr>", "<sip:bob@192.0.2.9>"]);
  assertEquals(to.host, "strict.example.com");
});

Deno.test("SIP-037 the remote target follows the Contact of re-INVITE, UPDATE and their 2xx", () => {
  const agent = new ScriptedSip();
  const { call, tag } = agent.established();
  const targetNow = () =>
    agent.take(agent.core.offer(call, utf8(SDP), agent.now))
      .lastRequest("INVITE").message;
  agent.receive(requestText("UPDATE", { sequence: 2, toTag: tag, contact: "<sip:a@192.0.2.10>" }));
  assertEquals(agent.said(), ["200"]);
  const first = targetNow();
  assertEquals(first.requestUri, "sip:a@192.0.2.10");
  agent.receive(responseText(first, 200, { body: SDP, contact: "<sip:a@192.0.2.11>" }));
  const second = targetNow();
  assertEquals(second.requestUri, "sip:a@192.0.2.11");
  // A response that refuses refreshes nothing.
  agent.receive(responseText(second, 488, { contact: "<sip:a@192.0.2.12>" }));
  const third = targetNow();
  assertEquals(third.requestUri, "sip:a@192.0.2.11");
  agent.receive(responseText(third, 200, { body: SDP, contact: undefined }));
  agent.receive(
    requestText("INVITE", { sequence: 3, toTag: tag, contact: "<sip:a@192.0.2.13>", body: SDP }),
  );
  agent.take(agent.core.respondToOffer(call, 1, utf8(SDP), undefined, agent.now));
  agent.receive(requestText("ACK", { sequence: 3, toTag: tag }));
  assertEquals(targetNow().requestUri, "sip:a@192.0.2.13");
});

Deno.test("SIP-038 a request with a lower CSeq number is answered 500", () => {
  const agent = new ScriptedSip();
  const { tag } = agent.established({ sequence: 10 });
  agent.receive(requestText("OPTIONS", { sequence: 9, toTag: tag }));
  assertEquals(agent.said(), ["500"]);
  agent.receive(requestText("OPTIONS", { sequence: 12, toTag: tag }));
  agent.receive(requestText("BYE", { sequence: 11, toTag: tag }));
  assertEquals(agent.said(), ["200", "500"]);
  assertEquals(agent.core.callCount, 1);
});

Deno.test("SIP-040 the offer of an INVITE is answered by its 2xx", () => {
  const agent = new ScriptedSip();
  agent.invite();
  const { message } = agent.lastRequest();
  assertEquals([headerValue(message, "Content-Type"), message.body], [
    "application/sdp",
    utf8(SDP),
  ]);
  agent.receive(responseText(message, 180, { body: "v=0\r\n" }));
  agent.receive(responseText(message, 200, { body: OTHER_SDP, reason: "Fine" }));
  const [ringing, answered] = agent.heard();
  assertEquals(ringing?.type, "ringing");
  assert(answered?.type === "answered");
  assertEquals(answered.answer, utf8(OTHER_SDP));
  assertEquals(agent.lastRequest("ACK").message.body.length, 0);
});

Deno.test("SIP-040 the answer of a reliable provisional response counts when the 2xx repeats none", () => {
  const agent = new ScriptedSip();
  agent.invite();
  const { message } = agent.lastRequest();
  agent.receive(
    responseText(message, 183, { headers: ["Require: 100rel", "RSeq: 7"], body: OTHER_SDP }),
  ).receive(responseText(message, 200));
  const answered = agent.heard().find((it) => it.type === "answered");
  assertEquals(answered?.answer, utf8(OTHER_SDP));
});

Deno.test("SIP-040 an INVITE without an offer gets ours in the 2xx, and its answer in the ACK", () => {
  const agent = new ScriptedSip();
  agent.receive(requestText("INVITE"));
  const { call, localTag, offer } = agent.incoming();
  assertEquals(offer, undefined);
  agent.take(agent.core.answer(call, utf8(SDP), {}, 0));
  // An offer of the peer's while ours is open would be glare.
  agent.receive(requestText("UPDATE", { sequence: 2, toTag: localTag, body: SDP }));
  assertEquals(agent.said(), ["200", "491"]);
  agent.receive(requestText("ACK", { toTag: localTag, body: OTHER_SDP }));
  assertEquals(agent.heard(), [{ type: "confirmed", answer: utf8(OTHER_SDP) }]);
  agent.receive(requestText("UPDATE", { sequence: 3, toTag: localTag, body: SDP }));
  assertEquals(agent.heard().map((it) => it.type), ["offer"]);
});

Deno.test("SIP-040 a re-INVITE without an offer gets ours, and its answer in the ACK", () => {
  const agent = new ScriptedSip();
  const { call, tag } = agent.established();
  agent.receive(requestText("INVITE", { sequence: 2, toTag: tag }));
  const [offer] = agent.heard();
  assert(offer?.type === "offer");
  assertEquals(offer.offer, undefined);
  agent.take(agent.core.respondToOffer(call, offer.id, utf8(SDP), undefined, 0));
  assertEquals(agent.lastResponse().message.body, utf8(SDP));
  agent.receive(requestText("ACK", { sequence: 2, toTag: tag, body: OTHER_SDP }));
  assertEquals(agent.heard(), [{ type: "offer-answered", answer: utf8(OTHER_SDP) }]);
});

Deno.test("SIP-042 an offer of the peer's while ours is open is answered 491", () => {
  const agent = new ScriptedSip();
  const { call, tag } = agent.established();
  agent.take(agent.core.offer(call, utf8(SDP), 0));
  const { message } = agent.lastRequest("INVITE");
  agent.said();
  agent.receive(requestText("INVITE", { sequence: 2, toTag: tag, body: SDP }));
  agent.receive(requestText("UPDATE", { sequence: 3, toTag: tag, body: SDP }));
  assertEquals(agent.said(), ["491", "491"]);
  assertThrows(() => agent.core.offer(call, utf8(SDP), 0), SottoError, "an earlier offer");
  agent.receive(responseText(message, 200, { body: OTHER_SDP }));
  assertEquals(agent.heard(), [{ type: "offer-answered", answer: utf8(OTHER_SDP) }]);
});

Deno.test("SIP-042 a second offer before we answered the first is answered 500 with Retry-After", () => {
  const agent = new ScriptedSip();
  const { call, tag } = agent.established();
  agent.receive(requestText("INVITE", { sequence: 2, toTag: tag, body: SDP }));
  agent.receive(requestText("INVITE", { sequence: 3, toTag: tag, body: SDP }));
  const { message } = agent.lastResponse();
  assertEquals(message.status, 500);
  const seconds = Number(headerValue(message, "Retry-After"));
  assert(seconds >= 0 && seconds <= 10);
  agent.take(agent.core.respondToOffer(call, 1, utf8(OTHER_SDP), undefined, 0));
  assertEquals(agent.said(), ["500", "200"]);
});

Deno.test("SIP-042 after a 491 the owner of the Call-ID waits 2.1 to 4 s, the other up to 2 s", () => {
  for (const [isCaller, least, most] of [[true, 2_100, 4_000], [false, 0, 2_000]] as const) {
    const agent = new ScriptedSip();
    const call = isCaller ? agent.placed() : agent.established().call;
    agent.take(agent.core.offer(call, utf8(SDP), 0));
    const { message } = agent.lastRequest("INVITE");
    agent.receive(responseText(message, 491));
    agent.sent.length = 0;
    agent.advance(5_000);
    const again = agent.sent.find((it) => it.message.kind === "request");
    assert(again !== undefined && again.at >= least && again.at <= most, `${again?.at}`);
    assertEquals(again.message.body, utf8(SDP));
    assertEquals(agent.heard(), []);
  }
});

Deno.test("SIP-043 every fork that answers is acknowledged, and all but the first get BYE", () => {
  const agent = new ScriptedSip();
  agent.invite();
  const { message } = agent.lastRequest();
  const from = (toTag: string, host: string) => ({ toTag, contact: `<sip:bob@${host}>` });
  agent.receive(responseText(message, 180, from("x", "192.0.2.10")));
  agent.receive(responseText(message, 180, from("y", "192.0.2.11")));
  const second = responseText(message, 200, { ...from("y", "192.0.2.11"), body: OTHER_SDP });
  const first = responseText(message, 200, { ...from("x", "192.0.2.10"), body: OTHER_SDP });
  agent.receive(first).receive(second).receive(second).receive(first);
  const sent = agent.sent.slice(1).map(({ message: it, to }) =>
    `${it.kind === "request" ? it.method : it.status} ${to.host}`
  );
  assertEquals(sent, [
    "ACK 192.0.2.10",
    "ACK 192.0.2.11",
    "BYE 192.0.2.11",
    "ACK 192.0.2.11",
    "ACK 192.0.2.10",
  ]);
  assertEquals(agent.heard().map((it) => it.type), ["ringing", "ringing", "answered"]);
  const bye = agent.lastRequest("BYE").message;
  assertEquals(tagOf(toOf(bye)), "y");
  assertEquals(agent.core.callCount, 1);
});

Deno.test("SIP-044 BYE is answered 200, ends the call, and ends 487 what is pending in it", () => {
  const agent = new ScriptedSip();
  const { call, tag } = agent.established();
  agent.receive(requestText("INVITE", { sequence: 2, toTag: tag, body: SDP }));
  agent.events.length = 0;
  agent.receive(requestText("BYE", { sequence: 3, toTag: tag, branch: "z9hG4bKbye" }));
  assertEquals(agent.said(), ["200", "487"]);
  assertEquals(agent.heard(), [{ type: "ended", by: "remote", reason: "bye" }]);
  assertEquals(agent.core.callCount, 0);
  agent.receive(requestText("BYE", { sequence: 3, toTag: tag, branch: "z9hG4bKbye" }));
  assertEquals(agent.said(), ["200"], "a repetition is answered by its transaction");
  agent.receive(requestText("BYE", { sequence: 4, toTag: tag }));
  assertEquals(agent.said(), ["481"]);
  agent.take(agent.core.hangUp(call, 0)).take(
    agent.core.respondToOffer(call, 1, utf8(SDP), 200, 0),
  );
  assertEquals(agent.said(), []);
});

Deno.test("SIP-044 a caller may end an early dialog with BYE: the INVITE ends 487", () => {
  const agent = new ScriptedSip();
  agent.receive(requestText("INVITE", { body: SDP }));
  const { call, localTag } = agent.incoming();
  agent.take(agent.core.ring(call, 0));
  agent.receive(requestText("BYE", { sequence: 2, toTag: localTag }));
  assertEquals(agent.said(), ["180", "200", "487"]);
  assertEquals(agent.heard(), [{ type: "ended", by: "remote", reason: "cancelled" }]);
});

Deno.test("SIP-044 a callee says BYE only after the ACK to its 2xx", () => {
  const agent = new ScriptedSip();
  agent.receive(requestText("INVITE", { body: SDP }));
  const { call, localTag } = agent.incoming();
  agent.take(agent.core.answer(call, utf8(OTHER_SDP), {}, 0)).take(agent.core.hangUp(call, 0));
  assertEquals(agent.said(), ["200"]);
  agent.receive(requestText("ACK", { toTag: localTag }));
  const { message } = agent.lastRequest("BYE");
  assertEquals([tagOf(fromOf(message)), tagOf(toOf(message))], [localTag, "a1"]);
  agent.receive(responseText(message, 200));
  assertEquals(agent.heard().at(-1), { type: "ended", by: "local", reason: "bye" });
});

Deno.test("SIP-044 a BYE that nobody answers ends the call all the same, after 64*T1", () => {
  const agent = new ScriptedSip();
  const call = agent.placed();
  agent.take(agent.core.hangUp(call, 0)).take(agent.core.hangUp(call, 0)).advance(32_000);
  assertEquals(agent.said().length, 11); // Once, and Timer E ten times.
  assertEquals(agent.heard(), [{ type: "ended", by: "local", reason: "bye" }]);
});

Deno.test("SIP-044 crossing BYEs end the call on both sides", () => {
  const agent = new ScriptedSip();
  const { call, tag } = agent.established();
  agent.take(agent.core.hangUp(call, 0));
  agent.receive(requestText("BYE", { sequence: 2, toTag: tag }));
  assertEquals(agent.said(), ["BYE", "200"]);
  assertEquals(agent.heard().length, 1);
});

Deno.test("SIP-044 while our BYE is under way, re-INVITE and UPDATE find no dialog", () => {
  const agent = new ScriptedSip();
  const { call, tag } = agent.established();
  agent.take(agent.core.hangUp(call, 0));
  agent.receive(requestText("INVITE", { sequence: 2, toTag: tag, body: SDP }));
  agent.receive(requestText("UPDATE", { sequence: 3, toTag: tag, body: SDP }));
  assertEquals(agent.said(), ["BYE", "481", "481"]);
  assertEquals(agent.heard(), []);
});

Deno.test("SIP-045 a refusal carries the header fields that the application gives it", () => {
  const agent = new ScriptedSip();
  agent.receive(requestText("INVITE", { body: SDP }));
  const warning = { name: "Warning", value: '305 sotto "no message media"' };
  agent.take(agent.core.reject(agent.incoming().call, 488, "No", [warning], 0));
  const { message } = agent.lastResponse();
  assertEquals([message.status, message.reason], [488, "No"]);
  assertEquals(headerValue(message, "Warning"), warning.value);
  assertEquals(agent.heard(), [{ type: "ended", by: "local", reason: "rejected" }]);
});

Deno.test("SIP-046 a redirection is reported with its Contacts and not followed", () => {
  const agent = new ScriptedSip();
  agent.invite();
  const { message } = agent.lastRequest();
  agent.receive(responseText(message, 302, { contact: "<sip:carol@192.0.2.9>;q=0.5" }));
  const [rejected] = agent.heard();
  assert(rejected?.type === "rejected");
  assertEquals(rejected.status, 302);
  assertEquals(
    rejected.headers.find((it) => it.name === "Contact")?.value,
    "<sip:carol@192.0.2.9>;q=0.5",
  );
  assertEquals(agent.said(), ["INVITE", "ACK"]);
});

Deno.test("SIP-087 isfocus in the Contact marks a conference, from the start or later on", () => {
  const agent = new ScriptedSip();
  agent.receive(requestText("INVITE", { body: SDP, contact: "<sip:room@192.0.2.1>;isfocus" }));
  assertEquals(agent.incoming().isFocus, true);

  const caller = new ScriptedSip();
  caller.invite();
  caller.receive(
    responseText(caller.lastRequest().message, 200, {
      body: SDP,
      contact: "<sip:room@192.0.2.1>;+g.x;IsFocus;audio",
    }),
  );
  const [answered] = caller.heard();
  assertEquals(answered?.type === "answered" && answered.isFocus, true);

  // Inside the brackets it is a mistake that some servers make.
  const inside = new ScriptedSip();
  inside.receive(requestText("INVITE", { body: SDP, contact: "<sip:room@192.0.2.1;isfocus>" }));
  assertEquals(inside.incoming().isFocus, true);

  const later = new ScriptedSip();
  const { call, tag } = later.established();
  const focus = "<sip:room@192.0.2.1>;isfocus";
  later.receive(requestText("INVITE", { sequence: 2, toTag: tag, body: SDP, contact: focus }));
  assertEquals(later.heard().map((it) => [it.type, "isFocus" in it && it.isFocus]), [
    ["focus-changed", true],
    ["offer", true],
  ]);
  later.take(later.core.respondToOffer(call, 1, utf8(SDP), undefined, 0));
  later.receive(requestText("ACK", { sequence: 2, toTag: tag }));
  later.receive(requestText("UPDATE", { sequence: 3, toTag: tag }));
  assertEquals(later.heard(), [{ type: "focus-changed", isFocus: false }]);
  later.take(later.core.offer(call, utf8(SDP), 0));
  const { message } = later.lastRequest("INVITE");
  later.receive(responseText(message, 200, { body: SDP, contact: focus }));
  assertEquals(later.heard().map((it) => it.type), ["focus-changed", "offer-answered"]);
});

Deno.test("SIP-087 our own Contact says isfocus when it is told to", () => {
  const agent = new ScriptedSip();
  agent.receive(requestText("INVITE", { body: SDP }));
  const contactParameters = [{ name: "isfocus" }];
  agent.take(agent.core.answer(agent.incoming().call, utf8(SDP), { contactParameters }, 0));
  assertEquals(
    headerValue(agent.lastResponse().message, "Contact"),
    "<sip:bob@192.0.2.2:5060>;isfocus",
  );
  agent.invite({ contactParameters });
  assertEquals(
    headerValue(agent.lastRequest().message, "Contact"),
    "<sip:alice@192.0.2.2:5060>;isfocus",
  );
});

Deno.test("SIP-088 UPDATE with an offer is handed to the application, without one it is answered", () => {
  const agent = new ScriptedSip();
  const { call, tag } = agent.established();
  agent.receive(requestText("UPDATE", { sequence: 2, toTag: tag }));
  assertEquals(agent.said(), ["200"]);
  agent.receive(requestText("UPDATE", { sequence: 3, toTag: tag, body: SDP }));
  const [offer] = agent.heard();
  assert(offer?.type === "offer");
  assertEquals([offer.via, decodeUtf8Lossy(offer.offer ?? new Uint8Array())], ["UPDATE", SDP]);
  agent.take(agent.core.respondToOffer(call, offer.id, utf8(OTHER_SDP), undefined, 0)).advance(
    9_000,
  );
  assertEquals(agent.said(), ["200"], "a 2xx to UPDATE is not repeated");
  agent.receive(requestText("UPDATE", { sequence: 4, toTag: tag, body: SDP }));
  agent.take(agent.core.respondToOffer(call, 2, undefined, undefined, agent.now));
  assertEquals(agent.said(), ["488"]);
});

Deno.test("SIP-088 UPDATE in an early dialog whose offer is open is answered 500 or 491", () => {
  const agent = new ScriptedSip();
  agent.receive(requestText("INVITE", { body: SDP }));
  const { call, localTag } = agent.incoming();
  agent.take(agent.core.ring(call, 0));
  agent.receive(requestText("UPDATE", { sequence: 2, toTag: localTag, body: SDP }));
  assertEquals(agent.said(), ["180", "500"]);

  // Even where no offer is open yet: nobody could answer one before the call is answered.
  const empty = new ScriptedSip();
  empty.receive(requestText("INVITE"));
  const early = empty.incoming();
  empty.take(empty.core.ring(early.call, 0));
  empty.receive(requestText("UPDATE", { sequence: 2, toTag: early.localTag, body: SDP }));
  empty.receive(requestText("UPDATE", { sequence: 3, toTag: early.localTag }));
  assertEquals(empty.said(), ["180", "500", "200"]);

  const caller = new ScriptedSip();
  caller.invite();
  const { message } = caller.lastRequest();
  caller.receive(responseText(message, 180));
  const ours = tagOf(fromOf(message)) ?? "";
  const callId = headerValue(message, "Call-ID") ?? "";
  caller.receive(
    requestText("UPDATE", { fromTag: "b1", toTag: ours, callId, body: SDP }),
  );
  assertEquals(caller.said(), ["INVITE", "491"]);
});

Deno.test("SIP-088 a reliable provisional response is acknowledged once, in order", () => {
  const agent = new ScriptedSip();
  agent.invite();
  const { message } = agent.lastRequest();
  const ringing = (number: number) =>
    responseText(message, 180, { headers: ["Require: 100rel", `RSeq: ${number}`] });
  agent.receive(ringing(5)).receive(ringing(5)).receive(ringing(7)).receive(ringing(6));
  const pracks = agent.sent.flatMap(({ message: it }) =>
    it.kind === "request" && it.method === "PRACK" ? [headerValue(it, "RAck")] : []
  );
  const cSeq = headerValue(message, "CSeq");
  assertEquals(pracks, [`5 ${cSeq}`, `6 ${cSeq}`]);
  assertEquals(agent.heard().length, 2);
});

Deno.test("SIP-088 a caller that requires 100rel gets 180 until its PRACK", () => {
  const agent = new ScriptedSip();
  agent.receive(requestText("INVITE", { body: SDP, headers: ["Require: 100rel"] }));
  const { call, localTag } = agent.incoming();
  agent.take(agent.core.ring(call, 0)).advance(4_000);
  assertEquals(agent.sent.map((it) => it.at), [0, 500, 1_500, 3_500]);
  const { message } = agent.lastResponse();
  const number = headerValue(message, "RSeq");
  assertEquals(headerValue(message, "Require"), "100rel");
  agent.said();
  const prack = (rack: string, sequence: number) =>
    agent.receive(requestText("PRACK", { sequence, toTag: localTag, headers: [`RAck: ${rack}`] }))
      .said();
  assertEquals(prack(`1${number} 1 INVITE`, 2), ["481"]);
  assertEquals(prack(`${number} 1 INVITE`, 3), ["200"]);
  assertEquals(prack(`${number} 1 INVITE`, 4), ["481"]);
  agent.advance(60_000);
  assertEquals(agent.said(), []);
  agent.take(agent.core.answer(call, utf8(OTHER_SDP), {}, agent.now));
  assertEquals(agent.said(), ["200"]);
});

Deno.test("SIP-088 a 180 that nobody acknowledges ends the call 500 after 64*T1", () => {
  const agent = new ScriptedSip();
  agent.receive(requestText("INVITE", { body: SDP, headers: ["Require: 100rel"] }));
  agent.take(agent.core.ring(agent.incoming().call, 0));
  agent.advance(31_999);
  assertEquals(new Set(agent.said()), new Set(["180"]));
  agent.advance(1);
  assertEquals(agent.said()[0], "500");
  assertEquals(agent.heard().map((it) => it.type), ["ended"]);
});

Deno.test("SIP-035 sips leads to sips: the Contact of a secure call is secure", () => {
  const agent = new ScriptedSip();
  agent.invite({ target: parseSipUri("sips:bob@192.0.2.1") });
  const { message, to } = agent.lastRequest();
  assertEquals([to.transport, to.port], ["tls", 5061]);
  assertEquals(headerValue(message, "Contact"), "<sips:alice@192.0.2.2:5061;transport=tls>");
});
