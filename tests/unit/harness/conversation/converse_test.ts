import { assert, assertEquals } from "@std/assert";
import { SottoError } from "../../../../lib/base/errors.ts";
import { type ConversationPlan, converse } from "../../../../lib/harness/conversation/converse.ts";
import { parseScript } from "../../../../lib/harness/conversation/script_parser.ts";
import {
  type ChatSession,
  EventQueue,
  type MessageEvent,
  type SessionEnd,
  type SessionEvent,
  type SmpOutcome,
} from "../../../../lib/session/mod.ts";
import { ManualClock } from "../../../helpers/manual_clock.ts";

/** A session that only says what the story tells it to: converse() is what is under test. */
class ToldSession {
  readonly queue = new EventQueue<SessionEvent>();
  readonly log: string[] = [];
  readonly #settled = Promise.withResolvers<void>();
  readonly #broken = Promise.withResolvers<SottoError>();
  readonly #ended = Promise.withResolvers<SessionEnd>();
  canVerify = true;
  verdict: SmpOutcome = { verdict: "match" };
  sendOutcome: { status: "delivered" | "failed"; cause?: "connection" | "refused" } = {
    status: "delivered",
  };

  constructor() {
    this.#settled.promise.catch(() => {});
  }

  get events(): AsyncIterable<SessionEvent> {
    return this.queue;
  }
  get settled(): Promise<void> {
    return this.#settled.promise;
  }
  get broken(): Promise<SottoError> {
    return this.#broken.promise;
  }
  get ended(): Promise<SessionEnd> {
    return this.#ended.promise;
  }
  settle(error?: SottoError): void {
    if (error === undefined) this.#settled.resolve();
    else this.#settled.reject(error);
  }
  break(error: SottoError): void {
    this.#broken.resolve(error);
  }
  end(end: SessionEnd): void {
    this.queue.close();
    this.#ended.resolve(end);
  }
  receive(body: string, encryption: MessageEvent["encryption"] = "verified"): void {
    const contentType = "text/plain";
    const [from, to] = ["bob@example.net", "alice@example.com"];
    this.queue.push({
      type: "message",
      direction: "in",
      id: body,
      from,
      to,
      contentType,
      body,
      encryption,
    });
  }
  send(text: string): Promise<typeof this.sendOutcome> {
    this.log.push(`send ${text}`);
    return Promise.resolve(this.sendOutcome);
  }
  verify(_secret: Uint8Array, question?: string): Promise<SmpOutcome> {
    this.log.push(`verify ${question ?? "-"}`);
    return Promise.resolve(this.verdict);
  }
  hangUp(): Promise<void> {
    this.log.push("hang up");
    this.end({ by: "local" });
    return Promise.resolve();
  }
}

function tell(
  script: string,
  plan: Partial<ConversationPlan> = {},
  signal?: AbortSignal,
  observe: (event: SessionEvent) => void = () => {},
) {
  const session = new ToldSession();
  const clock = new ManualClock();
  const steps = parseScript(script, "s");
  const result = converse(session as unknown as ChatSession, {
    steps,
    hasSteps: steps.length > 0,
    stepsVerify: steps.some(({ step }) => step.type === "smp"),
    stepsAnswer: false,
    expectEncrypted: false,
    echo: false,
    hold: 0,
    waitForPeer: "no",
    timeout: 20_000,
    ...plan,
  }, {
    clock,
    observe: (event) => {
      session.log.push(`saw ${event.type}`);
      observe(event);
    },
    signal,
  });
  return { session, clock, result };
}

Deno.test("converse() waits until messages may flow, plays the steps and hangs up", async () => {
  const { session, result } = tell("send a\nexpect b");
  assertEquals(session.log, []);
  session.settle();
  session.receive("b");
  assertEquals(await result, { outcome: "done" });
  assertEquals(session.log.filter((it) => !it.startsWith("saw")), ["send a", "hang up"]);
});

Deno.test("converse() ends with what made messages impossible", async () => {
  const { session, result } = tell("send a");
  const error = new SottoError("session/unencrypted", "no OTR");
  session.settle(error);
  assertEquals(await result, { outcome: "error", error });
  assertEquals(session.log, ["hang up"]);
});

Deno.test("converse() hangs up when the observer fails, in the middle and at the very end", async () => {
  const error = new Error("nobody reads");
  const fail = (): never => {
    throw error;
  };
  const waiting = tell("expect never", {}, undefined, fail);
  waiting.session.settle();
  waiting.session.receive("b");
  assertEquals(await waiting.result, { outcome: "error", error });
  assertEquals(waiting.session.log, ["saw message", "hang up"]);

  const late = tell("send a", {}, undefined, fail);
  const hangUp = late.session.hangUp.bind(late.session);
  late.session.hangUp = () => {
    late.session.receive("last words");
    return hangUp();
  };
  late.session.settle();
  assertEquals(await late.result, { outcome: "error", error });
});

Deno.test("converse() verifies first when there is a secret, also on a changed fingerprint", async () => {
  for (const changed of [false, true]) {
    const { session, result } = tell("send a", {
      smpSecret: new Uint8Array([1]),
      smpQuestion: "where?",
    });
    session.settle(changed ? new SottoError("session/untrusted", "changed") : undefined);
    assertEquals(await result, { outcome: "done" });
    assertEquals(session.log, ["verify where?", "send a", "hang up"]);
  }
});

Deno.test("converse() sends nothing after a failed verification", async () => {
  const { session, result } = tell("send a", { smpSecret: new Uint8Array([1]) });
  session.verdict = { verdict: "mismatch" };
  session.settle();
  const outcome = await result;
  assert(outcome.outcome === "failed");
  assertEquals(outcome.failure.kind, "smp-mismatch");
  assertEquals(session.log, ["verify -", "hang up"]);
});

Deno.test("converse() stops at once when encryption that is required ends", async () => {
  const { session, result } = tell("expect never");
  session.settle();
  const error = new SottoError("session/unencrypted", "ended");
  session.break(error);
  assertEquals(await result, { outcome: "error", error });
});

Deno.test("converse() says what broke the session rather than which step noticed", async () => {
  const { session, result } = tell("expect never");
  session.settle();
  const error = new SottoError("session/connection-lost", "cut");
  session.end({ by: "network", error });
  assertEquals(await result, { outcome: "error", error });
});

Deno.test("converse() holds after the last step, and an expect-not counts until the end", async () => {
  const { session, clock, result } = tell("expect-not secret", { hold: 5_000 });
  session.settle();
  await clock.advance(4_000);
  assertEquals(session.log, []);
  session.receive("a secret");
  await clock.advance(2_000);
  const outcome = await result;
  assertEquals(outcome.outcome === "failed" && outcome.failure.kind, "expectation");
});

Deno.test("converse() leaves the hang-up to the caller when it answers", async () => {
  const { session, clock, result } = tell("send a", { waitForPeer: "bounded" });
  session.settle();
  await clock.advance(10_000);
  assertEquals(session.log, ["send a"]);
  session.end({ by: "remote" });
  assertEquals(await result, { outcome: "done" });
});

Deno.test("converse() echoes every message that comes", async () => {
  const { session, result } = tell("", { echo: true, waitForPeer: "forever" });
  session.settle();
  session.receive("one");
  session.receive("two");
  await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 0));
  session.end({ by: "remote" });
  await result;
  assertEquals(session.log.filter((it) => it.startsWith("send")), ["send one", "send two"]);
});

Deno.test("converse() lets only encrypted messages meet an expectation where that was asked for", async () => {
  const { session, clock, result } = tell("expect hello", { expectEncrypted: true });
  session.settle();
  session.receive("hello", "failed");
  await clock.advance(20_001);
  const outcome = await result;
  assertEquals(outcome.outcome === "failed" && outcome.failure.kind, "expectation");
});

Deno.test("converse() hangs up when it is interrupted, and says why it ended", async () => {
  const controller = new AbortController();
  const { session, result } = tell("expect never", {}, controller.signal);
  session.settle();
  const reason = new Error("interrupted");
  controller.abort(reason);
  assertEquals(await result, { outcome: "error", error: reason });
  assertEquals(session.log, ["hang up"]);
});
