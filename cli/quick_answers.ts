/**
 * What scripts ask in loops, answered without the parser of arguments: loading that takes
 * longer than the answers (decision 0011). Only arguments whose meaning is beyond doubt come
 * this way; all others, mistakes among them, are the parser's.
 */
import type { HomeFolder } from "../lib/storage/keys/mod.ts";
import { type GlobalOptions, guessGlobalOptions } from "./options/global.ts";
import { reportFailure } from "./output/diagnostics.ts";
import { EXIT, type ExitStatus } from "./output/exit_code.ts";
import { type ProgramWorld, RunningContext } from "./running_context.ts";
import { VERSION } from "./version.ts";

/** A question that is answered here. */
type QuickQuestion =
  | { readonly asks: "version" }
  | { readonly asks: "fingerprint"; readonly options: GlobalOptions };

/**
 * Answers `sotto --version` and `sotto [--home DIR] [--json] [--quiet] fingerprint` exactly as
 * the program does.
 *
 * @param args Without the program's name.
 * @returns The exit status, or `undefined` for anything else: nothing has happened then.
 */
export async function answerQuickly(
  args: readonly string[],
  world: ProgramWorld,
): Promise<ExitStatus | undefined> {
  const question = readQuestion(args);
  if (question === undefined) return undefined;
  const context = new RunningContext(world, guessGlobalOptions(args));
  try {
    if (question.asks === "version") world.stdout.write(`${VERSION}\n`);
    else {
      const [{ HomeFolder }, { showOwnFingerprint }] = await Promise.all([
        import("../lib/storage/keys/mod.ts"),
        import("./identity/own_fingerprint.ts"),
      ]);
      context.adopt(question.options, (path): HomeFolder => new HomeFolder(path));
      await showOwnFingerprint(context, false);
    }
    return EXIT.ok;
  } catch (error) {
    return reportFailure(error, context.printer);
  }
}

function readQuestion(args: readonly string[]): QuickQuestion | undefined {
  if (args.length === 1 && args[0] === "--version") return { asks: "version" };
  let home: string | undefined;
  let command: string | undefined;
  for (let at = 0; at < args.length; at++) {
    const argument = args[at];
    if (argument === "--home" && home === undefined) {
      home = args[++at];
      if (home === undefined || home.startsWith("-")) return undefined;
    } else if (argument === "fingerprint" && command === undefined) command = argument;
    else if (argument !== "--json" && argument !== "--quiet") return undefined;
  }
  if (command === undefined) return undefined;
  return { asks: "fingerprint", options: { ...guessGlobalOptions(args), home } };
}
