/** What `--help` of a command prints, in this process. */
import { runProgram } from "../../cli/program.ts";

/**
 * The help of the command with these names, of the program without any.
 * @throws {Error} when there is no such command.
 */
export async function helpOf(names: readonly string[]): Promise<string> {
  let help = "";
  const status = await runProgram([...names, "--help"], {
    stdout: { isTerminal: false, write: (data) => void (help += data) },
    stderr: { isTerminal: false, write() {} },
    environment: () => undefined,
    openTerminal: () => undefined,
    signals: { add() {} },
    now: () => 0,
    exitNow() {},
  });
  if (status !== 0) throw new Error(`sotto ${names.join(" ")} --help ended with ${status}`);
  return help;
}
