/** The conversation that every pair of engines must get through, step by step. */
import { assert, assertEquals, fail } from "@std/assert";
import {
  otherSide,
  type Peer,
  type PeerEvent,
  type PeerInit,
  type PeerReady,
  type PeerState,
  type Side,
  Wire,
  type WireOptions,
} from "../../../lib/harness/mod.ts";

/** A wire with both engines initialised. */
export interface Pair {
  readonly wire: Wire;
  readonly ready: Readonly<Record<Side, PeerReady>>;
}

/** What both ends are told at `init`, beside their names. */
export type PairOptions = Omit<PeerInit, "op" | "name"> & { readonly wire?: WireOptions };

/** Initialises both engines. */
export async function connect(
  a: Peer,
  b: Peer,
  options: PairOptions,
  optionsOfB: Partial<PairOptions> = {},
): Promise<Pair> {
  const { wire: wireOptions, ...init } = options;
  const { wire: _, ...initOfB } = { ...options, ...optionsOfB };
  const wire = new Wire(a, b, wireOptions);
  const ready = {
    a: readyOf(await wire.perform("a", { op: "init", name: "alice", ...init })),
    b: readyOf(await wire.perform("b", { op: "init", name: "bob", ...initOfB })),
  };
  return { wire, ready };
}

function readyOf(events: readonly PeerEvent[]): PeerReady {
  const ready = events.find((it) => it.ev === "ready");
  return ready ?? fail(`expected ready, got ${JSON.stringify(events)}`);
}

/** Asks a side where it is. */
export async function stateOf(wire: Wire, side: Side): Promise<PeerState> {
  const events = await wire.perform(side, { op: "state" });
  return events.find((it) => it.ev === "state") ?? fail("expected a state");
}

/**
 * Both sides become encrypted, agree on version and session, and know each other.
 *
 * @param attempts How often to try: more than once only for engines that lose exchanges.
 */
export async function goPrivate(
  { wire, ready }: Pair,
  initiator: Side,
  version: 2 | 3,
  attempts = 1,
): Promise<void> {
  for (let attempt = 1;; attempt++) {
    await wire.run(initiator, { op: "query" });
    const a = await stateOf(wire, "a");
    const b = await stateOf(wire, "b");
    const isThere = a.state === "encrypted" && b.state === "encrypted" && a.ssid === b.ssid;
    if (!isThere && attempt < attempts) {
      const note = `  note: key exchange ${attempt} was lost, trying again\n`;
      Deno.stderr.writeSync(new TextEncoder().encode(note));
      continue;
    }
    assertEquals([a.state, b.state], ["encrypted", "encrypted"], explain(wire));
    assertEquals([a.version, b.version], [version, version]);
    assertEquals(a.ssid, b.ssid);
    assertEquals(a.fingerprint, ready.b.fingerprint);
    assertEquals(b.fingerprint, ready.a.fingerprint);
    return;
  }
}

/** The last lines of the record, for a failure message. */
function explain(wire: Wire): string {
  return wire.record.slice(-12).map((it) => JSON.stringify(it).slice(0, 300)).join("\n");
}

/** `side` says `texts` in one go, and the other side hears exactly those, encrypted. */
export async function say(wire: Wire, side: Side, ...texts: readonly string[]): Promise<void> {
  const start = wire.record.length;
  for (const text of texts) await wire.perform(side, { op: "send", text });
  await wire.settle();
  assertEquals(heard(wire, otherSide(side), start), texts, explain(wire));
}

/** Encrypted texts that reached a side since entry `since` of the record. */
export function heard(wire: Wire, side: Side, since: number): string[] {
  return wire.events(side, since).flatMap((it) => {
    if (it.ev !== "plaintext") return [];
    assert(it.encrypted, `came in the clear: ${it.text}`);
    return [it.text];
  });
}

/** Verification verdicts of a side since entry `since` of the record. */
function verdicts(wire: Wire, side: Side, since: number): string[] {
  return wire.events(side, since).flatMap((it) => it.ev === "smp" ? [it.what] : []);
}

/** One run of SMP. */
export interface SmpRun {
  readonly asker: Side;
  readonly secret: string;
  readonly answer: string;
  readonly question?: string;
}

/** Runs SMP to its end, and expects both sides to say whether the secrets were the same. */
export async function verify(wire: Wire, run: SmpRun): Promise<void> {
  const { asker, secret, answer, question } = run;
  const start = wire.record.length;
  await wire.run(asker, { op: "smp_start", secret, question });
  const answerer = otherSide(asker);
  const asked = wire.events(answerer, start).find((it) => it.ev === "smp" && it.what === "asked");
  assertEquals(asked, { ev: "smp", what: "asked", question: question ?? null }, explain(wire));
  const afterQuestion = wire.record.length;
  await wire.run(answerer, { op: "smp_answer", secret: answer });
  const verdict = {
    asker: verdicts(wire, asker, afterQuestion).at(0),
    answerer: verdicts(wire, answerer, afterQuestion).at(0),
  };
  if (secret === answer) {
    assertEquals(verdict, { asker: "success", answerer: "success" }, explain(wire));
  } else {
    // potr and otr3 call the far end of a failure "aborted".
    const failed = ["failure", "aborted"];
    assert(failed.includes(verdict.asker ?? ""), `asker: ${verdict.asker}\n${explain(wire)}`);
    assert(failed.includes(verdict.answerer ?? ""), `answerer: ${verdict.answerer}`);
  }
}

/** A question that is not ASCII in any of its words. */
export const UTF8_QUESTION = "Où avons-nous mangé des crêpes? 🥞";

/**
 * Everything: key exchange, ten messages each way, bursts of three, crossing bursts, SMP that
 * succeeds, SMP with a question, SMP that fails and succeeds afterwards, and the end.
 */
export async function wholeConversation(
  pair: Pair,
  options: { readonly initiator: Side; readonly version: 2 | 3; readonly attempts?: number },
): Promise<void> {
  const { wire } = pair;
  const { initiator, version } = options;
  const other = otherSide(initiator);
  await goPrivate(pair, initiator, version, options.attempts);
  for (let turn = 1; turn <= 10; turn++) {
    await say(wire, initiator, `message ${turn}: zażółć`);
    await say(wire, other, `answer ${turn}: 你好`);
  }
  await say(wire, initiator, "burst one", "burst two", "burst three");
  await say(wire, other, "back one", "back two", "back three");
  await crossingBursts(wire);
  await verify(wire, { asker: initiator, secret: "pączek 1", answer: "pączek 1" });
  await verify(wire, { asker: other, secret: "été", answer: "été", question: UTF8_QUESTION });
  await verify(wire, { asker: initiator, secret: "right", answer: "wrong" });
  await verify(wire, { asker: initiator, secret: "right", answer: "right" });
  await verify(wire, { asker: other, secret: "x", answer: "y", question: "once more?" });
  await verify(wire, { asker: other, secret: "x", answer: "x" });
  await say(wire, other, "still private after all that");
  await end(wire, initiator);
}

/** Both sides speak before either hears the other. */
export async function crossingBursts(wire: Wire): Promise<void> {
  const start = wire.record.length;
  for (const text of ["1", "2", "3"]) {
    await wire.perform("a", { op: "send", text: `a${text}` });
    await wire.perform("b", { op: "send", text: `b${text}` });
  }
  await wire.settle();
  assertEquals(heard(wire, "a", start), ["b1", "b2", "b3"], explain(wire));
  assertEquals(heard(wire, "b", start), ["a1", "a2", "a3"], explain(wire));
}

/** `side` ends the conversation: the other is told, and nothing goes out in the clear. */
export async function end(wire: Wire, side: Side): Promise<void> {
  await wire.run(side, { op: "end" });
  assertEquals((await stateOf(wire, side)).state, "plaintext", explain(wire));
  assertEquals((await stateOf(wire, otherSide(side))).state, "finished", explain(wire));
}
