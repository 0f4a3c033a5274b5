/** Results that go to a file which a person names: `-` is stdout; nothing is overwritten unasked. */
import { createExclusively, readWholeFile, writeAtomically } from "../../lib/storage/mod.ts";
import { CliError, usageError } from "../output/cli_error.ts";
import { EXIT } from "../output/exit_code.ts";
import type { Printer } from "../output/printer.ts";

/** Options of {@link writeOutputFile}. */
export interface OutputFileOptions {
  readonly printer: Printer;
  /** Whether a file that is there may be replaced. */
  readonly force: boolean;
  /** Whether the octets are no text: a terminal does not get them. */
  readonly binary: boolean;
}

/**
 * Writes `content`; a file is 0600.
 * @throws {CliError} status 8 when a file with content is there and `force` is not set, status 2
 * for binary octets on a terminal.
 */
export async function writeOutputFile(
  path: string,
  content: Uint8Array,
  { printer, force, binary }: OutputFileOptions,
): Promise<void> {
  if (path === "-") {
    if (binary && printer.stdoutIsTerminal) {
      throw usageError("this format is binary, and stdout is a terminal", "name a file instead");
    }
    return printer.raw(content);
  }
  if (force || (await readWholeFile(path))?.length === 0) {
    await writeAtomically(path, content);
  } else if (!await createExclusively(path, content)) {
    throw new CliError("cli/exists", EXIT.damaged, `${path} is there already`, {
      hint: "choose another name, or pass --force to replace it",
    });
  }
}
