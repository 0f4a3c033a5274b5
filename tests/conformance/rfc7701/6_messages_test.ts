/** RFC 7701 §5, §6, §8, §11: the conference of the lab against a client written by hand. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ConferenceGuests } from "../../helpers/conference_guests.ts";
import { openLab } from "../../helpers/lab.ts";
import { PlainMsrpClient, type PlainOptions } from "../../helpers/plain_msrp_client.ts";
import { headerOf, SipPhone } from "../../helpers/session_phone.ts";

/** The client is `plain@example.net`, and knows of rooms unless told otherwise. */
const AWARE: PlainOptions = {
  describe: (sdp) => `${sdp}a=chatroom:nickname private-messages\r\n`,
};

function cpim(text: string, to: readonly string[], from = "plain@example.net"): string {
  return [
    `From: <sip:${from}>`,
    ...to.map((it) => `To: <sip:${it}>`),
    "DateTime: 2026-02-03T10:11:12Z",
    "",
    "Content-Type: text/plain",
    "",
    text,
  ].join("\r\n");
}

const ROOM = "conference@127.0.0.1";
const CPIM = { contentType: "message/cpim" };

/** What the switch answers to a SEND. */
async function answerTo(client: PlainMsrpClient, body: string, type = CPIM): Promise<string> {
  const transactionId = await client.say(body, type);
  const frame = await client.frames.first((it) => it.transactionId === transactionId);
  return frame.what;
}

Deno.test("MSRP-179 the focus says isfocus in its Contact, and in SDP what the room allows", async () => {
  await using lab = await openLab();
  await using client = await PlainMsrpClient.open(AWARE);
  const answer = await client.call(lab.bots.focus);
  assertMatch(headerOf(answer, "Contact"), />.*;isfocus/);
  assertMatch(answer.body, /^a=chatroom:nickname private-messages\r$/m);
  assertMatch(answer.body, /^a=accept-types:message\/cpim\r$/m, "§5.2: a single value");
});

Deno.test("MSRP-180 a caller that takes no CPIM is refused with 488", async () => {
  await using lab = await openLab();
  await using client = await PlainMsrpClient.open({ acceptTypes: "text/plain" });
  await client.phone.invite(lab.bots.focus, { body: client.sdp });
  const refusal = await client.phone.next("488");
  await client.phone.acknowledge(refusal);
});

Deno.test("MSRP-180 what is for the room reaches all others, octet by octet, and its sender is answered alone", async () => {
  await using lab = await openLab();
  await using one = await PlainMsrpClient.open(AWARE);
  await using other = await PlainMsrpClient.open(AWARE);
  await one.call(lab.bots.focus);
  await one.heard((it) => it.startsWith("welcome"));
  await other.call(lab.bots.focus);
  await one.heard("plain@example.net joined");
  const body = cpim("hello room", [ROOM]);
  assertEquals(await answerTo(one, body), "200 OK");
  const copy = await other.heard("hello room");
  assertEquals(copy.body, body, "the switch must not modify the content");
  assertEquals(copy.headers["Success-Report"], undefined);
  await other.say(cpim("and back", [ROOM]), CPIM);
  await one.heard("and back");
  assertEquals(one.sends.filter((it) => it.content === "hello room"), []);
});

Deno.test("MSRP-180 nothing but message/cpim is taken: 415", async () => {
  await using lab = await openLab();
  await using client = await PlainMsrpClient.open(AWARE);
  await client.call(lab.bots.focus);
  assertMatch(await answerTo(client, "bare", { contentType: "text/plain" }), /^415 /);
});

Deno.test("MSRP-182 several To are refused with 403, an unknown one with 404", async () => {
  await using lab = await openLab();
  await using guests = new ConferenceGuests(lab.bots.focus);
  const alice = await guests.enter("alice");
  await using client = await PlainMsrpClient.open(AWARE);
  await client.call(lab.bots.focus);
  await alice.until((it) => it.type === "message" && it.body === "plain@example.net joined");
  const to = (...names: string[]) => answerTo(client, cpim("psst", names));
  assertMatch(await to(ROOM, "alice@example.com"), /^403 /);
  assertMatch(await to("carol@example.com"), /^404 /);
  assertMatch(await to("alice@example.com"), /^200 /);
  await alice.hears("psst");
});

Deno.test("MSRP-182 whoever does not declare private messages gets none: 428", async () => {
  await using lab = await openLab();
  await using guests = new ConferenceGuests(lab.bots.focus);
  await using mute = await PlainMsrpClient.open();
  await mute.call(lab.bots.focus);
  await mute.heard((it) => it.startsWith("welcome"));
  const alice = await guests.enter("alice");
  const outcome = await alice.session.send("psst", undefined, { to: "plain@example.net" });
  assertEquals([outcome.status, outcome.code], ["failed", 428]);
  await alice.session.send("to all");
  await mute.heard("to all");
  assert(!mute.sends.some((it) => it.content === "psst"));
});

Deno.test("MSRP-183 a From that is not the sender's is answered 403, and reaches nobody", async () => {
  await using lab = await openLab();
  await using guests = new ConferenceGuests(lab.bots.focus);
  const alice = await guests.enter("alice");
  await using client = await PlainMsrpClient.open(AWARE);
  await client.call(lab.bots.focus);
  assertMatch(await answerTo(client, cpim("I am alice", [ROOM], "alice@example.com")), /^403 /);
  assertMatch(await answerTo(client, cpim("I am plain", [ROOM])), /^200 /);
  await alice.hears("I am plain");
  assert(!alice.received.some(([text]) => text === "I am alice"));
});

Deno.test("RFC 7701 §11: who knows nothing of rooms is told that it is in one", async () => {
  await using lab = await openLab();
  await using client = await PlainMsrpClient.open();
  await client.call(lab.bots.focus);
  const { content } = await client.heard((it) => it.startsWith("welcome"));
  assertStringIncludes(content ?? "", "this is a conference");
});

Deno.test("MSRP-181 Blink's NICKNAME without quotes is taken, and one with a report is 400", async () => {
  await using lab = await openLab();
  await using client = await PlainMsrpClient.open(AWARE);
  await client.call(lab.bots.focus);
  const answered = async (...headers: string[]) => {
    const transactionId = await client.demand("NICKNAME", headers);
    return (await client.frames.first((it) => it.transactionId === transactionId)).what;
  };
  assertMatch(await answered("Use-Nickname: Plain"), /^200 /);
  assertMatch(await answered('Use-Nickname: "Plain'), /^424 /);
  assertMatch(await answered("Use-Nickname: Plain", "Success-Report: yes"), /^400 /);
  assertMatch(await answered('Use-Nickname: "conference@127.0.0.1"'), /^425 /);
  await client.heard("plain@example.net is now known as Plain");
});

Deno.test("a reader that is too slow is dropped, and does not stop the others", async () => {
  const told: string[] = [];
  await using lab = await openLab({
    focusLimits: { messages: 16, patience: 300 },
    onActivity: ({ what, reason }) => told.push(`${what} ${reason ?? ""}`),
  });
  await using guests = new ConferenceGuests(lab.bots.focus);
  // It has a connection, and answers nothing but the SEND that bound it.
  await using slow = await PlainMsrpClient.open({
    ...AWARE,
    answer: ({ body }) => body === undefined ? "200 OK" : undefined,
  });
  await slow.call(lab.bots.focus);
  await slow.heard((it) => it.startsWith("welcome"));
  const [alice, bob] = await guests.enterAll("alice", "bob");
  for (let count = 0; count < 40; count++) {
    assertEquals((await alice.session.send(`number ${count}`)).status, "delivered");
  }
  await bob.hears("number 39");
  await bob.hears("plain@example.net left");
  await slow.phone.next("BYE");
  assert(told.some((it) => it.startsWith("left too slow")), told.join("; "));
});

Deno.test("a focus refuses what it cannot read with 400, and keeps nothing of it", async () => {
  await using lab = await openLab();
  await using phone = await SipPhone.open("plain");
  await phone.invite(lab.bots.focus, { body: "nonsense" });
  await phone.acknowledge(await phone.next("400"));
});
