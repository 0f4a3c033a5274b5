/** From flags to a plan: the steps of a conversation and the secrets it needs. */
import { utf8 } from "../../lib/base/mod.ts";
import { type ConversationPlan, parseScript, type PlacedStep } from "../../lib/harness/mod.ts";
import type { CommandContext } from "../command.ts";
import { plainSecret, readNamedFile, readSecret } from "../options/secret.ts";
import type { SessionCommand, SessionFlags } from "../options/session.ts";
import { usageError } from "../output/cli_error.ts";
import { refuseUnprotectedFiles } from "./files.ts";
import { resolvePolicy } from "./policy.ts";
import { stdinSteps } from "./stdin_lines.ts";

/** Longest script, in octets. */
const LONGEST_SCRIPT = 16 * 2 ** 20;

/**
 * The plan of `call`, `answer` or `smp`.
 *
 * @param input The positional argument after the target: `-` or nothing.
 * @throws {CliError} for files that cannot be read and contradictory flags.
 */
export async function planFor(
  context: CommandContext,
  flags: SessionFlags,
  kind: SessionCommand,
  input: string | undefined,
): Promise<ConversationPlan> {
  const { encryption } = await resolvePolicy(context, flags);
  await refuseUnprotectedFiles(context, flags, encryption);
  if (input !== undefined && input !== "-") {
    throw usageError(`unexpected argument ${JSON.stringify(input)}`, "the only one is - for stdin");
  }
  if (input === "-" && flags.script === "-") {
    throw usageError("- and --script - both read stdin: give one of them");
  }
  const scripted = flags.script === undefined ? [] : await readScript(flags.script);
  const steps: readonly PlacedStep[] = [...flags.steps, ...scripted];
  const secret = await smpSecret(context, flags, kind);
  const answering = kind === "answer";
  const hasSteps = steps.length > 0 || input === "-";
  return {
    steps: input === "-" ? [...steps, stdinSteps(Deno.stdin.readable)] : steps,
    hasSteps,
    smpSecret: secret,
    smpQuestion: flags.smpQuestion,
    smpAnswer: await smpAnswer(flags),
    stepsAnswer: steps.some(({ step }) => step.type === "answer"),
    stepsVerify: steps.some(({ step }) => step.type === "smp"),
    expectEncrypted: encryption === "require",
    echo: flags.echo,
    hold: flags.hold,
    waitForPeer: !answering ? "no" : hasSteps && !flags.echo ? "bounded" : "forever",
    timeout: flags.timeout,
  };
}

/** What answers SMP questions by itself: the plan's answer, unless a step of the script does it. */
export function ownAnswer(flags: SessionFlags, plan: ConversationPlan): Uint8Array | undefined {
  return plan.stepsAnswer || flags.smpAnswerFile === undefined ? undefined : plan.smpAnswer;
}

/** The octets that answer the peer's questions, if a file was given. */
export async function smpAnswer(flags: SessionFlags): Promise<Uint8Array | undefined> {
  return flags.smpAnswerFile === undefined
    ? undefined
    : await readSecret("--smp-answer-file", flags.smpAnswerFile);
}

/** The secret to verify with: file, flag (with a warning), environment or, for `smp`, a prompt. */
export async function smpSecret(
  context: CommandContext,
  flags: SessionFlags,
  kind: SessionCommand,
): Promise<Uint8Array | undefined> {
  const name = kind === "smp" ? "--secret-file" : "--smp-secret-file";
  if (flags.smpSecretFile !== undefined) return await readSecret(name, flags.smpSecretFile);
  if (flags.smpSecret !== undefined) {
    return plainSecret(context, flags.smpSecret, name);
  }
  if (kind !== "smp") return undefined;
  const variable = context.environment("SOTTO_SMP_SECRET");
  if (variable !== undefined) return utf8(variable);
  return utf8(await context.prompt.secret("Shared secret", { flag: name }));
}

async function readScript(file: string): Promise<PlacedStep[]> {
  const bytes = file === "-"
    ? new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer())
    : await readNamedFile("--script", file, LONGEST_SCRIPT);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return parseScript(text, file === "-" ? "stdin" : file);
  } catch (error) {
    if (error instanceof RangeError) throw usageError(error.message);
    if (error instanceof TypeError) throw usageError(`--script ${file}: not UTF-8`);
    throw error;
  }
}
