import { assert, assertFalse } from "@std/assert";
import { constantTimeEqual } from "../../../lib/base/constant_time.ts";

Deno.test("constantTimeEqual() tells every single changed bit", () => {
  const ours = Uint8Array.from({ length: 20 }, (_, at) => at * 11);
  assert(constantTimeEqual(ours, ours.slice()));
  for (let bit = 0; bit < 8 * ours.length; bit++) {
    const theirs = ours.slice();
    theirs[bit >> 3] = (theirs[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assertFalse(constantTimeEqual(ours, theirs), `bit ${bit}`);
  }
});

Deno.test("constantTimeEqual() tells lengths apart, even of zeros", () => {
  assertFalse(constantTimeEqual(new Uint8Array(3), new Uint8Array(4)));
  assert(constantTimeEqual(new Uint8Array(), new Uint8Array()));
});
