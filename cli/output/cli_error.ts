/** What a command throws when it knows the status it ends with. */
import { type ErrorCode, SottoError } from "../../lib/base/mod.ts";
import type { ExitStatus } from "./exit_code.ts";

/** Options of a {@link CliError}. */
export interface CliErrorOptions extends ErrorOptions {
  /** What to try instead; printed as `sotto: hint: …`. */
  readonly hint?: string | undefined;
}

/** An error that carries its exit status and, where there is one, a hint. */
export class CliError extends SottoError {
  override readonly name = "CliError";
  /** What the process ends with. */
  readonly status: ExitStatus;
  /** One line on what to do about it. */
  readonly hint: string | undefined;

  /**
   * @param code Stable name, listed in docs/errors/cli.md.
   * @param status What the process ends with.
   * @param message For people: lower case, no full stop, peer's text escaped.
   * @param options `hint` and `cause`.
   */
  constructor(
    code: ErrorCode,
    status: ExitStatus,
    message: string,
    options: CliErrorOptions = {},
  ) {
    super(code, message, options);
    this.status = status;
    this.hint = options.hint;
  }
}

/** Wrong usage: status 2. */
export function usageError(message: string, hint?: string): CliError {
  return new CliError("cli/usage", 2, message, { hint });
}

/** Something that this build does not have: status 127. */
export function unsupportedError(what: string): CliError {
  return new CliError("cli/unsupported", 127, `${what} is unsupported by this build`);
}
