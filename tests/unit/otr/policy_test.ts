import { assertEquals } from "@std/assert";
import { chooseVersion, DEFAULT_POLICY } from "../../../lib/otr/policy.ts";

Deno.test("chooseVersion() prefers version 3 in whatever order they are listed", () => {
  assertEquals(chooseVersion(["2", "3"], DEFAULT_POLICY), 3);
  assertEquals(chooseVersion(["3", "2"], { ...DEFAULT_POLICY, versions: [2, 3] }), 3);
});

Deno.test("chooseVersion() takes only what both allow", () => {
  assertEquals(chooseVersion(["1", "2", "4", "x"], DEFAULT_POLICY), 2);
  assertEquals(chooseVersion(["2"], { ...DEFAULT_POLICY, versions: [3] }), undefined);
  assertEquals(chooseVersion(["3"], { ...DEFAULT_POLICY, versions: [] }), undefined);
  assertEquals(chooseVersion([], DEFAULT_POLICY), undefined);
  assertEquals(chooseVersion(["1"], DEFAULT_POLICY), undefined);
});
