/** The driver's end of the protocol of engine_process.ts, for engines that run in this runtime. */

/** A work, ready to be done again and again. */
export interface PreparedWork {
  /** What is timed. `false`: it went wrong through no fault of ours, and the sample is dropped. */
  readonly step: () => boolean | void;
  /** Done after each sample, not timed. */
  readonly restore?: () => void;
}

/** What one driver offers. */
export interface DriverWorks {
  readonly engine: string;
  readonly version: string;
  readonly works: Readonly<Record<string, () => PreparedWork>>;
}

/** Samples of one measurement that may go wrong. */
const MOST_DROPPED = 50;

/**
 * Times a work until `budget` milliseconds have passed, once at least.
 *
 * @param batch Steps in a sample.
 * @param now Milliseconds.
 * @returns Milliseconds a step, one number a sample.
 * @throws {Error} when too many samples go wrong.
 */
export function measure(
  { step, restore }: PreparedWork,
  budget: number,
  batch: number,
  now: () => number,
): number[] {
  const samples: number[] = [];
  const begin = now();
  let dropped = 0;
  do {
    let counts = true;
    const start = now();
    for (let at = 0; at < batch; at++) counts = step() !== false && counts;
    const end = now();
    if (counts) samples.push((end - start) / batch);
    else if (++dropped > MOST_DROPPED) throw new Error("nearly every sample went wrong");
    restore?.();
  } while (samples.length === 0 || now() - begin < budget);
  return samples;
}

/** Answers the lines of stdin until it ends. */
export async function serve(driver: DriverWorks): Promise<void> {
  const { engine, version, works } = driver;
  await writeLine({ engines: [{ engine, version, works: Object.keys(works) }] });
  let rest = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) await writeLine(answer(works, line));
  }
}

function answer(works: DriverWorks["works"], line: string): Readonly<Record<string, unknown>> {
  const [name = "", budget, batch] = line.split(" ");
  const prepare = Object.hasOwn(works, name) ? works[name] : undefined;
  if (prepare === undefined) return { error: "no such work" };
  try {
    return { ms: measure(prepare(), Number(budget), Number(batch), () => performance.now()) };
  } catch (error) {
    return { error: String(error) };
  }
}

async function writeLine(value: unknown): Promise<void> {
  const bytes = new TextEncoder().encode(`${JSON.stringify(value)}\n`);
  for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
}
