import { assertEquals, assertThrows } from "@std/assert";
import { ComposingSender } from "../../../lib/im/composing_sender.ts";

Deno.test("ComposingSender says active once, refreshes it, and says idle when typing stops", () => {
  const sender = new ComposingSender({ refresh: 60, idleAfter: 15_000 });
  assertEquals(sender.deadline, undefined);
  assertEquals(sender.composing(0), "active");
  assertEquals(sender.composing(10_000), undefined);
  assertEquals(sender.deadline, 25_000);
  for (let now = 20_000; now < 60_000; now += 10_000) {
    assertEquals(sender.composing(now), undefined);
  }
  assertEquals(sender.deadline, 60_000);
  assertEquals(sender.handleTimeout(60_000), "active");
  assertEquals(sender.deadline, 65_000);
  assertEquals(sender.handleTimeout(65_000), "idle");
  assertEquals(sender.deadline, undefined);
});

Deno.test("ComposingSender says nothing more once the message was sent", () => {
  const sender = new ComposingSender();
  sender.composing(0);
  sender.messageSent();
  assertEquals([sender.deadline, sender.handleTimeout(15_000)], [undefined, undefined]);
});

Deno.test("ComposingSender says active at most once per refresh interval, and idle only to who heard of it", () => {
  const sender = new ComposingSender();
  assertEquals(sender.composing(0), "active");
  sender.messageSent();
  // Typing again within the interval is held back until it is over.
  assertEquals(sender.composing(50_000), undefined);
  assertEquals(sender.deadline, 60_000);
  assertEquals(sender.handleTimeout(60_000), "active");
  sender.messageSent();
  // Typing that ended before it could be announced was never there.
  assertEquals(sender.composing(70_000), undefined);
  assertEquals(sender.handleTimeout(85_000), undefined);
  assertEquals(sender.deadline, undefined);
});

Deno.test("ComposingSender.handleTimeout() before its time does nothing", () => {
  const sender = new ComposingSender();
  sender.composing(0);
  assertEquals(sender.handleTimeout(14_999), undefined);
  assertEquals(sender.deadline, 15_000);
});

/** RFC 3994 §3.2, figure 1, by hand: state × input → what is sent, next deadline. */
Deno.test("ComposingSender follows figure 1 for every state and input", () => {
  const idle = (): ComposingSender => new ComposingSender();
  const active = (): ComposingSender => {
    const it = new ComposingSender();
    it.composing(0);
    return it;
  };
  const table: [
    () => ComposingSender,
    (it: ComposingSender) => unknown,
    unknown,
    number | undefined,
  ][] = [
    [idle, (it) => it.composing(100_000), "active", 115_000],
    [idle, (it) => it.messageSent(), undefined, undefined],
    [idle, (it) => it.handleTimeout(100_000), undefined, undefined],
    [active, (it) => it.composing(1000), undefined, 16_000],
    [active, (it) => it.messageSent(), undefined, undefined],
    [active, (it) => it.handleTimeout(15_000), "idle", undefined],
    [active, (it) => (it.composing(59_000), it.handleTimeout(60_000)), "active", 74_000],
  ];
  for (const [make, act, sent, deadline] of table) {
    const it = make();
    assertEquals([act(it), it.deadline], [sent, deadline]);
  }
});

Deno.test("ComposingSender refuses timers that are not positive", () => {
  assertThrows(() => new ComposingSender({ refresh: 0 }), RangeError);
  assertThrows(() => new ComposingSender({ idleAfter: NaN }), RangeError);
});

Deno.test("ComposingSender.stopped() says idle at once to who heard of the typing, and to nobody else", () => {
  const sender = new ComposingSender();
  assertEquals(sender.stopped(), undefined);
  sender.composing(0);
  assertEquals([sender.stopped(), sender.stopped(), sender.deadline], [
    "idle",
    undefined,
    undefined,
  ]);
  sender.composing(1_000); // Held back: nobody heard of it.
  assertEquals(sender.stopped(), undefined);
});
