/** One short turn of `tools/fuzz.ts` for every target: that it runs, and that nothing falls over at once. */
import { assert, assertEquals } from "@std/assert";
import { toHex } from "../../../lib/base/bytes.ts";
import { fuzzTurn } from "../../../tools/fuzz.ts";
import { TARGETS } from "../../../tools/fuzz/targets.ts";

for (const target of TARGETS) {
  Deno.test(`${target.name} survives damaged inputs`, () => {
    assert(target.corpus().length > 0, "no honest input to start from");
    for (const input of target.corpus()) target.run(input);
    for (let seed = 1; seed <= 3; seed++) {
      const finding = fuzzTurn(target, seed, 150);
      const shown = finding === undefined
        ? ""
        : `seed ${seed}: ${finding.error}\n${toHex(finding.input).slice(0, 2000)}`;
      assertEquals(finding, undefined, shown);
    }
  });
}

Deno.test("fuzzTurn() reports the input that a target did not survive", () => {
  const finding = fuzzTurn(
    {
      name: "fragile",
      corpus: () => [Uint8Array.of(1, 2, 3, 4)],
      words: [],
      run(input) {
        if (input.length < 4) throw new Error("too short");
      },
    },
    7,
  );
  assertEquals(finding?.target, "fragile");
  assert((finding?.input.length ?? 9) < 4);
});
