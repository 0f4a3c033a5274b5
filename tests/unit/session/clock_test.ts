import { assert, assertEquals, assertGreaterOrEqual, assertRejects } from "@std/assert";
import { delay, SystemClock } from "../../../lib/session/clock.ts";
import { ManualClock, settle } from "../../helpers/manual_clock.ts";

/** Whether `promise` is done by now; what it resolved to does not matter. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  promise.then(() => done = true, () => done = true);
  await settle();
  return done;
}

Deno.test("SystemClock.now() never goes back, and wallNow() is the time of day", () => {
  const clock = new SystemClock();
  const first = clock.now();
  assertGreaterOrEqual(clock.now(), first);
  assert(Math.abs(clock.wallNow() - Date.now()) < 1_000);
});

Deno.test("SystemClock.reached() resolves for a deadline that has passed", async () => {
  const clock = new SystemClock();
  await clock.reached(clock.now() - 1);
});

Deno.test("SystemClock.reached() leaves no timer behind an aborted signal", async () => {
  const clock = new SystemClock();
  const waiting = new AbortController();
  const reached = clock.reached(clock.now() + 60_000, waiting.signal);
  waiting.abort(); // The sanitizer of this test finds the timer if it still runs.
  assertEquals(await isDone(reached), false);
  assertEquals(await isDone(clock.reached(undefined)), false);
});

Deno.test("delay() waits as long as it was told, on the clock it was given", async () => {
  const clock = new ManualClock();
  const waiting = delay(clock, 1_000);
  await clock.advance(999);
  assertEquals(await isDone(waiting), false);
  await clock.advance(1);
  assertEquals(await isDone(waiting), true);
});

Deno.test("delay() rejects with the signal's own reason", async () => {
  const clock = new ManualClock();
  const stop = new AbortController();
  const waiting = delay(clock, 1_000, stop.signal);
  stop.abort(new RangeError("enough"));
  await assertRejects(() => waiting, RangeError, "enough");
  await assertRejects(() => delay(clock, 1, stop.signal), RangeError, "enough");
});
