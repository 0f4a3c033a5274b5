import { assertEquals } from "@std/assert";
import { leakTable } from "../../../../tools/bench/bench_ct.ts";

function verdictOf(
  kind: "secret" | "same" | "leaky",
  t: number,
  again?: number,
): string | undefined {
  const result = {
    name: "x^e",
    t,
    uncropped: 1,
    difference: 0.0123,
    median: 345.6,
    n: 10,
    kind,
    ...again === undefined ? {} : { again },
  };
  return leakTable([result]).split("\n").at(-1)?.replaceAll(" | ", "|").split("|").at(-2)?.trim();
}

Deno.test("leakTable() calls a suspicious result what it is", () => {
  assertEquals(verdictOf("secret", 4.4), "nothing found");
  assertEquals(verdictOf("secret", 4.5), "**tells them apart**");
});

Deno.test("leakTable() tells when the controls failed", () => {
  assertEquals(verdictOf("same", 1), "as it must be");
  assertEquals(verdictOf("same", 9), "**noise looks like a leak here**");
  assertEquals(verdictOf("leaky", 90), "seen, as it must be");
  assertEquals(verdictOf("leaky", 2), "**not seen: this check is blind here**");
});

Deno.test("leakTable() tells what fresh samples said", () => {
  assertEquals(verdictOf("secret", 9, 12.34), "**tells them apart**, again 12.3");
  assertEquals(verdictOf("secret", 9, 1.5), "once; with fresh samples 1.5");
});
