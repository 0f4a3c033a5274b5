import { assertEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../lib/base/errors.ts";
import { FragmentAssembler } from "../../../lib/otr/fragment_assembler.ts";
import { DEFAULT_LIMITS } from "../../../lib/otr/limits.ts";
import type { Fragment } from "../../../lib/otr/wire/fragment.ts";

const limits = {
  ...DEFAULT_LIMITS,
  fragmentCharacters: 20,
  fragmentSenders: 2,
  fragmentTimeout: 1000,
};

function fragment(k: number, n: number, piece: string, senderTag = 0x100): Fragment {
  return {
    type: "fragment",
    version: 3,
    senderTag,
    receiverTag: 0x200,
    k,
    n,
    piece,
    text: "",
    prefix: "",
  };
}

Deno.test("FragmentAssembler joins pieces in order", () => {
  const assembler = new FragmentAssembler(limits);
  assertEquals(assembler.receive(fragment(1, 3, "a"), 0), undefined);
  assertEquals(assembler.receive(fragment(2, 3, "b"), 0), undefined);
  assertEquals(assembler.receive(fragment(3, 3, "c"), 0), "abc");
  assertEquals(assembler.receive(fragment(1, 1, "whole"), 0), "whole");
  assertEquals(assembler.deadline, undefined);
});

Deno.test("FragmentAssembler forgets everything at a gap, a repetition or another n", () => {
  for (const wrong of [fragment(3, 3, "x"), fragment(2, 4, "x"), fragment(2, 2, "x")]) {
    const assembler = new FragmentAssembler(limits);
    assembler.receive(fragment(1, 3, "a"), 0);
    assertEquals(assembler.receive(wrong, 0), undefined);
    assertEquals(assembler.receive(fragment(2, 3, "b"), 0), undefined);
    assertEquals(assembler.receive(fragment(3, 3, "c"), 0), undefined);
  }
});

Deno.test("FragmentAssembler begins anew at k = 1", () => {
  const assembler = new FragmentAssembler(limits);
  assembler.receive(fragment(1, 3, "old"), 0);
  assembler.receive(fragment(1, 2, "a"), 0);
  assertEquals(assembler.receive(fragment(2, 2, "b"), 0), "ab");
});

Deno.test("FragmentAssembler keeps senders apart", () => {
  const assembler = new FragmentAssembler(limits);
  assembler.receive(fragment(1, 2, "a", 0x100), 0);
  assembler.receive(fragment(1, 2, "x", 0x101), 0);
  assertEquals(assembler.receive(fragment(2, 2, "b", 0x100), 0), "ab");
  assertEquals(assembler.receive(fragment(2, 2, "y", 0x101), 0), "xy");
});

Deno.test("FragmentAssembler bounds the characters of all senders together", () => {
  const assembler = new FragmentAssembler(limits);
  assembler.receive(fragment(1, 3, "x".repeat(15), 0x100), 0);
  const error = assertThrows(
    () => assembler.receive(fragment(1, 3, "x".repeat(6), 0x101), 0),
    PeerError,
  );
  assertEquals(error.code, "otr/fragments-too-long");
  // The one that was too much is forgotten, the other goes on.
  assertEquals(assembler.receive(fragment(2, 3, "y", 0x100), 0), undefined);
  assertEquals(assembler.receive(fragment(3, 3, "z", 0x100), 0), `${"x".repeat(15)}yz`);
  assertEquals(assembler.receive(fragment(1, 1, "x".repeat(20), 0x101), 0), "x".repeat(20));
});

Deno.test("FragmentAssembler forgets the oldest sender when there are too many", () => {
  const assembler = new FragmentAssembler(limits);
  for (const sender of [0x100, 0x101, 0x102]) assembler.receive(fragment(1, 2, "a", sender), 0);
  assertEquals(assembler.receive(fragment(2, 2, "b", 0x100), 0), undefined);
  assertEquals(assembler.receive(fragment(2, 2, "b", 0x101), 0), "ab");
});

Deno.test("FragmentAssembler forgets what is overdue", () => {
  const assembler = new FragmentAssembler(limits);
  assembler.receive(fragment(1, 3, "a"), 0);
  assembler.receive(fragment(2, 3, "b"), 500);
  assertEquals(assembler.deadline, 1500);
  assembler.handleTimeout(1499);
  assertEquals(assembler.deadline, 1500);
  assembler.handleTimeout(1500);
  assertEquals(assembler.deadline, undefined);
  assertEquals(assembler.receive(fragment(3, 3, "c"), 1500), undefined);
});

Deno.test("FragmentAssembler.clear() forgets one sender, clearAll() everybody", () => {
  const assembler = new FragmentAssembler(limits);
  assembler.receive(fragment(1, 2, "a", 0x100), 0);
  assembler.receive(fragment(1, 2, "a", 0x101), 0);
  assembler.clear(3, 0x100);
  assertEquals(assembler.receive(fragment(2, 2, "b", 0x100), 0), undefined);
  assembler.clearAll();
  assertEquals(assembler.receive(fragment(2, 2, "b", 0x101), 0), undefined);
  assertEquals(assembler.receive(fragment(1, 1, "x".repeat(20)), 0), "x".repeat(20));
});
