import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { toHex, utf8 } from "../../../../lib/base/bytes.ts";
import { PeerError, SottoError } from "../../../../lib/base/errors.ts";
import { settle } from "../../../../lib/otr/conversation_options.ts";
import { EncryptedSession } from "../../../../lib/otr/data/encrypted_session.ts";
import type { ConversationOutput, OtrVersion } from "../../../../lib/otr/mod.ts";
import { DEFAULT_POLICY, parseOtrMessage } from "../../../../lib/otr/mod.ts";
import { runAke } from "../../../helpers/otr_ake.ts";
import { eventsOf, sent, testKey } from "../../../helpers/otr_pair.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

const TAGS = { alice: 0x1000, bob: 0x2000 } as const;

function session(name: "alice" | "bob", version: OtrVersion, options = {}): EncryptedSession {
  const { signed, completed } = runAke(5, version);
  const result = name === "alice" ? signed.result : completed.result;
  assert(result !== undefined);
  const settings = settle({
    key: testKey(name),
    instanceTag: TAGS[name],
    policy: DEFAULT_POLICY,
    random: seededRandom(700 + name.length),
    ...options,
  });
  const peerTag = version === 3 ? TAGS[name === "alice" ? "bob" : "alice"] : 0;
  return new EncryptedSession(result, peerTag, settings, 0, []);
}

/** Gives everything that `outputs` sends to `to`. */
function deliver(
  outputs: readonly ConversationOutput[],
  to: EncryptedSession,
  now = 0,
  plainContent = false,
): ConversationOutput[] {
  return sent(outputs).flatMap((text) => {
    const message = parseOtrMessage(text);
    assert(message.type === "data");
    return to.receive(message, message, now, plainContent).outputs;
  });
}

Deno.test("EncryptedSession carries text both ways in both versions", () => {
  for (const version of [2, 3] as const) {
    const [alice, bob] = [session("alice", version), session("bob", version)];
    for (const [from, to] of [[alice, bob], [bob, alice], [alice, bob]] as const) {
      const [event] = eventsOf(deliver(from.send(utf8("grüße"), 0), to));
      assert(event?.type === "message-received");
      assertEquals([event.text, event.encrypted, event.warning], ["grüße", true, undefined]);
    }
  }
});

Deno.test("EncryptedSession.describe() is the same session on both sides, seen from each", () => {
  const [alice, bob] = [session("alice", 3), session("bob", 3)];
  const [a, b] = [alice.describe(false), bob.describe(true)];
  assertEquals(a.ssid, b.ssid);
  assertEquals(a.ssid, toHex(alice.ssid));
  assertEquals([a.ssidHalf, b.ssidHalf], ["second", "first"]);
  assertEquals(a.fingerprint, testKey("bob").fingerprint);
  assertEquals([a.instance, b.instance], [TAGS.bob, TAGS.alice]);
  assertEquals([a.isRefresh, b.isRefresh], [false, true]);
});

Deno.test("EncryptedSession.receive() gives plain content as it is, NUL and all", () => {
  const [alice, bob] = [session("alice", 3), session("bob", 3)];
  const content = Uint8Array.of(1, 0, 0, 1, 0, 0);
  const outputs = deliver(alice.send(content, 0, { plainContent: true }), bob, 0, true);
  const [event] = eventsOf(outputs);
  assert(event?.type === "message-received");
  assertEquals(event.content, content);
  assertThrows(() => alice.send(content, 0), RangeError, "without NUL");
});

Deno.test("EncryptedSession.receive() reports what it ignored of the records", () => {
  const [alice, bob] = [session("alice", 3), session("bob", 3)];
  const broken = alice.send(Uint8Array.of(0x61, 0, 0, 1, 0, 9), 0, { plainContent: true });
  const events = eventsOf(deliver(broken, bob));
  assertEquals(events.map((it) => it.type), ["message-received", "peer-error"]);
  const many = alice.send(utf8("x"), 0, {
    tlvs: Array(17).fill({ type: 0, value: new Uint8Array() }),
  });
  const [, error] = eventsOf(deliver(many, bob));
  assert(error?.type === "peer-error");
  assertEquals(error.error.code, "otr/bad-tlv");
});

Deno.test("EncryptedSession pads to a multiple", () => {
  const [alice, bob] = [session("alice", 3, { padTo: 64 }), session("bob", 3)];
  for (const text of ["", "x", "x".repeat(63), "x".repeat(64)]) {
    const [wire = ""] = sent(alice.send(utf8(text), 0));
    const message = parseOtrMessage(wire);
    assert(message.type === "data");
    assertEquals(message.encryptedMessage.length % 64, 0);
    const { outputs } = bob.receive(message, message, 0, false);
    assertEquals(eventsOf(outputs).length, text === "" ? 0 : 1);
  }
});

Deno.test("EncryptedSession.end() forgets everything: nothing can be read or sent after it", () => {
  const [alice, bob] = [session("alice", 3), session("bob", 3)];
  const late = bob.send(utf8("late"), 0);
  const outputs = alice.end(0);
  const [wire = ""] = sent(outputs);
  const message = parseOtrMessage(wire);
  assert(message.type === "data");
  assertEquals(bob.receive(message, message, 0, false).isEnded, true);
  assertThrows(() => deliver(late, alice));
});

Deno.test("EncryptedSession.requestExtraKey() gives both sides one key, and needs version 3", () => {
  const [alice, bob] = [session("alice", 3), session("bob", 3)];
  const outputs = alice.requestExtraKey(7, utf8("ctx"), 0);
  const [ours] = eventsOf(outputs);
  const [theirs] = eventsOf(deliver(outputs, bob));
  assert(ours?.type === "extra-key" && theirs?.type === "extra-key");
  assertEquals([ours.use, ours.ours, theirs.use, theirs.ours], [7, true, 7, false]);
  assertEquals(theirs.data, utf8("ctx"));
  assertEquals(theirs.key, ours.key);
  assertNotEquals(ours.key, new Uint8Array(32));
  const error = assertThrows(
    () => session("alice", 2).requestExtraKey(1, new Uint8Array(), 0),
    SottoError,
  );
  assertEquals(error.code, "otr/extra-key-needs-v3");
});

Deno.test("EncryptedSession.receive() skips TLV 8 in version 2 and without a use", () => {
  for (const [version, length] of [[2, 10], [3, 3]] as const) {
    const [alice, bob] = [session("alice", version), session("bob", version)];
    const tlvs = [{ type: 8, value: new Uint8Array(length) }, {
      type: 99,
      value: new Uint8Array(1),
    }];
    assertEquals(deliver(alice.send(new Uint8Array(), 0, { tlvs }), bob), []);
  }
});

Deno.test("EncryptedSession answers silence of ours with a heartbeat, but not an empty message", () => {
  const [alice, bob] = [session("alice", 3), session("bob", 3)];
  assertEquals(sent(deliver(alice.send(utf8("a"), 0), bob, 59_999)), []);
  assertEquals(sent(deliver(alice.send(new Uint8Array(), 0), bob, 60_000)), []);
  const beat = deliver(alice.send(utf8("b"), 0), bob, 60_000);
  assertEquals(beat.flatMap((it) => it.type === "transmit" ? [it.kind] : []), ["heartbeat"]);
  assertEquals(deliver(beat, alice, 200_000), []);
});

Deno.test("EncryptedSession.answerSmp() needs a question", () => {
  const error = assertThrows(() => session("bob", 3).answerSmp(utf8("x"), 0), SottoError);
  assertEquals(error.code, "otr/no-smp-question");
});

Deno.test("EncryptedSession.receive() changes nothing for a message that it refuses", () => {
  const [alice, bob] = [session("alice", 3), session("bob", 3)];
  const [wire = ""] = sent(alice.send(utf8("x"), 0));
  const message = parseOtrMessage(wire);
  assert(message.type === "data");
  const forged = { ...message, mac: new Uint8Array(20) };
  assertThrows(() => bob.receive(forged, forged, 0, false), PeerError);
  assertEquals(eventsOf(bob.receive(message, message, 0, false).outputs).length, 1);
});
