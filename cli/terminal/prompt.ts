/** Questions to a person: on the terminal itself, never from data on stdin. */
import { usageError } from "../output/cli_error.ts";
import type { Terminal } from "./tty.ts";

/** What a question needs besides its text. */
export interface PromptOptions {
  /** The flag that answers instead, named in the error when nobody can be asked. */
  readonly flag: string;
}

/** Asks a person. Every method throws a usage error (status 2) when there is nobody to ask. */
export interface Prompt {
  /** Whether a person can be asked: a terminal is there, and no `--no-input`. */
  readonly available: boolean;
  /** Yes or no; an empty answer is no. `text` is asked as it is, `[y/N]` is added. */
  confirm(text: string, options: PromptOptions): Promise<boolean>;
  /** One line, not shown while it is typed. */
  secret(label: string, options: PromptOptions): Promise<string>;
  /** One line, shown. */
  line(label: string, options: PromptOptions): Promise<string>;
}

/**
 * The prompt of a command.
 * @param open Opens the terminal, or answers `undefined` when there is none.
 * @param allowed False with `--no-input`.
 */
export function createPrompt(open: () => Terminal | undefined, allowed: boolean): Prompt {
  async function ask(
    text: string,
    visible: boolean,
    { flag }: PromptOptions,
  ): Promise<string> {
    using terminal = allowed ? open() : undefined;
    if (terminal === undefined) {
      const why = allowed ? "there is no terminal to ask on" : "--no-input forbids to ask";
      throw usageError(`${why}: pass ${flag} instead`);
    }
    return await terminal.ask(text, visible);
  }
  return {
    get available(): boolean {
      if (!allowed) return false;
      using terminal = open();
      return terminal !== undefined;
    },
    async confirm(text, options) {
      const answer = await ask(`${text} [y/N] `, true, options);
      return /^\s*y(es)?\s*$/i.test(answer);
    },
    secret: (label, options) => ask(`${label}: `, false, options),
    line: (label, options) => ask(`${label}: `, true, options),
  };
}
