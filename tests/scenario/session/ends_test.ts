/** How sessions end, in each of their phases, by either side: nothing hangs, everything is told. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { settle } from "../../helpers/manual_clock.ts";
import { PlainMsrpClient } from "../../helpers/plain_msrp_client.ts";
import { EngineBehind } from "../../helpers/session_engine.ts";
import { headerOf } from "../../helpers/session_phone.ts";
import { SessionUnderTest } from "../../helpers/session_under_test.ts";
import { inTime } from "../../helpers/session_watchdog.ts";

Deno.test("a hang-up that nobody answers outlives the policy's deadlines and ends by itself", async () => {
  await using ours = await SessionUnderTest.open();
  {
    await using plain = await PlainMsrpClient.open({ setup: "active" });
    const calling = plain.call(ours.uri);
    await ours.takeCall();
    await calling;
    await ours.event("msrp", (it) => it.state === "bound");
    plain.phone.answersByes = false;
    const hangUp = ours.session.hangUp();
    // Our own offer would be due after 2 s; the BYE is waited for up to 5 s.
    await ours.advance(1_900);
    await ours.advance(200);
    await ours.whileTimePasses(hangUp);
  }
  assertEquals((await ours.end()).by, "local");
  assertEquals(ours.callStates, ["ringing", "connected", "ended"]);
});

/** Phases of an outgoing call, in order. */
const PHASES = ["ringing", "connecting", "negotiating", "encrypted", "verifying"] as const;
type Phase = (typeof PHASES)[number];

/** What goes wrong. */
const ENDINGS = ["we hang up", "they hang up", "the connection is cut"] as const;

interface Line {
  readonly plain: PlainMsrpClient;
  readonly ours: SessionUnderTest;
}

/** Brings a call to a phase, and everything that waits in it. */
async function reach(phase: Phase, { plain, ours }: Line): Promise<Promise<unknown>[]> {
  const invite = await plain.phone.next("INVITE");
  if (phase === "ringing") {
    await plain.phone.respond(invite, "180 Ringing");
    await ours.event("call", (it) => it.state === "ringing");
    return [];
  }
  if (phase === "connecting") {
    // Answered, and nothing accepts the connection's first SEND.
    await plain.phone.respond(invite, "200 OK", { body: plain.sdp });
    await ours.event("msrp", (it) => it.state === "connecting");
    return [];
  }
  await plain.answerCall();
  if (phase === "negotiating") {
    await plain.heard((it) => it.startsWith("?OTRv23?"));
    return [ours.session.send("waits")];
  }
  await ours.otr("encrypted");
  const delivered = await ours.session.send("hello");
  assertEquals(delivered.status, "delivered");
  if (phase === "encrypted") return [];
  return [ours.session.verify(utf8("secret"))]; // Bob's user never answers.
}

for (const phase of PHASES) {
  for (const ending of ENDINGS) {
    if (ending === "the connection is cut" && (phase === "ringing" || phase === "connecting")) {
      continue; // There is none yet.
    }
    Deno.test(`ends: while ${phase}, ${ending}`, async () => {
      await using plain = await PlainMsrpClient.open();
      const engine = phase === "encrypted" || phase === "verifying"
        ? await EngineBehind.start(plain)
        : undefined;
      await using ours = await SessionUnderTest.calling(plain.phone.uri);
      const waiting = await reach(phase, { plain, ours });
      let hangUp = Promise.resolve();
      if (ending === "we hang up") {
        if (phase === "ringing") plain.phone.answersByes = false;
        hangUp = ours.session.hangUp();
      } else if (ending === "they hang up") {
        if (phase === "ringing") {
          await plain.phone.respond(await plain.phone.next("INVITE"), "603 Decline");
        } else await plain.phone.request("BYE");
      } else plain.disconnect();
      if (ending === "we hang up" && phase === "ringing") {
        await plain.phone.respond(await plain.phone.next("CANCEL"), "200 OK");
        await plain.phone.respond(
          await plain.phone.next("INVITE"),
          "487 Request Terminated",
        );
      }
      const end = await ours.end();
      await hangUp;
      assertEquals(ours.callStates.at(-1), "ended");
      const by = {
        "we hang up": "local",
        "they hang up": "remote",
        "the connection is cut": "network",
      };
      const isRefusal = phase === "ringing" && ending === "they hang up";
      assertEquals(end.by, isRefusal ? "network" : by[ending]);
      if (isRefusal) assertEquals(end.error?.code, "session/rejected");
      if (ending === "the connection is cut") {
        assertEquals(end.error?.code, "session/connection-lost");
      }
      if (ending === "we hang up" && phase !== "ringing") await plain.phone.next("BYE");
      // Whatever waited knows by now.
      for (const outcome of await inTime(Promise.all(waiting), () => "what waited")) {
        if (phase === "verifying") {
          assertEquals(outcome, { verdict: "refused" });
        } else assertEquals((outcome as { status: string }).status, "failed");
      }
      const settled = phase === "encrypted" || phase === "verifying";
      assertEquals(await ours.settledCode() === "settled", settled);
      const again = await ours.session.send("late").catch((error) => error.code);
      assertEquals(again, "session/not-open");
      await engine?.[Symbol.asyncDispose]();
    });
  }
}

Deno.test("ends: a hang-up in the very moment of calling leaves nothing open", async () => {
  await using plain = await PlainMsrpClient.open();
  await using ours = await SessionUnderTest.calling(plain.phone.uri);
  await ours.session.hangUp();
  assertEquals((await ours.end()).by, "local");
  await ours.advance(1_000);
  assertEquals(plain.phone.heard.filter((it) => it === "INVITE"), []);
});

Deno.test("ends: a hang-up in the very moment of taking a call refuses or ends it", async () => {
  await using plain = await PlainMsrpClient.open({ setup: "active" });
  await using ours = await SessionUnderTest.open();
  await plain.phone.invite(ours.uri, { body: plain.sdp });
  await ours.takeCall();
  await ours.whileTimePasses(ours.session.hangUp());
  assertEquals((await ours.end()).by, "local");
  assertEquals(ours.callStates.at(-1), "ended");
  const { what } = await plain.phone.received.first((it) => /^[2-6]/.test(it.what));
  assertEquals(["200", "603", "480"].includes(what), true, what);
});

Deno.test("ends: nobody answers, and the call is cancelled after its timeout", async () => {
  for (const rings of [true, false]) {
    await using plain = await PlainMsrpClient.open();
    await using ours = await SessionUnderTest.calling(plain.phone.uri, { timeout: 3_000 });
    const invite = await plain.phone.next("INVITE");
    await plain.phone.respond(invite, rings ? "180 Ringing" : "100 Trying");
    if (rings) await ours.event("call", (it) => it.state === "ringing");
    else await settle();
    void plain.phone.next("CANCEL").then(() =>
      plain.phone.respond(invite, "487 Request Terminated")
    );
    const end = await ours.end();
    assertEquals(end.error?.code, "session/timeout");
    assertEquals(plain.phone.heard.includes("CANCEL"), true);
    assertEquals(ours.callStates.at(-1), "ended");
  }
});

Deno.test("ends: answered, but MSRP does not come about in time", async () => {
  await using plain = await PlainMsrpClient.open({ setup: "active" });
  await using ours = await SessionUnderTest.calling(plain.phone.uri, { timeout: 3_000 });
  const invite = await plain.phone.next("INVITE");
  await plain.phone.respond(invite, "200 OK", { body: plain.sdp });
  await ours.event("msrp", (it) => it.state === "connecting");
  const end = await ours.end();
  assertEquals(end.error?.code, "session/msrp-timeout");
  await plain.phone.next("BYE");
});

Deno.test("ends: answered with a path where nobody listens", async () => {
  const gone = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = gone.addr;
  gone.close();
  await using plain = await PlainMsrpClient.open({
    describe: (sdp) =>
      sdp.replace(/127\.0\.0\.1:\d+/g, `127.0.0.1:${port}`)
        .replace(/^m=message \d+/m, `m=message ${port}`),
  });
  await using ours = await SessionUnderTest.calling(plain.phone.uri);
  const invite = await plain.phone.next("INVITE");
  await plain.phone.respond(invite, "200 OK", { body: plain.sdp });
  const end = await ours.end();
  assertEquals(end.error?.code, "transport/refused");
  await plain.phone.next("BYE");
});

/** Final responses, and what they mean here. */
const REFUSALS = {
  "302 Moved": "session/rejected",
  "404 Not Found": "session/rejected",
  "408 Request Timeout": "session/timeout",
  "480 Unavailable": "session/rejected",
  "486 Busy Here": "session/rejected",
  "503 Service Unavailable": "session/unavailable",
  "603 Decline": "session/rejected",
};

Deno.test("ends: each refusal is told with its status and reason", async () => {
  for (const [status, code] of Object.entries(REFUSALS)) {
    await using plain = await PlainMsrpClient.open();
    await using ours = await SessionUnderTest.calling(plain.phone.uri);
    await plain.phone.respond(await plain.phone.next("INVITE"), status);
    const end = await ours.end();
    assertEquals(end.error?.code, code);
    const rejected = await ours.event("call", (it) => it.state === "rejected");
    assertEquals(`${rejected.status} ${rejected.reason}`, status);
    assertEquals(await ours.settledCode(), code);
  }
});

Deno.test("ends: the Warning of a 488 is shown, escaped", async () => {
  await using plain = await PlainMsrpClient.open();
  await using ours = await SessionUnderTest.calling(plain.phone.uri);
  await plain.phone.respond(await plain.phone.next("INVITE"), "488 Not Acceptable Here", {
    headers: ['Warning: 304 pbx.example "Media type \u001b[31mmessage\u001b[0m not available"'],
  });
  const end = await ours.end();
  assertStringIncludes(end.error?.message ?? "", "488 Not Acceptable Here");
  assertStringIncludes(end.error?.message ?? "", "Media type");
  assertEquals(end.error?.message.includes("\u001b"), false);
});

/** Answers that hold nothing we can use. */
const ANSWERS: Record<string, string> = {
  "no SDP": "",
  "garbage": "this is no session description",
  "audio": "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n",
  "port 0":
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=message 0 TCP/MSRP *\r\na=path:msrp://127.0.0.1:9/x;tcp\r\n",
  "no path": "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\n",
  "a path that is none":
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\na=accept-types:*\r\na=path:http://x/\r\n",
};

for (const [what, body] of Object.entries(ANSWERS)) {
  Deno.test(`ends: an answer with ${what} is acknowledged, ended, and told`, async () => {
    await using plain = await PlainMsrpClient.open();
    await using ours = await SessionUnderTest.calling(plain.phone.uri);
    await plain.phone.respond(await plain.phone.next("INVITE"), "200 OK", { body });
    const end = await ours.end();
    assertMatch(end.error?.code ?? "", /^(session\/answer-unusable|sdp\/|msrp\/)/);
    await plain.phone.next("ACK");
    await plain.phone.next("BYE");
    assertEquals(ours.callStates.at(-1), "ended");
  });

  if (body === "") continue;
  Deno.test(`ends: an offer with ${what} is refused, and told`, async () => {
    await using plain = await PlainMsrpClient.open();
    await using ours = await SessionUnderTest.open();
    await plain.phone.invite(ours.uri, { body });
    await ours.takeCall();
    const end = await ours.end();
    const refusal = await plain.phone.received.first((it) => /^4/.test(it.what));
    assertEquals(refusal.what, what === "garbage" ? "400" : refusal.what);
    assertMatch(refusal.what, /^4(00|88)$/);
    if (refusal.what === "488") assertMatch(headerOf(refusal, "Warning"), /^3\d\d /);
    assertMatch(end.error?.code ?? "", /^(session\/offer-refused|sdp\/|msrp\/)/);
    assertEquals(ours.callStates, ["ringing", "ended"]);
  });
}

Deno.test("ends: an INVITE without an offer gets ours, and the answer comes in the ACK", async () => {
  await using plain = await PlainMsrpClient.open();
  await using ours = await SessionUnderTest.open({ encryption: "off" });
  await plain.phone.invite(ours.uri);
  await ours.takeCall();
  const offer = await plain.phone.next("200");
  assertStringIncludes(offer.body, "m=message");
  plain.expectConnection(offer);
  await plain.phone.acknowledge(offer, { body: plain.sdp });
  await ours.event("msrp", (it) => it.state === "bound");
  await plain.say("hi");
  await ours.event("message", (it) => it.body === "hi");
});

Deno.test("ends: an offerless INVITE whose ACK brings nothing useful is ended with BYE", async () => {
  for (const body of ["", "garbage"]) {
    await using plain = await PlainMsrpClient.open();
    await using ours = await SessionUnderTest.open();
    await plain.phone.invite(ours.uri);
    await ours.takeCall();
    await plain.phone.acknowledge(await plain.phone.next("200"), { body });
    const end = await ours.end();
    assertMatch(end.error?.code ?? "", /^(session\/answer-unusable|sdp\/)/);
    await plain.phone.next("BYE");
  }
});

Deno.test("ends: a caller that takes its INVITE back at once leaves nothing behind", async () => {
  await using plain = await PlainMsrpClient.open();
  await using ours = await SessionUnderTest.open();
  await plain.phone.invite(ours.uri, { body: plain.sdp });
  await plain.phone.cancel();
  await ours.takeCall();
  // Its CANCEL met the INVITE unanswered, or came too late and is followed by a BYE.
  const final = await plain.phone.received.first((it) =>
    /^[2-6]/.test(it.what) && headerOf(it, "CSeq").endsWith("INVITE")
  );
  if (final.what === "200") {
    await plain.phone.acknowledge(final);
    await plain.phone.request("BYE");
  } else assertEquals(final.what, "487");
  const end = await ours.end();
  assertEquals(end.by === "local", false);
  assertEquals(ours.callStates.at(-1), "ended");
});

Deno.test("ends: an offer inside the call that moves MSRP is refused with 488, and the session goes on", async () => {
  await using plain = await PlainMsrpClient.open();
  await using ours = await SessionUnderTest.calling(plain.phone.uri, { encryption: "off" });
  await plain.answerCall();
  await ours.otr("disabled");
  const moved = plain.sdp.replace("plain7c0ffee", "elsewhere1234");
  for (const [body, status] of [[moved, "488"], ["garbage", "400"], [plain.sdp, "200"]]) {
    await plain.phone.request("INVITE", { body: body ?? "" });
    const answer = await plain.phone.next(status ?? "");
    await plain.phone.acknowledge(answer);
    assertEquals((await ours.session.send(`after ${status}`)).status, "delivered");
  }
});

Deno.test("ends: what the peer said before its BYE is heard, also when SIP is faster", async () => {
  await using plain = await PlainMsrpClient.open();
  await using ours = await SessionUnderTest.calling(plain.phone.uri, { encryption: "off" });
  await plain.answerCall();
  await ours.otr("disabled");
  await plain.phone.request("BYE");
  await plain.phone.next("200");
  await plain.say("one more thing");
  await ours.event("message", (it) => it.body === "one more thing");
  const end = await ours.end();
  assertEquals([end.by, end.error], ["remote", undefined]);
});

Deno.test("ends: a connection that closes just before the BYE is a hang-up, not a failure", async () => {
  await using plain = await PlainMsrpClient.open();
  await using ours = await SessionUnderTest.calling(plain.phone.uri, { encryption: "off" });
  await plain.answerCall();
  await ours.otr("disabled");
  plain.disconnect();
  await ours.advance(500);
  await plain.phone.request("BYE");
  const end = await ours.end();
  assertEquals([end.by, end.error], ["remote", undefined]);
});

Deno.test("ends: our disconnect of OTR leaves before the BYE", async () => {
  await using plain = await PlainMsrpClient.open();
  await using bob = await EngineBehind.start(plain);
  await using ours = await SessionUnderTest.calling(plain.phone.uri);
  await plain.answerCall();
  await ours.otr("encrypted");
  await ours.session.hangUp();
  await bob.event("state", (it) => it.state === "finished");
  assertEquals(plain.phone.heard.filter((it) => it === "BYE"), ["BYE"]);
});

Deno.test("ends: hanging up twice, and after the end, does nothing more", async () => {
  await using plain = await PlainMsrpClient.open();
  await using ours = await SessionUnderTest.calling(plain.phone.uri);
  await plain.answerCall();
  await Promise.all([ours.session.hangUp(), ours.session.hangUp()]);
  await ours.session.hangUp();
  assertEquals(plain.phone.heard.filter((it) => it === "BYE"), ["BYE"]);
  assertEquals(ours.callStates.filter((it) => it === "ended"), ["ended"]);
});

Deno.test("ends: an answer of 481 or 506 says that the MSRP session is gone, and ends ours", async () => {
  for (const status of ["481 No \u202eSession", "506 Elsewhere"]) {
    await using plain = await PlainMsrpClient.open({
      answer: ({ content }) => content === "hello?" ? status : "200 OK",
    });
    await using ours = await SessionUnderTest.calling(plain.phone.uri, { encryption: "off" });
    await plain.answerCall();
    await ours.otr("disabled");
    const outcome = await ours.session.send("hello?");
    assertEquals([outcome.status, outcome.cause, outcome.code], [
      "failed",
      "response",
      Number(status.slice(0, 3)),
    ]);
    const end = await ours.end();
    assertEquals([end.by, end.error?.code], ["network", "session/msrp-refused"]);
    assertStringIncludes(end.error?.message ?? "", status.slice(0, 3));
    assertEquals(end.error?.message.includes("\u202e"), false);
    await plain.phone.next("BYE");
  }
});

Deno.test("ends: a fault of framing while a message waits for its answer fails the message, and ends the session", async () => {
  await using plain = await PlainMsrpClient.open({
    answer: ({ content }) => content === "hello?" ? undefined : "200 OK",
  });
  await using ours = await SessionUnderTest.calling(plain.phone.uri, { encryption: "off" });
  await plain.answerCall();
  await ours.otr("disabled");
  const sending = ours.session.send("hello?");
  await plain.heard("hello?");
  await plain.write("200 OK\r\n\r\n");
  const outcome = await ours.whileTimePasses(sending, "a fate");
  assertEquals([outcome.status, outcome.cause], ["failed", "connection"]);
  const end = await ours.end();
  assertEquals([end.by, end.error?.code], ["network", "msrp/bad-start-line"]);
});
