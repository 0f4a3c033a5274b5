import { assertEquals, assertThrows } from "@std/assert";
import { ascii, latin1 } from "../../../lib/base/ascii.ts";
import { BodyFeed } from "../../../lib/msrp/body_feed.ts";

Deno.test("BodyFeed with all octets asks for nothing and hands them out", () => {
  const feed = new BodyFeed(ascii("abcdef"));
  assertEquals([feed.length, feed.held, feed.isStreamed], [6, 6, false]);
  assertEquals(feed.ask(2), undefined);
  assertEquals([feed.ready(4), latin1(feed.take(4))], [4, "abcd"]);
  assertEquals([feed.ready(4), latin1(feed.peek(4)), latin1(feed.take(4))], [2, "ef", "ef"]);
  assertEquals([feed.position, feed.ready(4)], [6, 0]);
});

Deno.test("BodyFeed holds two pieces of a streamed body and asks for no third", () => {
  const feed = new BodyFeed({ length: 7 });
  assertEquals([feed.held, feed.isStreamed, feed.ready(3)], [0, true, undefined]);
  assertEquals(feed.ask(3), { position: 0, length: 3 });
  assertEquals(feed.ask(3), undefined, "one question at a time");
  feed.supply(ascii("abc"));
  assertEquals(feed.ask(3), { position: 3, length: 3 });
  feed.supply(ascii("def"));
  assertEquals(feed.ask(3), undefined);
  assertEquals([latin1(feed.take(2)), feed.ready(3), latin1(feed.take(3))], ["ab", 1, "c"]);
  assertEquals(feed.ask(3), { position: 6, length: 1 });
});

Deno.test("BodyFeed starts behind what the peer has", () => {
  const feed = new BodyFeed({ length: 5, start: 3 });
  assertEquals([feed.position, feed.ask(9)], [3, { position: 3, length: 2 }]);
  const whole = new BodyFeed({ length: 5, start: 5 });
  assertEquals([whole.ask(9), whole.ready(9)], [undefined, 0]);
});

Deno.test("BodyFeed refuses nonsense from its own side", () => {
  for (const length of [-1, 0.5, NaN, Infinity, 1e15]) {
    assertThrows(() => new BodyFeed({ length }), RangeError);
  }
  assertThrows(() => new BodyFeed({ length: 1, start: 2 }), RangeError);
  const feed = new BodyFeed({ length: 3 });
  assertThrows(() => feed.supply(ascii("abc")), RangeError, "expected 0 octets");
  feed.ask(3);
  assertThrows(() => feed.supply(ascii("ab")), RangeError, "expected 3 octets");
});
