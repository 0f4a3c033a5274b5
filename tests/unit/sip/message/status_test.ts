/** Reason phrases. */
import { assertEquals } from "@std/assert";
import { reasonPhrase } from "../../../../lib/sip/message/status.ts";

Deno.test("reasonPhrase() knows the usual phrase, and that of the class otherwise", () => {
  assertEquals(reasonPhrase(486), "Busy Here");
  assertEquals(reasonPhrase(499), "Bad Request");
  assertEquals(reasonPhrase(299), "OK");
  assertEquals(reasonPhrase(999), "Unknown");
});
