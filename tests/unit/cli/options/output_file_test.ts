import { assertEquals, assertRejects } from "@std/assert";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { writeOutputFile } from "../../../../cli/options/output_file.ts";
import { Printer } from "../../../../cli/output/printer.ts";
import { utf8 } from "../../../../lib/base/mod.ts";
import { MemorySink } from "../../../helpers/program.ts";
import { modeOf, TemporaryFolder } from "../../../helpers/temporary_folder.ts";

function printerOn(stdout: MemorySink): Printer {
  return new Printer({
    stdout,
    stderr: new MemorySink(),
    json: false,
    verbosity: "normal",
    colour: "never",
    noColour: undefined,
    now: () => 0,
  });
}

Deno.test("writeOutputFile() overwrites only what is empty, or when it is forced", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("file");
  const printer = printerOn(new MemorySink());
  const options = { printer, binary: true, force: false };
  await Deno.writeTextFile(path, "");
  await writeOutputFile(path, utf8("one"), options);
  const error = await assertRejects(() => writeOutputFile(path, utf8("two"), options), CliError);
  assertEquals([error.status, await Deno.readTextFile(path)], [8, "one"]);
  await writeOutputFile(path, utf8("two"), { ...options, force: true });
  assertEquals([await Deno.readTextFile(path), await modeOf(path)], ["two", 0o600]);
});

Deno.test("writeOutputFile() writes to stdout, but nothing binary to a terminal", async () => {
  const pipe = new MemorySink();
  await writeOutputFile("-", utf8("x"), { printer: printerOn(pipe), binary: true, force: false });
  assertEquals(pipe.text, "x");
  const terminal = new MemorySink(true);
  const printer = printerOn(terminal);
  await assertRejects(
    () => writeOutputFile("-", utf8("x"), { printer, binary: true, force: false }),
    CliError,
  );
  await writeOutputFile("-", utf8("x"), { printer, binary: false, force: false });
  assertEquals(terminal.text, "x");
});
