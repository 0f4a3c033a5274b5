/** The person's editor, on a file. */
import type { CommandContext } from "../command.ts";
import { CliError, usageError } from "../output/cli_error.ts";
import { EXIT } from "../output/exit_code.ts";

/**
 * Opens `path` in `$VISUAL` or `$EDITOR`, else in vi where there is a terminal, and waits.
 * The variable is a command line: `code --wait` works.
 *
 * @throws {CliError} status 2 without an editor, status 1 when it fails or cannot be run.
 */
export async function runEditor(
  path: string,
  { environment, prompt, signal }: Pick<CommandContext, "environment" | "prompt" | "signal">,
): Promise<void> {
  const editor = environment("VISUAL") ?? environment("EDITOR") ??
    (prompt.available ? "vi" : undefined);
  if (editor === undefined) throw usageError("no editor: set VISUAL or EDITOR");
  // While it runs, Ctrl-C is the editor's: asking for the signal keeps us alive.
  signal.throwIfAborted();
  const isWindows = Deno.build.os === "windows";
  const command = isWindows
    ? new Deno.Command("cmd", { args: ["/d", "/c", `${editor} "${path}"`] })
    : new Deno.Command("sh", { args: ["-c", `${editor} "$1"`, "sotto", path] });
  const { code } = await command.spawn().status;
  if (code !== 0) {
    throw new CliError(
      "cli/editor-failed",
      EXIT.failed,
      `the editor ended with status ${code}: nothing was changed`,
    );
  }
}
