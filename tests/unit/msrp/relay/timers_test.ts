import { assertEquals } from "@std/assert";
import { Timers } from "../../../../lib/msrp/relay/timers.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

Deno.test("Timers give out what is due, the earliest first, whatever the order of setting", () => {
  const timers = new Timers<number>();
  const random = seededRandom(1);
  const at = Array.from({ length: 500 }, () => (random(1)[0] ?? 0) % 100);
  for (const it of at) timers.set(it, it);
  assertEquals(timers.deadline, Math.min(...at));
  const taken: number[] = [];
  for (;;) {
    const due = timers.takeDue(50);
    if (due === undefined) break;
    taken.push(due);
  }
  assertEquals(taken, at.filter((it) => it <= 50).sort((a, b) => a - b));
  assertEquals(timers.size, 500 - taken.length);
});

Deno.test("Timers.cancel() takes one out of the middle, once", () => {
  const timers = new Timers<string>();
  const set = ["a", "b", "c", "d", "e"].map((it, index) => timers.set(index, it));
  timers.cancel(set[1]);
  timers.cancel(set[1]);
  timers.cancel(set[4]);
  timers.cancel(undefined);
  assertEquals([timers.takeDue(9), timers.takeDue(9), timers.takeDue(9), timers.takeDue(9)], [
    "a",
    "c",
    "d",
    undefined,
  ]);
  timers.cancel(set[0]);
  assertEquals([timers.size, timers.deadline], [0, undefined]);
});

Deno.test("Timers hold nothing that was cancelled, in whatever order", () => {
  const timers = new Timers<number>();
  const random = seededRandom(2);
  const live = new Set<ReturnType<typeof timers.set>>();
  for (let count = 0; count < 2_000; count++) {
    const [dice = 0, when = 0] = random(2);
    if (dice < 160) live.add(timers.set(when, count));
    else {
      const [some] = live;
      if (some === undefined) continue;
      live.delete(some);
      timers.cancel(some);
    }
  }
  assertEquals(timers.size, live.size);
  assertEquals(timers.deadline, Math.min(...[...live].map((it) => it.at)));
});
