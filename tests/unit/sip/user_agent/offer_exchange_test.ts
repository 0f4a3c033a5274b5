/** Corners of offers inside a dialog. Clauses are in tests/conformance/rfc3261. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { SottoError } from "../../../../lib/base/errors.ts";
import {
  OTHER_SDP,
  requestText,
  responseText,
  ScriptedSip,
  SDP,
} from "../../../helpers/scripted_sip.ts";

Deno.test("OfferExchange.offer() needs a session that stands", () => {
  const agent = new ScriptedSip();
  const call = agent.invite();
  const error = assertThrows(() => agent.core.offer(call, utf8(SDP), 0), SottoError);
  assertEquals(error.code, "sip/no-session");
  const placed = agent.placed();
  agent.take(agent.core.hangUp(placed, 0));
  assertThrows(() => agent.core.offer(placed, utf8(SDP), 0), SottoError);
});

Deno.test("OfferExchange acknowledges a repeated 2xx to a re-INVITE and reports it once", () => {
  const agent = new ScriptedSip();
  const call = agent.placed();
  agent.take(agent.core.offer(call, utf8(SDP), 0));
  const ok = responseText(agent.lastRequest("INVITE").message, 200, { body: OTHER_SDP });
  agent.receive(ok).receive(ok);
  assertEquals(agent.said(), ["INVITE", "ACK", "ACK"]);
  assertEquals(agent.heard().map((it) => it.type), ["offer-answered"]);
});

Deno.test("OfferExchange ends when the peer does not know the dialog any more", () => {
  for (const status of [481, 408]) {
    const agent = new ScriptedSip();
    const call = agent.placed();
    agent.take(agent.core.offer(call, utf8(SDP), 0));
    agent.receive(responseText(agent.lastRequest("INVITE").message, status));
    const bye = agent.lastRequest("BYE").message;
    agent.receive(responseText(bye, 481));
    assertEquals(agent.heard().map((it) => it.type), ["ended"]);
  }
});

Deno.test("OfferExchange keeps standing when a re-INVITE is refused, and ends when it meets silence", () => {
  const agent = new ScriptedSip();
  const call = agent.placed();
  agent.take(agent.core.offer(call, utf8(SDP), 0));
  agent.receive(responseText(agent.lastRequest("INVITE").message, 488, { reason: "no" }));
  assertEquals(agent.heard(), [{ type: "offer-rejected", status: 488, reason: "no" }]);
  agent.take(agent.core.offer(call, utf8(SDP), agent.now)).advance(70_000);
  const [ended] = agent.heard();
  assert(ended?.type === "ended" && ended.by === "timeout");
});

Deno.test("OfferExchange forgets an offer that the peer cancels", () => {
  const agent = new ScriptedSip();
  const { call, tag } = agent.established();
  const parts = { sequence: 2, toTag: tag, branch: "z9hG4bKre" };
  agent.receive(requestText("INVITE", { ...parts, body: SDP })).receive(
    requestText("CANCEL", parts),
  );
  assertEquals(agent.said(), ["200", "487"]);
  agent.take(agent.core.respondToOffer(call, 1, utf8(SDP), undefined, 0));
  assertEquals(agent.said(), []);
  agent.take(agent.core.offer(call, utf8(SDP), 0));
  assertEquals(agent.said(), ["INVITE"]);
});
