/** Samples of several engines, as rows and ratios: what `bench_otr.ts --json` prints. */
import type { Introduction } from "./engine_process.ts";
import { median, quantile } from "./statistics.ts";

/** How long one engine needs for one work. */
export interface Row {
  readonly engine: string;
  readonly version: string;
  readonly work: string;
  /** Milliseconds. */
  readonly median: number;
  /** Milliseconds: nine samples of ten were faster. */
  readonly p90: number;
  /** Samples. */
  readonly n: number;
}

/** Everything that was found out. */
export interface Comparison {
  readonly rows: readonly Row[];
  /** `WORK/ENGINE`: how many times faster we are than that engine, by the medians. */
  readonly ratios: Readonly<Record<string, number>>;
}

/** The name that our own rows bear. */
export const OURS = "sotto";

/** Collects samples in any order. */
export class SampleSheet {
  readonly #samples = new Map<string, { introduction: Introduction; work: string; ms: number[] }>();

  /** Adds samples of one engine and work, in milliseconds. */
  add(introduction: Introduction, work: string, ms: readonly number[]): void {
    const name = `${introduction.engine} ${work}`;
    const entry = this.#samples.get(name) ?? { introduction, work, ms: [] };
    for (const it of ms) entry.ms.push(it);
    this.#samples.set(name, entry);
  }

  /** What they come to: works in the order in which they came, our row before the others'. */
  compare(): Comparison {
    const rows = [...this.#samples.values()].map(({ introduction, work, ms }) => ({
      engine: introduction.engine,
      version: introduction.version,
      work,
      median: round(median(ms)),
      p90: round(quantile(ms, 0.9)),
      n: ms.length,
    }));
    const works = [...new Set(rows.map((it) => it.work))];
    rows.sort((a, b) =>
      works.indexOf(a.work) - works.indexOf(b.work) ||
      Number(b.engine === OURS) - Number(a.engine === OURS) || (a.engine < b.engine ? -1 : 1)
    );
    return { rows, ratios: ratiosOf(rows) };
  }
}

/** The ratios of rows; a work that we did not do has none. */
export function ratiosOf(rows: readonly Row[]): Record<string, number> {
  const ours = new Map(rows.filter((it) => it.engine === OURS).map((it) => [it.work, it]));
  const ratios: Record<string, number> = {};
  for (const { engine, work, median } of rows) {
    const row = ours.get(work);
    if (engine === OURS || row === undefined) continue;
    ratios[`${work}/${engine}`] = Number((median / row.median).toPrecision(3));
  }
  return ratios;
}

/** Five digits are more than any clock here deserves. */
function round(ms: number): number {
  return Number(ms.toPrecision(5));
}
