import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { Pair, secret, sent, testConversation, testKey } from "../../helpers/otr_pair.ts";

function codeOf(run: () => unknown): string {
  return assertThrows(run, SottoError).code;
}

Deno.test("Conversation is in plaintext at first and has no session to speak of", () => {
  const it = testConversation("alice", 0x1000);
  assertEquals(it.messageState, "plaintext");
  assertEquals(
    [it.version, it.ssid, it.ssidHalf, it.theirFingerprint, it.deadline],
    Array(5).fill(undefined),
  );
  assertEquals([it.instances(), it.isSmpInProgress], [[], false]);
});

Deno.test("Conversation tells version, ssid and fingerprint when encrypted", () => {
  for (const version of [2, 3] as const) {
    const { alice, bob } = Pair.encrypted({ policy: { versions: [version] } });
    assertEquals([alice.messageState, bob.messageState], ["encrypted", "encrypted"]);
    assertEquals([alice.version, bob.version], [version, version]);
    assertEquals(alice.ssid, bob.ssid);
    assertEquals(alice.ssid?.length, 16);
    assertEquals([alice.ssidHalf, bob.ssidHalf], ["second", "first"]);
    assertEquals(alice.theirFingerprint, testKey("bob").fingerprint);
    assertEquals(bob.theirFingerprint, testKey("alice").fingerprint);
    const [facts] = alice.instances();
    assertEquals(facts, {
      tag: version === 3 ? 0x2000_0002 : 0,
      state: "encrypted",
      isCurrent: true,
      version,
      ssid: alice.ssid,
      fingerprint: testKey("bob").fingerprint,
    });
  }
});

Deno.test("Conversation carries any octets as plain content", () => {
  const pair = Pair.encrypted();
  const content = Uint8Array.from({ length: 256 }, (_, it) => it);
  const [message = ""] = sent(pair.alice.sendMessage(content, 0, { plainContent: true }));
  pair.hears("bob", message, { plainContent: true });
  const [event] = pair.taken("bob", "message-received");
  assertEquals(event?.content, content);
});

Deno.test("Conversation refuses nonsense of its caller", () => {
  const { alice } = Pair.encrypted();
  assertThrows(() => alice.sendMessage("a\0b", 0), RangeError);
  const tlvs = [{ type: 9, value: new Uint8Array() }];
  assertThrows(() => alice.sendMessage("a", 0, { plainContent: true, tlvs }), TypeError);
  assertThrows(() => alice.startSmp(secret("x"), "a\0b", 0), RangeError);
  const fresh = testConversation("alice", 0x1000);
  assertThrows(() => fresh.sendMessage(Uint8Array.of(0xff), 0), RangeError, "UTF-8");
});

Deno.test("Conversation refuses what needs a session when there is none", () => {
  const it = testConversation("alice", 0x1000);
  assertEquals(codeOf(() => it.startSmp(secret("x"), undefined, 0)), "otr/not-encrypted");
  assertEquals(codeOf(() => it.answerSmp(secret("x"), 0)), "otr/not-encrypted");
  assertEquals(codeOf(() => it.abortSmp(0)), "otr/not-encrypted");
  assertEquals(codeOf(() => it.requestExtraKey(1, new Uint8Array(), 0)), "otr/not-encrypted");
  const tlvs = [{ type: 9, value: new Uint8Array() }];
  assertEquals(codeOf(() => it.sendMessage("x", 0, { tlvs })), "otr/not-encrypted");
  assertEquals(codeOf(() => it.selectInstance(0x1234)), "otr/unknown-instance");
  const off = testConversation("alice", 0x1000, { policy: { versions: [] } });
  assertEquals(codeOf(() => off.query(0)), "otr/disabled");
  assertEquals(codeOf(() => Pair.encrypted().bob.answerSmp(secret("x"), 0)), "otr/no-smp-question");
});

Deno.test("Conversation.isSmpInProgress follows SMP on both sides", () => {
  const pair = Pair.encrypted();
  pair.does("alice", (it, now) => it.startSmp(secret("x"), undefined, now)).run();
  assertEquals([pair.alice.isSmpInProgress, pair.bob.isSmpInProgress], [true, true]);
  pair.does("bob", (it, now) => it.answerSmp(secret("x"), now)).run();
  assertEquals([pair.alice.isSmpInProgress, pair.bob.isSmpInProgress], [false, false]);
});

Deno.test("Conversation drops a message beyond its limit unread", () => {
  const pair = Pair.encrypted({}, { limits: { message: 1000 } });
  pair.hears("bob", "x".repeat(1001));
  const [error] = pair.taken("bob", "peer-error");
  assertEquals(error?.error.code, "otr/message-too-long");
  pair.hears("bob", "x".repeat(1000));
  assertEquals(pair.heard("bob").length, 1);
});

Deno.test("Conversation.query() has a sentence of the caller's, or none", () => {
  const ask = (queryText: string) =>
    sent(testConversation("alice", 0x1000, { queryText }).query(0));
  assertEquals(ask("Please."), ["?OTRv23? Please."]);
  assertEquals(ask(""), ["?OTRv23?"]);
});

Deno.test("Conversation.deadline is the earliest of AKE, fragments and kept message", () => {
  const it = testConversation("alice", 0x1000);
  it.receiveMessage("?OTRv3?", 1000);
  assertEquals(it.deadline, 71_000);
  it.receiveMessage("?OTR|200|1000,1,2,x,", 5000);
  assertEquals(it.deadline, 65_000);
  assertEquals(it.handleTimeout(65_000), []);
  assertEquals(it.deadline, 71_000);
  assertEquals(it.handleTimeout(71_000), [{
    type: "event",
    event: { type: "ake-expired", instance: 0 },
  }]);
  assertEquals(it.deadline, undefined);
});

Deno.test("Conversation.deadline covers the message that may have to be sent again", () => {
  const pair = Pair.encrypted();
  pair.says("alice", "hello");
  // The Commit of the query that Bob answered waits elsewhere: Alice has only this.
  assertEquals(pair.alice.deadline, pair.now + 60_000);
  pair.alice.handleTimeout(pair.now + 60_000);
  assertEquals(pair.alice.deadline, undefined);
});

Deno.test("Conversation reports messages of other versions and types", () => {
  const it = testConversation("alice", 0x1000);
  assertEquals(it.receiveMessage("?OTR:AAQD.", 0), [{
    type: "event",
    event: { type: "unknown-message", version: 4, messageType: 3 },
  }]);
});

Deno.test("Conversation encrypts every character of Unicode, and nothing of it is on the wire", () => {
  const pair = Pair.encrypted();
  for (const text of ["grüße", "🌱 \u{10ffff}", "a\r\nb\tc", "?OTRv23?", "?OTR:AAMD."]) {
    pair.says("alice", text);
    assert(!pair.wire.at(-1)?.message.includes(text));
    pair.run();
    assertEquals(pair.heard("bob"), [text]);
  }
});

Deno.test("Conversation makes other keys for every session", () => {
  const pair = Pair.encrypted();
  const { ssid } = pair.alice;
  pair.does("alice", (it, now) => it.query(now)).run();
  assertNotEquals(pair.alice.ssid, ssid);
  assertEquals(pair.alice.ssid, pair.bob.ssid);
});

Deno.test("Conversation sends TLVs along with text", () => {
  const pair = Pair.encrypted();
  pair.does(
    "alice",
    (it, now) => it.sendMessage("with", now, { tlvs: [{ type: 1, value: utf8("") }] }),
  ).run();
  assertEquals(pair.bob.messageState, "finished");
});

Deno.test("Conversation refuses a NUL when it is said, not when it leaves", () => {
  const it = testConversation("alice", 0x1000, { policy: { requireEncryption: true } });
  assertThrows(() => it.sendMessage("a\0b", 0), RangeError, "without NUL");
  const outputs = it.sendMessage(utf8("a\0b"), 0, { plainContent: true });
  assertEquals(outputs.length, 2);
});

Deno.test("Conversation refuses what 65535 fragments cannot hold before it encrypts anything", () => {
  const pair = Pair.encrypted({ maxMessageSize: 37 });
  const error = codeOf(() => pair.alice.sendMessage("x".repeat(50_000), pair.now));
  assertEquals(error, "otr/too-many-fragments");
  pair.says("alice", "short").run();
  assertEquals(pair.heard("bob"), ["short"]);
});

Deno.test("Conversation.prepare() changes nothing that a peer could see, encrypted or not", () => {
  testConversation("alice", 0x1000).prepare();
  const [ahead, late] = [Pair.encrypted(), Pair.encrypted()];
  for (const pair of [ahead, late]) {
    for (const side of ["alice", "bob", "alice", "bob"] as const) {
      if (pair === ahead) { for (const it of [pair.alice, pair.bob]) it.prepare(); }
      pair.does(side, (it, now) => it.sendMessage("hello", now)).run();
    }
  }
  assertEquals(ahead.alice.ssid, late.alice.ssid);
  assertEquals(ahead.taken("bob", "message-received").length, 2);
});
