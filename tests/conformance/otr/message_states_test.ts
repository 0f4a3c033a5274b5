/** "Message state", "Policies", "User types a message to be sent", "User requests to end". */
import { assert, assertEquals } from "@std/assert";
import { parseOtrMessage } from "../../../lib/otr/mod.ts";
import { kinds, Pair, sent, testConversation } from "../../helpers/otr_pair.ts";

Deno.test("OTR-070 REQUIRE_ENCRYPTION keeps the message, queries, and sends it once encrypted", () => {
  const pair = new Pair({ policy: { requireEncryption: true } });
  pair.says("alice", "one").says("alice", "two");
  assertEquals(pair.take("alice").map((it) => it.type), ["message-stored", "message-stored"]);
  assertEquals(pair.wire.map((it) => it.kind), ["query", "query"]);
  pair.run();
  assertEquals(pair.heard("bob"), ["one", "two"]);
  assertEquals(pair.taken("alice", "message-resent").length, 2);
  // Nothing but queries, AKE and data ever left.
  assertEquals(new Set(pair.wire.map((it) => it.kind)), new Set(["query", "ake", "data"]));
  assert(pair.wire.every((it) => !it.message.includes("one")));
  // Once is enough.
  pair.does("bob", (it, now) => it.query(now)).run();
  assertEquals(pair.heard("bob"), []);
});

Deno.test("OTR-071 FINISHED sends nothing, tells the user, and is left by the user alone", () => {
  const pair = Pair.encrypted().does("alice", (it, now) => it.endSession(now)).run();
  assertEquals(pair.bob.messageState, "finished");
  assertEquals(pair.take("bob").map((it) => it.type), ["state-changed", "session-ended-by-peer"]);
  pair.wire.length = 0;
  pair.says("bob", "for alice only");
  assertEquals(pair.wire, []);
  assertEquals(pair.take("bob").map((it) => it.type), ["message-refused"]);
  pair.hears("bob", "plaintext").hears("bob", "?OTR Error: x");
  assertEquals(pair.bob.messageState, "finished");
  pair.does("bob", (it, now) => it.endSession(now)).says("bob", "hello");
  assertEquals(pair.intercept("bob"), ["hello"]);
  assertEquals(pair.bob.messageState, "plaintext");
});

Deno.test("OTR-071 a new session leaves FINISHED too, and what was refused is not sent", () => {
  const pair = Pair.encrypted().does("alice", (it, now) => it.endSession(now)).run();
  pair.says("bob", "refused").does("bob", (it, now) => it.query(now)).run();
  assertEquals(pair.bob.messageState, "encrypted");
  assertEquals(pair.heard("alice"), []);
});

Deno.test("OTR-072 ending sends TLV 1 in a data message and goes to PLAINTEXT; in PLAINTEXT nothing", () => {
  const pair = Pair.encrypted().does("alice", (it, now) => it.endSession(now));
  assertEquals(pair.alice.messageState, "plaintext");
  assertEquals(pair.wire.map((it) => it.kind), ["disconnect"]);
  assertEquals(kinds(pair.intercept("alice")), ["data"]);
  pair.take("alice");
  pair.does("alice", (it, now) => it.endSession(now));
  assertEquals([pair.take("alice"), pair.intercept("alice")], [[], []]);
});

Deno.test("OTR-073 with no version allowed OTR is off: text passes untouched both ways", () => {
  const off = testConversation("alice", 0x1000, {
    policy: { versions: [], sendWhitespaceTag: true, errorStartAke: true },
  });
  const tag = " \t  \t\t\t\t \t \t \t    \t\t  \t ";
  for (
    const text of ["Hello", "?OTRv23?", `Hi${tag}`, "?OTR Error: x", "?OTR:AAMD.", "?OTR,1,2,x,"]
  ) {
    const outputs = off.receiveMessage(text, 0);
    assertEquals(sent(outputs), []);
    const [output] = outputs;
    assert(output?.type === "event" && output.event.type === "message-received");
    assertEquals([output.event.text, output.event.encrypted], [text, false]);
  }
  assertEquals(sent(off.sendMessage("Hello", 0)), ["Hello"]);
});

Deno.test("OTR-045 a message that the peer could not read is sent again in the next session with the same key", () => {
  const pair = Pair.encrypted();
  // Bob's client restarts: he cannot read what Alice says, and asks for a new session.
  const restarted = new Pair();
  pair.says("alice", "are you there?");
  const [lost = ""] = pair.intercept("alice");
  restarted.hears("bob", lost);
  const [error = ""] = restarted.intercept("bob");
  assertEquals(parseOtrMessage(error).type, "error");
  pair.hears("alice", error);
  pair.take("alice");
  let toAlice = sent(restarted.bob.query(0));
  for (let step = 0; step < 6 && toAlice.length > 0; step++) {
    for (const text of toAlice) pair.hears("alice", text);
    for (const text of pair.intercept("alice")) restarted.hears("bob", text);
    toAlice = restarted.intercept("bob");
  }
  assertEquals(pair.taken("alice", "message-resent").length, 1);
  assertEquals(restarted.heard("bob"), ["are you there?"]);
});

Deno.test("OTR-045 nothing is sent again to another key, or without the peer's error", () => {
  for (const [name, hasError] of [["carol", true], ["bob", false]] as const) {
    const pair = Pair.encrypted().says("alice", "for bob");
    pair.intercept("alice");
    if (hasError) pair.hears("alice", "?OTR Error: cannot read");
    const other = testConversation(name, 0x2000_0002);
    let toAlice = sent(other.query(0));
    const heard: string[] = [];
    for (let step = 0; step < 6 && toAlice.length > 0; step++) {
      for (const text of toAlice) pair.hears("alice", text);
      const outputs = pair.intercept("alice").flatMap((it) => other.receiveMessage(it, 0));
      for (const it of outputs) {
        if (it.type === "event" && it.event.type === "message-received") heard.push(it.event.text);
      }
      toAlice = sent(outputs);
    }
    assertEquals(other.messageState, "encrypted");
    assertEquals(heard, []);
  }
});

Deno.test("OTR-101 version 2 stays available to clients that have nothing else", () => {
  const pair = new Pair().hears("alice", "?OTR?v2? please").run();
  const [commit] = pair.wire.map((it) => parseOtrMessage(it.message));
  assertEquals(commit?.type === "dh-commit" && commit.version, 2);
  assertEquals([pair.alice.version, pair.bob.version], [2, 2]);
});
