/**
 * Runs `deno test` with the arguments given and ends with one plain line,
 * `N passed, N failed, N skipped`, which is what a script wants to read.
 *
 * The exit status is that of `deno test`; a run without any test fails.
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

async function runTests(args: readonly string[]): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "--quiet", ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let counts: TestCounts | undefined;
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of child.stdout) {
    await writeAll(bytes);
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) counts = parseSummary(line) ?? counts;
  }
  counts = parseSummary(rest) ?? counts;
  const { code } = await child.status;
  if (counts === undefined) {
    await writeAll(new TextEncoder().encode("deno test counted nothing\n0 passed, 1 failed\n"));
    return code === 0 ? 1 : code;
  }
  // A file that does not compile, or an uncaught error, fails the run without failing a test.
  const failed = code !== 0 && counts.failed === 0 ? 1 : counts.failed;
  await writeAll(new TextEncoder().encode(`${writeCounts({ ...counts, failed })}\n`));
  if (counts.passed === 0) return code === 0 ? 1 : code;
  return code;
}

async function writeAll(bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
}

if (import.meta.main) Deno.exit(await runTests(Deno.args));
