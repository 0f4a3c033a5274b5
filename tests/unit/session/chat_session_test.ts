/** Two whole sessions of ours on loopback: SIP, MSRP and OTR together. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { fingerprintOf } from "../../../lib/otr/mod.ts";
import { MemoryRecords, SessionPair } from "../../helpers/chat_session_setup.ts";
import { testKey } from "../../helpers/otr_pair.ts";

const ALICE = fingerprintOf(testKey("alice").publicKey);
const BOB = fingerprintOf(testKey("bob").publicKey);
const OTHER = "f".repeat(40);

function recordsOf(peer: string, fingerprint: string, trust: "verified" | "unverified") {
  const records = new MemoryRecords();
  records.rows[peer] = [{ fingerprint, trust }];
  return records;
}

Deno.test("ChatSession carries a message encrypted, tells of its delivery, and ends in order", async () => {
  await using pair = await SessionPair.open();
  const { alice, bob } = pair;
  await pair.settled();
  const outcome = await alice.session.send("hello");
  assertEquals(outcome, { status: "delivered" });
  await bob.hears("hello");
  assertEquals(bob.received, [["hello", "unverified"]]);
  await alice.session.hangUp();
  assertEquals(await bob.session.ended, { by: "remote" });
  assertEquals(await alice.session.ended, { by: "local" });
  await alice.over;
  assertEquals(alice.locks, ["negotiating gray", "encrypted orange"]);
  const states = alice.events.flatMap((it) =>
    it.type === "call" || it.type === "msrp" ? [`${it.type} ${it.state}`] : []
  );
  assertEquals(states, [
    "call calling",
    "call ringing",
    "call connected",
    "msrp connecting",
    "msrp bound",
    "msrp closed",
    "call ended",
  ]);
});

Deno.test("ChatSession records the first fingerprint outbound, and inbound only when asked to", async () => {
  for (const mayLearn of [false, true]) {
    const [outbound, inbound] = [new MemoryRecords(), new MemoryRecords()];
    {
      await using pair = await SessionPair.open({ records: outbound }, {
        records: inbound,
        mayLearn,
      });
      await pair.settled();
    }
    assertEquals(outbound.log, [`learn bob@127.0.0.1 ${BOB}`]);
    assertEquals(inbound.log, mayLearn ? [`learn alice@example.com ${ALICE}`] : []);
  }
});

Deno.test("ChatSession sends nothing to a changed fingerprint, and verifies it all the same", async () => {
  const records = recordsOf("bob@127.0.0.1", OTHER, "verified");
  await using pair = await SessionPair.open({ records }, { smpAnswer: utf8("secret") });
  const { alice, bob } = pair;
  const error = await assertRejects(() => alice.session.settled, SottoError);
  assertEquals(error.code, "session/untrusted");
  await alice.shows("encrypted red");
  assertEquals(alice.only("fingerprint-changed")[0]?.fingerprint, BOB);
  assertEquals((await alice.session.send("secret words")).cause, "refused");
  assertEquals(await alice.session.verify(utf8("secret")), { verdict: "match" });
  await alice.shows("encrypted green");
  assertEquals(await alice.session.send("now it is you"), { status: "delivered" });
  await bob.hears("now it is you");
  assertEquals(bob.received.map(([body]) => body), ["now it is you"]);
  assertEquals(records.log, [`verify bob@127.0.0.1 ${BOB} smp`]);
  assertEquals(records.rows["bob@127.0.0.1"]?.map((it) => it.fingerprint), [OTHER, BOB]);
});

Deno.test("ChatSession never records an anonymous peer, whatever SMP says", async () => {
  const records = new MemoryRecords();
  await using pair = await SessionPair.open({}, {
    records,
    peer: "anonymous@anonymous.invalid",
    peerIsAnonymous: true,
    mayLearn: true,
    smpAnswer: utf8("secret"),
  });
  await pair.settled();
  assertEquals(await pair.alice.session.verify(utf8("secret")), { verdict: "match" });
  await pair.bob.until((it) => it.type === "smp" && it.state === "success");
  const error = await assertRejects(() => pair.bob.session.trust(), SottoError);
  assertEquals(error.code, "session/anonymous");
  assertEquals(records.log, []);
});

Deno.test("ChatSession tells SMP verdicts apart and keeps count of wrong guesses", async () => {
  const log: string[] = [];
  const smpGuard = {
    refusal: () => Promise.resolve(undefined),
    failed: (peer: string) => Promise.resolve(void log.push(`failed ${peer}`)),
    succeeded: (peer: string) => Promise.resolve(void log.push(`succeeded ${peer}`)),
  };
  await using pair = await SessionPair.open({}, { smpAnswer: utf8("right"), smpGuard });
  await pair.settled();
  const { session } = pair.alice;
  assertEquals(await session.verify(utf8("wrong")), { verdict: "mismatch" });
  assertEquals(await session.verify(utf8("right"), "which?"), { verdict: "match" });
  assertEquals(pair.bob.only("smp").filter((it) => it.state === "asked").map((it) => it.question), [
    null,
    "which?",
  ]);
  await pair.alice.session.hangUp();
  await pair.bob.session.ended;
  assertEquals(log, ["failed alice@example.com", "succeeded alice@example.com"]);
});

Deno.test("ChatSession does not answer whom the guard refuses, and says so", async () => {
  const smpGuard = {
    refusal: () => Promise.resolve("too many failures"),
    failed: () => Promise.resolve(),
    succeeded: () => Promise.resolve(),
  };
  await using pair = await SessionPair.open({}, { smpAnswer: utf8("x"), smpGuard });
  await pair.settled();
  assertEquals(await pair.alice.session.verify(utf8("x")), { verdict: "refused" });
  await pair.bob.until((it) => it.type === "error");
  const [error] = pair.bob.only("error");
  assertEquals([error?.code, error?.message], ["session/smp-refused", "too many failures"]);
});

Deno.test("ChatSession.answer() does not answer whom the guard refuses either", async () => {
  for (const when of ["before the question", "after it"] as const) {
    const noted: string[] = [];
    const smpGuard = {
      // A file is read meanwhile.
      refusal: () => new Promise<string>((resolve) => setTimeout(() => resolve("not you"), 20)),
      failed: (peer: string) => Promise.resolve(void noted.push(`failed ${peer}`)),
      succeeded: (peer: string) => Promise.resolve(void noted.push(`succeeded ${peer}`)),
    };
    await using pair = await SessionPair.open({}, { smpGuard });
    await pair.settled();
    const verifying = pair.alice.session.verify(utf8("x"));
    if (when === "after it") await pair.bob.until((it) => it.type === "smp");
    const answering = when === "after it"
      ? pair.bob.session.answerNow(utf8("x"))
      : pair.bob.session.answer(utf8("x"));
    assertEquals(await answering, { verdict: "refused" });
    assertEquals(await verifying, { verdict: "refused" });
    assertEquals(noted, []);
    assertEquals(pair.bob.only("error").map((it) => it.code), ["session/smp-refused"]);
  }
});

Deno.test("ChatSession asks the guard only once it knows of the guess before", async () => {
  const order: string[] = [];
  const smpGuard = {
    refusal: () => {
      order.push("asked");
      return Promise.resolve(order.includes("noted") ? "too many failures" : undefined);
    },
    failed: async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      order.push("noted");
    },
    succeeded: () => Promise.resolve(),
  };
  await using pair = await SessionPair.open({}, { smpAnswer: utf8("x"), smpGuard });
  await pair.settled();
  assertEquals(await pair.alice.session.verify(utf8("guess")), { verdict: "mismatch" });
  assertEquals(await pair.alice.session.verify(utf8("x")), { verdict: "refused" });
  assertEquals(order, ["asked", "noted", "asked"]);
});

Deno.test("ChatSession answers a question when the person does, however late it is asked", async () => {
  await using pair = await SessionPair.open();
  await pair.settled();
  const answering = pair.bob.session.answer(utf8("x"));
  assertEquals(await pair.alice.session.verify(utf8("x")), { verdict: "match" });
  assertEquals(await answering, { verdict: "match" });
});

Deno.test("ChatSession gives up an SMP exchange that nobody answers", async () => {
  await using pair = await SessionPair.open({ smpTimeout: 200 });
  await pair.settled();
  assertEquals(await pair.alice.session.verify(utf8("x")), { verdict: "timeout" });
  await pair.bob.until((it) => it.type === "smp" && it.state === "aborted");
});

Deno.test("ChatSession.changeOtr() stops, starts and refreshes encryption", async () => {
  await using pair = await SessionPair.open();
  const { alice, bob } = pair;
  await pair.settled();
  await alice.session.changeOtr("refresh");
  await alice.shows("encrypted orange");
  await alice.session.changeOtr("stop");
  await bob.until((it) => it.type === "otr" && it.state === "finished");
  assertEquals((await bob.session.send("still private?")).cause, "refused");
  bob.session.continueInPlaintext();
  assertEquals(await bob.session.send("in the open"), { status: "delivered" });
  await alice.hears("in the open");
  assertEquals(alice.received.at(-1), ["in the open", ""]);
});

Deno.test("ChatSession under require breaks when the other side ends OTR, but not when it hangs up", async () => {
  {
    await using pair = await SessionPair.open({ encryption: "require" });
    await pair.settled();
    await pair.bob.session.changeOtr("stop");
    assertEquals((await pair.alice.session.broken).code, "session/unencrypted");
  }
  await using pair = await SessionPair.open({ encryption: "require" });
  await pair.settled();
  await pair.bob.session.hangUp();
  assertEquals(await pair.alice.session.ended, { by: "remote" });
  await pair.alice.over;
  assertEquals(pair.alice.only("error"), []);
});

Deno.test("ChatSession sends isComposing encrypted, and shows what comes", async () => {
  await using pair = await SessionPair.open();
  await pair.settled();
  pair.alice.session.sendComposing("active");
  const event = await pair.bob.until((it) => it.type === "composing");
  assertEquals(event, { type: "composing", from: "alice@example.com", state: "active" });
  assertEquals(pair.bob.received, []);
});

Deno.test("ChatSession: both may hang up at once, and verbs after the end say that it is over", async () => {
  await using pair = await SessionPair.open();
  await pair.settled();
  await Promise.all([pair.alice.session.hangUp(), pair.bob.session.hangUp()]);
  await Promise.all([pair.alice.over, pair.bob.over]);
  assertEquals(pair.alice.only("call").at(-1)?.state, "ended");
  assertEquals(pair.bob.only("call").at(-1)?.state, "ended");
  const error = await assertRejects(() => pair.alice.session.send("too late"), SottoError);
  assertEquals(error.code, "session/not-open");
});

Deno.test("ChatSession.send() before the session is open is the caller's mistake", async () => {
  await using pair = await SessionPair.open();
  const error = await assertRejects(() => pair.alice.session.send("early"), SottoError);
  assertEquals(error.code, "session/not-open");
  await pair.settled();
  assert(pair.alice.session.canVerify);
});

Deno.test("ChatSession.typed() follows RFC 3994: once, and nothing after the message", async () => {
  await using pair = await SessionPair.open();
  await pair.settled();
  const { alice, bob } = pair;
  alice.session.typed();
  alice.session.typed();
  await alice.session.send("done");
  await bob.hears("done");
  assertEquals(bob.only("composing").map((it) => it.state), ["active", "idle"]);
  alice.session.typed();
  alice.session.stoppedTyping();
  await alice.session.send("again");
  await bob.hears("again");
  assertEquals(bob.only("composing").length, 2, "at most one active in a refresh interval");
});

for (const encryption of ["require", "off"] as const) {
  Deno.test(`ChatSession asks for notifications and tells them: OTR ${encryption}`, async () => {
    await using pair = await SessionPair.open(
      { encryption, askFor: ["positive-delivery", "display"] },
      { encryption: encryption === "off" ? "off" : "prefer" },
    );
    await pair.settled();
    const { alice, bob } = pair;
    await alice.session.send("read me");
    const [message] = [await bob.until((it) => it.type === "message")];
    const told = await alice.until((it) => it.type === "imdn");
    const id = message?.type === "message" ? message.id : "";
    const from = "bob@127.0.0.1";
    assertEquals(told, { type: "imdn", id, notification: "delivery", status: "delivered", from });
    bob.session.displayed(id);
    bob.session.displayed(id);
    await alice.until((it) => it.type === "imdn" && it.notification === "display");
    await bob.session.send("and goodbye");
    await alice.hears("and goodbye");
    assertEquals(alice.only("imdn").map((it) => it.status), ["delivered", "displayed"]);
    assertEquals(alice.received.length, 1, "a notification is not a person's words");
    assertEquals(bob.only("imdn"), [], "who asked nothing is told nothing");
  });
}

Deno.test("ChatSession.useNickname() and private messages are for conferences", async () => {
  await using pair = await SessionPair.open({ encryption: "off" });
  await pair.settled();
  const { session } = pair.alice;
  for (
    const verb of [
      () => session.useNickname("Alice"),
      () => session.send("psst", undefined, { to: "carol@example.com" }),
    ]
  ) {
    const error = await assertRejects(verb, SottoError);
    assertEquals(error.code, "session/no-room");
  }
});
