/** Flags of `call` and its kin as they are when nothing was said, and a context to read them in. */
import { Command } from "commander";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CommandContext } from "../../cli/command.ts";
import {
  type SessionCommand,
  type SessionFlags,
  SessionOptions,
} from "../../cli/options/session.ts";
import { unsupportedError } from "../../cli/output/cli_error.ts";
import { Printer } from "../../cli/output/printer.ts";
import { createPrompt } from "../../cli/terminal/prompt.ts";
import { HomeFolder } from "../../lib/storage/mod.ts";
import { MemorySink, NOW, typedTerminal } from "./program.ts";

/** A command's surroundings, with what it printed. */
export interface TestContext extends CommandContext {
  readonly stdout: MemorySink;
  readonly stderr: MemorySink;
}

/** What {@link testContext} is made from. */
export interface TestContextOptions {
  readonly home?: string;
  readonly json?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  /** What the person types at prompts; without it there is no terminal. */
  readonly typed?: string;
  readonly signal?: AbortSignal;
}

/** A context whose world is made up. */
export function testContext(options: TestContextOptions = {}): TestContext {
  const { home = "/nowhere", json = false, environment = {}, typed } = options;
  const stdout = new MemorySink();
  const stderr = new MemorySink();
  const terminal = typed === undefined ? () => undefined : typedTerminal(typed, new MemorySink());
  return {
    stdout,
    stderr,
    printer: new Printer({
      stdout,
      stderr,
      json,
      verbosity: "verbose",
      colour: "never",
      noColour: undefined,
      now: () => NOW,
    }),
    options: { home, json, verbosity: "verbose", colour: "never", input: true },
    home: new HomeFolder(home),
    homeSource: "flag",
    environment: (name) => environment[name],
    prompt: createPrompt(terminal, true),
    signal: options.signal ?? new AbortController().signal,
    exit() {},
    unsupportedOption(command, flags) {
      const option = command.createOption(flags);
      command.addOption(option);
      command.on(`option:${option.name()}`, () => {
        throw unsupportedError(option.long ?? flags);
      });
    },
    unsupported(what) {
      throw unsupportedError(what);
    },
  };
}

/** What `args` say to the command `kind`. */
export function readFlags(kind: SessionCommand, ...args: readonly string[]): SessionFlags {
  const command = new Command(kind) as unknown as CommandUnknownOpts;
  command.exitOverride().configureOutput({ writeErr: () => {} });
  const options = new SessionOptions(command, testContext(), kind);
  command.argument("[rest...]").action(() => {});
  command.parse([...args], { from: "user" });
  return options.read();
}
