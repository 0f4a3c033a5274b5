/**
 * Looks for secrets in running times:
 *
 *     deno run -A tools/bench/bench_ct.ts [--json] [--samples N]
 *
 * It reports what it finds and ends with status 0 either way: a statistic is no verdict. The
 * controls say whether it would have seen a leak on this machine.
 */
import { parseArgs } from "node:util";
import { utf8 } from "../../lib/base/bytes.ts";
import { leakExperiments, type NamedExperiment } from "./leak_experiments.ts";
import { shortTime } from "./short_number.ts";
import { judgeSamples, type LeakResult, SUSPICIOUS_T, takeSamples } from "./timing_leak.ts";

/** A result, and what kind of experiment it is of. */
export interface KindOfResult extends LeakResult, Pick<NamedExperiment, "kind"> {
  /**
   * Where something showed that should not: the largest |t| of as many fresh samples. A leak
   * shows again; a disturbance of the machine does not.
   */
  readonly again?: number;
}

/** Runs of an experiment that are not counted: until the engine has compiled what it will. */
const WARM_UP = 500;

/**
 * Runs all experiments; some minutes with the default.
 *
 * @param count Samples of both classes together. Default 10,000.
 * @param say Told what comes next.
 */
export function findLeaks(count = 10_000, say?: (line: string) => void): KindOfResult[] {
  const results: KindOfResult[] = [];
  for (const experiment of leakExperiments()) {
    say?.(experiment.name);
    takeSamples(experiment, Math.min(WARM_UP, count), Math.random, () => performance.now());
    const judge = () =>
      judgeSamples(
        experiment.name,
        takeSamples(experiment, count, Math.random, () => performance.now()),
      );
    const result = { ...judge(), kind: experiment.kind };
    const isSurprising = result.t >= SUSPICIOUS_T && experiment.kind !== "leaky";
    results.push(isSurprising ? { ...result, again: judge().t } : result);
  }
  return results;
}

/** The results for people, as a Markdown table. */
export function leakTable(results: readonly KindOfResult[]): string {
  const lines = results.map((it) =>
    `| ${it.name} | ${it.t.toFixed(1)} | ${it.uncropped.toFixed(1)} | ${
      (100 * it.difference).toFixed(2)
    } % | ${shortTime(it.median / 1000)} | ${meaningOf(it)} |`
  );
  return [
    "| operation and classes | largest \\|t\\| | uncropped | random slower by | time | |",
    "| --- | ---: | ---: | ---: | ---: | --- |",
    ...lines,
  ].join("\n");
}

function meaningOf({ kind, t, again }: KindOfResult): string {
  const isSuspicious = t >= SUSPICIOUS_T;
  if (isSuspicious && again !== undefined && again < SUSPICIOUS_T) {
    return `once; with fresh samples ${again.toFixed(1)}`;
  }
  const repeated = again === undefined ? "" : `, again ${again.toFixed(1)}`;
  switch (kind) {
    case "secret":
      return isSuspicious ? `**tells them apart**${repeated}` : "nothing found";
    case "same":
      return isSuspicious ? `**noise looks like a leak here**${repeated}` : "as it must be";
    case "leaky":
      return isSuspicious ? "seen, as it must be" : "**not seen: this check is blind here**";
    default:
      return kind satisfies never;
  }
}

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { json: { type: "boolean" }, samples: { type: "string", default: "10000" } },
  });
  const count = Number(values.samples);
  if (!Number.isInteger(count) || count < 100) {
    throw new RangeError(`expected at least 100 samples, found ${values.samples}`);
  }
  const results = findLeaks(count, (line) => {
    Deno.stderr.writeSync(utf8(`${line}\n`));
  });
  const text = values.json === true ? JSON.stringify(results, undefined, 2) : leakTable(results);
  await Deno.stdout.write(utf8(`${text}\n`));
}

if (import.meta.main) await main(Deno.args);
