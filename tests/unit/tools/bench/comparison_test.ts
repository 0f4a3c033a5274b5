import { assertEquals } from "@std/assert";
import { SampleSheet } from "../../../../tools/bench/comparison.ts";

const introduce = (engine: string) => ({ engine, version: "1", works: [] });

Deno.test("SampleSheet pools the samples of all rounds", () => {
  const sheet = new SampleSheet();
  sheet.add(introduce("libotr"), "smp", [1, 2]);
  sheet.add(introduce("libotr"), "smp", [3, 4, 5]);
  assertEquals(sheet.compare(), {
    rows: [{ engine: "libotr", version: "1", work: "smp", median: 3, p90: 4.6, n: 5 }],
    ratios: {},
  });
});

Deno.test("SampleSheet puts our row before the others', works as they came", () => {
  const sheet = new SampleSheet();
  sheet.add(introduce("otr.js"), "smp", [1]);
  sheet.add(introduce("libotr"), "smp", [1]);
  sheet.add(introduce("libotr"), "keygen", [1]);
  sheet.add(introduce("sotto"), "smp", [1]);
  assertEquals(sheet.compare().rows.map((it) => `${it.work} ${it.engine}`), [
    "smp sotto",
    "smp libotr",
    "smp otr.js",
    "keygen libotr",
  ]);
});

Deno.test("a ratio says how many times faster we are", () => {
  const sheet = new SampleSheet();
  sheet.add(introduce("sotto"), "smp", [2]);
  sheet.add(introduce("libotr"), "smp", [7]);
  sheet.add(introduce("go-otr3"), "smp", [1]);
  assertEquals(sheet.compare().ratios, { "smp/go-otr3": 0.5, "smp/libotr": 3.5 });
});
