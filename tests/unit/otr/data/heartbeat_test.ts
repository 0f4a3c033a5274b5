import { assert, assertFalse } from "@std/assert";
import { Heartbeat } from "../../../../lib/otr/data/heartbeat.ts";

Deno.test("Heartbeat.isDue() after the interval without a message of ours", () => {
  const heartbeat = new Heartbeat(60_000, 1000);
  assertFalse(heartbeat.isDue(60_999));
  assert(heartbeat.isDue(61_000));
  heartbeat.sent(61_000);
  assertFalse(heartbeat.isDue(120_999));
});

Deno.test("Heartbeat.isDue() never with interval 0", () => {
  assertFalse(new Heartbeat(0, 0).isDue(1e12));
});
