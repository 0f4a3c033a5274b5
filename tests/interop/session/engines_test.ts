/** Whole sessions with foreign OTR engines behind a plain MSRP client: what a Blink of either age is made of. */
import { assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";
import { PlainMsrpClient, type SendParts } from "../../helpers/plain_msrp_client.ts";
import { BLINK_2013_QUERY, BLINK_QUERY } from "../../helpers/session_blink.ts";
import { EngineBehind } from "../../helpers/session_engine.ts";
import { type SessionSetup, SessionUnderTest } from "../../helpers/session_under_test.ts";
import { inTime } from "../../helpers/session_watchdog.ts";
import { type Engine, libotr, potr } from "../otr/engines.ts";

interface Meeting {
  readonly plain: PlainMsrpClient;
  readonly bob: EngineBehind;
  readonly ours: SessionUnderTest;
}

/** Both on the line; the story says who offers. */
async function meet(
  engine: Engine,
  version: 2 | 3,
  weCall: boolean,
  setup: SessionSetup,
  story: (meeting: Meeting) => Promise<void>,
): Promise<void> {
  const parts: SendParts = {
    cpim: true,
    headers: ["Failure-Report: no", "Success-Report: no"],
  };
  await using plain = await PlainMsrpClient.open({ setup: weCall ? "passive" : "active" });
  await using bob = await EngineBehind.start(
    plain,
    { versions: `${version}`, parts },
    await engine.start(),
  );
  await using ours = await SessionUnderTest.open(setup);
  if (weCall) {
    ours.call(plain.phone.uri);
    await plain.answerCall();
  } else {
    const calling = plain.call(ours.uri);
    await ours.takeCall();
    await calling;
  }
  await ours.event("msrp", (it) => it.state === "bound");
  await story({ plain, bob, ours });
}

/** Messages both ways, SMP both ways with and without a question and with a wrong secret, the end. */
async function converse({ plain, bob, ours }: Meeting, version: 2 | 3): Promise<void> {
  await bob.encrypted();
  await ours.otr("encrypted");
  const encrypted = await ours.event("otr", (it) => it.state === "encrypted");
  assertEquals(encrypted.version, version);

  for (let count = 1; count <= 3; count++) {
    assertEquals((await ours.session.send(`to you ${count} grüße ☂`)).status, "delivered");
    await bob.perform({ op: "send", text: `to me ${count} grüße ☂` });
  }
  await ours.event("message", (it) => it.body === "to me 3 grüße ☂");
  await bob.event("plaintext", (it) => it.text === "to you 3 grüße ☂" && it.encrypted);
  assertEquals(
    ours.messages.filter((it) => it.startsWith("in ")),
    [1, 2, 3].map((count) => `in to me ${count} grüße ☂ [unverified]`),
  );

  // It asks, and only it gains trust.
  const asked = ours.events.all.length;
  await bob.perform({ op: "smp_start", secret: "Café", question: "où ?" });
  await ours.event("smp", (it) => it.state === "success", asked);
  await bob.event("smp", (it) => it.what === "success");
  assertEquals(ours.recorded.filter((it) => it.startsWith("verify")), []);

  // We ask, with a wrong answer, then with the right one.
  for (const [answer, verdict] of [["wrong", "mismatch"], ["under", "match"]] as const) {
    const question = `${answer}?`;
    const verifying = ours.session.verify(utf8("under"), question);
    await bob.event("smp", (it) => it.what === "asked" && it.question === question);
    await bob.perform({ op: "smp_answer", secret: answer });
    assertEquals((await inTime(verifying, () => `the verdict on ${answer}`)).verdict, verdict);
  }
  const { fingerprint } = encrypted;
  assertEquals(ours.recorded.filter((it) => it.startsWith("verify")), [
    `verify plain@127.0.0.1 ${fingerprint} smp`,
  ]);
  assertEquals(ours.otrStates.at(-1), "encrypted green");

  assertEquals((await ours.session.send("goodbye")).status, "delivered");
  await ours.session.hangUp();
  await bob.event("state", (it) => it.state === "finished");
  assertEquals(plain.sends.filter(({ flag }) => flag !== "$"), []);
  assertEquals(ours.errors, []);
}

for (const [engine, version] of [[libotr, 2], [libotr, 3], [potr, 2]] as const) {
  const name = `${engine.id} v${version}`;

  livePeerTest(
    `session: ${name} is called, takes our offer, and everything works`,
    engine.needs,
    async () => {
      await meet(engine, version, true, { smpAnswer: "Café" }, async (meeting) => {
        await converse(meeting, version);
      });
    },
  );

  livePeerTest(
    `session: ${name} calls and offers, and everything works`,
    engine.needs,
    async () => {
      await meet(engine, version, false, { smpAnswer: "Café" }, async (meeting) => {
        const { plain, bob } = meeting;
        if (engine === potr) await bob.perform({ op: "query" });
        else await plain.say(version === 3 ? BLINK_QUERY : BLINK_2013_QUERY, { cpim: true });
        await converse(meeting, version);
      });
    },
  );

  livePeerTest(
    `session: ${name} calls and offers nothing; our offer after two seconds works`,
    engine.needs,
    async () => {
      await meet(engine, version, false, { smpAnswer: "Café" }, async (meeting) => {
        await meeting.ours.advance(2_000);
        await converse(meeting, version);
      });
    },
  );

  livePeerTest(
    `session: ${name} offers while our offer is on its way, and neither waits for ever`,
    engine.needs,
    async () => {
      // Which D-H Commit wins depends on hashes: several times, so that both do.
      for (let round = 0; round < 6; round++) {
        await meet(
          engine,
          version,
          true,
          { encryption: "require" },
          async ({ plain, bob, ours }) => {
            await Promise.all([
              bob.perform({ op: "query" }),
              plain.heard((it) => it.startsWith("?OTRv23?")),
            ]);
            await bob.encrypted();
            await ours.otr("encrypted");
            assertEquals((await ours.session.send("hello")).status, "delivered");
            await bob.event("plaintext", (it) => it.text === "hello" && it.encrypted);
          },
        );
      }
    },
  );

  livePeerTest(
    `session: ${name} ends OTR, and nothing leaves until somebody agrees`,
    engine.needs,
    async () => {
      await meet(engine, version, true, {}, async ({ plain, bob, ours }) => {
        await bob.encrypted();
        await ours.otr("encrypted");
        await bob.perform({ op: "end" });
        await ours.otr("finished");
        const { length } = plain.sends;
        assertEquals((await ours.session.send("no")).cause, "refused");
        assertEquals(plain.sends.length, length);
        ours.session.continueInPlaintext();
        assertEquals((await ours.session.send("in clear")).status, "delivered");
        await bob.event("plaintext", (it) => it.text === "in clear" && !it.encrypted);
      });
    },
  );
}

livePeerTest(
  "session: libotr v3 and ours offer at once with Blink's words, and the commits that cross end in one session",
  libotr.needs,
  async () => {
    for (let round = 0; round < 6; round++) {
      await meet(libotr, 3, true, {}, async ({ plain, bob, ours }) => {
        await plain.say(BLINK_QUERY, { cpim: true });
        await bob.perform({ op: "query" });
        const state = await bob.encrypted();
        await ours.otr("encrypted");
        assertEquals((await ours.session.send("hello")).status, "delivered");
        await bob.event("plaintext", (it) => it.text === "hello" && it.encrypted);
        assertEquals(state.fingerprint, SessionUnderTest.fingerprint("alice"));
      });
    }
  },
);
