/**
 * The contract between the frame and the commands. How to write one:
 *
 * ```ts
 * // cli/commands/greet.ts — named in the table of cli/program.ts, loaded only when it is named
 * export const command: CommandModule = {
 *   configure(command, context) {
 *     command
 *       .argument("<target>", "whom to greet")
 *       .option("--twice", "greet again")
 *       .addHelpText("after", "\nExample:\n  $ sotto greet bob@example.com --twice")
 *       .action(async (target, options) => {
 *         context.printer.result("greeting", { target });        // with --json
 *         context.printer.text(`hello ${escapeText(target)}`);   // without
 *         if (!options.twice) context.exit(EXIT.failed);
 *       });
 *   },
 * };
 * ```
 *
 * - `configure` declares; everything on `context` that depends on options (printer, home,
 *   prompts) can be used only inside an action.
 * - The frame adds the global options, prints errors, and ends the process. An action
 *   returns, or throws: a `CliError` names its status, other `SottoError`s get theirs from
 *   `output/exit_code.ts`. Nobody else calls `Deno.exit`.
 * - Asking for `context.signal` makes Ctrl-C a clean end; an action that never asks is
 *   ended by the system at once. After an abort the status is 130 or 143, whatever was set.
 * - Options whose parser runs (`argParser`) are called in the order of the arguments, across
 *   options: collect into one array to keep the order of `--send a --expect b`.
 */
import type { Command, CommandUnknownOpts } from "@commander-js/extra-typings";
import type { HomeFolder } from "../lib/storage/mod.ts";
import type { Environment } from "./config/paths.ts";
import type { GlobalOptions } from "./options/global.ts";
import type { ExitStatus } from "./output/exit_code.ts";
import type { Printer } from "./output/printer.ts";
import type { Prompt } from "./terminal/prompt.ts";

/** What a file in `cli/commands/` exports as `command`. */
export interface CommandModule {
  /** Declares arguments, options, subcommands, help and actions on `command`. */
  configure(command: Command, context: CommandContext): void;
}

/** What the frame gives to a command. */
export interface CommandContext {
  /** The only way to stdout and stderr. */
  readonly printer: Printer;
  /** The global options as given; `home` is resolved in {@link home}. */
  readonly options: GlobalOptions;
  /** Names of everything below the home folder. Nothing is created before it is needed. */
  readonly home: HomeFolder;
  /** Who chose the home folder. */
  readonly homeSource: "flag" | "environment" | "config" | "default";
  /** Reads the environment. Empty counts as not set. */
  readonly environment: Environment;
  /** Questions to the person at the terminal. */
  readonly prompt: Prompt;
  /** Aborted at the first SIGINT or SIGTERM, with an `Interruption` as its reason. */
  readonly signal: AbortSignal;
  /** Sets what the process will end with. The action goes on: return after it. */
  exit(status: ExitStatus): void;
  /**
   * Declares an option that the contract has and this build has not: using it ends with 127.
   * @param flags As for commander's `option()`, for example `"--relay <host>"`.
   */
  unsupportedOption(command: CommandUnknownOpts, flags: string): void;
  /**
   * Ends the command with 127.
   * @param what What was asked for, for example `--relay with a host`.
   * @throws {CliError} always.
   */
  unsupported(what: string): never;
}
