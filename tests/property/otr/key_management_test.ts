/** Whatever the order in which messages cross, every one is read, and no MAC key in use is given away. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { equalBytes } from "../../../lib/base/bytes.ts";
import { HmacSha1, maccedPart, parseOtrMessage } from "../../../lib/otr/mod.ts";
import { type InFlight, Pair, type Side } from "../../helpers/otr_pair.ts";

/** A step of a story: somebody speaks, or one message arrives. */
type Step = "alice says" | "bob says" | "alice hears" | "bob hears";
const steps = fc.array(
  fc.constantFrom<Step>("alice says", "bob says", "alice hears", "bob hears"),
  { minLength: 30, maxLength: 80, size: "max" },
);

/** MAC keys that each side has given away so far. */
class Revelations {
  readonly #keys: Record<Side, Uint8Array[]> = { alice: [], bob: [] };
  count = 0;

  /** Notes the keys in a message that was sent. */
  sent({ from, message }: InFlight): void {
    const data = parseOtrMessage(message);
    if (data.type !== "data") return;
    assertEquals(data.oldMacKeys.length % 20, 0);
    for (let at = 0; at < data.oldMacKeys.length; at += 20) {
      this.#keys[from].push(data.oldMacKeys.slice(at, at + 20));
      this.count++;
    }
  }

  /** Whether anybody could have forged a message to `to` with a key that `to` gave away. */
  covers(to: Side, message: string): boolean {
    const data = parseOtrMessage(message);
    if (data.type !== "data") return false;
    const macced = maccedPart(data, data);
    return this.#keys[to].some((key) => equalBytes(new HmacSha1(key).compute(macced), data.mac));
  }
}

for (const version of [2, 3] as const) {
  Deno.test(`Conversation reads every message of version ${version} in order, however they cross`, () => {
    const policy = { versions: [version] };
    let revealed = 0;
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 1 << 30 }), (story, seed) => {
        const pair = Pair.encrypted({ policy }, { policy });
        const revelations = new Revelations();
        const said: Record<Side, string[]> = { alice: [], bob: [] };
        const heard: Record<Side, string[]> = { alice: [], bob: [] };
        const deliver = (to: Side): boolean => {
          const sentBefore = pair.wire.length;
          const message = pair.deliver(to);
          if (message === undefined) return false;
          assert(!revelations.covers(to, message.message), "its MAC key was public already");
          for (const event of pair.take(to)) {
            assertEquals(event.type, "message-received");
            if (event.type === "message-received") heard[to].push(event.text);
          }
          for (const it of pair.wire.slice(sentBefore)) revelations.sent(it);
          return true;
        };
        for (const [at, step] of story.entries()) {
          const side: Side = step.startsWith("alice") ? "alice" : "bob";
          if (step.endsWith("hears")) {
            deliver(side);
            continue;
          }
          const sentBefore = pair.wire.length;
          pair.says(side, `${seed} ${at}`);
          said[side].push(`${seed} ${at}`);
          for (const it of pair.wire.slice(sentBefore)) revelations.sent(it);
        }
        while (deliver("alice") || deliver("bob"));
        assertEquals(heard, { alice: said.bob, bob: said.alice });
        revealed += revelations.count;
      }),
      { numRuns: 60 },
    );
    assert(revealed > 50, `only ${revealed} keys were revealed: nothing was tested`);
  });
}

Deno.test("Conversation loses no message but those that are lost, repeated or late", () => {
  const fates = fc.array(fc.constantFrom("arrives", "arrives", "is lost", "comes twice"), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(fates, (story) => {
      const pair = Pair.encrypted();
      const expected: string[] = [];
      for (const [at, fate] of story.entries()) {
        const [from, to]: readonly [Side, Side] = at % 2 === 0
          ? ["alice", "bob"]
          : ["bob", "alice"];
        pair.says(from, `${at}`);
        for (const message of pair.intercept(from)) {
          if (fate === "is lost") continue;
          pair.hears(to, message);
          if (fate === "comes twice") pair.hears(to, message);
        }
        pair.intercept(to);
        if (fate !== "is lost") expected.push(`${at}`);
      }
      const heard = [...pair.heard("bob"), ...pair.heard("alice")].sort((a, b) => +a - +b);
      assertEquals(heard, expected);
    }),
    { numRuns: 60 },
  );
});
