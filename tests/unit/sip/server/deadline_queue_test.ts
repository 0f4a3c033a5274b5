import { assertEquals } from "@std/assert";
import { DeadlineQueue } from "../../../../lib/sip/server/deadline_queue.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

Deno.test("DeadlineQueue takes out what is due, the earliest first, and nothing else", () => {
  const queue = new DeadlineQueue<string>();
  queue.set("c", 30);
  queue.set("a", 10);
  queue.set("b", 20);
  assertEquals(queue.earliest, 10);
  assertEquals(queue.takeDue(9), []);
  assertEquals(queue.takeDue(20), ["a", "b"]);
  assertEquals([queue.earliest, queue.size], [30, 1]);
});

Deno.test("DeadlineQueue.set() moves a deadline either way, and takes it away", () => {
  const queue = new DeadlineQueue<string>();
  queue.set("a", 10);
  queue.set("b", 20);
  queue.set("a", 30);
  assertEquals(queue.earliest, 20);
  queue.set("a", 5);
  assertEquals(queue.earliest, 5);
  queue.set("a", undefined);
  assertEquals([queue.earliest, queue.size], [20, 1]);
  queue.set("b", undefined);
  assertEquals([queue.earliest, queue.size], [undefined, 0]);
  queue.set("a", 10);
  assertEquals(queue.takeDue(10), ["a"]);
});

Deno.test("DeadlineQueue agrees with a sorted list, whatever is set and moved", () => {
  const random = seededRandom(3);
  const queue = new DeadlineQueue<number>();
  const plain = new Map<number, number>();
  for (let turn = 0; turn < 5_000; turn++) {
    const [item = 0, high = 0, low = 0, what = 0] = random(4);
    if (what < 40) {
      queue.set(item, undefined);
      plain.delete(item);
    } else if (what < 250) {
      queue.set(item, high << 8 | low);
      plain.set(item, high << 8 | low);
    } else {
      const due = [...plain].filter(([, at]) => at <= (high << 6)).map(([key]) => key);
      due.forEach((it) => plain.delete(it));
      assertEquals(queue.takeDue(high << 6).sort(), due.sort());
    }
    assertEquals(queue.earliest, plain.size === 0 ? undefined : Math.min(...plain.values()));
    assertEquals(queue.size, plain.size);
  }
});
