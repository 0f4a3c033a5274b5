import { assertEquals } from "@std/assert";
import { Printer, type PrinterOptions } from "../../../../cli/output/printer.ts";
import { PeerError } from "../../../../lib/base/mod.ts";
import { MemorySink, NOW } from "../../../helpers/program.ts";

function make(options: Partial<PrinterOptions> = {}): {
  printer: Printer;
  stdout: MemorySink;
  stderr: MemorySink;
} {
  const stdout = new MemorySink();
  const stderr = new MemorySink();
  const printer = new Printer({
    stdout,
    stderr,
    json: false,
    verbosity: "normal",
    colour: "auto",
    noColour: undefined,
    now: () => NOW,
    ...options,
  });
  return { printer, stdout, stderr };
}

function sayEverything(printer: Printer): void {
  printer.event("call", { state: "ringing", reason: undefined });
  printer.result("peer", { line: 1 });
  printer.text("text");
  printer.note("note");
  printer.detail("detail");
  printer.warning("warning");
  printer.error("error", "hint");
}

Deno.test("Printer speaks to people without --json", () => {
  const { printer, stdout, stderr } = make();
  sayEverything(printer);
  assertEquals(stdout.text, "text\n");
  assertEquals(
    stderr.text,
    "sotto: note\nsotto: warning: warning\nsotto: error: error\nsotto: hint: hint\n",
  );
});

Deno.test("Printer writes JSON Lines and nothing else to stdout with --json", () => {
  const { printer, stdout } = make({ json: true });
  sayEverything(printer);
  assertEquals(
    stdout.text,
    '{"v":1,"at":"2026-02-03T10:11:12.131Z","type":"call","state":"ringing"}\n' +
      '{"type":"peer","line":1}\n',
  );
});

Deno.test("Printer keeps warnings and errors with --quiet, and adds details with --verbose", () => {
  const quiet = make({ verbosity: "quiet" });
  sayEverything(quiet.printer);
  assertEquals(quiet.stderr.text, "sotto: warning: warning\nsotto: error: error\n");
  const verbose = make({ verbosity: "verbose" });
  sayEverything(verbose.printer);
  assertEquals(verbose.stderr.text.includes("sotto: detail\n"), true);
});

Deno.test("Printer colours each of its outputs by itself", () => {
  const { printer, stderr } = make({ stdout: new MemorySink(true), colour: "auto" });
  assertEquals(printer.paint("red", "x"), "\x1b[31mx\x1b[0m");
  printer.warning("w");
  assertEquals(stderr.text, "sotto: warning: w\n");
});

Deno.test("Printer.errorEvent() reports each error once", () => {
  const { printer, stdout } = make({ json: true });
  const error = new PeerError("msrp/bad-start-line", "RFC 4975 \u00a79", "expected MSRP");
  printer.errorEvent(error);
  printer.errorEvent(error);
  const lines = stdout.text.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.length, 1);
  assertEquals([lines[0].code, lines[0].side, lines[0].rule], [
    "msrp/bad-start-line",
    "remote",
    "RFC 4975 \u00a79",
  ]);
});

Deno.test("Printer keeps an object in one line for whoever reads it, and means the same", () => {
  const { printer, stdout } = make({ json: true });
  const body = "a\r\nb\u0085c\u2028d\u2029e\x1b[31m\u009b31m\u202egnp.exe\u2066 ü☂\x7f";
  printer.event("message", { body });
  const line = stdout.text.slice(0, -1);
  // deno-lint-ignore no-control-regex
  assertEquals(/[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/.test(line), false);
  assertEquals(JSON.parse(line).body, body);
});
