/** Names that nobody can guess. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  newBranch,
  newCallId,
  newSequence,
  newTag,
  randomUpTo,
} from "../../../../lib/sip/user_agent/tokens.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

Deno.test("newBranch(), newTag() and newCallId() hold 128, 64 and 128 random bits", () => {
  const random = seededRandom(3);
  assertMatch(newBranch(random), /^z9hG4bK[0-9a-f]{32}$/);
  assertMatch(newTag(random), /^[0-9a-f]{16}$/);
  assertMatch(newCallId(random), /^[0-9a-f]{32}$/);
  assertEquals(newTag(() => new Uint8Array(8)), "0000000000000000");
});

Deno.test("newSequence() leaves room to count, randomUpTo() keeps within its bounds", () => {
  assertEquals(newSequence(() => Uint8Array.of(0, 0)), 1);
  assertEquals(newSequence(() => Uint8Array.of(255, 255)), 65_536);
  const random = seededRandom(5);
  const seen = new Set(Array.from({ length: 500 }, () => randomUpTo(random, 10)));
  assertEquals(seen.size, 11);
  assert([...seen].every((it) => it >= 0 && it <= 10));
});
