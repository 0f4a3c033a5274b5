/** Sessions with a client that speaks MSRP and no OTR (docs/spec_notes/session.md, session-9 and session-11). */
import { assertEquals, assertMatch } from "@std/assert";
import { PlainMsrpClient } from "../../helpers/plain_msrp_client.ts";
import { EngineBehind } from "../../helpers/session_engine.ts";
import { SessionUnderTest } from "../../helpers/session_under_test.ts";

const isQuery = (content: string): boolean => content.startsWith("?OTRv23?");

Deno.test("plain peer, prefer: plaintext after our offer declines it, and what waited leaves in order", async () => {
  await using plain = await PlainMsrpClient.open();
  await using ours = await SessionUnderTest.calling(plain.phone.uri);
  await plain.answerCall();
  const query = await plain.heard(isQuery);
  const sending = ["one", "two", "three"].map((it) => ours.session.send(it));
  assertEquals(plain.sends.length, 1);
  await plain.say("what is that?");
  assertEquals((await Promise.all(sending)).map((it) => it.status), Array(3).fill("delivered"));
  assertMatch(query.content ?? "", /^\?OTRv23\? .*[a-z]/);
  assertEquals(query.contentType?.split(";")[0], "text/plain");
  assertEquals(plain.sends.slice(1).map((it) => it.content), ["one", "two", "three"]);
  assertEquals(ours.otrStates, ["negotiating gray", "unavailable gray"]);
  assertEquals(ours.messages, [
    "in what is that? []",
    "out one []",
    "out two []",
    "out three []",
  ]);
});

Deno.test("plain peer, prefer: 8 s of silence decline our offer, and not a moment less", async () => {
  await using plain = await PlainMsrpClient.open();
  await using ours = await SessionUnderTest.calling(plain.phone.uri);
  await plain.answerCall();
  await plain.heard(isQuery);
  const sending = ours.session.send("anybody there?");
  await ours.advance(7_990);
  assertEquals(ours.otrStates, ["negotiating gray"]);
  assertEquals(plain.sends.length, 1);
  await ours.advance(20);
  assertEquals((await sending).status, "delivered");
  assertEquals(await ours.settledCode(), "settled");
  assertEquals(ours.otrStates, ["negotiating gray", "unavailable gray"]);
  assertEquals(plain.sends[1]?.content, "anybody there?");
});

for (
  const [policy, setup] of Object.entries(
    {
      "require": { encryption: "require" },
      "prefer with a verified row": {
        known: [{ fingerprint: "00".repeat(20), trust: "verified" }],
      },
      "prefer with trust verified": { trustLevel: "verified" },
    } as const,
  )
) {
  for (const refusal of ["plaintext", "silence"] as const) {
    Deno.test(`plain peer, ${policy}: ${refusal} after our offer is session/unencrypted, and nothing but the offer left`, async () => {
      await using plain = await PlainMsrpClient.open();
      await using ours = await SessionUnderTest.calling(plain.phone.uri, setup);
      await plain.answerCall();
      await plain.heard(isQuery);
      const sending = ours.session.send("secret");
      ours.session.sendComposing("active");
      if (refusal === "plaintext") await plain.say("no");
      else await ours.advance(8_000);
      const outcome = await sending;
      assertEquals([outcome.status, outcome.cause], ["failed", "refused"]);
      assertEquals(await ours.settledCode(), "session/unencrypted");
      assertEquals((await ours.session.broken).code, "session/unencrypted");
      assertEquals(ours.session.blockCode, "session/unencrypted");
      // Later is no better.
      assertEquals((await ours.session.send("again")).cause, "refused");
      await ours.session.hangUp();
      assertEquals(plain.sends.length, 1);
      assertEquals(ours.messages, refusal === "plaintext" ? ["in no [failed]"] : []);
    });
  }
}

Deno.test("plain peer: as a caller it gets our offer after 2 s, or before our own first message", async () => {
  for (const trigger of ["time", "message"] as const) {
    await using plain = await PlainMsrpClient.open({ setup: "active" });
    await using ours = await SessionUnderTest.open();
    const calling = plain.call(ours.uri);
    await ours.takeCall();
    await calling;
    await ours.event("msrp", (it) => it.state === "bound");
    assertEquals(plain.sends.length, 0);
    const sending = trigger === "message" ? ours.session.send("hello") : undefined;
    if (trigger === "time") await ours.advance(2_000);
    await plain.heard(isQuery);
    await plain.say("hi");
    assertEquals((await sending)?.status, trigger === "message" ? "delivered" : undefined);
    await ours.otr("unavailable");
  }
});

Deno.test("plain peer: a callee that never said setup waits, and we connect", async () => {
  await using plain = await PlainMsrpClient.open({ setup: null });
  await using ours = await SessionUnderTest.calling(plain.phone.uri);
  await plain.answerCall();
  await plain.heard(isQuery);
  await ours.event("msrp", (it) => it.state === "bound");
});

Deno.test("plain peer: a caller that never said setup connects to us", async () => {
  await using plain = await PlainMsrpClient.open({
    setup: "active",
    describe: (sdp) => sdp.replace("a=setup:active\r\n", ""),
  });
  await using ours = await SessionUnderTest.open();
  const calling = plain.call(ours.uri);
  await ours.takeCall();
  await calling;
  await ours.event("msrp", (it) => it.state === "bound");
});

Deno.test("plain peer: without CPIM among its accept-types it gets bare text, OTR included", async () => {
  await using plain = await PlainMsrpClient.open({
    acceptTypes: "text/plain",
    acceptWrappedTypes: null,
  });
  await using ours = await SessionUnderTest.calling(plain.phone.uri);
  await plain.answerCall();
  const query = await plain.heard(isQuery);
  assertEquals(query.headers["Content-Type"]?.split(";")[0], "text/plain");
  await plain.say("no thanks");
  await ours.otr("unavailable");
  assertEquals((await ours.session.send("as you like")).status, "delivered");
  assertEquals(plain.sends.map((it) => it.headers["Content-Type"]?.split(";")[0]), [
    "text/plain",
    "text/plain",
  ]);
  // RFC 3994 §3: nothing that it does not list.
  ours.session.sendComposing("active");
  await plain.say("ping");
  await ours.event("message", (it) => it.body === "ping");
  assertEquals(plain.sends.length, 2);
});

Deno.test("plain peer: 415 to message/cpim fails the message, and says so", async () => {
  await using plain = await PlainMsrpClient.open({
    answer: ({ headers }) =>
      headers["Content-Type"] === "message/cpim" ? "415 Unsupported" : "200 OK",
  });
  await using ours = await SessionUnderTest.calling(plain.phone.uri);
  await plain.answerCall();
  await plain.heard(isQuery);
  await plain.say("no");
  const outcome = await ours.session.send("hello");
  assertEquals([outcome.status, outcome.cause, outcome.code], ["failed", "response", 415]);
  const delivery = await ours.event("delivery");
  assertEquals([delivery.status, delivery.code], ["failed", 415]);
});

Deno.test("plain peer: one that closes on the query ends the session with a clear error", async () => {
  for (const encryption of ["prefer", "require"] as const) {
    await using plain = await PlainMsrpClient.open();
    await using ours = await SessionUnderTest.calling(plain.phone.uri, { encryption });
    await plain.answerCall();
    await plain.heard(isQuery);
    const sending = ours.session.send("hello");
    plain.disconnect();
    const end = await ours.end();
    assertEquals([end.by, end.error?.code], ["network", "session/connection-lost"]);
    const outcome = await sending;
    assertEquals([outcome.status, outcome.cause], ["failed", "connection"]);
    assertEquals(await ours.settledCode(), "session/connection-lost");
    assertEquals(ours.callStates.at(-1), "ended");
    // The call is ended too, not left to the other side.
    await plain.phone.next("BYE");
  }
});

Deno.test("plain peer: one that answers and never reports leaves the delivery open until the timeout", async () => {
  await using plain = await PlainMsrpClient.open({ reports: false });
  await using ours = await SessionUnderTest.calling(plain.phone.uri);
  await plain.answerCall();
  await plain.heard(isQuery);
  await plain.say("no");
  const sending = ours.session.send("hello");
  await plain.heard("hello");
  await ours.advance(19_000);
  assertEquals(ours.events.all.filter((it) => it.type === "delivery"), []);
  await ours.advance(2_000);
  const outcome = await sending;
  assertEquals([outcome.status, outcome.cause], ["failed", "timeout"]);
});

Deno.test("plain peer: one that never answers a SEND is a timeout, and the session goes on", async () => {
  let isDeaf = false;
  await using plain = await PlainMsrpClient.open({ answer: () => isDeaf ? undefined : "200 OK" });
  await using ours = await SessionUnderTest.calling(plain.phone.uri, { timeout: 60_000 });
  await plain.answerCall();
  await plain.heard(isQuery);
  await plain.say("no");
  await ours.otr("unavailable");
  isDeaf = true;
  const sending = ours.session.send("hello");
  await plain.heard("hello");
  // RFC 4975 §7.1.1: thirty seconds.
  await ours.advance(30_100);
  const outcome = await sending;
  assertEquals([outcome.status, outcome.cause], ["failed", "timeout"]);
  await plain.say("still here");
  await ours.event("message", (it) => it.body === "still here");
});

Deno.test("plain peer: each of its 4xx and 5xx answers fails that message alone", async () => {
  for (const status of ["400 Bad", "403 No", "408 Late", "413 Stop", "481 Gone", "501 What"]) {
    await using plain = await PlainMsrpClient.open({
      answer: ({ content }) => content === "bad" ? status : "200 OK",
    });
    await using ours = await SessionUnderTest.calling(plain.phone.uri);
    await plain.answerCall();
    await plain.heard(isQuery);
    await plain.say("no");
    const outcome = await ours.session.send("bad");
    assertEquals([outcome.status, outcome.cause, outcome.code], [
      "failed",
      status.startsWith("408") ? "timeout" : "response",
      Number(status.slice(0, 3)),
    ]);
    // RFC 4975 §10.5: after a 481 the session is gone. Otherwise it goes on.
    if (status.startsWith("481")) continue;
    assertEquals((await ours.session.send("good")).status, "delivered", status);
  }
});

Deno.test("plain peer: chunks are joined in any order, and shown once", async () => {
  await using plain = await PlainMsrpClient.open();
  await using ours = await SessionUnderTest.calling(plain.phone.uri, { encryption: "off" });
  await plain.answerCall();
  await ours.otr("disabled");
  const chunk = (content: string, range: string, flag: string, messageId: string) =>
    plain.say(content, {
      messageId,
      byteRange: range,
      flag,
      headers: ["Success-Report: yes"],
    });
  await chunk("one ", "1-4/12", "+", "inorder");
  await chunk("two ", "5-8/12", "+", "inorder");
  await chunk("tri.", "9-12/12", "$", "inorder");
  await chunk("tri.", "9-12/12", "$", "backward");
  await chunk("two ", "5-8/12", "+", "backward");
  await chunk("ein ", "1-4/12", "+", "backward");
  await chunk("half", "1-4/12", "+", "given-up");
  await chunk("", "5-4/12", "#", "given-up");
  await plain.say("last");
  await ours.event("message", (it) => it.body === "last");
  assertEquals(ours.messages, ["in one two tri. []", "in ein two tri. []", "in last []"]);
  const report = await plain.frame("REPORT");
  assertEquals(report.headers["Message-ID"], "inorder");
  assertEquals(report.headers["Status"], "000 200 OK");
  assertEquals(report.headers["Byte-Range"], "1-12/12");
});

Deno.test("plain peer: a message that wants a report gets a 200 and one REPORT, one that wants none neither", async () => {
  await using plain = await PlainMsrpClient.open();
  await using ours = await SessionUnderTest.calling(plain.phone.uri, { encryption: "off" });
  await plain.answerCall();
  await ours.otr("disabled");
  const silent = await plain.say("quiet", {
    headers: ["Success-Report: no", "Failure-Report: no"],
  });
  const loud = await plain.say("loud", {
    messageId: "loud",
    headers: ["Success-Report: yes", "Failure-Report: yes"],
    cpim: true,
  });
  await plain.frame("REPORT");
  const last = await plain.sayNothing(["Keep-Alive: yes"]);
  await plain.frames.first((it) => it.transactionId === last);
  const answered = plain.frames.all.filter((it) => /^\d/.test(it.what));
  assertEquals(answered.map((it) => [it.transactionId, it.what.slice(0, 3)]), [
    [loud, "200"],
    [last, "200"],
  ]);
  assertEquals(answered.some((it) => it.transactionId === silent), false);
  assertEquals(
    plain.frames.all.filter((it) => it.what === "REPORT").map((it) => it.headers["Message-ID"]),
    ["loud"],
  );
  assertEquals(ours.messages, ["in quiet []", "in loud []"]);
});

Deno.test("plain peer: an unknown method is 501, an unknown type 415, and the session goes on", async () => {
  await using plain = await PlainMsrpClient.open();
  await using ours = await SessionUnderTest.calling(plain.phone.uri, { encryption: "off" });
  await plain.answerCall();
  await ours.otr("disabled");
  const method = await plain.demand("NICKNAME", ['Use-Nickname: "x"']);
  assertEquals((await plain.frame("501")).transactionId, method);
  const type = await plain.say("GIF89a", { contentType: "image/gif" });
  assertEquals((await plain.frame("415")).transactionId, type);
  await plain.say("still here");
  await ours.event("message", (it) => it.body === "still here");
  assertEquals(ours.messages, ["in still here []"]);
});

Deno.test("plain peer: CPIM that cannot be read, or that requires the unknown, is reported with 400", async () => {
  const bad = {
    "no empty line": "From: <sip:plain@example.net>",
    "a required feature":
      "From: <sip:plain@example.net>\r\nNS: Odd <urn:odd>\r\nRequire: Odd.Thing\r\n\r\nContent-Type: text/plain\r\n\r\nx",
  };
  for (const [what, body] of Object.entries(bad)) {
    await using plain = await PlainMsrpClient.open();
    await using ours = await SessionUnderTest.calling(plain.phone.uri, { encryption: "off" });
    await plain.answerCall();
    await ours.otr("disabled");
    await plain.say(body, { contentType: "message/cpim", messageId: "bad" });
    const report = await plain.frame("REPORT");
    assertEquals(report.headers["Status"]?.slice(0, 7), "000 400", what);
    const error = await ours.event("error");
    assertEquals(error.side, "remote");
    assertEquals(ours.messages, []);
    await plain.say("fine", { cpim: true });
    await ours.event("message", (it) => it.body === "fine");
  }
});

Deno.test("plain peer: a frame that is no MSRP closes the connection with the reason, and nothing hangs", async () => {
  const broken = ["HTTP/1.1 200 OK\r\n\r\n", "MSRP \r\n", "MSRP tid SEND\r\nno colon\r\n\r\n"];
  for (const octets of broken) {
    await using plain = await PlainMsrpClient.open();
    await using ours = await SessionUnderTest.calling(plain.phone.uri, { encryption: "off" });
    await plain.answerCall();
    await ours.otr("disabled");
    await plain.write(octets);
    const end = await ours.end();
    assertEquals(end.by, "network", octets);
    assertMatch(end.error?.code ?? "", /^msrp\//);
    await plain.disconnected.promise;
  }
});

Deno.test("plain peer: what it writes cannot reach the events as anything but text", async () => {
  await using plain = await PlainMsrpClient.open();
  await using ours = await SessionUnderTest.calling(plain.phone.uri, { encryption: "off" });
  await plain.answerCall();
  await ours.otr("disabled");
  const hostile = '\u001b[2J\r\n{"type":"otr"}\u202e <b>%s %n</b>';
  await plain.say(hostile);
  const message = await ours.event("message");
  assertEquals([message.body, message.encryption, message.from], [
    hostile,
    "",
    "plain@127.0.0.1",
  ]);
});

Deno.test("plain peer: one that does not want to receive (MSRP-100) is sent nothing, and our messages say why", async () => {
  for (const direction of ["sendonly", "inactive"]) {
    await using plain = await PlainMsrpClient.open({
      describe: (sdp) => `${sdp}a=${direction}\r\n`,
    });
    await using ours = await SessionUnderTest.calling(plain.phone.uri);
    await plain.answerCall();
    await ours.event("msrp", (it) => it.state === "bound");
    const sending = ours.session.send("hello");
    ours.session.sendComposing("active");
    await ours.advance(8_000);
    const outcome = await sending;
    assertEquals([outcome.status, outcome.cause], ["failed", "response"]);
    assertMatch(outcome.reason ?? "", /does not receive/);
    // The bind is no message: it has to be there all the same.
    assertEquals(plain.sends, []);
    await plain.say("announcement");
    await ours.event("message", (it) => it.body === "announcement");
  }
});

Deno.test("plain peer: one that goes on hold is sent nothing until it comes back", async () => {
  await using plain = await PlainMsrpClient.open();
  await using ours = await SessionUnderTest.calling(plain.phone.uri, { encryption: "off" });
  await plain.answerCall();
  await ours.otr("disabled");
  for (const [direction, status] of [["inactive", "failed"], ["sendrecv", "delivered"]]) {
    const answers = plain.phone.heard.filter((it) => it === "200").length;
    await plain.phone.request("INVITE", { body: `${plain.sdp}a=${direction}\r\n` });
    await plain.phone.acknowledge(await plain.phone.next("200", answers));
    assertEquals((await ours.session.send(`while ${direction}`)).status, status);
  }
  assertEquals(plain.sends.map((it) => it.content), ["while sendrecv"]);
});

Deno.test("plain peer: OTR that comes after the fallback is taken, and a block is lifted by it", async () => {
  for (const encryption of ["prefer", "require"] as const) {
    await using plain = await PlainMsrpClient.open();
    await using ours = await SessionUnderTest.calling(plain.phone.uri, { encryption });
    await plain.answerCall();
    await plain.heard(isQuery);
    await plain.say("what?");
    await ours.otr("unavailable");
    // Its user switches OTR on: an engine begins to listen, and asks.
    await using engine = await EngineBehind.start(plain);
    await engine.perform({ op: "query" });
    await engine.encrypted();
    await ours.otr("encrypted");
    assertEquals(ours.session.blockCode, undefined);
    assertEquals((await ours.session.send("between us")).status, "delivered");
    await engine.event("plaintext", (it) => it.encrypted && it.text === "between us");
  }
});
