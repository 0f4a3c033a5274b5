/** What we say about ourselves. */
import { assertEquals } from "@std/assert";
import { ACCEPT, ALLOW, SUPPORTED } from "../../../../lib/sip/user_agent/capabilities.ts";

Deno.test("ALLOW, ACCEPT and SUPPORTED are header fields ready to be written", () => {
  assertEquals([ALLOW, ACCEPT, SUPPORTED].map((it) => `${it.name}: ${it.value}`), [
    "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK",
    "Accept: application/sdp",
    "Supported: 100rel, timer",
  ]);
});
