import { assert } from "@std/assert";
import { DEFAULT_LIMITS } from "../../../lib/otr/limits.ts";

Deno.test("DEFAULT_LIMITS bounds everything that a peer can make grow", () => {
  for (const [name, limit] of Object.entries(DEFAULT_LIMITS)) {
    assert(Number.isSafeInteger(limit) && limit > 0, name);
  }
});
