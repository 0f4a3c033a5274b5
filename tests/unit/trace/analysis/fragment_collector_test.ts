import { assertEquals } from "@std/assert";
import { FragmentCollector } from "../../../../lib/trace/analysis/fragment_collector.ts";

function fragment(k: number, n: number, piece: string, senderTag = 0x100) {
  return { version: 3, senderTag, receiverTag: 0, k, n, piece };
}

Deno.test("FragmentCollector joins pieces that come in order", () => {
  const collector = new FragmentCollector();
  assertEquals(collector.receive("a", fragment(1, 3, "?OTR")), undefined);
  assertEquals(collector.receive("a", fragment(2, 3, ":AAM")), undefined);
  assertEquals(collector.receive("a", fragment(3, 3, "D.")), "?OTR:AAMD.");
  assertEquals(collector.receive("a", fragment(1, 1, "whole")), "whole");
});

Deno.test("FragmentCollector forgets what is out of order, as the specification says", () => {
  const collector = new FragmentCollector();
  collector.receive("a", fragment(1, 3, "1"));
  assertEquals(collector.receive("a", fragment(3, 3, "3")), undefined);
  assertEquals(collector.receive("a", fragment(2, 3, "2")), undefined);
  collector.receive("a", fragment(1, 2, "x"));
  assertEquals(collector.receive("a", fragment(2, 3, "y")), undefined); // another n
  collector.receive("a", fragment(1, 2, "x"));
  collector.receive("a", fragment(1, 2, "y"));
  assertEquals(collector.receive("a", fragment(2, 2, "z")), "yz"); // begun anew
});

Deno.test("FragmentCollector keeps senders and instances apart", () => {
  const collector = new FragmentCollector();
  collector.receive("a", fragment(1, 2, "a1"));
  collector.receive("b", fragment(1, 2, "b1"));
  collector.receive("a", fragment(1, 2, "c1", 0x200));
  assertEquals(collector.receive("b", fragment(2, 2, "b2")), "b1b2");
  assertEquals(collector.receive("a", fragment(2, 2, "c2", 0x200)), "c1c2");
  assertEquals(collector.receive("a", fragment(2, 2, "a2")), "a1a2");
});

Deno.test("FragmentCollector holds no more than its limits", () => {
  const collector = new FragmentCollector({ messages: 2, size: 4 });
  for (const sender of ["a", "b", "c"]) collector.receive(sender, fragment(1, 2, "x"));
  assertEquals(collector.receive("a", fragment(2, 2, "y")), undefined);
  assertEquals(collector.receive("c", fragment(2, 2, "y")), "xy");
  collector.receive("d", fragment(1, 3, "12345"));
  assertEquals(collector.receive("d", fragment(2, 3, "x")), undefined);
});
