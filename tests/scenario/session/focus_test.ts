/** Conferences: OTR is never offered to a focus and never accepted from one (docs/spec_notes/session.md, session-13). */
import { assertEquals } from "@std/assert";
import { PlainMsrpClient } from "../../helpers/plain_msrp_client.ts";
import { EngineBehind } from "../../helpers/session_engine.ts";
import { SessionUnderTest } from "../../helpers/session_under_test.ts";
import { inTime } from "../../helpers/session_watchdog.ts";
import { testConversation } from "../../helpers/otr_pair.ts";

const VERIFIED = {
  known: [{ fingerprint: SessionUnderTest.fingerprint("bob"), trust: "verified" }],
} as const;

/** What left that looks like OTR, in whatever frame. */
function otrOnTheWire(ours: SessionUnderTest): string[] {
  return ours.wire.filter((it) => it.direction === "out")
    .map((it) => new TextDecoder().decode(it.data))
    .filter((it) => it.includes("?OTR"));
}

/** A query, a D-H Commit and a whitespace tag, as somebody in the room might send them. */
function otrOfTheRoom(): string[] {
  const somebody = testConversation("carol", 0x3000_0003);
  return [
    "?OTRv3? I would like to start",
    ...somebody.receiveMessage("?OTRv3?", 0).flatMap((it) =>
      it.type === "transmit" ? [it.message] : []
    ),
    "?OTR Error: what?",
  ];
}

for (const direction of ["outbound", "inbound"] as const) {
  Deno.test(`focus, ${direction}, prefer: no octet of OTR leaves, and none is answered or shown`, async () => {
    await using plain = await PlainMsrpClient.open({
      isFocus: true,
      setup: direction === "outbound" ? "passive" : "active",
    });
    await using ours = await SessionUnderTest.open();
    if (direction === "outbound") {
      ours.call(plain.phone.uri);
      await plain.answerCall();
    } else {
      const calling = plain.call(ours.uri);
      await ours.takeCall();
      await calling;
    }
    await ours.otr("unavailable");
    assertEquals(await ours.settledCode(), "settled");
    for (const message of otrOfTheRoom()) await plain.say(message, { cpim: true });
    await plain.say("welcome", { cpim: true });
    await ours.event("message", (it) => it.body === "welcome");
    assertEquals((await ours.session.send("hello all")).status, "delivered");
    await ours.advance(60_000);
    await ours.session.hangUp();
    assertEquals(otrOnTheWire(ours), []);
    assertEquals(plain.sends.map((it) => it.content), ["hello all"]);
    assertEquals(ours.otrStates, ["unavailable gray"]);
    assertEquals(ours.messages, ["in welcome []", "out hello all []"]);
    const connected = await ours.event("call", (it) => it.state === "connected");
    assertEquals(connected.focus, true);
  });
}

for (
  const [policy, setup] of Object.entries(
    {
      "require": { encryption: "require" },
      "a verified row": VERIFIED,
      "trust verified": { trustLevel: "verified" },
    } as const,
  )
) {
  Deno.test(`focus from the start, ${policy}: session/unencrypted, and nothing leaves`, async () => {
    await using plain = await PlainMsrpClient.open({ isFocus: true });
    await using ours = await SessionUnderTest.calling(plain.phone.uri, setup);
    await plain.answerCall();
    assertEquals(await ours.settledCode(), "session/unencrypted");
    assertEquals((await ours.session.send("x")).cause, "refused");
    ours.session.sendComposing("active");
    await plain.say("?OTRv3?");
    await plain.say("welcome");
    await ours.event("message");
    await ours.session.hangUp();
    assertEquals(plain.sends, []);
    assertEquals(ours.messages, ["in welcome [failed]"]);
  });
}

for (const policy of ["accept", "off"] as const) {
  Deno.test(`focus, ${policy}: plaintext, as everywhere`, async () => {
    await using plain = await PlainMsrpClient.open({ isFocus: true });
    await using ours = await SessionUnderTest.calling(plain.phone.uri, { encryption: policy });
    await plain.answerCall();
    assertEquals(await ours.settledCode(), "settled");
    await plain.say("?OTRv3?");
    assertEquals((await ours.session.send("x")).status, "delivered");
    assertEquals(plain.sends.map((it) => it.content), ["x"]);
  });
}

Deno.test("focus: the verbs that need OTR say why they cannot", async () => {
  await using plain = await PlainMsrpClient.open({ isFocus: true });
  await using ours = await SessionUnderTest.calling(plain.phone.uri);
  await plain.answerCall();
  await ours.otr("unavailable");
  const codes: unknown[] = [];
  for (const action of ["start", "refresh"] as const) {
    await ours.session.changeOtr(action).catch((error) => codes.push(error.code));
  }
  await ours.session.verify(new Uint8Array([1])).catch((error) => codes.push(error.code));
  assertEquals(codes, ["session/otr-focus", "session/otr-focus", "session/unencrypted"]);
  await ours.session.changeOtr("stop");
  assertEquals(plain.sends, []);
});

/** The ways in which a peer becomes a focus in the middle of a call. */
const WAYS = {
  "re-INVITE with an offer": { method: "INVITE", hasOffer: true },
  "re-INVITE without an offer": { method: "INVITE", hasOffer: false },
  "UPDATE with an offer": { method: "UPDATE", hasOffer: true },
  "UPDATE without a body": { method: "UPDATE", hasOffer: false },
} as const;

for (const [way, { method, hasOffer }] of Object.entries(WAYS)) {
  for (const encryption of ["prefer", "require"] as const) {
    Deno.test(`isfocus by ${way}, ${encryption}: OTR ends with a word, and no OTR leaves afterwards`, async () => {
      await using plain = await PlainMsrpClient.open();
      await using engine = await EngineBehind.start(plain);
      await using ours = await SessionUnderTest.calling(plain.phone.uri, { encryption });
      await plain.answerCall();
      await engine.encrypted();
      assertEquals((await ours.session.send("between us")).status, "delivered");
      const before = plain.sends.length;
      await plain.phone.request(method, {
        contactParameters: ";isfocus",
        ...(hasOffer ? { body: plain.sdp } : {}),
      });
      const focused = await ours.event("call", (it) => it.focus === true);
      assertEquals(focused.state, "connected");
      const states = ours.otrStates.length;
      await ours.otr("unavailable");
      assertEquals(ours.otrStates.slice(states - 1), ["unavailable gray"]);
      const answer = await plain.phone.next("200");
      assertEquals(answer.body.includes("m=message"), hasOffer || method === "INVITE");
      if (method === "INVITE") {
        await plain.phone.acknowledge(answer, hasOffer ? {} : { body: plain.sdp });
      }

      // The engine on the other side still thinks that it is encrypted.
      await engine.perform({ op: "send", text: "still there?" });
      for (const message of otrOfTheRoom()) await plain.say(message);
      const outcome = await ours.session.send("hello all");
      await ours.advance(60_000);
      const reason = encryption === "require" ? (await ours.session.broken).code : undefined;
      await ours.session.hangUp();
      const after = plain.sends.slice(before).map((it) => it.content);
      if (encryption === "prefer") {
        assertEquals(outcome.status, "delivered");
        assertEquals(after, ["hello all"]);
      } else {
        assertEquals(outcome.cause, "refused");
        assertEquals(reason, "session/unencrypted");
        assertEquals(after, []);
      }
      assertEquals(ours.messages.filter((it) => it.startsWith("in ")), []);
    });
  }
}

Deno.test("isfocus while our offer waits for its answer: the offer is dropped, and what waited leaves in plaintext", async () => {
  await using plain = await PlainMsrpClient.open();
  await using ours = await SessionUnderTest.calling(plain.phone.uri);
  await plain.answerCall();
  await plain.heard((it) => it.startsWith("?OTRv23?"));
  const sending = ours.session.send("hello");
  await plain.phone.request("UPDATE", { contactParameters: ";isfocus" });
  assertEquals((await sending).status, "delivered");
  assertEquals(plain.sends.slice(1).map((it) => it.content), ["hello"]);
  assertEquals(ours.otrStates, ["negotiating gray", "unavailable gray"]);
});

Deno.test("isfocus before MSRP is bound: nothing is ever offered", async () => {
  // The client is to connect, and takes its time.
  await using plain = await PlainMsrpClient.open({ setup: "active" });
  await using ours = await SessionUnderTest.calling(plain.phone.uri);
  const invite = await plain.phone.next("INVITE");
  await plain.phone.respond(invite, "200 OK", { body: plain.sdp });
  await plain.phone.next("ACK");
  await ours.event("msrp", (it) => it.state === "connecting");
  await plain.phone.request("UPDATE", { contactParameters: ";isfocus" });
  await ours.event("call", (it) => it.focus === true);
  await plain.connectTo(invite);
  await ours.otr("unavailable");
  await ours.advance(10_000);
  assertEquals(plain.sends, []);
});

Deno.test("a focus that stops being one gets no OTR by itself either", async () => {
  await using plain = await PlainMsrpClient.open({ isFocus: true });
  await using ours = await SessionUnderTest.calling(plain.phone.uri);
  await plain.answerCall();
  await ours.otr("unavailable");
  await plain.phone.request("UPDATE", {});
  await plain.phone.next("200");
  await plain.say("?OTRv3?");
  await plain.say("hi");
  await ours.event("message");
  await ours.advance(10_000);
  assertEquals(plain.sends, []);
});

Deno.test("isfocus while SMP runs: the exchange ends at once, without a verdict", async () => {
  await using plain = await PlainMsrpClient.open();
  await using engine = await EngineBehind.start(plain);
  await using ours = await SessionUnderTest.calling(plain.phone.uri);
  await plain.answerCall();
  await engine.encrypted();
  await ours.otr("encrypted");
  const verdict = ours.session.verify(new TextEncoder().encode("secret"));
  await engine.event("smp", (it) => it.what === "asked");
  await plain.phone.request("UPDATE", { contactParameters: ";isfocus" });
  assertEquals(await inTime(verdict, () => "a verdict"), { verdict: "refused" });
  const aborted = await ours.event("smp", (it) => it.state === "aborted");
  assertEquals(aborted.proofSeen, false);
});
