/** The grammar of fragments, and what a sender of bad ones can reach: nothing. */
import { assert, assertEquals } from "@std/assert";
import { writeFragments } from "../../../lib/otr/mod.ts";
import { Pair } from "../../helpers/otr_pair.ts";

const TAGS = "|10000001|20000002";
const V3 = { version: 3, senderTag: 0x1000_0001, receiverTag: 0x2000_0002 } as const;

/** A message of Alice's to Bob that he has not heard. */
function unheard(pair: Pair, text: string): string {
  pair.says("alice", text);
  return pair.intercept("alice")[0] ?? "";
}

const BAD_NUMBERS = [
  ["0", "1", "k is 0"],
  ["1", "0", "n is 0"],
  ["0", "0", "both are 0"],
  ["2", "1", "k is above n"],
  ["65536", "65536", "n is above 65535"],
  ["1", "65536", "n is above 65535, k is not"],
  ["4294967297", "4294967297", "k and n are 1 in 32 bits"],
  ["99999999999999999999", "99999999999999999999", "k and n fit nowhere"],
  ["-1", "1", "k is negative"],
  ["1.0", "1", "k has a fraction"],
  ["0x1", "0x1", "k is hexadecimal"],
  ["1e0", "1", "k has an exponent"],
  [" 1", "1", "k has a blank"],
  ["+1", "+1", "k has a sign"],
  ["", "1", "k is missing"],
  ["1", "", "n is missing"],
  ["١", "١", "k is a digit of another script"],
] as const;

for (const [k, n, why] of BAD_NUMBERS) {
  Deno.test(`fragment grammar: nothing is read when ${why}`, () => {
    const pair = Pair.encrypted();
    const message = unheard(pair, "hidden in a fragment");
    pair.hears("bob", `?OTR${TAGS},${k},${n},${message},`);
    // Without tags, what is no fragment is prose, in which a whole message may well stand.
    if (/^\d{1,9}$/.test(k) && /^\d{1,9}$/.test(n)) pair.hears("bob", `?OTR,${k},${n},${message},`);
    assertEquals(
      pair.take("bob").filter((it) => it.type === "message-received" && it.encrypted),
      [],
    );
    // What was refused did no harm: the message itself is still fresh.
    pair.hears("bob", message);
    assertEquals(pair.heard("bob"), ["hidden in a fragment"]);
  });
}

Deno.test("fragment grammar: an empty piece and a missing comma are refused", () => {
  const pair = Pair.encrypted();
  const message = unheard(pair, "m");
  const [first = "", second = ""] = writeFragments(message, V3, Math.ceil(message.length / 2) + 40);
  pair.hears("bob", first).hears("bob", `?OTR${TAGS},00002,00002,,`);
  pair.hears("bob", first).hears("bob", second.slice(0, -1));
  pair.hears("bob", `?OTR${TAGS},00001,00001`);
  pair.hears("bob", `?OTR${TAGS},00001,`);
  pair.hears("bob", `?OTR${TAGS}`);
  assertEquals(pair.heard("bob"), []);
  pair.hears("bob", first).hears("bob", second);
  assertEquals(pair.heard("bob"), ["m"]);
});

/** Ways to send three pieces that are not 1, 2, 3 of 3. */
const WRONG_ORDERS: Readonly<Record<string, readonly (readonly [k: number, n: number])[]>> = {
  "a piece is missing": [[1, 3], [3, 3]],
  "pieces come backwards": [[3, 3], [2, 3], [1, 3]],
  "a piece comes twice": [[1, 3], [2, 3], [2, 3], [3, 3]],
  "n changes upwards": [[1, 3], [2, 4], [3, 3]],
  "n changes downwards": [[1, 3], [2, 2], [3, 3]],
  "it begins in the middle": [[2, 3], [3, 3]],
  "the last claims to be of two": [[1, 3], [2, 3], [2, 2]],
};

for (const [why, order] of Object.entries(WRONG_ORDERS)) {
  Deno.test(`fragment grammar: nothing comes out when ${why}`, () => {
    const pair = Pair.encrypted();
    const message = unheard(pair, "in three pieces");
    const size = Math.ceil(message.length / 3);
    for (const [k, n] of order) {
      const piece = message.slice((k - 1) * size, k * size);
      pair.hears("bob", `?OTR${TAGS},${k},${n},${piece},`);
    }
    assertEquals(pair.heard("bob"), []);
    for (const k of [1, 2, 3]) {
      pair.hears("bob", `?OTR${TAGS},${k},3,${message.slice((k - 1) * size, k * size)},`);
    }
    assertEquals(pair.heard("bob"), ["in three pieces"]);
  });
}

Deno.test("fragment grammar: a fragment in a fragment is not unpacked", () => {
  const pair = Pair.encrypted();
  const message = unheard(pair, "matryoshka");
  // A comma ends a piece, so the inner fragment travels in two: that is all an attacker gets.
  const inner = `?OTR${TAGS},1,1,${message},`;
  pair.hears("bob", `?OTR${TAGS},1,1,${inner},`);
  for (const [at, piece] of [inner.slice(0, 30), inner.slice(30)].entries()) {
    pair.hears("bob", `?OTR${TAGS},${at + 1},2,${piece},`);
  }
  assertEquals(pair.heard("bob"), []);
});

Deno.test("fragments of ever new senders and messages keep no more than the limits", () => {
  const limits = { fragmentCharacters: 100_000, fragmentSenders: 8 };
  const pair = Pair.encrypted({}, { limits });
  const piece = "A".repeat(10_000);
  const before = Deno.memoryUsage().heapUsed;
  for (let sender = 0; sender < 20_000; sender++) {
    const tag = (0x3000_0000 + sender).toString(16);
    pair.hears("bob", `?OTR|${tag}|20000002,00001,00002,${piece}${sender},`);
    if (sender % 1000 === 0) pair.take("bob");
  }
  pair.take("bob");
  const growth = Deno.memoryUsage().heapUsed - before;
  assert(growth < 100 * 1024 * 1024, `the heap grew by ${growth} octets`);
  pair.says("alice", "still here").run();
  assertEquals(pair.heard("bob"), ["still here"]);
});
