/**
 * Holds one scripted conversation over a {@link ChatSession}: waits until messages may flow,
 * verifies if asked to, plays the steps, holds, hangs up, and says what came of it.
 */

import { SottoError } from "../../base/errors.ts";
import {
  type ChatSession,
  type Clock,
  delay,
  type MessageEvent,
  readableText,
  type SessionEvent,
} from "../../session/mod.ts";
import { Inbox } from "./inbox.ts";
import { type ConversationFailure, runConversation, smpFailure, violationOf } from "./runner.ts";
import type { StepSource } from "./step.ts";

/** What to do in the session. */
export interface ConversationPlan {
  readonly steps: Iterable<StepSource>;
  /** Whether there is any step at all. */
  readonly hasSteps: boolean;
  /** Verify with this before the steps, unless they do so themselves. */
  readonly smpSecret?: Uint8Array | undefined;
  readonly smpQuestion?: string | undefined;
  /** Answers `answer` steps. */
  readonly smpAnswer?: Uint8Array | undefined;
  /** The secret is for `smp` steps; do not verify before them. */
  readonly stepsVerify: boolean;
  /** A step answers the peer's question: nobody else does. */
  readonly stepsAnswer: boolean;
  /** Only messages that came encrypted meet an expectation. */
  readonly expectEncrypted: boolean;
  /** Send every received message back. */
  readonly echo: boolean;
  /** Milliseconds to stay after the last step. */
  readonly hold: number;
  /** Whose turn it is to hang up after that: an answerer leaves it to the caller. */
  readonly waitForPeer: "no" | "bounded" | "forever";
  /** Bounds each step, in milliseconds. */
  readonly timeout: number;
}

/** What came of it; the command line turns it into an exit status. */
export type ConversationResult =
  | { readonly outcome: "done" }
  | { readonly outcome: "failed"; readonly failure: ConversationFailure }
  | { readonly outcome: "error"; readonly error: unknown };

/** How to run. */
export interface ConverseOptions {
  readonly clock: Clock;
  /** Sees every event of the session, in order. What it throws ends the conversation, cleanly. */
  readonly observe: (event: SessionEvent) => void;
  /** Ends the conversation cleanly; the result is its reason as an error. */
  readonly signal?: AbortSignal | undefined;
}

/** Holds the conversation. Never rejects; the session has ended when it resolves. */
export async function converse(
  session: ChatSession,
  plan: ConversationPlan,
  options: ConverseOptions,
): Promise<ConversationResult> {
  const inbox = new Inbox({ encryptedOnly: plan.expectEncrypted });
  const files: ConversationFailure[] = [];
  const following = followEvents(session, plan, inbox, files, options);
  const stopped = whenAborted(options.signal);
  const unobserved = following.then(() => new Promise<never>(() => {}));
  unobserved.catch(() => {}); // It matters to the race alone.
  try {
    const failure = await Promise.race([
      play(session, plan, inbox, options),
      session.broken.then((error): never => {
        throw error;
      }),
      stopped.promise,
      unobserved,
    ]);
    await session.hangUp();
    await following;
    const late = failure ?? violationOf(inbox) ?? files[0];
    return late === undefined ? { outcome: "done" } : await explain(session, late);
  } catch (error) {
    await session.hangUp();
    await following.catch(() => {}); // It has been told, or comes after something worse.
    return { outcome: "error", error };
  } finally {
    stopped.forget();
  }
}

async function play(
  session: ChatSession,
  plan: ConversationPlan,
  inbox: Inbox,
  options: ConverseOptions,
): Promise<ConversationFailure | undefined> {
  const settled = await session.settled.then(() => undefined, (error) => asError(error));
  const verifyFirst = plan.smpSecret !== undefined && !plan.stepsVerify;
  // SMP is the way out of a changed fingerprint, so that alone does not keep it from running.
  const canGoOn = settled === undefined ||
    (verifyFirst && session.canVerify && settled.code === "session/untrusted");
  if (!canGoOn) throw settled;

  if (verifyFirst && plan.smpSecret !== undefined) {
    const outcome = await session.verify(plan.smpSecret, plan.smpQuestion);
    const failure = smpFailure(outcome, "smp");
    if (failure !== undefined) return failure;
  }
  const target = {
    send: (text: string, to?: { readonly to: string }) => session.send(text, undefined, to),
    useNickname: (nickname: string) => session.useNickname(nickname),
    sendFile: (at: number) => session.sendFile(at),
    verify: (question: string | undefined) =>
      session.verify(secretFor(plan.smpSecret, "--smp-secret-file"), question ?? plan.smpQuestion),
    answer: () => session.answer(secretFor(plan.smpAnswer, "--smp-answer-file")),
    otr: (action: "start" | "stop" | "refresh") => session.changeOtr(action),
    trust: () => session.trust(),
    ended: session.ended.then(() => {}),
  };
  const failure = await runConversation(plan.steps, target, inbox, {
    clock: options.clock,
    timeout: plan.timeout,
    signal: options.signal,
  });
  if (failure !== undefined) return failure;
  await linger(session, plan, options);
  return undefined;
}

/** After the last step: `--hold`, and for an answerer the caller's hang-up. */
async function linger(
  session: ChatSession,
  plan: ConversationPlan,
  { clock, signal }: ConverseOptions,
): Promise<void> {
  const over = new AbortController();
  const ended = session.ended.then((end) => {
    over.abort();
    return end;
  });
  const wait = (milliseconds: number): Promise<unknown> =>
    Promise.race([
      ended,
      delay(clock, milliseconds, anySignal(over.signal, signal)).catch(() => {}),
    ]);
  if (plan.hold > 0) await wait(plan.hold);
  if (plan.waitForPeer === "forever") await ended;
  if (plan.waitForPeer === "bounded" && plan.hold === 0) await wait(plan.timeout);
  over.abort();
  signal?.throwIfAborted();
  const hasEnded = await Promise.race([session.ended, Promise.resolve(undefined)]);
  // A connection that broke while we held it is a failure, a hang-up is not.
  if (hasEnded?.by === "network") {
    throw hasEnded.error ?? new SottoError("session/ended", "cut off");
  }
}

async function followEvents(
  session: ChatSession,
  plan: ConversationPlan,
  inbox: Inbox,
  files: ConversationFailure[],
  { observe }: ConverseOptions,
): Promise<void> {
  for await (const event of session.events) {
    observe(event);
    if (event.type === "file" && event.direction === "in" && event.state === "failed") {
      const message = `${event.name} was not received: ${event.reason ?? ""}`;
      files.push({ kind: "file", place: "--receive-dir", message });
    }
    if (event.type !== "message" || event.direction !== "in") continue;
    inbox.add({ texts: textsOf(event), isEncrypted: isEncrypted(event) });
    if (plan.echo) {
      // Its delivery is an event of its own; a session that ends meanwhile says so itself.
      void session.send(event.body, event.contentType).catch(() => {});
    }
  }
}

/** When the session itself broke, that says more than the step that noticed it. */
async function explain(
  session: ChatSession,
  failure: ConversationFailure,
): Promise<ConversationResult> {
  const end = await session.ended;
  const isConsequence = failure.kind === "delivery-lost" || failure.kind === "ended" ||
    failure.kind === "expectation" || failure.kind === "smp-refused";
  return end.error !== undefined && isConsequence
    ? { outcome: "error", error: end.error }
    : { outcome: "failed", failure };
}

function textsOf(event: MessageEvent): readonly string[] {
  const readable = readableText(event);
  return readable === event.body ? [event.body] : [readable, event.body];
}

function isEncrypted(event: MessageEvent): boolean {
  return event.encryption === "verified" || event.encryption === "unverified";
}

function secretFor(secret: Uint8Array | undefined, flag: string): Uint8Array {
  if (secret === undefined) {
    throw new SottoError("harness/no-secret", `the step needs a secret: pass ${flag}`);
  }
  return secret;
}

function asError(error: unknown): SottoError {
  return error instanceof SottoError
    ? error
    : new SottoError("harness/failed", String(error), { cause: error });
}

function whenAborted(
  signal: AbortSignal | undefined,
): { readonly promise: Promise<never>; readonly forget: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {}); // Whoever races with it sees the reason.
  const onAbort = (): void => reject(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();
  return { promise, forget: () => signal?.removeEventListener("abort", onAbort) };
}

function anySignal(a: AbortSignal, b: AbortSignal | undefined): AbortSignal {
  return b === undefined ? a : AbortSignal.any([a, b]);
}
