import { assertEquals } from "@std/assert";
import { parseSummary, Tally, writeCounts } from "../../../tools/run_tests.ts";

Deno.test("parseSummary() reads what deno test prints last", () => {
  assertEquals(parseSummary("ok | 12 passed | 0 failed (110ms)"), {
    passed: 12,
    failed: 0,
    skipped: 0,
  });
  const coloured = "\u001b[0m\u001b[31mFAILED\u001b[0m | 10 passed (3 steps) | 1 failed (2 steps)" +
    " | 4 ignored (1 step) \u001b[38;5;245m(2s)\u001b[0m";
  assertEquals(parseSummary(coloured), { passed: 10, failed: 1, skipped: 4 });
});

Deno.test("parseSummary() takes no other line for the summary", () => {
  assertEquals(parseSummary("ok | 12 passed"), undefined);
  assertEquals(parseSummary("the test says: ok | 1 passed | 0 failed"), undefined);
});

Deno.test("writeCounts() mentions skipped tests only where there are some", () => {
  assertEquals(writeCounts({ passed: 3, failed: 1, skipped: 0 }), "3 passed, 1 failed");
  assertEquals(writeCounts({ passed: 3, failed: 0, skipped: 2 }), "3 passed, 0 failed, 2 skipped");
});

Deno.test("run_tests ends with the count alone on the last line", async () => {
  const script = new URL("../../../tools/run_tests.ts", import.meta.url).pathname;
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/one_test.ts`,
      `Deno.test("a", () => {}); Deno.test.ignore("b", () => {}); Deno.test("c", () => { throw 1; });`,
    );
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--no-config", script, "--no-config", "--no-check", folder],
      stderr: "null",
    }).output();
    assertEquals(
      new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1),
      "1 passed, 1 failed, 1 skipped",
    );
    assertEquals(code, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("Tally counts verdicts while there is no summary, and believes the summary after", () => {
  const tally = new Tally();
  for (const line of ["a ... \u001b[32mok\u001b[0m (1ms)", "b ... FAILED (2ms)", "c ... ignored"]) {
    tally.add(line);
  }
  assertEquals([tally.isComplete, tally.counts], [false, { passed: 1, failed: 1, skipped: 1 }]);
  tally.add("FAILED | 7 passed | 2 failed (1s)");
  assertEquals([tally.isComplete, tally.counts], [true, { passed: 7, failed: 2, skipped: 0 }]);
});

Deno.test("run_tests fails a file that does not compile", async () => {
  const script = new URL("../../../tools/run_tests.ts", import.meta.url).pathname;
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/one_test.ts`, `Deno.test("a", () => {`);
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--no-config", script, "--no-config", folder],
      stderr: "null",
    }).output();
    const last = new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1);
    assertEquals([last, code], ["0 passed, 1 failed", 1]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
