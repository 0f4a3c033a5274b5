import { assertEquals } from "@std/assert";
import { latin1 } from "../../../../lib/base/ascii.ts";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { MessageParts } from "../../../../lib/trace/analysis/message_parts.ts";

function add(parts: MessageParts, start: number | undefined, text: string, isLast = false): void {
  parts.add(start, utf8(text), text.length, isLast);
}

Deno.test("MessageParts joins chunks in any order and knows when the last hole is closed", () => {
  const parts = new MessageParts(100);
  add(parts, 4, "ef", true);
  assertEquals(parts.isComplete, false);
  add(parts, 2, "cd");
  assertEquals(parts.isComplete, false);
  add(parts, 0, "ab");
  assertEquals(parts.isComplete, true);
  assertEquals(latin1(parts.join()), "abcdef");
  assertEquals([parts.size, parts.chunks, parts.total], [6, 3, 6]);
});

Deno.test("MessageParts lets the first octets stand where chunks overlap", () => {
  const parts = new MessageParts(100);
  add(parts, 0, "abcd");
  add(parts, 2, "XXef", true);
  assertEquals(latin1(parts.join()), "abcdef");
});

Deno.test("MessageParts takes a chunk without a position for the next one", () => {
  const parts = new MessageParts(100);
  add(parts, undefined, "ab");
  add(parts, undefined, "cd", true);
  assertEquals(parts.isComplete, true);
  assertEquals(latin1(parts.join()), "abcd");
});

Deno.test("MessageParts keeps no more than its limit and still counts", () => {
  const parts = new MessageParts(3);
  add(parts, 0, "ab");
  add(parts, 2, "cdef", true);
  assertEquals(parts.isComplete, true);
  assertEquals([latin1(parts.join()), parts.kept, parts.size], ["abc", 3, 6]);
});

Deno.test("MessageParts never calls a message complete that has lost a part", () => {
  const parts = new MessageParts(1_000_000);
  for (let at = 0; at < 300; at++) add(parts, 10 + 2 * at, "x");
  add(parts, 0, "abcdefghij");
  add(parts, 700, "z", true);
  assertEquals(parts.isComplete, false);
});

Deno.test("MessageParts takes 200 000 chunks without slowing down", () => {
  const parts = new MessageParts(1000);
  for (let at = 0; at < 200_000; at++) add(parts, at, "x");
  add(parts, 200_000, "x", true);
  assertEquals(parts.isComplete, true);
});
