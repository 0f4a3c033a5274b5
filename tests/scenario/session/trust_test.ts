/** Trust at the level of a session: what is recorded, what a change stops, what SMP gives (docs/spec_notes/session.md, "Trust"). */
import { assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { PlainMsrpClient } from "../../helpers/plain_msrp_client.ts";
import { BlinkBehind } from "../../helpers/session_blink.ts";
import { EngineBehind } from "../../helpers/session_engine.ts";
import { type SessionSetup, SessionUnderTest } from "../../helpers/session_under_test.ts";
import { inTime } from "../../helpers/session_watchdog.ts";

const BOB = SessionUnderTest.fingerprint("bob");
const OTHER = SessionUnderTest.fingerprint("carol");
const SECRET = "under the clock";

interface Meeting {
  readonly plain: PlainMsrpClient;
  /** Bob's engine. */
  readonly bob: EngineBehind;
  readonly ours: SessionUnderTest;
}

/** A session with an engine that has Bob's key, encrypted. */
async function meet(
  setup: SessionSetup,
  story: (meeting: Meeting) => Promise<void>,
  weCall = true,
): Promise<void> {
  await using plain = await PlainMsrpClient.open({ setup: weCall ? "passive" : "active" });
  await using bob = await EngineBehind.start(plain);
  await using ours = await SessionUnderTest.open(setup);
  if (weCall) {
    ours.call(plain.phone.uri);
    await plain.answerCall();
  } else {
    const calling = plain.call(ours.uri);
    await ours.takeCall();
    await calling;
    await ours.event("msrp", (it) => it.state === "bound");
    await ours.advance(2_000);
  }
  await bob.encrypted();
  await ours.otr("encrypted");
  await story({ plain, bob, ours });
}

Deno.test("an SMP question that is taken back while somebody looks whether it may be answered harms nobody", async () => {
  const looking = Promise.withResolvers<undefined>();
  const guard = {
    refusal: () => looking.promise,
    failed: () => Promise.resolve(),
    succeeded: () => Promise.resolve(),
  };
  await meet({ smpAnswer: SECRET, smpGuard: guard }, async ({ bob, ours }) => {
    await bob.perform({ op: "smp_start", secret: SECRET, question: "where?" });
    await ours.event("smp", (it) => it.state === "asked");
    await bob.perform({ op: "smp_abort" });
    await ours.event("smp", (it) => it.state === "aborted");
    looking.resolve(undefined);
    // The next one is answered.
    await bob.perform({ op: "smp_start", secret: SECRET, question: "where?" });
    await bob.event("smp", (it) => it.what === "success");
    await ours.event("smp", (it) => it.state === "success");
    assertEquals(ours.errors, []);
  });
});

Deno.test("a person's answer to an SMP question that is taken back before the guard has spoken is none", async () => {
  for (const verdict of [undefined, "too many failures"]) {
    const looking = Promise.withResolvers<string | undefined>();
    const guard = {
      refusal: () => looking.promise,
      failed: () => Promise.resolve(),
      succeeded: () => Promise.resolve(),
    };
    await meet({ smpGuard: guard }, async ({ plain, bob, ours }) => {
      await bob.perform({ op: "smp_start", secret: SECRET });
      await ours.event("smp", (it) => it.state === "asked");
      const answering = ours.session.answerNow(utf8(SECRET));
      await bob.perform({ op: "smp_abort" });
      await ours.event("smp", (it) => it.state === "aborted");
      const { length } = plain.sends;
      looking.resolve(verdict);
      assertEquals(await inTime(answering, () => "a verdict"), { verdict: "refused" });
      assertEquals(ours.errors, []);
      assertEquals(plain.sends.length, length);
    });
  }
});

Deno.test("a guard of SMP that fails is an error to be shown, and the question stays unanswered", async () => {
  const guard = {
    refusal: () => Promise.reject(new Error("disk on fire")),
    failed: () => Promise.resolve(),
    succeeded: () => Promise.resolve(),
  };
  await meet({ smpAnswer: SECRET, smpGuard: guard }, async ({ plain, bob, ours }) => {
    await bob.perform({ op: "smp_start", secret: SECRET });
    const error = await ours.event("error");
    assertEquals([error.code, error.side], ["session/failed", "local"]);
    await plain.say("?OTR Error: next");
    await ours.event("error", (it) => it.code === "otr/error-received");
    assertEquals(bob.events.all.filter((it) => it.ev === "smp"), []);
  });
});

Deno.test("outbound, the first fingerprint of an address is learned, once, and messages flow", async () => {
  await meet({}, async ({ ours }) => {
    assertEquals((await ours.session.send("hello")).status, "delivered");
    assertEquals(ours.recorded, [`learn plain@127.0.0.1 ${BOB}`]);
    assertEquals(ours.otrStates.at(-1), "encrypted orange");
    assertEquals(ours.session.fingerprint, BOB);
  });
});

Deno.test("inbound, nothing is learned unless it may be", async () => {
  for (const mayLearn of [false, true]) {
    await meet({ mayLearn }, async ({ ours }) => {
      assertEquals((await ours.session.send("hello")).status, "delivered");
      assertEquals(ours.recorded, mayLearn ? [`learn plain@127.0.0.1 ${BOB}`] : []);
    }, false);
  }
});

Deno.test("a known fingerprint is what its row says, and nothing is recorded anew", async () => {
  for (const trust of ["unverified", "verified"] as const) {
    await meet({ known: [{ fingerprint: BOB, trust }] }, async ({ ours }) => {
      assertEquals((await ours.session.send("hello")).status, "delivered");
      assertEquals(ours.recorded, []);
      assertEquals(ours.otrStates.at(-1), `encrypted ${trust === "verified" ? "green" : "orange"}`);
      assertEquals(ours.messages, [`out hello [${trust}]`]);
    });
  }
});

for (const trust of ["unverified", "verified"] as const) {
  Deno.test(`a fingerprint that changed from a ${trust} one: alarm, session/untrusted, nothing sent, nothing recorded`, async () => {
    await meet({ known: [{ fingerprint: OTHER, trust }] }, async ({ plain, bob, ours }) => {
      const alarm = await ours.event("fingerprint-changed");
      assertEquals([alarm.peer, alarm.fingerprint], ["plain@127.0.0.1", BOB]);
      assertEquals(alarm.known, [{ fingerprint: OTHER, trust }]);
      assertEquals(await ours.settledCode(), "session/untrusted");
      assertEquals(ours.session.blockCode, "session/untrusted");
      assertEquals(ours.otrStates.at(-1), "encrypted red");
      const { length } = plain.sends;
      assertEquals((await ours.session.send("secret")).cause, "refused");
      ours.session.sendComposing("active");
      // What the other side says is shown all the same, as not verified.
      await bob.perform({ op: "send", text: "it is me" });
      await ours.event("message", (it) => it.body === "it is me");
      assertEquals(plain.sends.length, length);
      assertEquals(ours.recorded, []);
      assertEquals(ours.messages, ["in it is me [unverified]"]);
      assertEquals(bob.shown, []);
    });
  });
}

Deno.test("SMP runs on a changed fingerprint without a message of the user's; success verifies it, and the old row stays", async () => {
  await meet(
    { known: [{ fingerprint: OTHER, trust: "verified" }] },
    async ({ bob, ours }) => {
      assertEquals(await ours.settledCode(), "session/untrusted");
      assertEquals(ours.session.canVerify, true);
      const verdict = ours.session.verify(utf8(SECRET), "where?");
      await bob.event("smp", (it) => it.what === "asked");
      await bob.perform({ op: "smp_answer", secret: SECRET });
      assertEquals(await inTime(verdict, () => "a verdict"), { verdict: "match" });
      assertEquals(ours.session.blockCode, undefined);
      assertEquals((await ours.session.send("now")).status, "delivered");
      assertEquals(ours.recorded, [`verify plain@127.0.0.1 ${BOB} smp`]);
      assertEquals(await ours.options.records.lookup("plain@127.0.0.1"), [
        { fingerprint: OTHER, trust: "verified" },
      ]);
      assertEquals(ours.otrStates.at(-1), "encrypted green");
      assertEquals(bob.shown, ["*now"]);
    },
  );
});

Deno.test("SMP that fails on a changed fingerprint changes nothing", async () => {
  await meet(
    { known: [{ fingerprint: OTHER, trust: "unverified" }] },
    async ({ bob, ours }) => {
      const verdict = ours.session.verify(utf8(SECRET));
      await bob.event("smp", (it) => it.what === "asked");
      await bob.perform({ op: "smp_answer", secret: "elsewhere" });
      assertEquals(await inTime(verdict, () => "a verdict"), { verdict: "mismatch" });
      assertEquals(ours.recorded, []);
      assertEquals((await ours.session.send("secret")).cause, "refused");
      assertEquals(ours.otrStates.at(-1), "encrypted red");
    },
  );
});

Deno.test("trust any: a changed fingerprint is red, and messages flow", async () => {
  await meet(
    { known: [{ fingerprint: OTHER, trust: "verified" }], trustLevel: "any" },
    async ({ ours }) => {
      assertEquals((await ours.session.send("hello")).status, "delivered");
      assertEquals(ours.otrStates.at(-1), "encrypted red");
      assertEquals(ours.recorded, []);
    },
  );
});

Deno.test("trust verified: a known fingerprint is not enough until a person trusts it", async () => {
  await meet(
    { known: [{ fingerprint: BOB, trust: "unverified" }], trustLevel: "verified" },
    async ({ ours }) => {
      assertEquals(await ours.settledCode(), "session/untrusted");
      assertEquals((await ours.session.send("secret")).cause, "refused");
      await ours.session.trust();
      assertEquals(ours.recorded, [`verify plain@127.0.0.1 ${BOB} manual`]);
      assertEquals((await ours.session.send("hello")).status, "delivered");
      assertEquals(ours.otrStates.at(-1), "encrypted green");
    },
  );
});

Deno.test("an anonymous peer is never recorded: not learned, not verified by SMP, not trusted by hand", async () => {
  const anonymous = { peer: "anonymous@anonymous.invalid", peerIsAnonymous: true };
  await meet({ ...anonymous, smpAnswer: SECRET }, async ({ bob, ours }) => {
    await bob.perform({ op: "smp_start", secret: SECRET });
    await ours.event("smp", (it) => it.state === "success");
    const code = await ours.session.trust().catch((error) => error.code);
    assertEquals(code, "session/anonymous");
    assertEquals(ours.recorded, []);
    // It is verified in this session all the same: the secret was the right one.
    assertEquals(ours.otrStates.at(-1), "encrypted green");
  });
});

Deno.test("SMP with a question: only the side that asked gains trust", async () => {
  await meet({ smpAnswer: SECRET }, async ({ bob, ours }) => {
    await bob.perform({ op: "smp_start", secret: SECRET, question: "where?" });
    const asked = await ours.event("smp", (it) => it.state === "asked");
    assertEquals([asked.question, asked.role], ["where?", "responder"]);
    await bob.event("smp", (it) => it.what === "success");
    await ours.event("smp", (it) => it.state === "success");
    await ours.session.hangUp();
    assertEquals(ours.recorded, [`learn plain@127.0.0.1 ${BOB}`]);
    assertEquals(ours.otrStates.some((it) => it.includes("green")), false);
  });
});

Deno.test("SMP without a question that we answer gives trust, and is recorded before the session is over", async () => {
  await meet({ smpAnswer: SECRET, mayLearn: false }, async ({ bob, ours }) => {
    await bob.perform({ op: "smp_start", secret: SECRET });
    await bob.event("smp", (it) => it.what === "success");
    await ours.session.hangUp();
    assertEquals(ours.recorded, [`verify plain@127.0.0.1 ${BOB} smp`]);
  }, false);
});

Deno.test("a person answers by hand: the question waits, and the verdict is theirs", async () => {
  await meet({}, async ({ bob, ours }) => {
    const answering = ours.session.answer(utf8(SECRET));
    await bob.perform({ op: "smp_start", secret: SECRET, question: "¿dónde?" });
    assertEquals(await inTime(answering, () => "a verdict"), { verdict: "match" });
    const again = ours.session.verify(utf8("one"));
    await bob.event("smp", (it) => it.what === "asked");
    await bob.perform({ op: "smp_abort" });
    // The abort came before the other side had our proof.
    assertEquals(await inTime(again, () => "a verdict"), { verdict: "refused" });
  });
});

Deno.test("the guard hears of wrong guesses and right ones, and stops the answers of those it names", async () => {
  const notes: string[] = [];
  let refusal: string | undefined;
  const guard = {
    refusal: (peer: string, fingerprint: string) => {
      notes.push(`may ${peer} ${fingerprint.slice(0, 4)}`);
      return Promise.resolve(refusal);
    },
    failed: (peer: string) => Promise.resolve(void notes.push(`failed ${peer}`)),
    succeeded: (peer: string) => Promise.resolve(void notes.push(`succeeded ${peer}`)),
  };
  await meet({ smpAnswer: SECRET, smpGuard: guard }, async ({ bob, ours }) => {
    const may = `may plain@127.0.0.1 ${BOB.slice(0, 4)}`;
    await bob.perform({ op: "smp_start", secret: "guess" });
    await ours.event("smp", (it) => it.state === "failure");
    await bob.event("smp", (it) => it.what === "failure");
    await bob.perform({ op: "smp_start", secret: SECRET });
    await ours.event("smp", (it) => it.state === "success");
    await bob.event("smp", (it) => it.what === "success");
    const second = ours.events.all.filter((it) => it.type === "smp" && it.state === "asked")[1];
    assertEquals(second?.type === "smp" && second.proofSeen, false);
    assertEquals(notes, [may, "failed plain@127.0.0.1", may, "succeeded plain@127.0.0.1"]);
    refusal = "too many failures";
    await bob.perform({ op: "smp_start", secret: SECRET });
    await bob.event("smp", (it) => it.what === "aborted");
    const error = await ours.event("error");
    assertEquals([error.code, error.message, error.side], [
      "session/smp-refused",
      "too many failures",
      "local",
    ]);
    // What was refused is no guess.
    assertEquals(notes.slice(4), [may]);
  });
});

Deno.test("after the peer ended OTR sending is refused until a person agrees; under a verified row it stays refused", async () => {
  for (const known of [[], [{ fingerprint: BOB, trust: "verified" }]] as const) {
    await meet({ known }, async ({ plain, bob, ours }) => {
      await bob.perform({ op: "end" });
      await ours.otr("finished");
      const { length } = plain.sends;
      assertEquals((await ours.session.send("too late")).cause, "refused");
      ours.session.sendComposing("active");
      assertEquals(plain.sends.length, length);
      if (known.length > 0) {
        await ours.advance(2_000);
        assertEquals((await ours.session.broken).code, "session/unencrypted");
        ours.session.continueInPlaintext();
        assertEquals((await ours.session.send("still not")).cause, "refused");
        assertEquals(plain.sends.length, length);
        return;
      }
      ours.session.continueInPlaintext();
      assertEquals((await ours.session.send("in the clear")).status, "delivered");
      assertEquals(plain.sends.at(-1)?.content, "in the clear");
      assertEquals(ours.otrStates.slice(-2), ["finished gray", "plaintext gray"]);
    });
  }
});

Deno.test("OTR that the peer ends or renews in the middle of SMP ends the exchange too", async () => {
  for (const act of ["end", "query"] as const) {
    await meet({}, async ({ bob, ours }) => {
      const verdict = ours.session.verify(utf8(SECRET), "where?");
      await bob.event("smp", (it) => it.what === "asked");
      await bob.perform({ op: act });
      assertEquals(await inTime(verdict, () => "a verdict"), { verdict: "refused" });
      assertEquals(ours.recorded, [`learn plain@127.0.0.1 ${BOB}`]);
      if (act === "end") return;
      // After the new key exchange another one runs from the start.
      const again = ours.session.verify(utf8(SECRET), "again?");
      await bob.event("smp", (it) => it.what === "asked" && it.question === "again?");
      await bob.perform({ op: "smp_answer", secret: SECRET });
      assertEquals(await inTime(again, () => "a verdict"), { verdict: "match" });
    });
  }
});

Deno.test("a key exchange in the middle of the session with another key is a change: it stops what flowed", async () => {
  await using plain = await PlainMsrpClient.open();
  await using ours = await SessionUnderTest.calling(plain.phone.uri);
  await plain.answerCall();
  const stop = Promise.withResolvers<void>();
  const first = new BlinkBehind(plain, { key: "bob", until: stop.promise });
  await first.start();
  await first.encrypted();
  await ours.otr("encrypted");
  assertEquals((await ours.session.send("hello")).status, "delivered");
  stop.resolve();
  // Somebody else sits down at the other end.
  const second = new BlinkBehind(plain, { key: "carol" });
  await second.start();
  await second.encrypted();
  await ours.event("fingerprint-changed");
  assertEquals((await ours.session.send("secret")).cause, "refused");
  assertEquals((await ours.session.broken).code, "session/untrusted");
  assertEquals(ours.otrStates.at(-1), "encrypted red");
  assertEquals(ours.recorded, [`learn plain@127.0.0.1 ${BOB}`]);
  await ours.session.hangUp();
  assertEquals(second.received.all.filter((it) => it.encrypted), []);
});

const DAMAGED = new SottoError("storage/unreadable", "cannot be read");

Deno.test("records or a key that cannot be read end the call with that error, and nothing is sent", async () => {
  const faults = {
    records: { lookup: () => Promise.reject(DAMAGED) },
    key: { createConversation: () => Promise.reject(DAMAGED) },
  };
  for (const weCall of [true, false]) {
    for (const [what, fault] of Object.entries(faults)) {
      await using plain = await PlainMsrpClient.open({ setup: weCall ? "passive" : "active" });
      await using ours = await SessionUnderTest.open({ faults: fault });
      if (weCall) {
        ours.call(plain.phone.uri);
        await plain.answerCall();
      } else {
        await plain.phone.invite(ours.uri, { body: plain.sdp });
        await ours.takeCall();
        await plain.phone.acknowledge(await plain.phone.next("200"));
      }
      const end = await ours.end();
      assertEquals(end.error?.code, "storage/unreadable", what);
      assertEquals(await ours.settledCode(), "storage/unreadable");
      await plain.phone.next("BYE");
      assertEquals(plain.sends, []);
    }
  }
});

Deno.test("a record that cannot be written is shown, and the conversation goes on", async () => {
  const faults = {
    learn: () => Promise.reject(DAMAGED),
    verify: () => Promise.reject(DAMAGED),
  };
  await meet({ faults }, async ({ bob, ours }) => {
    const error = await ours.event("error");
    assertEquals([error.code, error.side], ["storage/unreadable", "local"]);
    assertEquals((await ours.session.send("hello")).status, "delivered");
    const verdict = ours.session.verify(utf8(SECRET), "where?");
    await bob.event("smp", (it) => it.what === "asked");
    await bob.perform({ op: "smp_answer", secret: SECRET });
    assertEquals(await inTime(verdict, () => "a verdict"), { verdict: "match" });
    await ours.session.hangUp();
    assertEquals(ours.errors, ["storage/unreadable", "storage/unreadable"]);
    // By hand, the caller is told.
    assertEquals(await ours.session.trust().catch((it) => it.code), "session/not-open");
  });
});
