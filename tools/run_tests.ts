/**
 * Runs `deno test` with the arguments given and ends with one plain line,
 * `N passed, N failed, N skipped`, which is what a script wants to read.
 *
 * The exit status is that of `deno test`; a run without any test fails, and so does one in
 * which a test hangs: after {@link PATIENCE} without a word it is ended, by name.
 */

/** What a run of `deno test` counted. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

// deno-lint-ignore no-control-regex
const ANSI = /\u001b\[[0-9;]*m/g;
const SUMMARY =
  /^(?:ok|FAILED) \| (\d+) passed(?: \([^)]*\))? \| (\d+) failed(?: \([^)]*\))?(?: \| (\d+) ignored)?/;

/** Reads the summary line of `deno test`, or returns `undefined` when `line` is another one. */
export function parseSummary(line: string): TestCounts | undefined {
  const match = SUMMARY.exec(line.replace(ANSI, ""));
  if (match === null) return undefined;
  const [, passed = "0", failed = "0", skipped = "0"] = match;
  return { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
}

/** The closing line: skipped tests are only mentioned where there are some. */
export function writeCounts({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** Milliseconds without a finished test after which the run is ended. */
const PATIENCE = 240_000;
/** What `deno test` says by itself about a test that takes long: no sign of progress. */
const STILL_RUNNING = /has been running for over/;
/** A line that tells how one test went. */
const VERDICT = /\.\.\. (ok|FAILED|ignored)\b/;

/** Counts from the lines of a run, in case its summary never comes. */
export class Tally {
  #summary: TestCounts | undefined;
  readonly #seen = { ok: 0, FAILED: 0, ignored: 0 };

  /** Takes one line of the output. */
  add(line: string): void {
    this.#summary = parseSummary(line) ?? this.#summary;
    const verdict = VERDICT.exec(line.replace(ANSI, ""))?.[1];
    if (verdict === "ok" || verdict === "FAILED" || verdict === "ignored") this.#seen[verdict]++;
  }

  /** Whether the run closed in good order. */
  get isComplete(): boolean {
    return this.#summary !== undefined;
  }

  /** What was counted, at least. */
  get counts(): TestCounts {
    const { ok, FAILED, ignored } = this.#seen;
    return this.#summary ?? { passed: ok, failed: FAILED, skipped: ignored };
  }
}

async function runTests(args: readonly string[]): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "--quiet", ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const tally = new Tally();
  let progressAt = performance.now();
  let hung = false;
  const watchdog = setInterval(() => {
    if (performance.now() - progressAt < PATIENCE || hung) return;
    hung = true;
    child.kill("SIGKILL");
  }, 1_000);
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of child.stdout) {
    await writeAll(bytes);
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (lines.some((it) => !STILL_RUNNING.test(it))) progressAt = performance.now();
    for (const line of lines) tally.add(line);
  }
  tally.add(rest);
  const { code } = await child.status;
  clearInterval(watchdog);
  if (hung) await writeLine(`\na test hangs: nothing finished for ${PATIENCE / 1_000} s\n${rest}`);
  else if (!tally.isComplete) await writeLine("deno test ended before it counted its tests");
  // A file that does not compile, or an uncaught error, fails the run without failing a test.
  const isSound = code === 0 && tally.isComplete && tally.counts.passed > 0;
  const failed = isSound ? tally.counts.failed : Math.max(1, tally.counts.failed);
  await writeLine(writeCounts({ ...tally.counts, failed }));
  return isSound ? 0 : Math.max(1, code);
}

async function writeLine(line: string): Promise<void> {
  await writeAll(new TextEncoder().encode(`${line}\n`));
}

async function writeAll(bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
}

if (import.meta.main) Deno.exit(await runTests(Deno.args));
