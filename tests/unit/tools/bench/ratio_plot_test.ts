import { assert, assertEquals } from "@std/assert";
import { plotRatios } from "../../../../tools/bench/ratio_plot.ts";

const WORKS = [
  { name: "smp", label: "SMP <both>", batch: 1 },
  { name: "keygen", label: "a key", batch: 1 },
];

function bars(svg: string): { x: number; width: number }[] {
  const pattern = /<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="9"/g;
  return [...svg.matchAll(pattern)].map(([, x, width]) => ({ x: Number(x), width: Number(width) }));
}

function places(svg: string): Map<string, number> {
  const pattern = /<text x="([\d.]+)" y="\d+" text-anchor="middle">([\d.]+) ×/g;
  return new Map([...svg.matchAll(pattern)].map(([, x, tick = ""]) => [tick, Number(x)]));
}

Deno.test("plotRatios() draws from 1 to the ratio, to the left where we are slower", () => {
  const ratios = { "smp/libotr": 10, "smp/go-otr3": 0.1 };
  const svg = plotRatios({ rows: [], ratios }, WORKS, "note");
  const [faster, slower] = bars(svg);
  const ticks = places(svg);
  assertEquals(faster?.x, ticks.get("1"));
  assert(Math.abs((faster?.x ?? 0) + (faster?.width ?? 0) - (ticks.get("10") ?? 0)) < 0.2);
  assertEquals(slower?.x, ticks.get("0.1"));
  assert(Math.abs((slower?.width ?? 0) - (faster?.width ?? 1)) < 0.2);
});

Deno.test("plotRatios() leaves out works without a ratio, and escapes labels", () => {
  const svg = plotRatios({ rows: [], ratios: { "smp/otr.js": 4 } }, WORKS, "a & b");
  assert(svg.includes("SMP &#60;both&#62;") && svg.includes("a &#38; b"));
  assert(!svg.includes("a key"));
});
