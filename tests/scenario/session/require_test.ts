/** Under `require` nothing but the query, the key exchange and data messages leaves, whatever happens. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { parseOtrMessage } from "../../../lib/otr/mod.ts";
import { PlainMsrpClient, takeFrame } from "../../helpers/plain_msrp_client.ts";
import { EngineBehind } from "../../helpers/session_engine.ts";
import { SessionUnderTest } from "../../helpers/session_under_test.ts";
import { inTime } from "../../helpers/session_watchdog.ts";

/** What OTR calls the messages that may leave, beside the query. */
const ALLOWED = ["query", "dh-commit", "dh-key", "reveal-signature", "signature", "data"];

/** The content of every SEND that left, as the tap saw it. */
function bodiesSent(ours: SessionUnderTest): { content: string; contentType: string }[] {
  return ours.wire.flatMap(({ direction, protocol, data }) => {
    if (direction !== "out" || protocol !== "msrp") return [];
    const found = takeFrame(data);
    assert(found !== undefined, "a record of the tap is one frame");
    const { what, body, content, contentType = "" } = found.frame;
    return what === "SEND" && body !== undefined ? [{ content: content ?? "", contentType }] : [];
  });
}

function kindsSent(ours: SessionUnderTest): string[] {
  return bodiesSent(ours).map(({ content }) => parseOtrMessage(content).type);
}

for (const carriage of ["CPIM", "bare text"] as const) {
  Deno.test(`require, ${carriage}: a whole conversation with everything that could slip out`, async () => {
    await using plain = await PlainMsrpClient.open(
      carriage === "CPIM" ? {} : {
        acceptTypes: "text/plain application/im-iscomposing+xml",
        acceptWrappedTypes: null,
      },
    );
    await using bob = await EngineBehind.start(plain);
    await using ours = await SessionUnderTest.calling(plain.phone.uri, {
      encryption: "require",
      smpAnswer: "under the clock",
    });
    await plain.answerCall();

    // Before anything is encrypted.
    await ours.otr("negotiating");
    ours.session.sendComposing("active");
    const early = ours.session.send("written before the key exchange ended");
    await bob.encrypted();
    assertEquals((await early).status, "delivered");

    // A conversation, with somebody typing.
    ours.session.sendComposing("active");
    assertEquals((await ours.session.send("hello, is this you?")).status, "delivered");
    ours.session.sendComposing("idle");
    assertEquals((await ours.session.send("<b>hi</b>", "text/html")).status, "delivered");
    for (let count = 0; count < 5; count++) await bob.perform({ op: "send", text: `${count}` });

    // SMP both ways, and one that is given up.
    await bob.perform({ op: "smp_start", secret: "under the clock", question: "where?" });
    await bob.event("smp", (it) => it.what === "success");
    const verdict = ours.session.verify(utf8("left"), "left or right?");
    await bob.event("smp", (it) => it.what === "asked" && it.question === "left or right?");
    await bob.perform({ op: "smp_answer", secret: "left" });
    assertEquals(await inTime(verdict, () => "a verdict"), { verdict: "match" });
    const given = ours.session.verify(utf8("x"));
    ours.session.abortSmp();
    assertEquals(await inTime(given, () => "a verdict"), { verdict: "refused" });

    // Provocations: what cannot be decrypted, errors, old commits, fragments, plaintext, a tag.
    const last = bob.injected.findLast((it) => parseOtrMessage(it).type === "data") ?? "";
    const provocations = [
      last.replace(/.{12}\.$/, "AAAAAAAAAAAA."),
      last,
      "?OTR:AAMD.",
      "?OTR:===.",
      "?OTR Error: I did not understand",
      "?OTR,1,3,?OTR:AA,",
      "?OTR|00000200|00001000,1,2,?OTR:AA,",
      "?OTRv4? hello",
      "?OTR:AAEDx.",
      "plaintext",
      "plaintext with a tag \t  \t\t\t\t \t \t \t    \t\t  \t ",
    ];
    for (const provocation of provocations) await plain.say(provocation);
    await plain.say("x", { contentType: "application/blink-logging-status" });
    await plain.say("?OTR:AAMD.", { contentType: "application/im-iscomposing+xml" });
    await ours.event("message", (it) => it.body === "plaintext");
    assertEquals((await ours.session.send("still here")).status, "delivered");

    // A minute of silence after a message of theirs: a heartbeat.
    await ours.advance(61_000);
    const { length } = plain.sends;
    await bob.perform({ op: "send", text: "anybody?" });
    await ours.event("message", (it) => it.body === "anybody?");
    await plain.frames.first(() => plain.sends.length > length);

    // A refresh, and the end.
    await inTime(ours.session.changeOtr("refresh"), () => "a refresh");
    assertEquals((await ours.session.send("goodbye")).status, "delivered");
    await ours.session.hangUp();
    await bob.event("state", (it) => it.state === "finished");

    const kinds = kindsSent(ours);
    assertEquals(kinds.filter((it) => !ALLOWED.includes(it)), []);
    assertEquals(kinds[0], "query");
    assertEquals(kinds.at(-1), "data");
    assert(kinds.length > 20);
    // A query has no words of the user's in it.
    for (const { content } of bodiesSent(ours)) {
      if (parseOtrMessage(content).type === "query") assertMatch(content, /^\?OTRv23\? /);
      else assertMatch(content, /^\?OTR:[A-Za-z0-9+/]+=*\.$/);
    }
    const said = bodiesSent(ours).map((it) => it.content).join("\n");
    for (const word of ["isComposing", "Error", "written", "hello", "under", "left"]) {
      assertEquals(said.includes(word), false, word);
    }
    assertEquals(
      bob.shown.filter((it) => it.startsWith("*") && !it.includes("isComposing")),
      [
        "*written before the key exchange ended",
        "*hello, is this you?",
        "*<b>hi</b>",
        "*still here",
        "*goodbye",
      ],
    );
    // Met by nothing that came in clear.
    assertEquals(
      ours.messages.filter((it) => it.startsWith("in plaintext")).map((it) => it.slice(-8)),
      ["[failed]", "[failed]"],
    );
  });
}

Deno.test("require: OTR that the other side ends stops everything, and says session/unencrypted", async () => {
  await using plain = await PlainMsrpClient.open();
  await using bob = await EngineBehind.start(plain);
  await using ours = await SessionUnderTest.calling(plain.phone.uri, { encryption: "require" });
  await plain.answerCall();
  await bob.encrypted();
  assertEquals((await ours.session.send("hello")).status, "delivered");
  await bob.perform({ op: "end" });
  await ours.otr("finished");
  assertEquals((await ours.session.send("too late")).cause, "refused");
  ours.session.sendComposing("active");
  await ours.advance(2_000);
  assertEquals((await ours.session.broken).code, "session/unencrypted");
  await plain.say("and now in clear");
  await ours.event("message", (it) => it.encryption === "failed");
  await ours.session.hangUp();
  assertEquals(kindsSent(ours).filter((it) => !ALLOWED.includes(it)), []);
  assertEquals(ours.errors, ["session/unencrypted"]);
});

Deno.test("require: ending OTR ourselves blocks, and a new offer lifts the block", async () => {
  await using plain = await PlainMsrpClient.open();
  await using bob = await EngineBehind.start(plain);
  await using ours = await SessionUnderTest.calling(plain.phone.uri, { encryption: "require" });
  await plain.answerCall();
  await bob.encrypted();
  await ours.otr("encrypted");
  await ours.session.changeOtr("stop");
  await bob.event("state", (it) => it.state === "finished");
  assertEquals((await ours.session.send("no")).cause, "refused");
  await bob.perform({ op: "end" });
  await inTime(ours.session.changeOtr("start"), () => "an answer to the offer");
  assertEquals((await ours.session.send("yes")).status, "delivered");
  assertEquals(kindsSent(ours).filter((it) => !ALLOWED.includes(it)), []);
  assertEquals(bob.shown, ["*yes"]);
});

Deno.test("require, inbound: the same list, with the other side asking", async () => {
  await using plain = await PlainMsrpClient.open({ setup: "active" });
  await using bob = await EngineBehind.start(plain);
  await using ours = await SessionUnderTest.open({ encryption: "require" });
  const calling = plain.call(ours.uri);
  await ours.takeCall();
  await calling;
  await bob.perform({ op: "query" });
  await bob.encrypted();
  await ours.otr("encrypted");
  assertEquals((await ours.session.send("hello")).status, "delivered");
  await ours.session.hangUp();
  const kinds = kindsSent(ours);
  assertEquals(kinds.filter((it) => !ALLOWED.includes(it) || it === "query"), []);
});
