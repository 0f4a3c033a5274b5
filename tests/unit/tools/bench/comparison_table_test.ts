import { assertEquals } from "@std/assert";
import { comparisonNotes, comparisonTable } from "../../../../tools/bench/comparison_table.ts";
import type { Comparison, Row } from "../../../../tools/bench/comparison.ts";

const WORKS = [
  { name: "smp", label: "SMP", batch: 1 },
  { name: "dsa-sign", label: "DSA signature", batch: 10 },
  { name: "keygen", label: "a key", batch: 1 },
];

function row(engine: string, work: string, median: number, p90: number): Row {
  return { engine, version: "1.0", work, median, p90, n: 3 };
}

const COMPARISON: Comparison = {
  rows: [
    row("sotto", "smp", 40, 44.4),
    row("libotr", "smp", 140, 150),
    row("sotto", "dsa-sign", 0.05, 0.0612),
    row("libgcrypt", "dsa-sign", 0.18, 1.2),
  ],
  ratios: { "smp/libotr": 3.5, "dsa-sign/libgcrypt": 3.6 },
};

Deno.test("comparisonTable() has libotr and libgcrypt in one column, and none for who is missing", () => {
  assertEquals(
    comparisonTable(COMPARISON, WORKS),
    [
      "|               |          sotto | libotr, libgcrypt | ratio |",
      "| ------------- | -------------: | ----------------: | ----: |",
      "| SMP           | 40.0 ms (44.4) |      140 ms (150) | 3.5 × |",
      "| DSA signature | 50.0 µs (61.2) |    180 µs (1,200) | 3.6 × |",
    ].join("\n"),
  );
});

Deno.test("comparisonTable() leaves a place empty where an engine has no such work", () => {
  const rows = [row("sotto", "smp", 40, 44), row("otr.js", "keygen", 1, 1)];
  assertEquals(
    comparisonTable({ rows, ratios: {} }, WORKS).split("\n").slice(2),
    [
      "| SMP   | 40.0 ms (44.0) |                |       |",
      "| a key |                | 1.00 ms (1.00) |       |",
    ],
  );
});

Deno.test("comparisonNotes() name every version once, and what is lazy", () => {
  const [versions = "", ...rest] = comparisonNotes(COMPARISON);
  assertEquals(versions, "Versions: sotto 1.0, libotr 1.0, libgcrypt 1.0.");
  assertEquals(rest.some((it) => it.includes("Lazy in sotto")), true);
});
