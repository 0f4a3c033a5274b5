import { assertEquals, assertThrows } from "@std/assert";
import { compareEngines, parseCompareOptions } from "../../../../tools/bench/bench_otr.ts";

Deno.test("parseCompareOptions() leaves to the defaults what is not said", () => {
  assertEquals(parseCompareOptions([]), { json: false });
});

Deno.test("parseCompareOptions() reads names in any order and keeps that of the table", () => {
  const { works, engines } = parseCompareOptions(["--works", "smp,keygen", "--engines", "sotto"]);
  assertEquals(works?.map((it) => it.name), ["keygen", "smp"]);
  assertEquals(engines, ["sotto"]);
});

Deno.test("parseCompareOptions() refuses what it does not know", () => {
  assertThrows(() => parseCompareOptions(["--works", "tea"]), RangeError, "found tea");
  assertThrows(() => parseCompareOptions(["--engines", "potr"]), RangeError, "found potr");
  assertThrows(() => parseCompareOptions(["--rounds", "0"]), RangeError, "--rounds");
  assertThrows(() => parseCompareOptions(["--budget", "soon"]), RangeError, "--budget");
});

Deno.test("compareEngines() counts every round but the first", async () => {
  const works = [{ name: "modexp-g-320", label: "2^e", batch: 1 }];
  const said: string[] = [];
  const { rows, ratios } = await compareEngines({
    engines: ["sotto"],
    works,
    rounds: 2,
    budget: 1e-9,
    say: (line) => void said.push(line),
  });
  assertEquals(rows.map(({ engine, work, n }) => ({ engine, work, n })), [
    { engine: "sotto", work: "modexp-g-320", n: 2 },
  ]);
  assertEquals(ratios, {});
  assertEquals(said, ["warming up", "round 1 of 2", "round 2 of 2"]);
});
