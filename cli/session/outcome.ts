/** What a conversation came to, as an error that knows its exit status. */
import type { ConversationFailure, ConversationResult } from "../../lib/harness/mod.ts";
import { SottoError } from "../../lib/base/mod.ts";
import { CliError } from "../output/cli_error.ts";
import { EXIT, type ExitStatus, exitStatusOf } from "../output/exit_code.ts";

/**
 * Returns when everything expected happened.
 *
 * @param blocked Why sending is forbidden now, if it is, and with which code.
 * @throws {CliError} with the status that the contract gives to the failure, or what the
 * session failed with.
 */
export function throwUnlessDone(
  result: ConversationResult,
  blocked?: "session/untrusted" | "session/unencrypted",
): void {
  if (result.outcome === "done") return;
  if (result.outcome === "error") throw withHint(result.error);
  const { failure } = result;
  if (failure.kind === "refused" && blocked !== undefined) {
    throw withHint(new SottoError(blocked, `${failure.place}: ${failure.message}`));
  }
  throw new CliError("cli/conversation", statusOf(failure), `${failure.place}: ${failure.message}`);
}

function statusOf(failure: ConversationFailure): ExitStatus {
  switch (failure.kind) {
    case "expectation":
    case "file":
    case "delivery-answered":
    case "smp-mismatch":
    case "nickname-refused":
      return EXIT.failed;
    case "delivery-lost":
    case "ended":
      return EXIT.network;
    case "smp-cheated":
    case "smp-refused":
      return EXIT.peer;
    case "delivery-silent":
    case "smp-timeout":
      return EXIT.timeout;
    case "refused":
      return EXIT.unencrypted;
    default:
      return failure.kind satisfies never;
  }
}

const HINTS: Readonly<Record<string, string>> = {
  "session/untrusted":
    "compare fingerprints by another way, then `sotto peers trust`, or verify with `sotto smp`",
  "session/unencrypted": "the other side needs OTR; `--otr off` sends plaintext knowingly",
  "session/timeout": "is the address right, and does somebody answer there? see --timeout",
  "sip/timeout": "is the address right, and does somebody answer there? see --timeout",
  "sip/no-credentials": "`sotto account add` keeps them, or --auth-user and --password-file",
  "sip/credentials-rejected":
    "is the password right? some providers want a user name of their own: --auth-user",
  "sip/digest-too-weak": "ask the provider for a better digest, or lower --digest-min knowingly",
  "session/msrp-timeout": "`sotto doctor TARGET --call` tells which side is silent",
  "transport/refused": "nobody listens there: check host, port and --transport",
};

/** The same error, with what to try instead where there is something. */
export function withHint(error: unknown): unknown {
  const hint = error instanceof SottoError ? HINTS[error.code] : undefined;
  if (hint === undefined || !(error instanceof SottoError) || error instanceof CliError) {
    return error;
  }
  return new CliError(error.code, exitStatusOf(error), error.message, { hint, cause: error.cause });
}
