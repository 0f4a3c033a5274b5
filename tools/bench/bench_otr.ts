/**
 * Compares our OTR with libotr, Go's otr3 and otr.js:
 *
 *     deno run -A tools/bench/bench_otr.ts [--json] [--rounds N] [--budget MS]
 *         [--engines A,B] [--works A,B]
 *
 * Every engine is a process of its own; they take turns at each work, round by round, so that
 * the drift of the machine's clock hits all alike. The first round warms up and is not counted.
 */
import { parseArgs } from "node:util";
import { utf8 } from "../../lib/base/bytes.ts";
import { type Comparison, SampleSheet } from "./comparison.ts";
import { comparisonNotes, comparisonTable } from "./comparison_table.ts";
import { ENGINE_NAMES, startEngines } from "./engines.ts";
import { type Work, WORKS } from "./works.ts";

/** What is compared, and how long. */
export interface CompareOptions {
  /** Default: all that are known. */
  readonly engines?: readonly string[];
  /** Default: all. */
  readonly works?: readonly Work[];
  /** Rounds that count. Default 5. */
  readonly rounds?: number;
  /** Milliseconds for a work and an engine in a round. Default 300. */
  readonly budget?: number;
  /** Told what happens: an engine that is missing, a round that begins. */
  readonly say?: (line: string) => void;
}

/** Runs the comparison; takes some minutes. */
export async function compareEngines(options: CompareOptions = {}): Promise<Comparison> {
  const { engines = ENGINE_NAMES, works = WORKS, rounds = 5, budget = 300, say } = options;
  const folder = await Deno.makeTempDir({ prefix: "sotto-bench-" });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const running = [];
  for (const found of await startEngines(engines, folder)) {
    if ("process" in found) running.push(stack.use(found.process));
    else say?.(`${found.missing} is skipped: ${found.reason}`);
  }
  const sheet = new SampleSheet();
  for (let round = 0; round <= rounds; round++) {
    say?.(round === 0 ? "warming up" : `round ${round} of ${rounds}`);
    for (const { name, batch, share = 1 } of works) {
      for (const engine of running) {
        const introduction = engine.introductions.find((it) => it.works.includes(name));
        if (introduction === undefined) continue;
        const samples = await engine.run(name, round === 0 ? budget : budget * share, batch);
        if (round > 0) sheet.add(introduction, name, samples);
      }
      // Nobody is always the one who comes after the slowest.
      const first = running.shift();
      if (first !== undefined) running.push(first);
    }
  }
  return sheet.compare();
}

/**
 * The options of the command line.
 * @throws {RangeError} when one is not understood.
 */
export function parseCompareOptions(
  args: readonly string[],
): Omit<CompareOptions, "say"> & { readonly json: boolean } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      rounds: { type: "string" },
      budget: { type: "string" },
      engines: { type: "string" },
      works: { type: "string" },
    },
  });
  const { json, rounds, budget, engines, works } = values;
  return {
    json,
    ...rounds === undefined ? {} : { rounds: positive(rounds, "rounds") },
    ...budget === undefined ? {} : { budget: positive(budget, "budget") },
    ...engines === undefined ? {} : { engines: namesAmong(engines, ENGINE_NAMES) },
    ...works === undefined ? {} : { works: worksNamed(works) },
  };
}

function worksNamed(list: string): Work[] {
  const names = namesAmong(list, WORKS.map((it) => it.name));
  return WORKS.filter((it) => names.includes(it.name));
}

function namesAmong(list: string, known: readonly string[]): string[] {
  const names = list.split(",");
  const stranger = names.find((it) => !known.includes(it));
  if (stranger === undefined) return names;
  throw new RangeError(`expected names among ${known.join(", ")}, found ${stranger}`);
}

function positive(text: string, name: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new RangeError(`expected --${name} to be a positive whole number, found ${text}`);
}

async function main(args: readonly string[]): Promise<void> {
  const say = (line: string): void => {
    Deno.stderr.writeSync(utf8(`${line}\n`));
  };
  const { json, ...options } = parseCompareOptions(args);
  const comparison = await compareEngines({ ...options, say });
  const text = json
    ? JSON.stringify(comparison, undefined, 2)
    : [comparisonTable(comparison, WORKS), ...comparisonNotes(comparison)].join("\n\n");
  await Deno.stdout.write(utf8(`${text}\n`));
}

if (import.meta.main) await main(Deno.args);
