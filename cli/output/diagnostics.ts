/** How a command that threw is reported: one error, at most one hint, never a stack trace. */
import { SottoError } from "../../lib/base/mod.ts";
import { CliError, usageError } from "./cli_error.ts";
import { EXIT, type ExitStatus, exitStatusOf } from "./exit_code.ts";
import type { Printer } from "./printer.ts";
import { ReaderGone } from "./sink.ts";

/** Says what happened, and answers with the status to end with. */
export function reportFailure(thrown: unknown, printer: Printer): ExitStatus {
  // Whoever read stdout has seen enough: not an error of anybody's.
  if (thrown instanceof ReaderGone) return EXIT.ok;
  if (isCommanderError(thrown)) {
    if (thrown.exitCode === 0) return EXIT.ok; // --help and --version.
    return report(fromCommander(thrown), printer);
  }
  return report(thrown, printer);
}

function report(error: unknown, printer: Printer): ExitStatus {
  const status = exitStatusOf(error);
  try {
    printer.errorEvent(error);
    printer.error(describe(error), error instanceof CliError ? error.hint : undefined);
    for (let cause = causeOf(error); cause !== undefined; cause = causeOf(cause)) {
      printer.detail(`caused by: ${describe(cause)}`);
    }
  } catch {
    // Nobody is left to tell: stderr is closed, full, or its reader gone.
  }
  return status;
}

function describe(error: unknown): string {
  if (error instanceof SottoError) return error.message;
  if (error instanceof Deno.errors.NotCapable) return `not permitted: ${error.message}`;
  if (error instanceof Error) return `internal error: ${error.name}: ${error.message}`;
  return `internal error: ${String(error)}`;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

interface CommanderFailure extends Error {
  readonly code: string;
  readonly exitCode: number;
}

function isCommanderError(error: unknown): error is CommanderFailure {
  return error instanceof Error && "code" in error && typeof error.code === "string" &&
    error.code.startsWith("commander.");
}

function fromCommander(error: CommanderFailure): CliError {
  if (error.code === "commander.help") {
    return usageError("the command is missing", "--help lists the commands");
  }
  const [first = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const suggestion = /^\(Did you mean (.*)\?\)$/.exec(rest.join(" "))?.[1];
  return usageError(
    first.replace(/\.$/, ""),
    suggestion === undefined ? undefined : `did you mean ${suggestion}?`,
  );
}
