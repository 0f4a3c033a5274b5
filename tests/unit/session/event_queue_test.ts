import { assertEquals, assertThrows } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { EventQueue } from "../../../lib/session/event_queue.ts";

Deno.test("EventQueue gives its reader everything in order, and ends after close()", async () => {
  const queue = new EventQueue<number>();
  queue.push(1);
  const seen: number[] = [];
  const reading = (async () => {
    for await (const item of queue) seen.push(item);
  })();
  await Promise.resolve();
  queue.push(2);
  queue.push(3);
  queue.close();
  queue.push(4);
  await reading;
  assertEquals(seen, [1, 2, 3]);
});

Deno.test("EventQueue refuses what passes its limit instead of growing", () => {
  const queue = new EventQueue<number>(2);
  queue.push(1);
  queue.push(2);
  const error = assertThrows(() => queue.push(3), SottoError);
  assertEquals(error.code, "session/queue-full");
  assertEquals(queue.length, 2);
});
