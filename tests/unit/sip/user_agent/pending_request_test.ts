/** One server after the other (RFC 3263 §4.3), and routes given beforehand (RFC 3261 §8.1.2). */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { SottoError } from "../../../../lib/base/errors.ts";
import {
  callIdOf,
  cSeqOf,
  type Destination,
  fromOf,
  headerValue,
  headerValues,
  parseNameAddress,
  type SipTransport,
  tagOf,
  topVia,
} from "../../../../lib/sip/mod.ts";
import { branchOf } from "../../../../lib/sip/message/via.ts";
import { OTHER_SDP, responseText, ScriptedSip } from "../../../helpers/scripted_sip.ts";
import { ACCOUNT, SipChallenger } from "../../../helpers/sip_challenger.ts";

function server(number: number, transport: SipTransport = "udp"): Destination {
  return { transport, host: `192.0.2.${number}`, port: 5060, isFixed: true };
}

const SERVERS = [server(11), server(12, "tcp"), server(13)];

/** Fails the last INVITE in some way. */
const WAYS: Readonly<Record<string, (agent: ScriptedSip) => void>> = {
  "a transport error": (agent) => {
    const { transaction = "" } = agent.lastRequest("INVITE");
    const error = new SottoError("transport/refused", "refused");
    agent.take(agent.core.receiveTransportError(transaction, error, agent.now));
  },
  "silence until Timer B": (agent) => {
    agent.advance(32_000);
  },
  "503": (agent) => {
    agent.receive(responseText(agent.lastRequest("INVITE").message, 503));
  },
};

for (const [name, fail] of Object.entries(WAYS)) {
  Deno.test(`PendingRequest goes to the next server after ${name}: same Call-ID, tag and CSeq, new branch`, () => {
    const agent = new ScriptedSip();
    agent.invite({ destinations: SERVERS });
    const first = agent.lastRequest("INVITE");
    fail(agent);
    const second = agent.lastRequest("INVITE");
    assertEquals([first.to.host, second.to.host, second.to.transport], [
      "192.0.2.11",
      "192.0.2.12",
      "tcp",
    ]);
    assertEquals(callIdOf(second.message), callIdOf(first.message));
    assertEquals(cSeqOf(second.message), cSeqOf(first.message));
    assertEquals(tagOf(fromOf(second.message)), tagOf(fromOf(first.message)));
    assertNotEquals(branchOf(topVia(second.message)), branchOf(topVia(first.message)));
    assertEquals(headerValue(second.message, "Contact")?.includes("transport=tcp"), true);
    assertEquals(agent.heard(), []);
    fail(agent);
    fail(agent);
    assertEquals(agent.lastRequest("INVITE").to.host, "192.0.2.13");
    const [event, ...others] = agent.heard();
    assert(event?.type === "failed" || event?.type === "rejected", JSON.stringify(event));
    assertEquals(others, []);
    assertEquals(agent.core.callCount, 0);
  });
}

Deno.test("PendingRequest does not leave a server that refuses", () => {
  for (const status of [404, 486, 500, 600]) {
    const agent = new ScriptedSip();
    agent.invite({ destinations: SERVERS });
    agent.receive(responseText(agent.lastRequest("INVITE").message, status));
    assertEquals(agent.said(), ["INVITE", "ACK"]);
    assertEquals(agent.heard().map((it) => it.type), ["rejected"]);
  }
});

Deno.test("PendingRequest does not try another server for a call that is being cancelled", () => {
  const agent = new ScriptedSip();
  const call = agent.invite({ destinations: SERVERS });
  agent.take(agent.core.hangUp(call, 0));
  agent.advance(40_000);
  assertEquals(agent.heard(), [{ type: "ended", by: "local", reason: "cancelled" }]);
  assertEquals(new Set(agent.sent.map((it) => it.to.host)).size, 1);
});

Deno.test("PendingRequest answers the challenge of the second server at the second server", () => {
  const challenger = new SipChallenger(407, "example.com");
  const agent = new ScriptedSip({ credentials: () => ACCOUNT });
  agent.invite({ destinations: SERVERS });
  agent.receive(responseText(agent.lastRequest("INVITE").message, 503));
  const { message } = agent.lastRequest("INVITE");
  agent.receive(responseText(message, 407, { headers: challenger.challenge(0) }));
  const again = agent.lastRequest("INVITE");
  assertEquals(again.to.host, "192.0.2.12");
  assertEquals(challenger.verdict(again.message, 0), "accepted");
  agent.receive(responseText(again.message, 200, { body: OTHER_SDP }));
  assertEquals(agent.heard().map((it) => it.type), ["answered"]);
});

Deno.test("PendingRequest follows routes that were given: loose ones keep the Request-URI", () => {
  const agent = new ScriptedSip();
  const routes = ["<sip:proxy.example:5070;lr;transport=tcp>", "<sip:next.example;lr>"];
  agent.invite({ routes: routes.map((it) => parseNameAddress(it)) });
  const { message, to } = agent.lastRequest("INVITE");
  assertEquals(message.requestUri, "sip:bob@192.0.2.1");
  assertEquals(headerValues(message, "Route"), routes);
  assertEquals([to.host, to.port, to.transport], ["proxy.example", 5070, "tcp"]);
});

Deno.test("PendingRequest follows routes that were given: a strict one takes the Request-URI's place", () => {
  const agent = new ScriptedSip();
  agent.invite({ routes: [parseNameAddress("<sip:old.example>")] });
  const { message, to } = agent.lastRequest("INVITE");
  assertEquals(message.requestUri, "sip:old.example");
  assertEquals(headerValues(message, "Route"), ["<sip:bob@192.0.2.1>"]);
  assertEquals(to.host, "old.example");
});

Deno.test("PendingRequest needs somewhere to go", () => {
  const agent = new ScriptedSip();
  assertThrows(() => agent.invite({ destinations: [] }), RangeError);
});
