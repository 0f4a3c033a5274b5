/**
 * Makes the recordings in fixtures/otr/recordings anew:
 *
 *     deno run -A tools/record_otr.ts [NAME…]
 *
 * Our ends draw from seeded randomness, so that a replay must produce every octet again. The
 * foreign engines (libotr, potr) draw from their own; what they sent is in the recording.
 */
import { toHex, utf8 } from "../lib/base/bytes.ts";
import { type Peer, type PeerInit, type Side, Wire } from "../lib/harness/mod.ts";
import { type Engine, libotr, potr } from "../tests/interop/otr/engines.ts";
import {
  drawLog,
  engineOf,
  type ForeignEnd,
  isOurs,
  type OurEnd,
  type RecordedDraws,
  recordedPeer,
  type RecordedStep,
  type Recording,
  writeRecording,
} from "../tests/helpers/otr_recording.ts";

interface Plan {
  readonly about: string;
  readonly other: "sotto" | Engine;
  readonly init: Omit<PeerInit, "op" | "name">;
  readonly play: (wire: Wire) => Promise<void>;
}

const FOLDER = new URL("../fixtures/otr/recordings/", import.meta.url);
const KEYS = new URL("../fixtures/keys/", import.meta.url);

const PLANS: Readonly<Record<string, Plan>> = {
  "sotto-sotto-v2": {
    about: "version 2: query, texts both ways, SMP, end",
    other: "sotto",
    init: { versions: "2" },
    play: conversation,
  },
  "sotto-sotto-v3": {
    about: "version 3: query, texts both ways, SMP, end",
    other: "sotto",
    init: { versions: "3" },
    play: conversation,
  },
  "sotto-sotto-v3-smp": {
    about:
      "SMP with a question that succeeds, one that fails, one that is given up, one that restarts",
    other: "sotto",
    init: { versions: "3" },
    play: manyVerifications,
  },
  "sotto-sotto-v3-fragmented": {
    about: "every message in fragments of at most 200 characters",
    other: "sotto",
    init: { versions: "3", fragment: 200 },
    play: fragmented,
  },
  "sotto-sotto-crossed": {
    about: "both sides ask at once; then texts that cross; then a renewed session",
    other: "sotto",
    init: { versions: "3" },
    play: crossed,
  },
  "sotto-sotto-whitespace": {
    about: "an offer by whitespace tag is taken",
    other: "sotto",
    init: { versions: "23", whitespace: true },
    play: tagged,
  },
  "sotto-libotr-v2": {
    about: "version 2 with libotr: query, texts both ways, SMP, end",
    other: libotr,
    init: { versions: "2" },
    play: conversation,
  },
  "sotto-libotr-v3": {
    about: "version 3 with libotr: query, texts both ways, SMP, end",
    other: libotr,
    init: { versions: "3" },
    play: conversation,
  },
  "sotto-libotr-v3-fragmented": {
    about: "version 3 with libotr, every message in fragments of at most 200 octets",
    other: libotr,
    init: { versions: "3", fragment: 200 },
    play: fragmented,
  },
  "sotto-potr-v2": {
    about: "version 2 with potr: query, texts both ways, SMP, end",
    other: potr,
    init: { versions: "2" },
    play: conversation,
  },
};

async function conversation(wire: Wire): Promise<void> {
  await wire.run("a", { op: "query" });
  await talk(wire, 4);
  for (const text of ["one", "two", "three"]) await wire.perform("a", { op: "send", text });
  await wire.settle();
  await verify(wire, "a", "pączek", "pączek");
  await verify(wire, "b", "été", "été", "Où était-ce?");
  await verify(wire, "b", "right", "wrong");
  await talk(wire, 1);
  await wire.run("a", { op: "end" });
}

async function talk(wire: Wire, turns: number): Promise<void> {
  for (let turn = 1; turn <= turns; turn++) {
    await wire.run("a", { op: "send", text: `message ${turn} — zażółć gęślą jaźń` });
    await wire.run("b", { op: "send", text: `answer ${turn} — 你好 🥞` });
  }
}

async function verify(
  wire: Wire,
  asker: Side,
  secret: string,
  answer: string,
  question?: string,
): Promise<void> {
  await wire.run(asker, { op: "smp_start", secret, question });
  await wire.run(asker === "a" ? "b" : "a", { op: "smp_answer", secret: answer });
}

async function manyVerifications(wire: Wire): Promise<void> {
  await wire.run("b", { op: "query" });
  await verify(wire, "a", "blue", "blue", "Colour of the door?");
  await verify(wire, "b", "blue", "red");
  await wire.run("a", { op: "smp_start", secret: "x", question: "Still there?" });
  await wire.run("b", { op: "smp_abort" });
  await wire.run("a", { op: "smp_start", secret: "x" });
  await wire.run("a", { op: "smp_start", secret: "y" });
  await wire.run("b", { op: "smp_answer", secret: "y" });
  await wire.run("b", { op: "end" });
}

async function fragmented(wire: Wire): Promise<void> {
  await wire.run("a", { op: "query" });
  const text = "A text that is longer than a fragment. ".repeat(12).trim();
  for (const side of ["a", "b"] as const) await wire.run(side, { op: "send", text });
  await verify(wire, "a", "s", "s", "q?");
  await wire.run("b", { op: "end" });
}

async function crossed(wire: Wire): Promise<void> {
  await wire.perform("a", { op: "query" });
  await wire.perform("b", { op: "query" });
  await wire.settle();
  for (const text of ["1", "2", "3"]) {
    await wire.perform("a", { op: "send", text: `a${text}` });
    await wire.perform("b", { op: "send", text: `b${text}` });
  }
  await wire.settle();
  await wire.run("b", { op: "query" });
  await talk(wire, 1);
}

async function tagged(wire: Wire): Promise<void> {
  await wire.run("a", { op: "send", text: "hello in the clear" });
  await talk(wire, 2);
  await wire.run("a", { op: "end" });
}

async function record(plan: Plan): Promise<Recording> {
  const steps: RecordedStep[] = [];
  const ends: Record<Side, OurEnd | ForeignEnd> = {
    a: await ourEnd("alice", 0x1000_0001, 1),
    b: plan.other === "sotto" ? await ourEnd("bob", 0x2000_0002, 2) : { engine: plan.other.id },
  };
  const draws: RecordedDraws[] = [];
  const start = async (side: Side): Promise<Peer> => {
    const end = ends[side];
    if (!isOurs(end)) return plan.other === "sotto" ? unreachable() : await plan.other.start();
    const log = drawLog();
    draws.push({ type: "draws", side, draws: log.draws });
    return engineOf(end, log.drawn);
  };
  await using a = recordedPeer(await start("a"), "a", steps);
  await using b = recordedPeer(await start("b"), "b", steps);
  const wire = new Wire(a, b);
  await wire.perform("a", { op: "init", name: "alice", ...plan.init });
  await wire.perform("b", { op: "init", name: "bob", ...plan.init });
  await plan.play(wire);
  const header = { type: "recording", v: 1, about: plan.about, ends } as const;
  return { header, steps, draws };
}

async function ourEnd(key: string, instanceTag: number, seed: number): Promise<OurEnd> {
  const octets = await Deno.readFile(new URL(`${key}.private_key.dsa`, KEYS));
  return { engine: "sotto", privateKey: toHex(octets), instanceTag, seed };
}

function unreachable(): never {
  throw new Error("invariant: an end of ours has a private key");
}

if (import.meta.main) {
  await Deno.mkdir(FOLDER, { recursive: true });
  for (const [name, plan] of Object.entries(PLANS)) {
    if (Deno.args.length > 0 && !Deno.args.includes(name)) continue;
    const recording = await record(plan);
    await Deno.writeTextFile(new URL(`${name}.jsonl`, FOLDER), writeRecording(recording));
    await Deno.stderr.write(utf8(`${name}: ${recording.steps.length} steps\n`));
  }
}
