import { assert, assertEquals, assertThrows } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { parseOtrMessage } from "../../../lib/otr/mod.ts";
import type { SecureChat } from "../../../lib/session/secure_chat.ts";
import { ChatPair, testChat, text } from "../../helpers/secure_chat_pair.ts";
import { testKey } from "../../helpers/otr_pair.ts";
import { fingerprintOf } from "../../../lib/otr/mod.ts";

const BOB = fingerprintOf(testKey("bob").publicKey);
const OTHER = "f".repeat(40);

/** What leaves a lone side, as `purpose: text`. */
function outbox(outputs: ReturnType<SecureChat["start"]>): string[] {
  return outputs.flatMap((it) =>
    it.type === "transmit" ? [`${it.purpose}: ${new TextDecoder().decode(it.content.body)}`] : []
  );
}

function eventsOf(outputs: ReturnType<SecureChat["start"]>) {
  return outputs.flatMap((it) => it.type === "event" ? [it.event] : []);
}

Deno.test("SecureChat: the caller offers ?OTRv23? with a sentence as soon as the stream is bound", () => {
  const [offer = ""] = outbox(testChat("alice").start(0));
  assert(offer.startsWith("otr: ?OTRv23? "), offer);
  assert(offer.length > 30, "a human sentence follows");
});

Deno.test("SecureChat: the callee offers before its own first message", () => {
  const bob = testChat("bob");
  assertEquals(outbox(bob.start(0)), []);
  const left = outbox(bob.send("1", text("hi"), 100));
  assertEquals(left.length, 1);
  assert(left[0]?.startsWith("otr: ?OTRv23?"));
});

Deno.test("SecureChat: the callee offers after 2 s without an offer, not before", () => {
  const bob = testChat("bob");
  bob.start(0);
  assertEquals(bob.deadline, 2_000);
  assertEquals(outbox(bob.handleTimeout(1_999)), []);
  assert(outbox(bob.handleTimeout(2_000))[0]?.startsWith("otr: ?OTRv23?"));
});

Deno.test("SecureChat: messages wait for OTR and then leave encrypted, in order", () => {
  const pair = new ChatPair();
  pair.hold = true;
  pair.start().say("alice", "one").say("alice", "two");
  assertEquals(pair.sent.map((it) => it.purpose), ["otr"]);
  pair.deliver();
  assertEquals(pair.received("bob"), [["one", "unverified"], ["two", "unverified"]]);
  assertEquals(pair.states("alice"), ["negotiating gray", "encrypted orange"]);
  assert(
    pair.sent.filter((it) => it.purpose === "user").every((it) => it.text.startsWith("?OTR:")),
  );
});

Deno.test("SecureChat prefer: untagged plaintext after our offer declines it, and what waited leaves in plaintext", () => {
  const alice = testChat("alice");
  alice.start(0);
  alice.send("1", text("one"), 10);
  const outputs = alice.receive(text("no idea what that is"), 20);
  assertEquals(outbox(outputs), ["user: one"]);
  assertEquals(
    eventsOf(outputs).map((it) => it.type === "otr" ? `otr ${it.state}` : it.type),
    ["message-received", "otr unavailable", "settled", "message-out"],
  );
  assertEquals(outbox(alice.send("2", text("two"), 30)), ["user: two"]);
});

Deno.test("SecureChat prefer: 8 s of silence decline an offer", () => {
  const alice = testChat("alice");
  alice.start(0);
  alice.send("1", text("one"), 10);
  assertEquals(outbox(alice.handleTimeout(7_999)), []);
  assertEquals(outbox(alice.handleTimeout(8_000)), ["user: one"]);
});

Deno.test("SecureChat prefer: isComposing of the peer in clear declines nothing", () => {
  const alice = testChat("alice");
  alice.start(0);
  alice.send("1", text("one"), 10);
  const outputs = alice.receive(text("<isComposing/>", "application/im-iscomposing+xml"), 20);
  assertEquals(outbox(outputs), []);
});

Deno.test("SecureChat prefer: plaintext that crosses a running key exchange declines nothing", () => {
  const pair = new ChatPair();
  pair.hold = true;
  pair.start();
  pair.say("alice", "private");
  const alice = pair.chats.alice;
  const bob = pair.chats.bob;
  // Bob answers the offer; before his D-H Commit is processed further, old plaintext arrives.
  const [offer] = pair.waiting.splice(0);
  const commit = outbox(bob.receive(text(offer?.text ?? ""), 1))[0]?.slice("otr: ".length) ?? "";
  const key = outbox(alice.receive(text(commit), 2));
  assert(key[0]?.startsWith("otr: ?OTR:AAMK"));
  assertEquals(outbox(alice.receive(text("sent before I saw your offer"), 3)), []);
});

Deno.test("SecureChat require: a declined offer blocks, and nothing leaves", () => {
  for (const decline of ["plaintext", "silence"] as const) {
    const alice = testChat("alice", { encryption: "require" });
    alice.start(0);
    alice.send("1", text("one"), 10);
    const outputs = decline === "plaintext"
      ? alice.receive(text("no"), 20)
      : alice.handleTimeout(8_000);
    assertEquals(outbox(outputs), []);
    const events = eventsOf(outputs);
    assertEquals(events.find((it) => it.type === "blocked")?.type, "blocked");
    assertEquals(events.find((it) => it.type === "message-refused")?.type, "message-refused");
    assertEquals(alice.block?.reason, "not-encrypted");
    assertEquals(outbox(alice.send("2", text("two"), 9_000)), []);
  }
});

Deno.test("SecureChat prefer: a peer with a verified row never falls back to plaintext", () => {
  const alice = testChat("alice", { known: [{ fingerprint: BOB, trust: "verified" }] });
  alice.start(0);
  alice.send("1", text("one"), 10);
  const outputs = alice.receive(text("no OTR here"), 20);
  assertEquals(outbox(outputs), []);
  assertEquals(alice.block?.reason, "not-encrypted");
});

Deno.test("SecureChat, trust verified: plaintext is no message to somebody verified, so none leaves", () => {
  for (const encryption of ["prefer", "accept"] as const) {
    const alice = testChat("alice", { encryption, trustLevel: "verified" });
    alice.start(0);
    alice.send("1", text("one"), 10);
    const outputs = alice.handleTimeout(8_000);
    assertEquals(outbox(outputs), []);
    assertEquals(alice.block?.reason, "not-encrypted");
    const [received] = eventsOf(alice.receive(text("hi"), 9_000));
    assert(received?.type === "message-received");
    assertEquals(received.encryption, "failed");
  }
  // Whoever switches OTR off by name has said what they want.
  const alice = testChat("alice", { encryption: "off", trustLevel: "verified" });
  alice.start(0);
  assertEquals(outbox(alice.send("1", text("one"), 10)), ["user: one"]);
});

Deno.test("SecureChat off: everything is plaintext, also with a verified row, and OTR is shown as it came", () => {
  const alice = testChat("alice", {
    encryption: "off",
    known: [{ fingerprint: BOB, trust: "verified" }],
  });
  const started = alice.start(0);
  assertEquals(outbox(started), []);
  assertEquals(eventsOf(started)[0], { type: "otr", state: "disabled", lock: "gray" });
  assertEquals(outbox(alice.send("1", text("one"), 1)), ["user: one"]);
  const received = eventsOf(alice.receive(text("?OTRv3? hello"), 2));
  assertEquals(received.map((it) => it.type), ["message-received"]);
});

Deno.test("SecureChat accept: never offers, and answers an offer", () => {
  const alone = testChat("alice", { encryption: "accept" });
  assertEquals(outbox(alone.start(0)), []);
  assertEquals(outbox(alone.send("1", text("one"), 1)), ["user: one"]);

  const pair = new ChatPair({ encryption: "accept" }, {});
  pair.start().wait(2_000);
  assertEquals(pair.states("alice").at(-1), "encrypted orange");
  pair.say("alice", "hello");
  assertEquals(pair.received("bob"), [["hello", "unverified"]]);
});

Deno.test("SecureChat accept: with a verified row messages wait, and nothing leaves in plaintext", () => {
  const alice = testChat("alice", {
    encryption: "accept",
    known: [{ fingerprint: BOB, trust: "verified" }],
  });
  assertEquals(outbox(alice.start(0)), []);
  assertEquals(outbox(alice.send("1", text("one"), 1)), []);
  assertEquals(outbox(alice.handleTimeout(8_000)), []);
  assertEquals(alice.block?.reason, "not-encrypted");
});

Deno.test("SecureChat: a focus is never offered OTR and never answered", () => {
  const alice = testChat("alice", { isFocus: true });
  assertEquals(outbox(alice.start(0)), []);
  assertEquals(outbox(alice.receive(text("?OTRv3? want to talk?"), 1)), []);
  assertEquals(eventsOf(alice.receive(text("?OTR:AAMCAAAA."), 2)), []);
  assertEquals(outbox(alice.send("1", text("hello room"), 3)), ["user: hello room"]);

  const strict = testChat("alice", { isFocus: true, encryption: "require" });
  assertEquals(outbox(strict.start(0)), []);
  assertEquals(strict.block?.reason, "not-encrypted");
});

Deno.test("SecureChat: a focus that shows later ends OTR, and no OTR goes to it any more", () => {
  for (const encryption of ["prefer", "require"] as const) {
    const pair = new ChatPair({ encryption }, {});
    pair.start().say("alice", "private");
    const before = pair.sent.length;
    pair.act("alice", (chat, now) => chat.becomeFocus(now));
    assertEquals(pair.sent.length, before);
    assertEquals(pair.states("alice").at(-1), "unavailable gray");
    pair.say("alice", "after");
    const after = pair.sent.slice(before).map((it) => it.text);
    assertEquals(after, encryption === "prefer" ? ["after"] : []);
    assertEquals(
      pair.chats.alice.block?.reason,
      encryption === "prefer" ? undefined : "not-encrypted",
    );
  }
});

Deno.test("SecureChat known: the first fingerprint is learned, and a second one is an alarm that stops everything", () => {
  const first = new ChatPair();
  first.start().say("alice", "hello");
  assertEquals(first.only("alice", "fingerprint-learned"), [
    { type: "fingerprint-learned", fingerprint: BOB },
  ]);

  const changed = new ChatPair({ known: [{ fingerprint: OTHER, trust: "unverified" }] });
  changed.hold = true;
  changed.start().say("alice", "secret");
  changed.deliver();
  assertEquals(changed.states("alice").at(-1), "encrypted red");
  assertEquals(changed.only("alice", "fingerprint-changed"), [{
    type: "fingerprint-changed",
    peer: "bob@example.net",
    fingerprint: BOB,
    known: [{ fingerprint: OTHER, trust: "unverified" }],
  }]);
  assertEquals(changed.only("alice", "fingerprint-learned"), []);
  assertEquals(changed.received("bob"), []);
  assertEquals(changed.only("alice", "message-refused").length, 1);
  assertEquals(changed.chats.alice.block, { reason: "untrusted", trust: "changed" });
});

Deno.test("SecureChat any: a changed fingerprint is red, and messages flow", () => {
  const pair = new ChatPair({
    trustLevel: "any",
    known: [{ fingerprint: OTHER, trust: "verified" }],
  });
  pair.start().say("alice", "hello");
  assertEquals(pair.states("alice").at(-1), "encrypted red");
  assertEquals(pair.received("bob"), [["hello", "unverified"]]);
});

Deno.test("SecureChat verified: nothing is sent to a known, unverified fingerprint", () => {
  const pair = new ChatPair({
    trustLevel: "verified",
    known: [{ fingerprint: BOB, trust: "unverified" }],
  });
  pair.start().say("alice", "hello");
  assertEquals(pair.received("bob"), []);
  assertEquals(pair.chats.alice.block, { reason: "untrusted", trust: "unverified" });
});

Deno.test("SecureChat: SMP without a question verifies both sides and turns the lock green", () => {
  const pair = new ChatPair();
  pair.start();
  pair.act("alice", (chat, now) => chat.startSmp(utf8("café"), undefined, now));
  pair.act("bob", (chat, now) => chat.answerSmp(utf8("café"), now));
  for (const who of ["alice", "bob"] as const) {
    assertEquals(pair.states(who).at(-1), "encrypted green");
    assertEquals(pair.only(who, "fingerprint-verified").length, 1);
  }
  pair.say("alice", "hello");
  assertEquals(pair.received("bob"), [["hello", "verified"]]);
});

Deno.test("SecureChat: with a question only the side that asked gains trust", () => {
  const pair = new ChatPair();
  pair.start();
  pair.act("alice", (chat, now) => chat.startSmp(utf8("x"), "where?", now));
  assertEquals(pair.only("bob", "smp")[0]?.question, "where?");
  pair.act("bob", (chat, now) => chat.answerSmp(utf8("x"), now));
  assertEquals(pair.states("alice").at(-1), "encrypted green");
  assertEquals(pair.states("bob").at(-1), "encrypted orange");
  assertEquals(pair.only("bob", "fingerprint-verified"), []);
});

Deno.test("SecureChat: SMP runs on a changed fingerprint, and its success lets messages flow again", () => {
  const pair = new ChatPair({ known: [{ fingerprint: OTHER, trust: "verified" }] });
  pair.start();
  assertEquals(pair.chats.alice.block?.reason, "untrusted");
  pair.act("alice", (chat, now) => chat.startSmp(utf8("x"), undefined, now));
  pair.act("bob", (chat, now) => chat.answerSmp(utf8("x"), now));
  assertEquals(pair.chats.alice.block, undefined);
  assertEquals(pair.states("alice").slice(-2), ["encrypted red", "encrypted green"]);
  pair.say("alice", "hello");
  assertEquals(pair.received("bob").length, 1);
});

Deno.test("SecureChat: a failed SMP removes nothing, and says whether the other side saw our proof", () => {
  const pair = new ChatPair({ known: [{ fingerprint: BOB, trust: "verified" }] });
  pair.start();
  pair.act("alice", (chat, now) => chat.startSmp(utf8("x"), undefined, now));
  pair.act("bob", (chat, now) => chat.answerSmp(utf8("y"), now));
  assertEquals(pair.states("alice").at(-1), "encrypted green");
  const verdicts = pair.only("alice", "smp").filter((it) => it.state !== "in-progress");
  assertEquals(verdicts.map((it) => [it.state, it.proofSeen]), [["failure", true]]);
});

Deno.test("SecureChat: an SMP question declined before our proof is no verdict", () => {
  const pair = new ChatPair();
  pair.start();
  pair.act("alice", (chat, now) => chat.startSmp(utf8("x"), undefined, now));
  pair.act("bob", (chat, now) => chat.abortSmp(now));
  const [verdict] = pair.only("alice", "smp").slice(-1);
  assertEquals([verdict?.state, verdict?.proofSeen], ["aborted", false]);
});

Deno.test("SecureChat: ending OTR or SMP here after our proof left is no verdict of the other side's", () => {
  for (const ending of ["endOtr", "sayGoodbye", "becomeFocus", "abortSmp"] as const) {
    const pair = new ChatPair();
    pair.start();
    pair.act("alice", (chat, now) => chat.startSmp(utf8("x"), undefined, now));
    // Bob's answer arrives, our proof leaves, and its answer is on its way for ever.
    const answers = outbox(pair.chats.bob.answerSmp(utf8("x"), 1));
    for (const answer of answers) {
      pair.hold = true;
      pair.act("alice", (chat, now) => chat.receive(text(answer.slice("otr: ".length)), now));
    }
    assertEquals(pair.waiting.length, 1, "the message with our proof");
    pair.act("alice", (chat, now) => chat[ending](now));
    const [verdict] = pair.only("alice", "smp").slice(-1);
    assertEquals([ending, verdict?.state, verdict?.proofSeen], [ending, "aborted", false]);
  }
});

Deno.test("SecureChat: whoever was verified in this very session is not fallen back from either", () => {
  for (const how of ["smp", "a person"] as const) {
    const pair = new ChatPair();
    pair.start();
    if (how === "smp") {
      pair.act("alice", (chat, now) => chat.startSmp(utf8("x"), undefined, now));
      pair.act("bob", (chat, now) => chat.answerSmp(utf8("x"), now));
    } else {
      pair.act(
        "alice",
        (chat, now) => chat.updateKnown([{ fingerprint: BOB, trust: "verified" }], now),
      );
    }
    assertEquals(pair.states("alice").at(-1), "encrypted green");
    pair.act("bob", (chat, now) => chat.endOtr(now));
    assertEquals(pair.chats.alice.block?.reason, "not-encrypted");
    pair.act("alice", (chat, now) => chat.continueInPlaintext(now));
    pair.say("alice", "in clear?");
    assertEquals(pair.sent.filter((it) => it.text === "in clear?"), []);
    assertEquals(pair.only("alice", "message-refused").map((it) => it.id), ["in clear?"]);
  }
});

Deno.test("SecureChat: Blink's automatic ZRTP question is aborted by itself", () => {
  const pair = new ChatPair();
  pair.start();
  pair.act(
    "alice",
    (chat, now) => chat.startSmp(utf8("x"), "What is the ZRTP authentication string?", now),
  );
  assertEquals(pair.only("alice", "smp").at(-1)?.state, "aborted");
});

Deno.test("SecureChat: after the peer ended OTR sending is blocked until a person agrees", () => {
  const pair = new ChatPair();
  pair.start();
  pair.act("bob", (chat, now) => chat.sayGoodbye(now));
  assertEquals(pair.states("alice").at(-1), "finished gray");
  const before = pair.sent.length;
  pair.say("alice", "anybody there?");
  assertEquals(pair.sent.length, before);
  assertEquals(pair.only("alice", "message-refused").length, 1);
  pair.act("alice", (chat, now) => chat.continueInPlaintext(now));
  pair.say("alice", "in the open");
  assertEquals(pair.sent.at(-1)?.text, "in the open");
});

Deno.test("SecureChat require: OTR that ends blocks", () => {
  const pair = new ChatPair({ encryption: "require" });
  pair.start();
  pair.act("bob", (chat, now) => chat.sayGoodbye(now));
  assertEquals(pair.only("alice", "blocked").at(-1)?.reason, "not-encrypted");
});

Deno.test("SecureChat: plaintext while encrypted is shown as failed, with a warning", () => {
  const pair = new ChatPair();
  pair.start();
  const [event] = eventsOf(pair.chats.alice.receive(text("psst"), 1));
  assertEquals(event?.type === "message-received" && [event.encryption, event.warning], [
    "failed",
    "the message was not encrypted",
  ]);
});

Deno.test("SecureChat: isComposing is encrypted with its own type and without NUL, or not sent at all", () => {
  const composing = text("<isComposing/>", "application/im-iscomposing+xml");
  const alone = testChat("alice", { encryption: "require" });
  alone.start(0);
  assertEquals(outbox(alone.sendControl(composing, 1)), []);

  const pair = new ChatPair({ encryption: "require" });
  pair.start();
  pair.act("alice", (chat, now) => chat.sendControl(composing, now));
  const sent = pair.sent.at(-1);
  assertEquals([sent?.purpose, sent?.contentType], ["control", "application/im-iscomposing+xml"]);
  assertEquals(parseOtrMessage(sent?.text ?? "").type, "data");
  assertEquals(pair.received("bob").at(-1), ["<isComposing/>", "unverified"]);

  const plain = testChat("alice", { encryption: "off" });
  plain.start(0);
  assertEquals(outbox(plain.sendControl(composing, 1)), ["control: <isComposing/>"]);
});

Deno.test("SecureChat require: no OTR error text leaves", () => {
  for (const encryption of ["prefer", "require"] as const) {
    const pair = new ChatPair({ encryption });
    pair.start().say("bob", "hello");
    const data = pair.sent.findLast((it) => it.purpose === "user")?.text ?? "";
    const middle = data.length >> 1;
    const other = data[middle] === "A" ? "B" : "A";
    const spoiled = data.slice(0, middle) + other + data.slice(middle + 1);
    const left = outbox(pair.chats.alice.receive(text(spoiled), pair.now));
    assertEquals(left.some((it) => it.includes("?OTR Error")), encryption === "prefer");
  }
});

Deno.test("SecureChat: a v2 query that crosses ours waits for the peer's D-H Commit, then is answered", () => {
  const alice = testChat("alice");
  alice.start(0);
  assertEquals(outbox(alice.receive(text("?OTRv2?\nblink has requested encryption"), 100)), []);
  assertEquals(outbox(alice.handleTimeout(3_099)), []);
  const [commit = ""] = outbox(alice.handleTimeout(3_100));
  assert(commit.startsWith("otr: ?OTR:AAIC"), commit);
});

Deno.test("SecureChat: a v2 query that crossed ours is forgotten once the peer's D-H Commit is there", () => {
  const alice = testChat("alice");
  const bob = testChat("bob", { versions: [2] });
  const [offer = ""] = outbox(alice.start(0));
  assertEquals(outbox(alice.receive(text("?OTRv2?"), 100)), []);
  const [commit = ""] = outbox(bob.receive(text(offer.slice("otr: ".length)), 200));
  const [key = ""] = outbox(alice.receive(text(commit.slice("otr: ".length)), 300));
  assert(key.startsWith("otr: ?OTR:AAIK"), key);
  // The rest is slow: what was held is not answered on top of it.
  assertEquals(outbox(alice.handleTimeout(3_100)), []);
});

Deno.test("SecureChat: a v2 query that is repeated while the first is held is answered at once, and once", () => {
  const alice = testChat("alice");
  alice.start(0);
  assertEquals(outbox(alice.receive(text("?OTRv2?"), 100)), []);
  const commits = outbox(alice.receive(text("?OTRv2?"), 1_000));
  assertEquals(commits.map((it) => it.slice(0, 14)), ["otr: ?OTR:AAIC"]);
  assertEquals(outbox(alice.handleTimeout(3_100)), []);
});

Deno.test("SecureChat: v3 queries that cross are answered at once; both commits end in one session", () => {
  const pair = new ChatPair();
  pair.hold = true;
  pair.act("bob", (chat, now) => chat.start(now));
  pair.act("bob", (chat, now) => chat.offer(now));
  pair.act("alice", (chat, now) => chat.start(now));
  pair.deliver();
  assertEquals(pair.states("alice").at(-1), "encrypted orange");
  assertEquals(pair.states("bob").at(-1), "encrypted orange");
});

Deno.test("SecureChat: v2-only and v3-only peers both come about", () => {
  for (const version of [2, 3] as const) {
    const pair = new ChatPair({}, { versions: [version] });
    pair.start().say("alice", "hello");
    assertEquals(pair.received("bob"), [["hello", "unverified"]]);
    const encrypted = pair.only("alice", "otr").at(-1);
    assertEquals(encrypted?.version, version);
  }
});

Deno.test("SecureChat: what waits is bounded in number and octets", () => {
  const few = testChat("alice", { limits: { waitingMessages: 2 } });
  few.start(0);
  few.send("1", text("a"), 1);
  few.send("2", text("b"), 1);
  const error = assertThrows(() => few.send("3", text("c"), 1), SottoError);
  assertEquals(error.code, "session/queue-full");

  const small = testChat("alice", { limits: { waitingBytes: 10 } });
  small.start(0);
  assertThrows(() => small.send("1", text("more than ten"), 1), SottoError);
});

Deno.test("SecureChat.updateKnown() lets messages flow once a person trusts the fingerprint", () => {
  const pair = new ChatPair({ known: [{ fingerprint: OTHER, trust: "verified" }] });
  pair.start();
  pair.act(
    "alice",
    (chat, now) => chat.updateKnown([{ fingerprint: BOB, trust: "verified" }], now),
  );
  assertEquals(pair.states("alice").at(-1), "encrypted green");
  // Nothing new is nothing to tell.
  const told = pair.events.alice.length;
  pair.act(
    "alice",
    (chat, now) => chat.updateKnown([{ fingerprint: BOB, trust: "verified" }], now),
  );
  assertEquals(pair.events.alice.length, told);
  pair.say("alice", "hello");
  assertEquals(pair.received("bob").length, 1);
});

Deno.test("SecureChat: a new key exchange with another fingerprint is judged anew", () => {
  const pair = new ChatPair();
  pair.start().say("alice", "hello");
  // The peer comes back with another key under the same stream.
  pair.chats.bob = testChat("bob", { key: "carol" });
  pair.act("bob", (chat, now) => chat.start(now));
  pair.act("bob", (chat, now) => chat.offer(now));
  assertEquals(pair.states("alice").at(-1), "encrypted red");
  assertEquals(pair.chats.alice.block, { reason: "untrusted", trust: "changed" });
});

Deno.test("SecureChat: verbs that need OTR say why they cannot", () => {
  const off = testChat("alice", { encryption: "off" });
  assertEquals(assertThrows(() => off.offer(0), SottoError).code, "session/otr-off");
  const focus = testChat("alice", { isFocus: true });
  assertEquals(assertThrows(() => focus.offer(0), SottoError).code, "session/otr-focus");
});

Deno.test("SecureChat: a callee that is offered OTR says so before it is encrypted", () => {
  const pair = new ChatPair();
  pair.start();
  assertEquals(pair.states("bob"), ["plaintext gray", "negotiating gray", "encrypted orange"]);
});

Deno.test("SecureChat: an offer in versions that we do not have leaves our own offer to come", () => {
  const bob = testChat("bob");
  bob.start(0);
  assertEquals(outbox(bob.receive(text("?OTRv4? shall we?"), 100)), []);
  assertEquals(bob.deadline, 2_000);
});

Deno.test("SecureChat: a refresh that nobody answers leaves the session encrypted, and nothing leaks", () => {
  for (const encryption of ["prefer", "require"] as const) {
    const pair = new ChatPair({ encryption });
    pair.start().say("alice", "before");
    pair.hold = true;
    pair.act("alice", (chat, now) => chat.offer(now)).say("alice", "during");
    pair.wait(8_000);
    assertEquals(pair.states("alice").slice(-2), ["negotiating gray", "encrypted orange"]);
    pair.say("alice", "after");
    assertEquals(pair.sent.every((it) => it.text.startsWith("?OTR")), true);
    const bodies = pair.waiting.filter((it) => it.purpose === "user");
    assertEquals(bodies.length, 2);
  }
});

Deno.test("SecureChat: when the peer ends OTR while our refresh waits for its answer, nothing is due any more", () => {
  const pair = new ChatPair();
  pair.start();
  const { alice, bob } = pair.chats;
  assertEquals(alice.deadline, undefined);
  alice.offer(pair.now);
  assertEquals(alice.deadline, pair.now + 8_000);
  const [disconnect = ""] = outbox(bob.endOtr(pair.now));
  const outputs = alice.receive(text(disconnect.slice("otr: ".length)), pair.now);
  assertEquals(eventsOf(outputs).map((it) => it.type === "otr" ? it.state : it.type), ["finished"]);
  assertEquals(alice.deadline, undefined);
});
