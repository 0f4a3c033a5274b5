/** The recorded conversations happen again, octet by octet, and can be read from the wire alone. */
import { assert, assertEquals } from "@std/assert";
import { decodeUtf8Lossy } from "../../../lib/base/bytes.ts";
import type { Peer, PeerEvent, Side } from "../../../lib/harness/mod.ts";
import { overhear, type OverheardMessage } from "../../helpers/otr_passive.ts";
import { engineOf, isOurs, readRecording, type Recording } from "../../helpers/otr_recording.ts";

const FOLDER = new URL("../../../fixtures/otr/recordings/", import.meta.url);

/** What a recording must show: texts that arrived encrypted, and verdicts, on each side. */
interface Expected {
  readonly heard: Readonly<Record<Side, number>>;
  readonly verdicts: Readonly<Record<Side, readonly string[]>>;
}

const ok = "success";
const asked = "asked";
const WHOLE: Expected = {
  heard: { a: 5, b: 8 },
  verdicts: { a: [ok, asked, ok, asked, "failure"], b: [asked, ok, ok, "failure"] },
};
const FRAGMENTED: Expected = {
  heard: { a: 1, b: 1 },
  verdicts: { a: [ok], b: [asked, ok] },
};
const EXPECTED: Readonly<Record<string, Expected>> = {
  "sotto-sotto-v2": WHOLE,
  "sotto-sotto-v3": WHOLE,
  "sotto-sotto-v3-smp": {
    heard: { a: 0, b: 0 },
    verdicts: {
      a: [ok, asked, "failure", "aborted", ok],
      b: [asked, ok, "failure", asked, "aborted", asked, "aborted", asked, ok],
    },
  },
  "sotto-sotto-v3-fragmented": FRAGMENTED,
  "sotto-sotto-crossed": { heard: { a: 4, b: 4 }, verdicts: { a: [], b: [] } },
  "sotto-sotto-whitespace": { heard: { a: 2, b: 2 }, verdicts: { a: [], b: [] } },
  "sotto-libotr-v2": WHOLE,
  "sotto-libotr-v3": WHOLE,
  "sotto-libotr-v3-fragmented": FRAGMENTED,
  "sotto-potr-v2": WHOLE,
};

Deno.test("every recording is replayed", () => {
  const names = [...Deno.readDirSync(FOLDER)].map((it) => it.name.replace(/\.jsonl$/, ""));
  assertEquals(names.sort(), Object.keys(EXPECTED).sort());
});

for (const [name, expected] of Object.entries(EXPECTED)) {
  const load = (): Recording =>
    readRecording(Deno.readTextFileSync(new URL(`${name}.jsonl`, FOLDER)));

  Deno.test(`Conversation says in ${name} every octet that it said when that was recorded`, async () => {
    const { header, steps } = load();
    const ours = new Map<Side, Peer>();
    for (const side of ["a", "b"] as const) {
      const end = header.ends[side];
      if (isOurs(end)) ours.set(side, engineOf(end));
    }
    assert(ours.has("a"));
    for (const [at, { side, operation, events }] of steps.entries()) {
      const again = await ours.get(side)?.perform(operation);
      if (again !== undefined) assertEquals(again, [...events], `step ${at + 1}: ${operation.op}`);
    }
  });

  Deno.test(`Conversation hears in ${name} what was said, and the verdicts`, () => {
    const { steps } = load();
    const of = (side: Side): PeerEvent[] =>
      steps.filter((it) => it.side === side).flatMap((it) => it.events);
    for (const side of ["a", "b"] as const) {
      const heard = textsHeard(of(side));
      assertEquals(heard.length, expected.heard[side]);
      const said = steps.flatMap((it) =>
        it.side !== side && it.operation.op === "send" ? [it.operation.text] : []
      );
      assertEquals(heard, said.slice(-heard.length || said.length));
      const verdicts = of(side).flatMap((it) => it.ev === "smp" ? [it.what] : []);
      assertEquals(verdicts, expected.verdicts[side]);
    }
  });

  Deno.test(`every Data Message of ${name} can be read with the secrets of one end`, () => {
    const recording = load();
    const overheard = overhear(recording);
    for (const side of ["a", "b"] as const) {
      const heard = recording.steps.filter((it) => it.side !== side).flatMap((it) => it.events);
      assertEquals(textsOf(overheard, side), textsHeard(heard));
    }
  });
}

function textsHeard(events: readonly PeerEvent[]): string[] {
  return events.flatMap((it) => it.ev === "plaintext" && it.encrypted ? [it.text] : []);
}

function textsOf(overheard: readonly OverheardMessage[], from: Side): string[] {
  return overheard.filter((it) => it.from === from && it.content.length > 0)
    .map((it) => decodeUtf8Lossy(it.content));
}
