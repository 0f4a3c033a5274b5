/** Corners of what happens inside a dialog. Clauses are in tests/conformance/rfc3261. */
import { assertEquals } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { OTHER_SDP, requestText, ScriptedSip, SDP } from "../../../helpers/scripted_sip.ts";

Deno.test("Session stays on the connection of a peer whose Contact names no transport", () => {
  const agent = new ScriptedSip();
  agent.receive(requestText("INVITE", { body: SDP }), ScriptedSip.tcp);
  const { call, localTag } = agent.incoming();
  agent.take(agent.core.answer(call, utf8(OTHER_SDP), {}, 0));
  agent.receive(requestText("ACK", { toTag: localTag }), ScriptedSip.tcp);
  agent.take(agent.core.hangUp(call, 0));
  const { to } = agent.lastRequest("BYE");
  assertEquals([to.transport, to.connection], ["tcp", 1]);
});

Deno.test("Session does not use a connection to reach a Contact on another host", () => {
  const agent = new ScriptedSip();
  const contact = "<sip:alice@192.0.2.77;transport=tcp>";
  agent.receive(requestText("INVITE", { body: SDP, contact }), ScriptedSip.tcp);
  const { call, localTag } = agent.incoming();
  agent.take(agent.core.answer(call, utf8(OTHER_SDP), {}, 0));
  agent.receive(requestText("ACK", { toTag: localTag }), ScriptedSip.tcp);
  agent.take(agent.core.hangUp(call, 0));
  const { to } = agent.lastRequest("BYE");
  assertEquals([to.host, to.connection], ["192.0.2.77", undefined]);
});

Deno.test("Session names the address that suits where the peer was seen, not the name in its Contact", () => {
  const asked: string[] = [];
  const agent = new ScriptedSip({
    localAddress: (_transport, host) => {
      asked.push(host);
      return { host: "192.0.2.2", port: 5060 };
    },
  });
  agent.receive(requestText("INVITE", { body: SDP, contact: "<sip:alice@localhost:5066>" }));
  agent.take(agent.core.answer(agent.incoming().call, utf8(OTHER_SDP), {}, 0));
  assertEquals(asked, ["192.0.2.1"]);
});

Deno.test("Session tells the application at once when it gives a silent peer up", () => {
  const agent = new ScriptedSip();
  agent.receive(requestText("INVITE", { body: SDP }));
  agent.take(agent.core.answer(agent.incoming().call, utf8(OTHER_SDP), {}, 0));
  agent.events.length = 0;
  agent.advance(32_000);
  assertEquals(agent.heard(), [
    { type: "ended", by: "timeout", reason: "the peer does not answer" },
  ]);
  assertEquals(agent.core.callCount, 0);
  assertEquals(agent.said().at(-1), "BYE");
});
