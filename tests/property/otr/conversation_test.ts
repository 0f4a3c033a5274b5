/** Any text gives events, never an exception, and never more memory than the limits say. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { latin1 } from "../../../lib/base/ascii.ts";
import { utf8 } from "../../../lib/base/bytes.ts";
import { armour, parseOtrMessage, type Tlv } from "../../../lib/otr/mod.ts";
import { Pair, secret, type SideOptions } from "../../helpers/otr_pair.ts";
import { mutate, seededDice } from "../../../tools/fuzz/mutate.ts";

const POLICIES: readonly SideOptions[] = [
  {},
  { policy: { versions: [2] } },
  { policy: { requireEncryption: true, errorStartAke: true, sendWhitespaceTag: true } },
  { maxMessageSize: 200 },
  { padTo: 64 },
];

const mark = fc.constantFrom("?OTR:", "?OTR|", "?OTR,", "?OTR?", "?OTRv23?", "?OTR Error:", "");
const anything = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.tuple(mark, fc.string({ unit: "binary", maxLength: 60 })).map((it) => it.join("")),
  fc.uint8Array({ maxLength: 200 }).map((octets) => armour(octets)),
  // Header of a message that we know, and octets.
  fc.tuple(
    fc.constantFrom(2, 3),
    fc.constantFrom(0x02, 0x03, 0x0a, 0x11, 0x12, 0xff),
    fc.uint8Array({ maxLength: 300 }),
    fc.boolean(),
  ).map(([version, type, octets, isForBob]) => {
    const tags = version === 2
      ? []
      : [0x10, 0, 0, 1, ...(isForBob ? [0x20, 0, 0, 2] : [0, 0, 0, 0])];
    return armour(Uint8Array.of(0, version, type, ...tags, ...octets));
  }),
);

for (const options of POLICIES) {
  Deno.test(`Conversation answers any text by outputs, with ${JSON.stringify(options)}`, () => {
    const pairs = [new Pair(options, options), Pair.encrypted(options, options), ended(options)];
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 10 }), fc.integer({ min: 0, max: 2 }), (
        texts,
        which,
      ) => {
        const pair = pairs[which] ?? pairs[0];
        assert(pair !== undefined);
        for (const text of texts) pair.hears("bob", text);
        for (const event of pair.take("bob")) {
          // Nobody without the keys can make Bob believe that it was said in private.
          assert(event.type !== "message-received" || !event.encrypted);
          assert(event.type !== "smp" && event.type !== "extra-key");
        }
        pair.intercept("bob");
        pair.now += 1000;
      }),
      { numRuns: 300 },
    );
  });
}

function ended(options: SideOptions): Pair {
  const pair = Pair.encrypted(options, options);
  pair.does("alice", (it, now) => it.endSession(now)).run();
  pair.take("bob");
  return pair;
}

/** Everything that goes over the wire in a conversation with all kinds of messages. */
function transcript(options: SideOptions): { from: "alice" | "bob"; message: string }[] {
  const pair = new Pair(options, options);
  pair.does("alice", (it, now) => it.query(now)).run();
  pair.says("alice", "one").run().says("bob", "two").run().says("alice", "three").run();
  pair.does("alice", (it, now) => it.startSmp(secret("s"), "q", now)).run();
  pair.does("bob", (it, now) => it.answerSmp(secret("s"), now)).run();
  pair.does("alice", (it, now) => it.endSession(now)).run();
  return pair.wire;
}

const HONEST_TEXTS = new Set(["one", "two", "three"]);

for (const options of POLICIES) {
  Deno.test(`Conversation survives a damaged transcript, with ${JSON.stringify(options)}`, () => {
    const honest = transcript(options);
    const corpus = honest.map((it) => utf8(it.message));
    const words = ["?OTR:", "?OTR|", "AAMD", ",", ".", "00001"].map(utf8);
    let heard = 0;
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, share) => {
        const dice = seededDice(seed);
        // The same randomness again: the same conversation, until something is damaged.
        const pair = new Pair(options, options);
        pair.does("alice", (it, now) => it.query(now));
        for (const [at, { from, message }] of honest.entries()) {
          const to = from === "alice" ? "bob" : "alice";
          const isDamaged = dice(1000) < share * 300;
          const text = isDamaged
            ? latin1(mutate(corpus[at] ?? new Uint8Array(), corpus, words, dice))
            : message;
          pair.hears(to, text);
          pair.intercept("alice");
          pair.intercept("bob");
        }
        for (const side of ["alice", "bob"] as const) {
          for (const event of pair.take(side)) {
            if (event.type !== "message-received" || !event.encrypted) continue;
            assert(HONEST_TEXTS.has(event.text), `heard ${event.text}`);
            heard++;
          }
        }
      }),
      { numRuns: 40 },
    );
    assert(heard > 0, "nothing was ever heard: nothing was tested");
  });
}

Deno.test("Conversation takes any records of an authenticated peer without an exception", () => {
  const tlv: fc.Arbitrary<Tlv> = fc.record({
    type: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 0xffff })),
    value: fc.uint8Array({ maxLength: 300 }),
  });
  const pair = Pair.encrypted();
  fc.assert(
    fc.property(fc.array(tlv, { maxLength: 80 }), fc.boolean(), (tlvs, isAsking) => {
      if (pair.alice.messageState !== "encrypted" || pair.bob.messageState !== "encrypted") {
        pair.does("bob", (it, now) => it.endSession(now));
        pair.does("alice", (it, now) => it.query(now)).run();
      }
      if (isAsking) pair.does("bob", (it, now) => it.startSmp(secret("b"), undefined, now));
      pair.does("alice", (it, now) => it.sendMessage("t", now, { tlvs })).run();
      const events = pair.take("bob");
      assert(events.some((it) => it.type === "message-received" && it.text === "t"));
      for (const event of events) assert(event.type !== "smp" || event.what !== "success");
      pair.take("alice");
    }),
    { numRuns: 200 },
  );
});

Deno.test("Conversation says any text as it is, with any records, padding and fragments", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 300 }).filter((it) => !it.includes("\0"));
  const sizes = fc.constantFrom(0, 40, 100, 200, 1000);
  fc.assert(
    fc.property(fc.array(text, { maxLength: 6 }), sizes, fc.nat(70), (texts, size, padTo) => {
      const pair = Pair.encrypted({ maxMessageSize: size, padTo });
      for (const it of texts) pair.says("alice", it).run();
      assertEquals(pair.heard("bob"), texts.filter((it) => it !== ""));
      const longest = Math.max(0, ...pair.wire.map((it) => it.message.length));
      assert(size === 0 || longest <= size, `${longest} characters at once`);
    }),
    { numRuns: 30 },
  );
});

Deno.test("Conversation carries any octets as plain content", () => {
  const pair = Pair.encrypted();
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (octets) => {
      pair.does("alice", (it, now) => it.sendMessage(octets, now, { plainContent: true }));
      for (const message of pair.intercept("alice")) {
        assertEquals(parseOtrMessage(message).type, "data");
        pair.hears("bob", message, { plainContent: true });
      }
      const [event] = pair.taken("bob", "message-received");
      assertEquals(Array.from(event?.content ?? []), Array.from(octets));
    }),
    { numRuns: 100 },
  );
});

Deno.test("Conversation keeps no more than its limits, whatever is thrown at it for long", () => {
  const pair = Pair.encrypted({}, { limits: { fragmentCharacters: 50_000, storedMessages: 4 } });
  const dice = seededDice(42);
  const corpus = transcript({}).map((it) => utf8(it.message));
  const words = ["?OTR:", "?OTR|", "?OTR,", "10000001", "20000002", "00001", "65535"].map(utf8);
  const feed = (count: number): void => {
    for (let at = 0; at < count; at++) {
      const input = mutate(corpus[dice(corpus.length)] ?? new Uint8Array(), corpus, words, dice);
      pair.hears("bob", latin1(input));
      pair.take("bob");
      pair.intercept("bob");
      pair.wire.length = 0;
      pair.now += 50;
    }
  };
  feed(2000); // Whatever is built lazily is there now.
  const before = Deno.memoryUsage().heapUsed;
  feed(8000);
  const growth = Deno.memoryUsage().heapUsed - before;
  assert(growth < 64 * 1024 * 1024, `the heap grew by ${growth} octets`);
  assert(pair.bob.instances().length <= 16);
});
