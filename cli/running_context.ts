/** A run of the program: the world around it, and what its command is given. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { HomeFolder } from "../lib/storage/keys/mod.ts";
import type { CommandContext } from "./command.ts";
import { type Chosen, type Environment, homePath } from "./config/paths.ts";
import type { GlobalOptions } from "./options/global.ts";
import { unsupportedError } from "./output/cli_error.ts";
import { EXIT, type ExitStatus } from "./output/exit_code.ts";
import { Printer } from "./output/printer.ts";
import type { Sink } from "./output/sink.ts";
import { interruptible, Interruption, type SignalSource } from "./signals.ts";
import { createPrompt, type Prompt } from "./terminal/prompt.ts";
import type { Terminal } from "./terminal/tty.ts";

/** The world around a run of the program. */
export interface ProgramWorld {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly environment: Environment;
  readonly openTerminal: () => Terminal | undefined;
  readonly signals: SignalSource;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Ends the process without waiting for anything. */
  readonly exitNow: (status: ExitStatus) => void;
}

/** The context of a run. What depends on options is made when it is first asked for. */
export class RunningContext implements CommandContext {
  readonly #world: ProgramWorld;
  #options: GlobalOptions;
  #printer: Printer | undefined;
  #home: Chosen<string> | undefined;
  #openHome: ((path: string) => HomeFolder) | undefined;
  #signal: AbortSignal | undefined;
  #status: ExitStatus = EXIT.ok;

  /** @param options What is believed until {@link adopt} says better. */
  constructor(world: ProgramWorld, options: GlobalOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** The parsed options: called once, before the action. */
  adopt(options: GlobalOptions, openHome: (path: string) => HomeFolder): void {
    this.#options = options;
    this.#printer = undefined;
    this.#openHome = openHome;
  }

  get options(): GlobalOptions {
    return this.#options;
  }

  get printer(): Printer {
    return this.#printer ??= new Printer({
      stdout: this.#world.stdout,
      stderr: this.#world.stderr,
      json: this.#options.json,
      verbosity: this.#options.verbosity,
      colour: this.#options.colour,
      noColour: this.#world.environment("NO_COLOR"),
      now: this.#world.now,
    });
  }

  get home(): HomeFolder {
    if (this.#openHome === undefined) throw new Error("the home is known inside an action only");
    return this.#openHome(this.#chosenHome.value);
  }

  get homeSource(): Chosen<string>["source"] {
    return this.#chosenHome.source;
  }

  get environment(): Environment {
    return this.#world.environment;
  }

  get prompt(): Prompt {
    return createPrompt(this.#world.openTerminal, this.#options.input);
  }

  get signal(): AbortSignal {
    return this.#signal ??= interruptible(this.#world.signals, this.#world.exitNow);
  }

  /** Why the command was asked to end, if it was. */
  get interruption(): Interruption | undefined {
    const reason: unknown = this.#signal?.reason;
    return reason instanceof Interruption ? reason : undefined;
  }

  /** What the process ends with after an action that did not throw. */
  get endStatus(): ExitStatus {
    return this.interruption?.status ?? this.#status;
  }

  exit(status: ExitStatus): void {
    this.#status = status;
  }

  unsupportedOption(command: CommandUnknownOpts, flags: string): void {
    const option = command.createOption(flags).hideHelp();
    command.addOption(option);
    command.on(`option:${option.name()}`, () => {
      throw unsupportedError(option.long ?? flags);
    });
  }

  unsupported(what: string): never {
    throw unsupportedError(what);
  }

  get #chosenHome(): Chosen<string> {
    return this.#home ??= homePath(this.#options.home, this.#world.environment);
  }
}
