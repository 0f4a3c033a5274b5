/**
 * Measures everything that `bench/README.md` shows and writes it there:
 *
 *     deno run -A tools/bench/bench_report.ts [--rounds N] [--budget MS] [--samples N]
 *     deno run -A tools/bench/bench_report.ts --from bench/results/DATE.json
 *
 * The numbers go to `bench/results/DATE.json`, the picture to `bench/results/ratios.svg`; with
 * `--from` nothing is measured and only these are drawn and written again.
 */
import { cpus, type } from "node:os";
import { parseArgs } from "node:util";
import { utf8 } from "../../lib/base/bytes.ts";
import { findLeaks, type KindOfResult, leakTable } from "./bench_ct.ts";
import { type LoadResult, loadTable, measureLoad } from "./bench_load.ts";
import { compareEngines, parseCompareOptions } from "./bench_otr.ts";
import type { Comparison } from "./comparison.ts";
import { comparisonNotes, comparisonTable } from "./comparison_table.ts";
import { plotRatios } from "./ratio_plot.ts";
import { shortNumber, shortTime } from "./short_number.ts";
import { measureStarts, startCommands, type StartTime } from "./start_up.ts";
import { WORKS } from "./works.ts";

/** Everything that was measured in one go. */
export interface BenchReport {
  /** ISO 8601, a day. */
  readonly date: string;
  readonly command: string;
  readonly cpu: string;
  readonly cores: number;
  readonly system: string;
  readonly deno: string;
  /** Processes that ran on average in the minute before: of an idle machine nearly 0. */
  readonly load: number;
  readonly comparison: Comparison;
  readonly starts: readonly StartTime[];
  readonly leaks: readonly KindOfResult[];
  readonly sessions: readonly LoadResult[];
}

const BENCH = new URL("../../bench/", import.meta.url);
const BEGIN = "<!-- results: written by `deno task bench:report`, do not edit -->";
const END = "<!-- end of results -->";

/** The results as the part of README.md between its two marks. */
export function reportSection(report: BenchReport): string {
  const { comparison, starts, leaks, sessions } = report;
  const [empty] = starts;
  const startLines = starts.map(({ name, median, p90 }) =>
    `| ${name} | ${shortTime(median)} | ${shortNumber(p90)} | ${
      empty === undefined ? "" : `${(median / empty.median).toFixed(2)} ×`
    } |`
  );
  return [
    conditionsOf(report),
    "### OTR, beside other engines",
    "![How many times faster we are, work by work](results/ratios.svg)",
    comparisonTable(comparison, WORKS),
    ...comparisonNotes(comparison),
    "### Starting",
    [
      "| command | median | 90th percentile | of an empty script |",
      "| --- | ---: | ---: | ---: |",
      ...startLines,
    ].join("\n"),
    "### Many sessions in one process",
    "One process listens and holds all of them, each on a connection of its own; a second one connects and talks. " +
    "Memory is what each idle session adds to the first. Messages of 100 B with a success report: as many as " +
    "go when each session sends its next as soon as one is delivered; then five a second of each, " +
    "with the time from sending to the report.",
    loadTable(sessions),
    "### Timing",
    `Welch's t between running times of two classes of secret inputs, ${
      shortNumber(leaks[0]?.n ?? 0)
    } samples an experiment; dudect speaks of a leak from 4.5 on.`,
    leakTable(leaks),
  ].join("\n\n");
}

/** `readme` with what stands between the marks replaced. @throws {Error} when it has no marks. */
export function replaceSection(readme: string, section: string): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error("README.md has no place for the results");
  return `${readme.slice(0, begin)}${BEGIN}\n\n${section}\n\n${readme.slice(end)}`;
}

function conditionsOf({ date, cpu, cores, system, deno, load, command }: BenchReport): string {
  return `Measured on ${date} with \`${command}\`: ${cpu}, ${cores} cores, ${system}, Deno ${deno}; ` +
    `load ${load.toFixed(2)} when it began.`;
}

async function measureAll(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string" },
      budget: { type: "string" },
      samples: { type: "string", default: "10000" },
    },
  });
  const forComparison = (["rounds", "budget"] as const)
    .flatMap((it) => values[it] === undefined ? [] : [`--${it}`, values[it]]);
  const say = (line: string): void => {
    Deno.stderr.writeSync(utf8(`${line}\n`));
  };
  const [load = 0] = Deno.loadavg();
  const folder = await Deno.makeTempDir();
  try {
    const { json: _, ...options } = parseCompareOptions(forComparison);
    const comparison = await compareEngines({ ...options, say });
    say("starting and ending");
    const starts = await measureStarts(await startCommands(folder), 30);
    const sessions: LoadResult[] = [];
    for (const transport of ["tcp", "tls"] as const) {
      say(`2,000 idle sessions and 200 chatting ones over ${transport}`);
      sessions.push(
        await measureLoad(transport, { idle: 2000, chatting: 200, seconds: 10, rate: 5 }),
      );
    }
    const processors = cpus();
    return {
      date: new Date().toISOString().slice(0, 10),
      command: ["deno task bench:report", ...args].join(" "),
      cpu: processors[0]?.model.trim() ?? "unknown",
      cores: processors.length,
      system: `${type()} ${Deno.build.arch}`,
      deno: Deno.version.deno,
      load: Number(load.toFixed(2)),
      comparison,
      starts,
      leaks: findLeaks(Number(values.samples), say),
      sessions,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function main(args: readonly string[]): Promise<void> {
  let report: BenchReport;
  const [page, picture] = [new URL("README.md", BENCH), new URL("results/ratios.svg", BENCH)];
  const written: URL[] = [page, picture];
  if (args[0] === "--from" && args[1] !== undefined) {
    report = JSON.parse(await Deno.readTextFile(args[1])) as BenchReport;
  } else {
    report = await measureAll(args);
    const path = new URL(`results/${report.date}.json`, BENCH);
    await Deno.mkdir(new URL("results/", BENCH), { recursive: true });
    await Deno.writeTextFile(path, `${JSON.stringify(report, undefined, 2)}\n`);
    written.push(path);
  }
  const note = `${report.date}, ${report.cpu}, Deno ${report.deno}; medians of one run, ` +
    "logarithmic scale";
  await Deno.writeTextFile(picture, plotRatios(report.comparison, WORKS, note));
  const readme = await Deno.readTextFile(page);
  await Deno.writeTextFile(page, replaceSection(readme, reportSection(report)));
  await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", ...written.map((it) => decodeURIComponent(it.pathname))],
    cwd: BENCH,
  }).spawn().status;
}

if (import.meta.main) await main(Deno.args);
