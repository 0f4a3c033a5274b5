import { assertEquals, assertRejects } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import type { SmpGuard } from "../../../lib/session/chat_options.ts";
import { RecordWriter } from "../../../lib/session/record_writer.ts";
import type { SecureChatEvent } from "../../../lib/session/secure_chat_events.ts";
import { SmpTalk } from "../../../lib/session/smp_talk.ts";
import { ManualClock, settle } from "../../helpers/manual_clock.ts";

const SECRET = utf8("café");

/** A talk with an engine that only writes down what it is told. */
function talk(options: { guard?: SmpGuard; secret?: Uint8Array } = {}) {
  const done: string[] = [];
  const clock = new ManualClock();
  const over = Promise.withResolvers<void>();
  const writer = new RecordWriter((error) => done.push(`not written: ${error}`));
  const state = { canVerify: true };
  const smp = new SmpTalk({
    clock,
    engine: {
      canVerify: () => state.canVerify,
      fingerprint: () => state.canVerify ? "f".repeat(40) : undefined,
      demand: () => {
        if (!state.canVerify) throw new SottoError("session/unencrypted", "nothing to verify");
      },
      start: (_secret, question) => done.push(`start ${question}`),
      answer: () => done.push("answer"),
      abort: () => done.push("abort"),
    },
    peer: "bob@example.net",
    timeout: 1_000,
    guard: options.guard,
    secret: options.secret,
    writer,
    over: over.promise,
    onRefused: (reason) => done.push(`refused: ${reason}`),
    onFault: (error) => done.push(`fault: ${error}`),
  });
  const hear = (
    event: Extract<SecureChatEvent, { type: "smp" }>["state"],
    role: "initiator" | "responder" = "responder",
  ) => smp.receive({ type: "smp", state: event, question: null, role, proofSeen: false });
  return { smp, done, clock, over, writer, state, hear };
}

function guardThat(done: string[], refusal: SmpGuard["refusal"]): SmpGuard {
  return {
    refusal,
    failed: (peer) => Promise.resolve(void done.push(`failed ${peer}`)),
    succeeded: (peer) => Promise.resolve(void done.push(`succeeded ${peer}`)),
  };
}

Deno.test("SmpTalk.verify() starts an exchange and resolves with its verdict", async () => {
  const { smp, done, hear } = talk();
  const verdict = smp.verify(SECRET, "where?");
  assertEquals(done, ["start where?"]);
  hear("in-progress", "initiator");
  hear("failure", "initiator");
  assertEquals(await verdict, { verdict: "mismatch" });
});

Deno.test("SmpTalk.verify() and answerNow() throw where nothing is encrypted, and start nothing", async () => {
  const { smp, done, state } = talk();
  state.canVerify = false;
  for (const verb of [() => smp.verify(SECRET), () => smp.answerNow(SECRET)]) {
    assertEquals((await assertRejects(verb, SottoError)).code, "session/unencrypted");
  }
  assertEquals(done, []);
});

Deno.test("SmpTalk gives an exchange up after its time", async () => {
  const { smp, done, clock } = talk();
  const verdict = smp.verify(SECRET);
  await clock.advance(999);
  assertEquals(done, ["start undefined"]);
  await clock.advance(1);
  assertEquals(await verdict, { verdict: "timeout" });
  assertEquals(done, ["start undefined", "abort"]);
});

Deno.test("SmpTalk: the end of the session is a refusal, for who verifies and for who waits for a question", async () => {
  const { smp, over } = talk();
  const waiting = [smp.verify(SECRET), smp.answer(SECRET)];
  over.resolve();
  assertEquals(await Promise.all(waiting), [{ verdict: "refused" }, { verdict: "refused" }]);
});

Deno.test("SmpTalk.answer() waits for the question, and answers it once", async () => {
  const { smp, done, hear } = talk();
  const verdict = smp.answer(SECRET);
  await settle();
  assertEquals(done, []);
  hear("asked");
  await settle();
  const again = smp.answerNow(SECRET);
  await settle();
  assertEquals(done, ["answer"]);
  hear("success");
  assertEquals([await verdict, await again], [{ verdict: "match" }, { verdict: "match" }]);
});

Deno.test("SmpTalk answers by itself with the secret that it was given", async () => {
  const { done, hear } = talk({ secret: SECRET });
  hear("asked");
  await settle();
  assertEquals(done, ["answer"]);
});

Deno.test("SmpTalk does not answer a question that was taken back while the guard looked", async () => {
  const looking = Promise.withResolvers<string | undefined>();
  const done: string[] = [];
  const it = talk({ secret: SECRET, guard: guardThat(done, () => looking.promise) });
  it.hear("asked");
  await settle();
  it.hear("aborted");
  looking.resolve(undefined);
  await settle();
  assertEquals(it.done, []);
});

Deno.test("SmpTalk gives up a question that the guard refuses, and says why", async () => {
  const guard = guardThat([], () => Promise.resolve("too many failures"));
  const { smp, done, hear } = talk({ secret: SECRET, guard });
  hear("asked");
  const verdict = smp.answerNow(SECRET);
  await settle();
  assertEquals(done, ["refused: too many failures", "abort"]);
  hear("aborted");
  assertEquals(await verdict, { verdict: "refused" });
});

Deno.test("SmpTalk notes only what became of questions that it answered", async () => {
  const noted: string[] = [];
  const guard = guardThat(noted, () => Promise.resolve(undefined));
  const { smp, writer, hear } = talk({ secret: SECRET, guard });
  for (const ending of ["failure", "success"] as const) {
    hear("asked");
    await settle();
    hear(ending);
  }
  void smp.verify(SECRET);
  hear("success", "initiator");
  await writer.written;
  assertEquals(noted, ["failed bob@example.net", "succeeded bob@example.net"]);
});

Deno.test("SmpTalk asks the guard only when everything before is written", async () => {
  const order: string[] = [];
  const guard = guardThat(order, () => Promise.resolve(void order.push("asked")).then(() => "no"));
  const { writer, hear } = talk({ guard });
  const slow = Promise.withResolvers<void>();
  writer.write(() => slow.promise.then(() => void order.push("written")));
  hear("asked");
  await settle();
  assertEquals(order, []);
  slow.resolve();
  await settle();
  assertEquals(order, ["written", "asked"]);
});

Deno.test("SmpTalk tells of a guard that fails, and does not answer", async () => {
  const guard = guardThat([], () => Promise.reject(new Error("no such file")));
  const { done, hear } = talk({ secret: SECRET, guard });
  hear("asked");
  await settle();
  assertEquals(done, ["fault: Error: no such file"]);
});
