/** The options that every command takes, before and after its name. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { ColourChoice } from "../output/colours.ts";
import type { Verbosity } from "../output/printer.ts";

/** What the global options say. */
export interface GlobalOptions {
  /** `--home`, if it was given. */
  readonly home: string | undefined;
  readonly json: boolean;
  readonly verbosity: Verbosity;
  readonly colour: ColourChoice;
  /** False with `--no-input`: a prompt is a usage error. */
  readonly input: boolean;
}

/** Flags that take a value, for whoever looks for the command's name in the arguments. */
export const GLOBAL_FLAGS_WITH_VALUE: ReadonlySet<string> = new Set(["--home", "--color"]);

/**
 * Declares the global options on `command`, and on every command below it.
 * Below the top they are hidden from the help, which names them in one line.
 */
export function declareGlobalOptions(
  command: CommandUnknownOpts,
  version: string,
  hidden: boolean,
): void {
  const options = [
    command.createOption("--home <dir>", "where everything of yours lives (or SOTTO_HOME)"),
    command.createOption("--json", "results and events as JSON Lines on stdout"),
    command.createOption("--quiet", "only the answer, warnings and errors"),
    command.createOption("--verbose", "say more on stderr").conflicts("quiet"),
    command.createOption("--color <when>", "colours").choices(["auto", "always", "never"]),
    command.createOption("--no-input", "never ask: a prompt becomes a usage error"),
  ];
  for (const option of options) command.addOption(option.hideHelp(hidden));
  command.version(version, "--version", "print the version and exit");
  command.options.find(({ long }) => long === "--version")?.hideHelp(hidden);
  if (command.commands.length > 0) command.enablePositionalOptions().helpCommand(false);
  for (const child of command.commands) declareGlobalOptions(child, version, true);
}

/** Merges what was said at each level, from the program to `command`: the innermost flag wins. */
export function readGlobalOptions(command: CommandUnknownOpts | null): GlobalOptions {
  const said: Record<string, unknown> = {};
  for (let at = command; at !== null; at = at.parent) {
    for (const name of ["home", "json", "quiet", "verbose", "color", "input"]) {
      if (name in said || at.getOptionValueSource(name) !== "cli") continue;
      said[name] = at.getOptionValue(name);
    }
  }
  return {
    home: said["home"] as string | undefined,
    json: said["json"] === true,
    verbosity: said["quiet"] === true ? "quiet" : said["verbose"] === true ? "verbose" : "normal",
    colour: (said["color"] ?? "auto") as ColourChoice,
    input: said["input"] !== false,
  };
}

/** What the options seem to say, for errors found before or while they are parsed. */
export function guessGlobalOptions(args: readonly string[]): GlobalOptions {
  return {
    home: undefined,
    json: args.includes("--json"),
    verbosity: args.includes("--quiet")
      ? "quiet"
      : args.includes("--verbose")
      ? "verbose"
      : "normal",
    colour: args.includes("--color=never") ? "never" : "auto",
    input: !args.includes("--no-input"),
  };
}
