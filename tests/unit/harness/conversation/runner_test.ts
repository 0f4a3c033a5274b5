import { assertEquals } from "@std/assert";
import { Inbox } from "../../../../lib/harness/conversation/inbox.ts";
import {
  type ConversationTarget,
  runConversation,
  type SendOutcome,
  type SmpOutcome,
} from "../../../../lib/harness/conversation/runner.ts";
import { parseScript } from "../../../../lib/harness/conversation/script_parser.ts";
import { ManualClock } from "../../../helpers/manual_clock.ts";

function setUp(answers: { send?: SendOutcome; smp?: SmpOutcome } = {}) {
  const inbox = new Inbox({ encryptedOnly: false });
  const clock = new ManualClock();
  const log: string[] = [];
  const ended = Promise.withResolvers<void>();
  const target: ConversationTarget = {
    send: (text, options) => {
      log.push(`send ${text}${options === undefined ? "" : ` to ${options.to}`}`);
      inbox.add({ texts: [text], isEncrypted: true });
      return Promise.resolve(answers.send ?? { status: "delivered" });
    },
    sendFile: (at) => {
      log.push(`send-file ${at}`);
      return Promise.resolve(answers.send ?? { status: "delivered" });
    },
    verify: (question) => {
      log.push(`smp ${question}`);
      return Promise.resolve(answers.smp ?? { verdict: "match" });
    },
    answer: () => Promise.resolve(answers.smp ?? { verdict: "match" }),
    otr: (action) => {
      log.push(`otr ${action}`);
      return Promise.resolve();
    },
    trust: () => {
      log.push("trust");
      return Promise.resolve();
    },
    useNickname: (nickname) => {
      log.push(`nick ${nickname}`);
      const status = nickname === "taken" ? "refused" : "accepted";
      return Promise.resolve({ status, code: 425, reason: "in use" });
    },
    ended: ended.promise,
  };
  const run = (script: string) =>
    runConversation(parseScript(script, "s"), target, inbox, { clock, timeout: 20_000 });
  return { inbox, clock, log, ended, target, run };
}

Deno.test("runConversation() plays steps in order and ends at hangup", async () => {
  const { run, log } = setUp();
  assertEquals(
    await run("send a\nexpect a\notr refresh\nsmp q\ntrust\nsend b\nexpect b\nhangup\nsend never"),
    undefined,
  );
  assertEquals(log, ["send a", "otr refresh", "smp q", "trust", "send b"]);
});

Deno.test("runConversation() waits for a message as long as the timeout, and no longer", async () => {
  const { run, clock, inbox } = setUp();
  const seen = run("expect hello");
  await clock.advance(19_000);
  inbox.add({ texts: ["hello"], isEncrypted: false });
  assertEquals(await seen, undefined);

  const missed = run("expect hello");
  await clock.advance(20_001);
  assertEquals(await missed, {
    kind: "expectation",
    place: "s:1",
    message: "no message matched hello within 20 s",
  });
});

Deno.test("runConversation() stops expecting when the session ends", async () => {
  const { run, ended } = setUp();
  const failure = run("expect hello");
  ended.resolve();
  assertEquals((await failure)?.message, "no message matched hello before the session ended");
});

Deno.test("runConversation() waits no longer than the session lasts", async () => {
  const { run, ended, log } = setUp();
  const running = run("send a\nwait 1h");
  ended.resolve();
  assertEquals([await running, log], [undefined, ["send a"]]);
});

Deno.test("runConversation() does not wait for steps when the session is over", async () => {
  const { target, inbox, clock, ended, log } = setUp();
  const silent = (async function* () {
    yield* parseScript("send a", "s");
    await new Promise(() => {});
  })();
  const running = runConversation([silent], target, inbox, { clock, timeout: 20_000 });
  await new Promise((resolve) => setTimeout(resolve));
  ended.resolve();
  assertEquals(await running, {
    kind: "ended",
    place: "-",
    message: "the session ended before the input did",
  });
  assertEquals(log, ["send a"]);
});

Deno.test("runConversation() plays what follows steps that come one by one, also after the session's end", async () => {
  const { target, inbox, clock, ended, log } = setUp();
  const thought = (async function* () {
    await Promise.resolve();
    yield* parseScript("send b", "s");
  })();
  const steps = [...parseScript("send a", "s"), thought, ...parseScript("expect bye", "s")];
  inbox.add({ texts: ["bye"], isEncrypted: false });
  const running = runConversation(
    (function* () {
      for (const step of steps) {
        if (log.length === 2) ended.resolve(); // Everything was said, and the peer has left.
        yield step;
      }
    })(),
    target,
    inbox,
    { clock, timeout: 20_000 },
  );
  assertEquals([await running, log], [undefined, ["send a", "send b"]]);
});

Deno.test("runConversation() fails on a forbidden message", async () => {
  const { run } = setUp();
  assertEquals((await run("expect-not secret\nsend a secret\nsend more"))?.kind, "expectation");
});

Deno.test("runConversation() tells how a delivery failed", async () => {
  for (
    const [cause, kind] of [
      ["response", "delivery-answered"],
      ["connection", "delivery-lost"],
      ["timeout", "delivery-silent"],
      ["refused", "refused"],
    ] as const
  ) {
    const { run } = setUp({ send: { status: "failed", cause, code: 415, reason: "no" } });
    assertEquals(await run("send x"), {
      kind,
      place: "s:1",
      message: "delivery failed 415: no",
    });
  }
});

Deno.test("runConversation() tells an SMP mismatch from a wrong proof and from silence", async () => {
  for (
    const [verdict, kind] of [
      ["mismatch", "smp-mismatch"],
      ["cheated", "smp-cheated"],
      ["refused", "smp-refused"],
      ["timeout", "smp-timeout"],
    ] as const
  ) {
    const { run } = setUp({ smp: { verdict } });
    assertEquals((await run("smp"))?.kind, kind);
    assertEquals((await run("answer"))?.kind, kind);
  }
});

Deno.test("runConversation() asks for nicknames, and says things to one member of a conference", async () => {
  const { run, log } = setUp();
  assertEquals(await run("nick Al\nmsg bob@example.com psst\nnick taken\nsend never"), {
    kind: "nickname-refused",
    place: "s:3",
    message: "no nickname: 425 in use",
  });
  assertEquals(log, ["nick Al", "send psst to bob@example.com", "nick taken"]);
});
