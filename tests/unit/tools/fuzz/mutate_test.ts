import { assert, assertEquals } from "@std/assert";
import { mutate, seededDice } from "../../../../tools/fuzz/mutate.ts";

const INPUT = Uint8Array.from({ length: 64 }, (_, at) => at);

Deno.test("seededDice() throws the same numbers for the same seed, and all of them", () => {
  const one = seededDice(5);
  const two = seededDice(5);
  const thrown = Array.from({ length: 600 }, () => one(6));
  assertEquals(thrown, Array.from({ length: 600 }, () => two(6)));
  assertEquals([...new Set(thrown)].sort(), [0, 1, 2, 3, 4, 5]);
});

Deno.test("mutate() leaves its input alone, is reproducible, and keeps to its limit", () => {
  const before = INPUT.slice();
  let changed = 0;
  for (let seed = 0; seed < 2000; seed++) {
    const words = [Uint8Array.of(9, 9, 9)];
    const result = mutate(INPUT, [INPUT], words, seededDice(seed), 200);
    assertEquals(result, mutate(INPUT, [INPUT], words, seededDice(seed), 200));
    assert(result.length <= 200);
    if (result.length !== INPUT.length || result.some((it, at) => it !== INPUT[at])) changed++;
  }
  assertEquals(INPUT, before);
  assert(changed > 1800, `only ${changed} of 2000 were damaged`);
});

Deno.test("mutate() takes an empty input, no others and no words", () => {
  for (let seed = 0; seed < 500; seed++) mutate(new Uint8Array(), [], [], seededDice(seed));
});
