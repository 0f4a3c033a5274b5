import { assertEquals } from "@std/assert";
import { TemporaryFolder } from "../helpers/temporary_folder.ts";
import { parseTranscript, runStep } from "./transcript.ts";

const HERE = new URL(".", import.meta.url);
const BIN = new URL("../../bin", HERE).pathname;
const FIXTURES = new URL("../../fixtures", HERE).pathname;

for (const entry of [...Deno.readDirSync(HERE)].toSorted((a, b) => a.name < b.name ? -1 : 1)) {
  if (!entry.name.endsWith(".txt")) continue;
  Deno.test(`bin/sotto behaves as in ${entry.name}`, async () => {
    await using folder = await TemporaryFolder.make();
    await Deno.symlink(FIXTURES, folder.file("fixtures"));
    for (const step of parseTranscript(await Deno.readTextFile(new URL(entry.name, HERE)))) {
      const actual = await runStep(step, folder.path, BIN);
      assertEquals(actual, step, `${entry.name}:${step.line}: $ ${step.command}`);
    }
  });
}

Deno.test("parseTranscript() reads commands with what they print", () => {
  assertEquals(parseTranscript("# c\n$ a b\nout\n! err\n? 3\n\n$ c\n"), [
    { line: 2, command: "a b", stdout: "out", stderr: "err", status: 3 },
    { line: 7, command: "c", stdout: "", stderr: "", status: 0 },
  ]);
});
