/** What a transport promises. */
import { assertEquals } from "@std/assert";
import { isReliable, NO_BODY } from "../../../../lib/sip/message/message.ts";

Deno.test("isReliable() is false for UDP alone", () => {
  assertEquals((["udp", "tcp", "tls"] as const).map(isReliable), [false, true, true]);
  assertEquals(NO_BODY.length, 0);
});
