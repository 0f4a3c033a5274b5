/** A comparison for people: one line a work, engines side by side, and what to bear in mind. */
import { type Comparison, OURS, type Row } from "./comparison.ts";
import { shortNumber, shortTime } from "./short_number.ts";
import { CAVEATS, type Work } from "./works.ts";

/** A column stands for one engine, or for two that never do the same work. */
const COLUMNS: readonly (readonly string[])[] = [
  [OURS],
  ["libotr", "libgcrypt"],
  ["go-otr3"],
  ["otr.js"],
];

/** The table as Markdown, which is legible as it stands. Columns without any row are left out. */
export function comparisonTable(
  { rows, ratios }: Comparison,
  works: readonly Work[],
): string {
  const columns = COLUMNS.filter((it) => rows.some((row) => it.includes(row.engine)));
  const head = ["", ...columns.flatMap((it) => titles(it))];
  const body = works.flatMap((work) => {
    const done = rows.filter((it) => it.work === work.name);
    if (done.length === 0) return [];
    const cells = columns.flatMap((engines) => {
      const row = done.find((it) => engines.includes(it.engine));
      const time = row === undefined ? "" : timeOf(row);
      if (engines.includes(OURS)) return [time];
      const ratio = row === undefined ? undefined : ratios[`${work.name}/${row.engine}`];
      return [time, ratio === undefined ? "" : `${ratio} ×`];
    });
    return [[work.label, ...cells]];
  });
  return align([head, ...body]);
}

/** Versions, meaning of the numbers and caveats, a paragraph each. */
export function comparisonNotes({ rows }: Comparison): string[] {
  const versions = new Map(rows.map((it) => [it.engine, it.version]));
  return [
    `Versions: ${[...versions].map(([engine, version]) => `${engine} ${version}`).join(", ")}.`,
    "A time is the median of all samples, the 90th percentile in brackets, both sides in one process; a ratio says how many times faster sotto is.",
    ...CAVEATS,
  ];
}

function titles(engines: readonly string[]): string[] {
  const title = engines.join(", ");
  return engines.includes(OURS) ? [title] : [title, "ratio"];
}

function timeOf({ median, p90 }: Row): string {
  // In the unit of the median.
  return `${shortTime(median)} (${shortNumber(median < 1 ? p90 * 1000 : p90)})`;
}

function align(lines: readonly (readonly string[])[]): string {
  const [head = [], ...body] = lines;
  const widths = head.map((_, at) => Math.max(3, ...lines.map((it) => (it[at] ?? "").length)));
  const line = (cells: readonly string[]) =>
    `| ${
      cells.map((it, at) => at === 0 ? it.padEnd(widths[at] ?? 0) : it.padStart(widths[at] ?? 0))
        .join(" | ")
    } |`;
  const rule = `| ${
    widths.map((it, at) => at === 0 ? "-".repeat(it) : `${"-".repeat(it - 1)}:`).join(" | ")
  } |`;
  return [line(head), rule, ...body.map(line)].join("\n");
}
