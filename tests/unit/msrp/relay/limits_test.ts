import { assertEquals } from "@std/assert";
import { relayBounds } from "../../../../lib/msrp/relay/limits.ts";

Deno.test("relayBounds() fills in what is not given", () => {
  const bounds = relayBounds({ connections: 7, failures: undefined });
  assertEquals(bounds.connections, 7);
  assertEquals(bounds.failures, 5);
  assertEquals(Object.values(bounds).every((it) => Number.isFinite(it) && it > 0), true);
});
