import { assertEquals } from "@std/assert";
import { isRecorded, recordRoutes, type Side } from "../../../../lib/sip/server/record_route.ts";

const side = (transport: Side["transport"], host: string, port = 5060): Side => ({
  transport,
  local: { host, port },
});
const values = (caller: Side, callee: Side, isSecure = false): string[] =>
  recordRoutes(caller, callee, "t", isSecure).map((it) => it.value);

Deno.test("recordRoutes() is one field where both sides are the same, and two where they differ", () => {
  const udp = side("udp", "192.0.2.1");
  assertEquals(values(udp, udp), ["<sip:t@192.0.2.1:5060;lr>"]);
  assertEquals(values(udp, side("tcp", "192.0.2.1")), [
    "<sip:t@192.0.2.1:5060;transport=tcp;lr>",
    "<sip:t@192.0.2.1:5060;lr>",
  ]);
  assertEquals(values(udp, side("udp", "2001:db8::1")).length, 2);
  assertEquals(values(udp, side("udp", "192.0.2.1", 5070)).length, 2);
});

Deno.test("recordRoutes() is sips without a transport where the request is", () => {
  const tls = side("tls", "192.0.2.1", 5061);
  assertEquals(values(tls, tls), ["<sip:t@192.0.2.1:5061;transport=tls;lr>"]);
  assertEquals(values(tls, tls, true), ["<sips:t@192.0.2.1:5061;lr>"]);
});

Deno.test("isRecorded() is true of what begins a dialog, and of what nobody knows", () => {
  assertEquals(["INVITE", "SUBSCRIBE", "REFER", "TELEPORT"].every(isRecorded), true);
  assertEquals(["ACK", "BYE", "CANCEL", "MESSAGE", "OPTIONS", "REGISTER"].some(isRecorded), false);
});
