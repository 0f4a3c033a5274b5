import { assert, assertEquals, assertThrows } from "@std/assert";
import { replaceSection, reportSection } from "../../../../tools/bench/bench_report.ts";

const README = new URL("../../../../bench/README.md", import.meta.url);

Deno.test("replaceSection() replaces what stands between the marks, again and again", async () => {
  const readme = await Deno.readTextFile(README);
  const once = replaceSection(readme, "first");
  assert(once.includes("\n\nfirst\n\n"));
  const twice = replaceSection(once, "second");
  assert(!twice.includes("first\n\n<!-- end") && twice.includes("\n\nsecond\n\n<!-- end"));
  assertEquals(twice.length, once.length + 1);
});

Deno.test("replaceSection() needs the marks", () => {
  assertThrows(() => replaceSection("# Benchmarks\n", "x"), Error, "no place");
});

Deno.test("reportSection() says when, where and how", () => {
  const section = reportSection({
    date: "2026-02-03",
    command: "deno task bench:report",
    cpu: "Some CPU",
    cores: 2,
    system: "Linux x86_64",
    deno: "2.9.6",
    load: 0.04,
    comparison: { rows: [], ratios: {} },
    starts: [
      { name: "an empty script", median: 20, p90: 22, n: 30 },
      { name: "sotto fingerprint", median: 50, p90: 60, n: 30 },
    ],
    leaks: [],
    sessions: [],
  });
  assert(section.startsWith(
    "Measured on 2026-02-03 with `deno task bench:report`: Some CPU, 2 cores, Linux x86_64, " +
      "Deno 2.9.6; load 0.04 when it began.",
  ));
  assert(section.includes("| sotto fingerprint | 50.0 ms | 60.0 | 2.50 × |"));
});
