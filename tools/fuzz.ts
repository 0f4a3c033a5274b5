/**
 * Feeds damaged inputs to every parser until it is stopped:
 *
 *     deno run -R tools/fuzz.ts [--seconds N] [--seed N] [TARGET…]
 *
 * A finding is printed as the target, the seed and the input in hexadecimal, and ends the run
 * with status 1. Turn it into a regression test before it is repaired.
 */
import { parseArgs } from "node:util";
import { toHex, utf8 } from "../lib/base/bytes.ts";
import { mutate, seededDice } from "./fuzz/mutate.ts";
import type { FuzzTarget } from "./fuzz/target.ts";
import { TARGETS } from "./fuzz/targets.ts";

/** Inputs that one target gets before it is the next one's turn. */
const TURN = 500;
/** Growth of the heap that no sequence of inputs may cause, in octets. */
const MOST_GROWTH = 512 * 1024 * 1024;

/** What was found: an input that a target did not survive. */
export interface Finding {
  readonly target: string;
  readonly input: Uint8Array;
  readonly error: unknown;
}

/** Gives `target` its turn. Returns what was found, or `undefined`. */
export function fuzzTurn(
  target: FuzzTarget,
  seed: number,
  turn: number = TURN,
): Finding | undefined {
  const dice = seededDice(seed);
  const corpus = target.corpus();
  const words = target.words.map(utf8);
  for (let count = 0; count < turn; count++) {
    const input = mutate(corpus[dice(corpus.length)] ?? new Uint8Array(), corpus, words, dice);
    try {
      target.run(input);
    } catch (error) {
      return { target: target.name, input, error };
    }
  }
  return undefined;
}

function main(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { seconds: { type: "string" }, seed: { type: "string" } },
  });
  const say = (line: string): void => {
    Deno.stderr.writeSync(utf8(`${line}\n`));
  };
  const targets = TARGETS.filter((it) => positionals.length === 0 || positionals.includes(it.name));
  if (targets.length === 0) {
    say(`no such target; there are ${TARGETS.map((it) => it.name).join(", ")}`);
    return 2;
  }
  const end = performance.now() + Number(values.seconds ?? Infinity) * 1000;
  const heapAtStart = Deno.memoryUsage().heapUsed;
  let seed = Number(values.seed ?? Date.now() % 1_000_000_000);
  for (let turns = 0; performance.now() < end; seed++, turns++) {
    for (const target of targets) {
      const finding = fuzzTurn(target, seed);
      if (finding === undefined) continue;
      say(`${finding.target}: ${finding.error instanceof Error ? finding.error.stack : "threw"}`);
      say(`seed ${seed}, input ${toHex(finding.input)}`);
      return 1;
    }
    const growth = Deno.memoryUsage().heapUsed - heapAtStart;
    if (growth > MOST_GROWTH) {
      say(`the heap grew by ${Math.round(growth / 2 ** 20)} MiB: something keeps what it is fed`);
      return 1;
    }
    if (turns % 100 === 99) say(`${(turns + 1) * TURN} inputs each, last seed ${seed}`);
  }
  return 0;
}

if (import.meta.main) Deno.exit(main(Deno.args));
