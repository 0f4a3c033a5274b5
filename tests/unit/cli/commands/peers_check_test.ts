import { assertEquals, assertStringIncludes } from "@std/assert";
import { runSotto } from "../../../helpers/program.ts";
import { readFixture, TemporaryFolder } from "../../../helpers/temporary_folder.ts";

Deno.test("peers check fails on lines at fault, and names each", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.mkdir(folder.file("chat"));
  const path = folder.file("chat/trusted_peers");
  await Deno.writeFile(path, readFixture("storage/worn_trusted_peers"));
  const people = await runSotto(["peers", "check", "--home", folder.path]);
  assertEquals(people.status, 1);
  assertStringIncludes(people.stdout, "8 rows, 7 lines at fault, ");
  assertStringIncludes(people.stderr, `sotto: warning: ${path}:13: expected UTF-8`);
  const { stdout } = await runSotto(["peers", "check", "--json", "--home", folder.path]);
  const problems = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(
    problems.filter(({ kind }) => kind === "malformed").map(({ line }) => line),
    [8, 9, 10, 11, 12, 13, 14],
  );
  assertEquals(await Deno.readFile(path), readFixture("storage/worn_trusted_peers"));
});

Deno.test("peers check only warns of what Blink of 2013 would destroy", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.mkdir(folder.file("chat"));
  await Deno.writeTextFile(folder.file("chat/trusted_peers"), "# a comment\n");
  const { status, stderr } = await runSotto(["peers", "check", "--home", folder.path]);
  assertEquals(status, 0);
  assertStringIncludes(stderr, ":1: Blink 2013 would lose a comment and every line after it\n");
});

Deno.test("peers check is content with no file at all", async () => {
  await using folder = await TemporaryFolder.make();
  const { status, stderr } = await runSotto(["peers", "check", "--home", folder.path]);
  assertEquals([status, stderr, await folder.names()], [0, "", []]);
});
