/** RFC 4028 §7, §9, §10: sessions that end by themselves unless somebody shows that they go on (SIP-085, SIP-086). */
import { assert, assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { cSeqOf, headerValue, type SipRequest, tokenList } from "../../../lib/sip/mod.ts";
import {
  OTHER_SDP,
  requestText,
  type ResponseParts,
  responseText,
  ScriptedSip,
  SDP,
} from "../../helpers/scripted_sip.ts";
import { ACCOUNT, SipChallenger } from "../../helpers/sip_challenger.ts";

const UPDATE_TOO = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE";

/** The scripted peer answers the last request of that method. */
function answer(it: ScriptedSip, method: string, status: number, parts: ResponseParts = {}) {
  const { message } = it.lastRequest(method);
  it.receive(responseText(message, status, parts));
  return message;
}

/** A call of ours with a timer, and what its 2xx said. */
function called(headers: readonly string[], wanted = 600): { it: ScriptedSip; call: number } {
  const it = new ScriptedSip({ sessionExpires: wanted });
  const call = it.placed({}, { headers });
  return { it, call };
}

/** A call of theirs with a timer. */
function taken(headers: readonly string[]): { it: ScriptedSip; call: number; tag: string } {
  const it = new ScriptedSip();
  it.receive(requestText("INVITE", { body: SDP, headers }));
  const { call, localTag } = it.incoming();
  it.take(it.core.answer(call, utf8(OTHER_SDP), {}, it.now));
  it.receive(requestText("ACK", { toTag: localTag }));
  it.heard();
  return { it, call, tag: localTag };
}

function field(request: SipRequest, name: string): string | undefined {
  return headerValue(request, name);
}

Deno.test("SIP-086 Supported: timer in INVITE and 2xx; Session-Expires only when it was asked for", () => {
  const it = new ScriptedSip();
  it.invite();
  const { message } = it.lastRequest("INVITE");
  assert(tokenList(message, "Supported").includes("timer"));
  assertEquals(field(message, "Session-Expires"), undefined);
  const asking = new ScriptedSip({ sessionExpires: 1800 });
  asking.invite();
  assertEquals(field(asking.lastRequest("INVITE").message, "Session-Expires"), "1800");
  const { it: other } = taken([]);
  const response = other.sent.findLast(({ message }) => message.kind === "response")?.message;
  assert(response !== undefined && tokenList(response, "Supported").includes("timer"));
});

Deno.test("SIP-085 Require: timer is no unknown extension", () => {
  const { it } = taken([
    "Require: timer",
    "Supported: timer",
    "Session-Expires: 600;refresher=uas",
  ]);
  const response = it.sent.findLast(({ message }) => message.kind === "response")?.message;
  assert(response?.kind === "response" && response.status === 200);
  assertEquals(headerValue(response, "Session-Expires"), "600;refresher=uas");
});

Deno.test("SIP-085 an interval below 90 s is refused with 422 and Min-SE (9)", () => {
  const it = new ScriptedSip();
  it.receive(requestText("INVITE", { body: SDP, headers: ["Supported: timer", "x: 60"] }));
  const { message } = it.lastResponse();
  assertEquals([message.status, headerValue(message, "Min-SE")], [422, "90"]);
});

Deno.test("SIP-085 422 is answered with a longer interval and Min-SE, under the next CSeq (7.3)", () => {
  const it = new ScriptedSip({ sessionExpires: 100 });
  it.invite();
  const first = answer(it, "INVITE", 422, { headers: ["Min-SE: 300"] });
  const second = it.lastRequest("INVITE").message;
  assertEquals(cSeqOf(second).number, cSeqOf(first).number + 1);
  assertEquals(field(second, "Session-Expires"), "300");
  assertEquals(field(second, "Min-SE"), "300");
  assertEquals(it.heard(), []);
  answer(it, "INVITE", 422, { headers: ["Min-SE: 300"] });
  assertEquals(it.heard().map((event) => event.type), ["rejected"]);
});

Deno.test("SIP-085 the refresher sends UPDATE without an offer at half the interval, if the peer takes UPDATE (10)", () => {
  const { it } = called([UPDATE_TOO, "Require: timer", "Session-Expires: 600;refresher=uac"]);
  it.advance(299_999);
  assertEquals(it.said(), []);
  it.advance(1);
  const { message } = it.lastRequest("UPDATE");
  assertEquals(message.body.length, 0);
  assertEquals(field(message, "Session-Expires"), "600;refresher=uac");
  answer(it, "UPDATE", 200, { headers: ["Session-Expires: 600;refresher=uac"] });
  it.said();
  it.advance(299_999);
  assertEquals(it.said(), []);
  it.advance(1);
  assertEquals(it.said(), ["UPDATE"]);
  assertEquals(it.heard(), []);
});

Deno.test("SIP-085 the refresher sends a re-INVITE with the same offer to a peer without UPDATE (7.4)", () => {
  const { it } = called(["Allow: INVITE, ACK, BYE", "Session-Expires: 600;refresher=uac"]);
  it.advance(300_000);
  const invite = answer(it, "INVITE", 200, {
    body: OTHER_SDP,
    headers: ["Session-Expires: 600;refresher=uac"],
  });
  assertEquals(invite.body, utf8(SDP));
  assertEquals(it.said(), ["INVITE", "ACK"]);
  it.receive(responseText(invite, 200, { body: OTHER_SDP }));
  assertEquals(it.said(), ["ACK"]);
  assertEquals(it.heard(), [], "nothing changed, and nobody is asked");
  it.advance(300_000);
  assertEquals(it.said(), ["INVITE"]);
});

Deno.test("SIP-086 a peer without timers is refreshed by the caller who wanted one (7.2)", () => {
  const { it } = called([], 200);
  it.advance(100_000);
  assertEquals(it.said(), ["INVITE"]);
  const { it: other } = called([UPDATE_TOO], 200);
  other.advance(100_000);
  assertEquals(other.said(), ["UPDATE"]);
});

Deno.test("SIP-085 a caller that wanted none takes the timer that the other side asks for (7.2)", () => {
  const it = new ScriptedSip();
  it.placed({}, { headers: [UPDATE_TOO, "Require: timer", "Session-Expires: 90;refresher=uac"] });
  it.advance(45_000);
  // A 2xx without Session-Expires turns it off.
  answer(it, "UPDATE", 200);
  it.said();
  it.advance(1_000_000);
  assertEquals(it.said(), []);
  assertEquals(it.heard(), []);
});

Deno.test("SIP-085 a session that nobody refreshed gets BYE a third, at most 32 s, before its end (10)", () => {
  for (const [interval, end] of [[90, 60_000], [600, 568_000]] as const) {
    const { it } = called([`Session-Expires: ${interval};refresher=uas`]);
    it.advance(end - 1);
    assertEquals(it.said(), []);
    it.advance(1);
    assertEquals(it.said(), ["BYE"]);
    assertEquals(it.heard(), [{ type: "ended", by: "timeout", reason: "session expired" }]);
  }
});

for (const method of ["UPDATE", "INVITE"] as const) {
  Deno.test(`SIP-085 a ${method} of the peer refreshes the session, and is answered with the timer (9)`, () => {
    const { it, call, tag } = taken(["Supported: timer", "Session-Expires: 600"]);
    it.advance(400_000);
    it.receive(requestText(method, {
      toTag: tag,
      sequence: 2,
      headers: ["Supported: timer", "Session-Expires: 600;refresher=uac"],
      body: method === "INVITE" ? SDP : "",
    }));
    if (method === "INVITE") {
      const [offer] = it.heard();
      assert(offer?.type === "offer");
      it.take(it.core.respondToOffer(call, offer.id, utf8(OTHER_SDP), undefined, it.now));
      it.receive(requestText("ACK", { toTag: tag, sequence: 2 }));
    }
    const response = it.sent.findLast(({ message }) => message.kind === "response")?.message;
    assert(response?.kind === "response" && response.status === 200);
    assertEquals(headerValue(response, "Session-Expires"), "600;refresher=uac");
    assertEquals(headerValue(response, "Require"), "timer");
    it.said();
    it.advance(567_999);
    assertEquals(it.said(), []);
    it.advance(1);
    assertEquals(it.said(), ["BYE"]);
  });
}

Deno.test("SIP-085 the callee refreshes a caller without timers whose proxy asked for one (table 2)", () => {
  const { it } = taken(["Session-Expires: 600", UPDATE_TOO]);
  it.said();
  it.advance(300_000);
  assertEquals(it.said(), ["UPDATE"]);
});

for (const [status, name] of [[408, "408"], [481, "481"], [0, "silence"]] as const) {
  Deno.test(`SIP-085 a refresh that gets ${name} ends the session with BYE (10)`, () => {
    const { it } = called([UPDATE_TOO, "Session-Expires: 600;refresher=uac"]);
    it.advance(300_000);
    if (status === 0) it.advance(32_000);
    else answer(it, "UPDATE", status);
    assertEquals(it.said().at(-1), "BYE");
    const [ended] = it.heard();
    assert(ended?.type === "ended" && ended.by === "timeout");
  });
}

Deno.test("SIP-085 a refresh that is refused otherwise is tried again, until the session ends (10)", () => {
  const { it } = called([UPDATE_TOO, "Session-Expires: 600;refresher=uac"]);
  it.advance(300_000);
  let attempts = 0;
  while (it.core.callCount > 0 && attempts < 100) {
    answer(it, "UPDATE", 500);
    attempts += it.said().filter((what) => what === "UPDATE").length;
    it.advance(10_000);
  }
  // From 300 s to 568 s, every ten seconds.
  assertEquals(attempts, 27);
  const [ended] = it.heard();
  assert(ended?.type === "ended" && ended.reason === "session expired");
});

Deno.test("SIP-085 422 to a refresh is followed with the longer interval (7.3, 10)", () => {
  const { it } = called([UPDATE_TOO, "Session-Expires: 600;refresher=uac"]);
  it.advance(300_000);
  answer(it, "UPDATE", 422, { headers: ["Min-SE: 900"] });
  const { message } = it.lastRequest("UPDATE");
  assertEquals(field(message, "Session-Expires"), "900;refresher=uac");
  assertEquals(field(message, "Min-SE"), "900");
});

Deno.test("SIP-085 405 to UPDATE makes the refresh a re-INVITE", () => {
  const { it } = called([UPDATE_TOO, "Session-Expires: 600;refresher=uac"]);
  it.advance(300_000);
  answer(it, "UPDATE", 405);
  assertEquals(it.said(), ["UPDATE", "INVITE"]);
});

Deno.test("SIP-085 a refreshing re-INVITE that meets one of the peer's is tried again (RFC 3261 14.1)", () => {
  const { it } = called(["Session-Expires: 600;refresher=uac"]);
  it.advance(300_000);
  answer(it, "INVITE", 491);
  assertEquals(it.said(), ["INVITE", "ACK"]);
  it.advance(2_099);
  assertEquals(it.said(), []);
  it.advance(1_901);
  // Once, and perhaps repeated by Timer A.
  assertEquals(new Set(it.said()), new Set(["INVITE"]));
});

Deno.test("SIP-085 a refresh waits for an offer that is open, and our own offers refresh too (7.2)", () => {
  const { it, call } = called(["Session-Expires: 600;refresher=uac"]);
  it.advance(299_000);
  it.take(it.core.offer(call, utf8(OTHER_SDP), it.now));
  const own = it.lastRequest("INVITE").message;
  assertEquals(field(own, "Session-Expires"), "600;refresher=uac");
  it.receive(responseText(own, 100, { toTag: undefined }));
  it.said();
  it.advance(5_000);
  assertEquals(it.said(), []);
  it.receive(responseText(own, 200, {
    body: SDP,
    headers: ["Session-Expires: 600;refresher=uac"],
  }));
  it.said();
  it.advance(299_999);
  assertEquals(it.said(), []);
  it.advance(1);
  const refresh = it.lastRequest("INVITE").message;
  assertEquals(refresh.body, utf8(OTHER_SDP), "the offer that was made last");
});

Deno.test("SIP-085 a refresh answers challenges like any other request (10)", () => {
  const challenger = new SipChallenger(407, "example.com");
  const it = new ScriptedSip({ sessionExpires: 600, credentials: () => ACCOUNT });
  it.placed({}, { headers: [UPDATE_TOO, "Session-Expires: 600;refresher=uac"] });
  it.advance(300_000);
  answer(it, "UPDATE", 407, { headers: challenger.challenge(it.now) });
  assertEquals(challenger.verdict(it.lastRequest("UPDATE").message, it.now), "accepted");
});
