/** What only libotr can be asked for: fragments, whitespace tags, policies, accidents. */
import { assert, assertEquals } from "@std/assert";
import type { RandomSource } from "../../../lib/base/output.ts";
import { InProcessPeer, otherSide, type Side, type Wire } from "../../../lib/harness/mod.ts";
import { generateDhKeyPair, parseOtrMessage } from "../../../lib/otr/mod.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";
import { testKey } from "../../helpers/otr_pair.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";
import { connect, end, goPrivate, heard, type Pair, say, stateOf, verify } from "./conversation.ts";
import type { PairOptions } from "./conversation.ts";
import { libotr, startSotto } from "./engines.ts";

/** Registers a test in which we are `a` and libotr is `b`. */
function withLibotr(
  name: string,
  options: PairOptions,
  run: (pair: Pair) => Promise<void>,
  optionsOfB: Partial<PairOptions> = {},
): void {
  livePeerTest(name, libotr.needs, async () => {
    await using a = await startSotto();
    await using b = await libotr.start();
    await run(await connect(a, b, options, optionsOfB));
  });
}

const LONG = `${"0123456789 äöü ".repeat(60)}end`;

for (const version of [2, 3] as const) {
  withLibotr(
    `Conversation exchanges fragments of 200 with libotr in version ${version}`,
    { versions: `${version}`, fragment: 200 },
    async (pair) => {
      const { wire } = pair;
      await goPrivate(pair, "a", version);
      await goPrivate(pair, "b", version);
      for (const side of ["a", "b"] as const) await say(wire, side, LONG, "short", LONG);
      await verify(wire, { asker: "a", secret: "s", answer: "s", question: "é?" });
      await verify(wire, { asker: "b", secret: "s", answer: "s" });
      for (const side of ["a", "b"] as const) assertFragmented(wire, side, version);
      await end(wire, "b");
    },
  );
}

function assertFragmented(wire: Wire, side: Side, version: number): void {
  const messages = wire.messages().filter((it) => it.from === side).map((it) => it.message)
    .filter((it) => !it.startsWith("?OTRv"));
  const fragments = messages.map((it) => parseOtrMessage(it)).filter((it) =>
    it.type === "fragment"
  );
  assert(fragments.length > 20, `${side} sent ${fragments.length} fragments`);
  assert(fragments.every((it) => it.version === version));
  const longest = Math.max(...messages.map((it) => it.length));
  assert(longest <= 200 && longest > 190, `${side} sent ${longest} octets at once`);
}

for (const side of ["a", "b"] as const) {
  const who = side === "a" ? "our" : "libotr's";
  withLibotr(
    `Conversation becomes encrypted by ${who} whitespace tag`,
    { versions: "23", whitespace: true },
    async ({ wire }) => {
      const events = await wire.run(side, { op: "send", text: "hello" });
      const texts = events.flatMap((it) =>
        it.type === "event" && it.event.ev === "plaintext" ? [it.event] : []
      );
      assertEquals(texts, [{ ev: "plaintext", text: "hello", encrypted: false }]);
      assertEquals((await stateOf(wire, "a")).state, "encrypted");
      assertEquals((await stateOf(wire, "b")).state, "encrypted");
      await say(wire, side, "and now in private");
    },
  );
}

withLibotr(
  "Conversation stays in plaintext when libotr may not start on a tag",
  { versions: "23", whitespace: true },
  async ({ wire }) => {
    await wire.run("a", { op: "send", text: "hello" });
    await wire.run("b", { op: "send", text: "hi" });
    assertEquals((await stateOf(wire, "a")).state, "plaintext");
    const start = wire.record.length;
    await wire.run("a", { op: "send", text: "no tag any more" });
    assertEquals(wire.messages(start), [{ from: "a", message: "no tag any more" }]);
  },
  { policy: ["no-whitespace-start"], whitespace: false },
);

for (const side of ["a", "b"] as const) {
  const who = side === "a" ? "we" : "libotr";
  withLibotr(
    `Conversation delivers the message that ${who} kept until encryption was there`,
    { versions: "23", policy: side === "a" ? ["require"] : [] },
    async ({ wire }) => {
      const start = wire.record.length;
      await wire.run(side, { op: "send", text: "only in private" });
      const [first] = wire.messages(start);
      assert(first !== undefined && parseOtrMessage(first.message).type === "query");
      assertEquals(heard(wire, otherSide(side), start).map((it) => it.replace("[resent] ", "")), [
        "only in private",
      ]);
    },
    { policy: side === "b" ? ["require"] : [] },
  );
}

for (const version of [2, 3] as const) {
  withLibotr(
    `Conversation and libotr agree on one session when both ask at once in version ${version}`,
    { versions: `${version}` },
    async (pair) => {
      const { wire } = pair;
      await wire.perform("a", { op: "query" });
      await wire.perform("b", { op: "query" });
      await wire.settle();
      if (version === 2 && (await stateOf(wire, "a")).state === "plaintext") {
        // libotr 4.1.1 gives way to every D-H Commit of version 2, also with the higher hash
        // (it does so to itself too): both wait. A further query gets them out.
        await wire.run("a", { op: "query" });
      }
      const a = await stateOf(wire, "a");
      const b = await stateOf(wire, "b");
      assertEquals([a.state, b.state], ["encrypted", "encrypted"]);
      assertEquals(a.ssid, b.ssid);
      await say(wire, "a", "one", "two");
      await say(wire, "b", "three", "four");
    },
  );
}

withLibotr("Conversation renews a session with libotr at either side's wish", {
  versions: "3",
}, async (pair) => {
  const { wire } = pair;
  await goPrivate(pair, "a", 3);
  const first = await stateOf(wire, "a");
  await say(wire, "a", "before");
  await goPrivate(pair, "b", 3);
  assert((await stateOf(wire, "a")).ssid !== first.ssid);
  await say(wire, "a", "after");
  await say(wire, "b", "after");
  await goPrivate(pair, "a", 3);
  await say(wire, "b", "again");
});

withLibotr("Conversation stops SMP with libotr half-way, and starts it again", {
  versions: "3",
}, async (pair) => {
  const { wire } = pair;
  await goPrivate(pair, "a", 3);
  for (const asker of ["a", "b"] as const) {
    for (const quitter of ["a", "b"] as const) {
      const start = wire.record.length;
      await wire.run(asker, { op: "smp_start", secret: "s", question: "q" });
      await wire.run(quitter, { op: "smp_abort" });
      const told = wire.events(otherSide(quitter), start);
      assert(told.some((it) => it.ev === "smp" && it.what === "aborted"), JSON.stringify(told));
      await verify(wire, { asker, secret: "s", answer: "s", question: "q" });
    }
    await wire.run(asker, { op: "smp_start", secret: "first" });
    await verify(wire, { asker, secret: "second", answer: "second" });
  }
});

const lossy = { isDown: false };

withLibotr("Conversation recovers when libotr ended it and the message was lost", {
  versions: "3",
  wire: { disturb: (message) => lossy.isDown ? [] : [message] },
}, async (pair) => {
  const { wire } = pair;
  await goPrivate(pair, "a", 3);
  lossy.isDown = true;
  await wire.run("b", { op: "end" });
  lossy.isDown = false;
  assertEquals((await stateOf(wire, "a")).state, "encrypted");
  assertEquals((await stateOf(wire, "b")).state, "plaintext");
  const start = wire.record.length;
  await wire.run("a", { op: "send", text: "are you there?" });
  // libotr 4.1.1 tells its own user and sends no error message.
  assertEquals(wire.events("b", start).map((it) => it.ev), ["error"]);
  await goPrivate(pair, "a", 3);
  await say(wire, "a", "there you are");
  await say(wire, "b", "here I am");
});

for (const side of ["a", "b"] as const) {
  const who = side === "a" ? "we" : "libotr";
  withLibotr(
    `Conversation and libotr send nothing in the clear after ${who} ended it`,
    { versions: "23" },
    async (pair) => {
      const { wire } = pair;
      await goPrivate(pair, "a", 3);
      await end(wire, side);
      const start = wire.record.length;
      await wire.run(otherSide(side), { op: "send", text: "too late" });
      assertEquals(wire.messages(start), []);
      assertEquals(wire.events(otherSide(side), start).map((it) => it.ev), ["error"]);
      await wire.run(otherSide(side), { op: "end" });
      assertEquals((await stateOf(wire, otherSide(side))).state, "plaintext");
      await goPrivate(pair, side, 3);
      await say(wire, side, "once more");
    },
  );
}

withLibotr("Conversation chooses version 3 with libotr when both versions are allowed", {
  versions: "23",
}, (pair) => goPrivate(pair, "b", 3));

withLibotr(
  "Conversation falls to version 2 when libotr has no other",
  {
    versions: "23",
  },
  (pair) => goPrivate(pair, "a", 2),
  { versions: "2" },
);

/** First draws of a length that make short numbers, found by a search over seeds. */
const SHORT_DRAWS: Readonly<Record<string, (source: RandomSource) => Uint8Array>> = {
  "D-H public key": (source) => {
    for (;;) {
      const draw = source(40);
      if (generateDhKeyPair(() => draw.slice()).publicKey < 1n << 1528n) return draw;
    }
  },
  "key r of our D-H Commit": (source) => source(16).fill(0, 0, 2),
};

for (const [what, find] of Object.entries(SHORT_DRAWS)) {
  for (const asker of ["a", "b"] as const) {
    const who = asker === "a" ? "we ask" : "it asks";
    livePeerTest(
      `Conversation agrees with libotr on a short ${what} when ${who}`,
      libotr.needs,
      async () => {
        const source = seededRandom(4);
        const chosen = find(source);
        let isUsed = false;
        await using a = new InProcessPeer({
          identity: () => ({ key: testKey("alice"), instanceTag: 0x500 }),
          random: (length) => {
            if (isUsed || length !== chosen.length) return source(length);
            isUsed = true;
            return chosen.slice();
          },
        });
        await using b = await libotr.start();
        const pair = await connect(a, b, { versions: "3" });
        await goPrivate(pair, asker, 3);
        await say(pair.wire, "a", "one");
        await say(pair.wire, "b", "two");
        await say(pair.wire, "a", "three");
      },
    );
  }
}
