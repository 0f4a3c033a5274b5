import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { buildProgram, COMMANDS } from "../../../cli/program.ts";
import { VERSION } from "../../../cli/version.ts";
import { contextFor, MemorySink, NOW, runSotto } from "../../helpers/program.ts";
import { TemporaryFolder } from "../../helpers/temporary_folder.ts";

/** Every command of the contract, whether this build has it or not. */
const CONTRACT = [
  "keygen",
  "fingerprint",
  "peers",
  "contacts",
  "account",
  "call",
  "answer",
  "chat",
  "smp",
  "register",
  "msrp-dump",
  "otr",
  "history",
  "lab",
  "conform",
  "interop",
  "load",
  "doctor",
  "config",
  "completions",
]; // deno-fmt-ignore

Deno.test("COMMANDS has every command of the contract", () => {
  for (const name of CONTRACT) assertEquals(name in COMMANDS, true, name);
});

Deno.test("runProgram() ends with 127 for a command of a later release, whatever follows its name", async () => {
  for (const [name, { load }] of Object.entries(COMMANDS)) {
    if (load !== undefined) continue;
    const { status, stdout, stderr } = await runSotto([name, "list", "--rate", "3", "--json", "x"]);
    assertEquals(status, 127, name);
    assertMatch(stdout, /"code":"cli\/unsupported"/);
    assertEquals(stderr, `sotto: error: the command ${name} is unsupported by this build\n`);
  }
});

Deno.test("runProgram() ends with 2 for what it does not know, and says what was meant", async () => {
  assertEquals(await runSotto(["keygn"]), {
    status: 2,
    stdout: "",
    stderr: "sotto: error: unknown command 'keygn'\nsotto: hint: did you mean keygen?\n",
    terminal: "",
  });
  const option = await runSotto(["fingerprint", "--al"]);
  assertEquals(option.status, 2);
  assertEquals(
    option.stderr,
    "sotto: error: unknown option '--al'\nsotto: hint: did you mean --all?\n",
  );
  assertEquals((await runSotto([])).status, 2);
  assertEquals((await runSotto(["peers"])).status, 2);
  assertEquals((await runSotto(["fingerprint", "a@b", "c@d"])).status, 2);
});

Deno.test("runProgram() takes global options before and after the name", async () => {
  await using folder = await TemporaryFolder.make();
  const before = await runSotto(["--home", folder.path, "--json", "config", "path"]);
  const after = await runSotto(["config", "path", "--json", "--home", folder.path]);
  const between = await runSotto(["config", "--home", folder.path, "path", "--json"]);
  assertEquals(before, after);
  assertEquals(before, between);
  assertEquals(JSON.parse(before.stdout).home, folder.path);
});

Deno.test("runProgram() lets the innermost of two flags win", async () => {
  const { stdout } = await runSotto(["--home=a", "config", "path", "--home=b", "--json"]);
  assertEquals(JSON.parse(stdout).home, "b");
});

Deno.test("runProgram() prints the version and help on stdout, with status 0", async () => {
  for (const args of [["--version"], ["keygen", "--version"], ["peers", "list", "--version"]]) {
    const { status, stdout, stderr } = await runSotto(args);
    assertEquals([status, stdout, stderr], [0, `${VERSION}\n`, ""]);
  }
  const { status, stdout } = await runSotto(["--help"]);
  assertEquals(status, 0);
  assertStringIncludes(stdout, "keygen");
  // Neither what a later release brings nor what only shells call.
  assertEquals(/^ {2}(load|history|complete) /m.test(stdout), false);
});

Deno.test("runProgram() reports a failure as an event with --json, and on stderr", async () => {
  await using folder = await TemporaryFolder.make();
  const { status, stdout, stderr } = await runSotto(
    ["fingerprint", "bob@example.com", "--json"],
    { environment: { SOTTO_HOME: folder.path } },
  );
  assertEquals(status, 1);
  assertEquals(JSON.parse(stdout), {
    v: 1,
    at: new Date(NOW).toISOString(),
    type: "error",
    code: "cli/unknown-peer",
    message: "no fingerprint of bob@example.com is known",
    side: "local",
  });
  assertEquals(stderr, "sotto: error: no fingerprint of bob@example.com is known\n");
});

Deno.test("buildProgram() gives every command a help that fits a screen and ends with an example", async () => {
  const program = await buildProgram(undefined, contextFor(new MemorySink()), () => {});
  const check = (command: CommandUnknownOpts, path: string): void => {
    let help = "";
    command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 80 });
    command.outputHelp();
    const lines = help.trimEnd().split("\n");
    assertMatch(lines.at(-1) ?? "", /^ {2}\$ .*sotto/, `${path}: ${lines.at(-1)}`);
    for (const line of lines) {
      assertEquals([...line].length <= 90, true, `${path}: ${line}`);
    }
    for (const child of command.createHelp().visibleCommands(command)) {
      check(child, `${path} ${child.name()}`);
    }
  };
  check(program, "sotto");
});
