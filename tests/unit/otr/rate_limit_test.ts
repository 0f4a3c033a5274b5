import { assertEquals } from "@std/assert";
import { RateLimit } from "../../../lib/otr/rate_limit.ts";

Deno.test("RateLimit allows so many in a sliding window", () => {
  const limit = new RateLimit(2, 100);
  assertEquals([0, 50, 99, 100, 101, 149, 150].map((now) => limit.allow(now)), [
    true,
    true,
    false,
    true,
    false,
    false,
    true,
  ]);
});

Deno.test("RateLimit of 0 allows nothing", () => {
  assertEquals(new RateLimit(0, 100).allow(1000), false);
});
