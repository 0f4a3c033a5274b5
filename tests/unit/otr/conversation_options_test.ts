import { assertEquals, assertFalse, assertThrows } from "@std/assert";
import { settle } from "../../../lib/otr/conversation_options.ts";
import { DEFAULT_LIMITS } from "../../../lib/otr/limits.ts";
import { DEFAULT_POLICY } from "../../../lib/otr/policy.ts";
import { testKey } from "../../helpers/otr_pair.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

const OPTIONS = {
  key: testKey("alice"),
  instanceTag: 0x100,
  policy: DEFAULT_POLICY,
  random: seededRandom(1),
};

Deno.test("settle() fills in the defaults", () => {
  const settings = settle(OPTIONS);
  assertEquals(settings.maxMessageSize, 0);
  assertEquals(settings.padTo, 0);
  assertEquals(settings.heartbeatInterval, 60_000);
  assertEquals(settings.limits, DEFAULT_LIMITS);
  assertEquals(settle({ ...OPTIONS, limits: { tlvs: 3 } }).limits, { ...DEFAULT_LIMITS, tlvs: 3 });
});

Deno.test("settle() has a query text that names neither person nor key", () => {
  const { queryText } = settle(OPTIONS);
  assertFalse(queryText.includes("alice") || queryText.includes(OPTIONS.key.fingerprint));
  assertFalse(/[<>\n?]/.test(queryText));
});

Deno.test("settle() refuses numbers out of their range", () => {
  for (
    const wrong of [
      { instanceTag: 0 },
      { instanceTag: 0xff },
      { instanceTag: 2 ** 32 },
      { maxMessageSize: -1 },
      { maxMessageSize: 36 },
      { padTo: -1 },
      { padTo: 0.5 },
      { padTo: 100_000 },
    ]
  ) assertThrows(() => settle({ ...OPTIONS, ...wrong }), RangeError);
  assertEquals(settle({ ...OPTIONS, maxMessageSize: 37 }).maxMessageSize, 37);
});
