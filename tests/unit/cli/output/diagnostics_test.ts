import { assertEquals } from "@std/assert";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { reportFailure } from "../../../../cli/output/diagnostics.ts";
import { Printer, type Verbosity } from "../../../../cli/output/printer.ts";
import { ReaderGone } from "../../../../cli/output/sink.ts";
import { SottoError } from "../../../../lib/base/mod.ts";
import { MemorySink } from "../../../helpers/program.ts";

function report(thrown: unknown, verbosity: Verbosity = "normal"): [number, string] {
  const stderr = new MemorySink();
  const status = reportFailure(
    thrown,
    new Printer({
      stdout: new MemorySink(),
      stderr,
      json: false,
      verbosity,
      colour: "never",
      noColour: undefined,
      now: () => 0,
    }),
  );
  return [status, stderr.text];
}

function commander(code: string, message: string, exitCode: number = 1): Error {
  return Object.assign(new Error(message), { code, exitCode });
}

Deno.test("reportFailure() says one error and at most one hint", () => {
  assertEquals(report(new CliError("cli/exists", 8, "it is there", { hint: "--force" })), [
    8,
    "sotto: error: it is there\nsotto: hint: --force\n",
  ]);
  assertEquals(report(new SottoError("transport/refused", "nobody listens")), [
    3,
    "sotto: error: nobody listens\n",
  ]);
});

Deno.test("reportFailure() never shows a stack trace, and shows causes with --verbose", () => {
  const error = new SottoError("storage/unreadable", "cannot read x", {
    cause: new TypeError("below"),
  });
  assertEquals(report(error), [8, "sotto: error: cannot read x\n"]);
  assertEquals(report(error, "verbose"), [
    8,
    "sotto: error: cannot read x\nsotto: caused by: internal error: TypeError: below\n",
  ]);
  assertEquals(report(new TypeError("oops")), [
    1,
    "sotto: error: internal error: TypeError: oops\n",
  ]);
  assertEquals(report("text"), [1, "sotto: error: internal error: text\n"]);
});

Deno.test("reportFailure() says usage errors in our words", () => {
  assertEquals(
    report(
      commander("commander.unknownOption", "error: unknown option '--x'\n(Did you mean --y?)"),
    ),
    [2, "sotto: error: unknown option '--x'\nsotto: hint: did you mean --y?\n"],
  );
  assertEquals(report(commander("commander.help", "(outputHelp)"))[0], 2);
  assertEquals(report(commander("commander.helpDisplayed", "(outputHelp)", 0)), [0, ""]);
});

Deno.test("reportFailure() is silent when the reader of stdout is gone", () => {
  assertEquals(report(new ReaderGone()), [0, ""]);
});
