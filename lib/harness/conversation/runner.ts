/** Plays steps against a session and says whether everything expected happened. */

import {
  type Clock,
  delay,
  type NicknameOutcome,
  type SendOutcome,
  type SmpOutcome,
} from "../../session/mod.ts";
import type { Inbox } from "./inbox.ts";
import type { PlacedStep, StepSource } from "./step.ts";

export type { SendOutcome, SmpOutcome } from "../../session/mod.ts";

/** What steps act on: a session, behind the few verbs that scripts know. */
export interface ConversationTarget {
  /** Sends a message; resolves when its fate is known. */
  send(text: string, options?: { readonly to: string }): Promise<SendOutcome>;
  /** Asks the conference for a nickname. */
  useNickname(nickname: string): Promise<NicknameOutcome>;
  /** Sends one of the files that were offered; resolves when its fate is known. */
  sendFile(at: number): Promise<SendOutcome>;
  /** Starts SMP and waits for its end. */
  verify(question: string | undefined): Promise<SmpOutcome>;
  /** Waits for the peer's SMP question and answers it; resolves at its end. */
  answer(): Promise<SmpOutcome>;
  /** Switches encryption; resolves when that is done. */
  otr(action: "start" | "stop" | "refresh"): Promise<void>;
  /** Records the peer's present fingerprint as verified. */
  trust(): Promise<void>;
  /** Resolves when the session has ended, whoever ended it. */
  readonly ended: Promise<void>;
}

/** Why a conversation failed; the command line turns `kind` into an exit status. */
export interface ConversationFailure {
  readonly kind:
    | "expectation"
    | "file"
    | "delivery-answered"
    | "delivery-lost"
    | "delivery-silent"
    | "refused"
    | "smp-mismatch"
    | "smp-cheated"
    | "smp-refused"
    | "smp-timeout"
    | "nickname-refused"
    | "ended";
  readonly place: string;
  readonly message: string;
}

/** How to run. */
export interface RunOptions {
  readonly clock: Clock;
  /** Bounds each step, in milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Plays `steps` in order and stops at the first that fails.
 *
 * @returns `undefined` when everything happened, else what did not.
 * @throws The reason of `signal`, and what the target throws.
 */
export async function runConversation(
  steps: Iterable<StepSource>,
  target: ConversationTarget,
  inbox: Inbox,
  options: RunOptions,
): Promise<ConversationFailure | undefined> {
  const play = async (placed: PlacedStep): Promise<ConversationFailure | "stop" | undefined> => {
    if (placed.step.type === "hangup") return "stop";
    options.signal?.throwIfAborted();
    const failure = await runStep(placed, target, inbox, options);
    return failure ?? (inbox.violation === undefined ? undefined : "stop");
  };
  for (const source of steps) {
    const end = "step" in source ? await play(source) : await playAll(source, play, target.ended);
    if (end === "stop") break;
    if (end !== undefined) return end === CUT_SHORT ? violationOf(inbox) ?? end : end;
  }
  return violationOf(inbox);
}

/** Plays steps as they come. They are not waited for when nobody is there to hear. */
async function playAll<T>(
  steps: AsyncIterable<PlacedStep>,
  play: (placed: PlacedStep) => Promise<T | undefined>,
  ended: Promise<void>,
): Promise<T | ConversationFailure | undefined> {
  const iterator = steps[Symbol.asyncIterator]();
  const over = ended.then(() => "over" as const);
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), over]);
      if (next === "over") return CUT_SHORT;
      if (next.done) return undefined;
      const end = await play(next.value);
      if (end !== undefined) return end;
    }
  } finally {
    // Not waited for: it may be in the middle of a read that never ends.
    void Promise.resolve(iterator.return?.()).catch(() => {});
  }
}

/** Steps that come one by one come from stdin, whose name on the command line is `-`. */
const CUT_SHORT: ConversationFailure = {
  kind: "ended",
  place: "-",
  message: "the session ended before the input did",
};

/** What an `expect-not` saw, as a failure. To be asked once more after `--hold`. */
export function violationOf(inbox: Inbox): ConversationFailure | undefined {
  const violation = inbox.violation;
  return violation && {
    kind: "expectation",
    place: violation.place,
    message: `a message matched that should not: ${JSON.stringify(violation.text)}`,
  };
}

async function runStep(
  { step, place }: PlacedStep,
  target: ConversationTarget,
  inbox: Inbox,
  options: RunOptions,
): Promise<ConversationFailure | undefined> {
  switch (step.type) {
    case "send":
      return sendFailure(await target.send(step.text), place);
    case "send-file":
      return sendFailure(await target.sendFile(step.at), place);
    case "expect":
      return await expectMessage(step.pattern, place, target, inbox, options);
    case "expect-not":
      inbox.forbid(step.pattern, place);
      return undefined;
    case "wait":
      await pause(step.milliseconds, target, options);
      return undefined;
    case "smp":
      return smpFailure(await target.verify(step.question), place);
    case "answer":
      return smpFailure(await target.answer(), place);
    case "otr":
      await target.otr(step.action);
      return undefined;
    case "trust":
      await target.trust();
      return undefined;
    case "nick":
      return nicknameFailure(await target.useNickname(step.nickname), place);
    case "msg":
      return sendFailure(await target.send(step.text, { to: step.to }), place);
    case "hangup":
      return undefined;
    default:
      return step satisfies never;
  }
}

/** Waits, but not for longer than the session lasts. */
async function pause(
  milliseconds: number,
  { ended }: ConversationTarget,
  { clock, signal }: RunOptions,
): Promise<void> {
  const over = new AbortController();
  const anySignal = AbortSignal.any([over.signal, ...(signal ? [signal] : [])]);
  const waited = delay(clock, milliseconds, anySignal);
  waited.catch(() => {}); // Its rejection is the abort: that of the session's end is none.
  try {
    await Promise.race([waited, ended]);
  } finally {
    over.abort();
  }
}

async function expectMessage(
  pattern: RegExp,
  place: string,
  target: ConversationTarget,
  inbox: Inbox,
  { clock, timeout, signal }: RunOptions,
): Promise<ConversationFailure | undefined> {
  const waiting = new AbortController();
  const late = delay(clock, timeout, AbortSignal.any([waiting.signal, ...(signal ? [signal] : [])]))
    .then(() => "late" as const);
  late.catch(() => {}); // Its rejection is the abort, which the race below reports.
  const over = target.ended.then(() => "over" as const);
  try {
    for (;;) {
      const arrival = inbox.arrival;
      if (inbox.take(pattern) || inbox.violation !== undefined) return undefined;
      const woken = await Promise.race([arrival.then(() => "mail" as const), late, over]);
      if (woken === "mail") continue;
      // The last message and the end may have come together.
      if (inbox.take(pattern)) return undefined;
      const why = woken === "late" ? `within ${timeout / 1000} s` : "before the session ended";
      return { kind: "expectation", place, message: `no message matched ${pattern.source} ${why}` };
    }
  } finally {
    waiting.abort();
  }
}

function sendFailure(outcome: SendOutcome, place: string): ConversationFailure | undefined {
  if (outcome.status === "delivered") return undefined;
  const kinds = {
    response: "delivery-answered",
    connection: "delivery-lost",
    timeout: "delivery-silent",
    refused: "refused",
  } as const;
  const code = outcome.code === undefined ? "" : ` ${outcome.code}`;
  const reason = outcome.reason === undefined ? "" : `: ${outcome.reason}`;
  return {
    kind: kinds[outcome.cause ?? "response"],
    place,
    message: `delivery failed${code}${reason}`,
  };
}

function nicknameFailure(
  { status, code, reason }: NicknameOutcome,
  place: string,
): ConversationFailure | undefined {
  if (status === "accepted") return undefined;
  return { kind: "nickname-refused", place, message: `no nickname: ${code} ${reason}` };
}

/** An SMP outcome as a failure; `undefined` for a match. */
export function smpFailure(outcome: SmpOutcome, place: string): ConversationFailure | undefined {
  switch (outcome.verdict) {
    case "match":
      return undefined;
    case "mismatch":
      return { kind: "smp-mismatch", place, message: "the secrets differ" };
    case "refused":
      return { kind: "smp-refused", place, message: "the other side declined to be verified" };
    case "cheated":
      return { kind: "smp-cheated", place, message: "the other side's SMP proof is wrong" };
    case "timeout":
      return { kind: "smp-timeout", place, message: "no answer to the SMP question" };
    default:
      return outcome.verdict satisfies never;
  }
}
