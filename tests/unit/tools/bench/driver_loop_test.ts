import { assertEquals, assertThrows } from "@std/assert";
import { measure } from "../../../../tools/bench/driver_loop.ts";

/** A clock that only work moves. */
function workClock(costs: readonly number[]): { now: () => number; step: () => void } {
  let time = 0;
  let turn = 0;
  return {
    now: () => time,
    step: () => void (time += costs[turn++ % costs.length] ?? 0),
  };
}

Deno.test("measure() takes samples until the budget is spent", () => {
  const { now, step } = workClock([3]);
  assertEquals(measure({ step }, 10, 1, now), [3, 3, 3, 3]);
});

Deno.test("measure() takes one sample however small the budget", () => {
  const { now, step } = workClock([50]);
  assertEquals(measure({ step }, 0, 1, now), [50]);
});

Deno.test("measure() gives the mean of a batch", () => {
  const { now, step } = workClock([1, 5]);
  assertEquals(measure({ step }, 12, 2, now), [3, 3]);
});

Deno.test("measure() does not count what restores", () => {
  const { now, step } = workClock([2]);
  let restored = 0;
  assertEquals(measure({ step, restore: () => void restored++ }, 5, 1, now), [2, 2, 2]);
  assertEquals(restored, 3);
});

Deno.test("measure() drops samples that went wrong, and gives up when all do", () => {
  const { now, step } = workClock([1]);
  let turn = 0;
  const half = () => (step(), turn++ % 2 === 1);
  assertEquals(measure({ step: half }, 4, 1, now), [1, 1]);
  assertThrows(() => measure({ step: () => false }, 4, 1, now), Error, "nearly every sample");
});
