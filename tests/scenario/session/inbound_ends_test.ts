/** How incoming calls end, in each of their phases, by either side: nothing hangs, everything is told. */
import { assertEquals, assertMatch } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { PlainMsrpClient } from "../../helpers/plain_msrp_client.ts";
import { EngineBehind } from "../../helpers/session_engine.ts";
import { SessionUnderTest } from "../../helpers/session_under_test.ts";
import { inTime } from "../../helpers/session_watchdog.ts";

/** Phases of an incoming call, in order. */
const PHASES = ["connecting", "waiting", "negotiating", "encrypted", "verifying"] as const;
type Phase = (typeof PHASES)[number];

/** What goes wrong. */
const ENDINGS = ["we hang up", "they hang up", "the connection is cut"] as const;

interface Line {
  readonly plain: PlainMsrpClient;
  readonly ours: SessionUnderTest;
  readonly engine: EngineBehind | undefined;
}

/** Brings a call to a phase, and everything that waits in it. */
async function reach(phase: Phase, { plain, ours, engine }: Line): Promise<Promise<unknown>[]> {
  if (phase === "connecting") {
    // Answered and acknowledged, and nobody connects.
    await plain.phone.invite(ours.uri, { body: plain.sdp });
    await ours.takeCall();
    await plain.phone.acknowledge(await plain.phone.next("200"));
    await ours.event("msrp", (it) => it.state === "connecting");
    return [];
  }
  const calling = plain.call(ours.uri);
  await ours.takeCall();
  await calling;
  await ours.event("msrp", (it) => it.state === "bound");
  if (phase === "waiting") return [];
  const early = ours.session.send("first");
  await plain.heard((it) => it.startsWith("?OTRv23?"));
  if (phase === "negotiating") return [early];
  await engine?.encrypted();
  assertEquals((await early).status, "delivered");
  if (phase === "encrypted") return [];
  return [ours.session.verify(utf8("secret"))]; // Bob's user never answers.
}

for (const phase of PHASES) {
  for (const ending of ENDINGS) {
    if (ending === "the connection is cut" && phase === "connecting") continue; // There is none.
    Deno.test(`ends, inbound: while ${phase}, ${ending}`, async () => {
      await using plain = await PlainMsrpClient.open({ setup: "active" });
      await using engine = phase === "encrypted" || phase === "verifying"
        ? await EngineBehind.start(plain)
        : undefined;
      await using ours = await SessionUnderTest.open();
      const waiting = await reach(phase, { plain, ours, engine });
      const hangUp = ending === "we hang up" ? ours.session.hangUp() : Promise.resolve();
      if (ending === "they hang up") await plain.phone.request("BYE");
      if (ending === "the connection is cut") plain.disconnect();
      const end = await ours.end();
      await hangUp;
      const by = {
        "we hang up": "local",
        "they hang up": "remote",
        "the connection is cut": "network",
      };
      assertEquals(end.by, by[ending]);
      assertEquals(
        end.error?.code,
        ending === "the connection is cut" ? "session/connection-lost" : undefined,
      );
      assertEquals(ours.callStates, ["ringing", "connected", "ended"]);
      // Whoever did not hang up is told to.
      await plain.phone.next(ending === "they hang up" ? "200" : "BYE");
      for (const outcome of await inTime(Promise.all(waiting), () => "what waited")) {
        if (phase === "verifying") assertEquals(outcome, { verdict: "refused" });
        else assertEquals((outcome as { status: string }).status, "failed");
      }
      const settled = phase === "encrypted" || phase === "verifying";
      assertEquals(await ours.settledCode() === "settled", settled);
    });
  }
}

Deno.test("ends, inbound: a caller that never connects is given up after the timeout", async () => {
  await using plain = await PlainMsrpClient.open({ setup: "active" });
  await using ours = await SessionUnderTest.open({ timeout: 3_000 });
  await reach("connecting", { plain, ours, engine: undefined });
  const end = await ours.end();
  assertEquals([end.by, end.error?.code], ["network", "session/msrp-timeout"]);
  await plain.phone.next("BYE");
});

Deno.test("ends, inbound: an answer that nobody acknowledges ends the call with BYE (RFC 3261 §13.3.1.4)", async () => {
  for (const hasOffer of [true, false]) {
    await using plain = await PlainMsrpClient.open({ setup: "active" });
    await using ours = await SessionUnderTest.open({ timeout: 120_000 });
    await plain.phone.invite(ours.uri, hasOffer ? { body: plain.sdp } : {});
    await ours.takeCall();
    await plain.phone.next("200");
    await ours.advance(33_000);
    const end = await ours.end();
    assertEquals(end.by, "network");
    assertMatch(end.error?.code ?? "", /^(session|sip)\/timeout$/);
    await plain.phone.next("BYE");
    assertEquals(ours.callStates.at(-1), "ended");
  }
});

Deno.test("ends, inbound: a caller without an offer that hangs up instead of answering ours", async () => {
  await using plain = await PlainMsrpClient.open({ setup: "active" });
  await using ours = await SessionUnderTest.open();
  await plain.phone.invite(ours.uri);
  await ours.takeCall();
  const offer = await plain.phone.next("200");
  await plain.phone.acknowledge(offer, { body: plain.sdp });
  await plain.phone.request("BYE");
  const end = await ours.end();
  assertEquals(end.by === "local", false);
  assertEquals(ours.callStates.at(-1), "ended");
  assertEquals(ours.messages, []);
});
