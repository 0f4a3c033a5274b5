import { assertEquals } from "@std/assert";
import { BoundedQueue } from "../../../lib/transport/listener.ts";

Deno.test("BoundedQueue keeps order and refuses what exceeds its limit", async () => {
  const queue = new BoundedQueue<number>(2);
  assertEquals([1, 2, 3].map((it) => queue.push(it)), [true, true, false]);
  assertEquals((await queue.next()).value, 1);
  assertEquals(queue.push(4), true);
  assertEquals([(await queue.next()).value, (await queue.next()).value], [2, 4]);
});

Deno.test("BoundedQueue hands an item to whoever waits, in the order they asked", async () => {
  const queue = new BoundedQueue<number>(1);
  const waiting = [queue.next(), queue.next()];
  assertEquals([queue.push(1), queue.push(2), queue.push(3), queue.push(4)], [
    true,
    true,
    true,
    false,
  ]);
  assertEquals((await Promise.all(waiting)).map((it) => it.value), [1, 2]);
});

Deno.test("BoundedQueue.end() wakes who waits and answers what nobody took", async () => {
  const queue = new BoundedQueue<number>(2);
  queue.push(1);
  assertEquals(queue.end(), [1]);
  assertEquals((await queue.next()).done, true);
  assertEquals(queue.push(2), false);
  const other = new BoundedQueue<number>(2);
  const waiting = other.next();
  other.end();
  assertEquals((await waiting).done, true);
});
