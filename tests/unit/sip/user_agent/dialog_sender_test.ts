import { assertEquals } from "@std/assert";
import { cSeqOf } from "../../../../lib/sip/mod.ts";
import { ScriptedSip } from "../../../helpers/scripted_sip.ts";

Deno.test("sendInDialog() counts on in the dialog and goes to the peer's Contact", () => {
  const agent = new ScriptedSip();
  const call = agent.invite();
  const invite = cSeqOf(agent.lastRequest("INVITE").message).number;
  const other = new ScriptedSip();
  const placed = other.placed({}, { contact: "<sip:bob@192.0.2.1:5099>" });
  other.take(other.core.hangUp(placed, 0));
  const { message, to } = other.lastRequest("BYE");
  assertEquals(cSeqOf(message).number, invite + 1);
  assertEquals([to.host, to.port], ["192.0.2.1", 5099]);
  assertEquals(call, placed);
});
