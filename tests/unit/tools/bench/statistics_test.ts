import { assert, assertEquals, assertThrows } from "@std/assert";
import { median, Moments, quantile, welch } from "../../../../tools/bench/statistics.ts";

function momentsOf(...samples: number[]): Moments {
  const moments = new Moments();
  for (const it of samples) moments.add(it);
  return moments;
}

Deno.test("median() is the middle value, or halfway between the two", () => {
  assertEquals(median([9, 1, 5]), 5);
  assertEquals(median([4, 1, 3, 2]), 2.5);
  assertEquals(median([7]), 7);
});

Deno.test("median() sorts numbers as numbers", () => {
  assertEquals(median([10, 9, 100]), 10);
});

Deno.test("quantile() goes from the least to the most and leaves its argument as it was", () => {
  const samples = [30, 10, 20, 40, 50];
  assertEquals([0, 0.25, 0.9, 1].map((it) => quantile(samples, it)), [10, 20, 46, 50]);
  assertEquals(samples, [30, 10, 20, 40, 50]);
});

Deno.test("quantile() of nothing is nonsense", () => {
  assertThrows(() => quantile([], 0.5), RangeError, "expected samples");
});

Deno.test("Moments has the mean, and the variance of a sample", () => {
  const { count, mean, variance } = momentsOf(2, 4, 4, 4, 5, 5, 7, 9);
  assertEquals([count, mean], [8, 5]);
  assert(Math.abs(variance - 32 / 7) < 1e-12);
  assertEquals(momentsOf(3).variance, 0);
});

Deno.test("welch() is the distance of the means in standard errors", () => {
  // Means 2 and 5, variances 1 and 4, three samples each: -3 / sqrt(1/3 + 4/3).
  const t = welch(momentsOf(1, 2, 3), momentsOf(3, 5, 7));
  assert(Math.abs(t - -3 / Math.sqrt(5 / 3)) < 1e-12);
});

Deno.test("welch() says nothing where nothing varies", () => {
  assertEquals(welch(momentsOf(1, 1), momentsOf(2, 2)), 0);
});
