/** The commands by name, and how one of them is run: load it, parse, act, report. */
import { Command } from "commander";
import type { Command as TypedCommand, CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandContext, CommandModule } from "./command.ts";
import {
  declareGlobalOptions,
  GLOBAL_FLAGS_WITH_VALUE,
  guessGlobalOptions,
  readGlobalOptions,
} from "./options/global.ts";
import { unsupportedError } from "./output/cli_error.ts";
import { reportFailure } from "./output/diagnostics.ts";
import type { ExitStatus } from "./output/exit_code.ts";
import { type ProgramWorld, RunningContext } from "./running_context.ts";
import { VERSION } from "./version.ts";

/** A line of the table of commands. */
export interface CommandEntry {
  /** What `sotto --help` says about it. */
  readonly summary: string;
  /** Loads the module; `undefined` where a later release brings the command. */
  readonly load?: () => Promise<{ readonly command: CommandModule }>;
  /** For programs, not for people: `sotto --help` leaves it out. */
  readonly hidden?: true;
}

/** Every command of the contract. Those without `load` end with 127 until they are built. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  keygen: {
    summary: "make, replace, import or export your key",
    load: () => import("./commands/keygen.ts"),
  },
  fingerprint: {
    summary: "show your fingerprint, or a peer's",
    load: () => import("./commands/fingerprint.ts"),
  },
  peers: {
    summary: "whom you trust: list, change, check, edit",
    load: () => import("./commands/peers.ts"),
  },
  call: { summary: "one session for scripts", load: () => import("./commands/call.ts") },
  answer: { summary: "the other end: wait for calls", load: () => import("./commands/answer.ts") },
  chat: { summary: "one session for people", load: () => import("./commands/chat.ts") },
  smp: {
    summary: "verify a peer with a shared secret",
    load: () => import("./commands/smp.ts"),
  },
  "msrp-dump": {
    summary: "explain MSRP, SIP and OTR in captures and logs",
    load: () => import("./commands/msrp_dump.ts"),
  },
  otr: {
    summary: "work on OTR messages and transcripts",
    load: () => import("./commands/otr.ts"),
  },
  config: {
    summary: "show where the configuration lives",
    load: () => import("./commands/config.ts"),
  },
  completions: {
    summary: "print the completion script for a shell",
    load: () => import("./commands/completions.ts"),
  },
  complete: {
    summary: "what could stand in the place of a word",
    load: () => import("./commands/complete.ts"),
    hidden: true,
  },
  contacts: { summary: "people, aliases and their policies" },
  account: { summary: "SIP accounts", load: () => import("./commands/account.ts") },
  register: { summary: "register an account", load: () => import("./commands/register.ts") },
  history: { summary: "list, search, export and purge messages" },
  lab: {
    summary: "a SIP and MSRP network on loopback",
    load: () => import("./commands/lab.ts"),
  },
  conform: { summary: "conformance suites" },
  interop: { summary: "peers against peers" },
  load: { summary: "many sessions at a rate" },
  doctor: {
    summary: "check what sotto needs",
    load: () => import("./commands/doctor.ts"),
  },
};

/**
 * Runs `sotto` with `args`, and answers with the exit status. Never rejects.
 * @param args Without the program's name.
 */
export async function runProgram(
  args: readonly string[],
  world: ProgramWorld,
): Promise<ExitStatus> {
  const context = new RunningContext(world, guessGlobalOptions(args));
  try {
    const program = await buildProgram(args, context, (text) => world.stdout.write(text));
    program.hook("preAction", async (_program, action) => {
      // Only now: help, usage errors and --version need no rooms below.
      const { HomeFolder } = await import("../lib/storage/keys/mod.ts");
      context.adopt(readGlobalOptions(action), (path) => new HomeFolder(path));
    });
    await program.parseAsync(args, { from: "user" });
    return context.endStatus;
  } catch (error) {
    const interruption = context.interruption;
    if (interruption === undefined) return reportFailure(error, context.printer);
    // The command was asked to end, and this is how it did: not a failure to report.
    context.printer.detail(`ended by ${error instanceof Error ? error.message : String(error)}`);
    return interruption.status;
  }
}

/**
 * The program with every command, of which the one that `args` name (or, if `args` is
 * undefined, each that this build has) is loaded and configured.
 *
 * @param writeHelp Gets the text of `--help` and `--version`.
 */
export async function buildProgram(
  args: readonly string[] | undefined,
  context: CommandContext,
  writeHelp: (text: string) => void,
): Promise<CommandUnknownOpts> {
  const program = new Command("sotto") as unknown as CommandUnknownOpts;
  const named = args === undefined ? undefined : commandName(args);
  configureProgram(program, writeHelp);
  for (const [name, entry] of Object.entries(COMMANDS)) {
    const command = program.command(name, { hidden: isHidden(entry) }).summary(entry.summary)
      .description(entry.summary);
    if (entry.load === undefined) declareUnsupported(command, name);
    else if (args === undefined || name === named) {
      const { command: module } = await entry.load();
      module.configure(command as unknown as TypedCommand, context);
    }
  }
  declareGlobalOptions(program, VERSION, false);
  return program;
}

function configureProgram(
  program: CommandUnknownOpts,
  writeHelp: (text: string) => void,
): void {
  program
    .description("Private chat over SIP: OTR inside MSRP, for scripts and people.")
    .usage("[options] <command> …")
    .helpOption("-h, --help", "show this help, or that of a command")
    .helpCommand(false)
    .optionsGroup("Options, before or after the command:")
    .exitOverride()
    .configureOutput({
      writeOut: writeHelp,
      writeErr: () => {}, // diagnostics.ts says it in our words.
      getOutHelpWidth: () => 80,
      getErrHelpWidth: () => 80,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText("after", "\nExample:\n  $ sotto call bob@example.com --otr require --send hello");
}

function isHidden({ load, hidden }: CommandEntry): boolean {
  return load === undefined || hidden === true;
}

/** A command of a later release: whatever follows its name, the answer is 127. */
function declareUnsupported(command: CommandUnknownOpts, name: string): void {
  command
    .argument("[arguments...]")
    .allowUnknownOption()
    .helpOption(false)
    .action(() => {
      throw unsupportedError(`the command ${name}`);
    });
}

/** The first argument that is neither an option of the program nor the value of one. */
function commandName(args: readonly string[]): string | undefined {
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] ?? "";
    if (GLOBAL_FLAGS_WITH_VALUE.has(argument)) at++;
    else if (!argument.startsWith("-")) return argument;
  }
  return undefined;
}
