/** "Data Message", "Key Management", "Revealing MAC keys", "Extra symmetric key". */
import { assert, assertEquals, assertFalse, assertNotEquals } from "@std/assert";
import { concatBytes, fromHex, toHex, utf8 } from "../../../lib/base/bytes.ts";
import { generateDhKeyPair } from "../../../lib/otr/crypto/dh_group.ts";
import { KeyRotation } from "../../../lib/otr/data/key_rotation.ts";
import {
  aesCtr,
  HmacSha1,
  maccedPart,
  parseOtrMessage,
  SessionKeys,
  sha1,
  sha256,
  writeOtrMessage,
} from "../../../lib/otr/mod.ts";
import { agree } from "../../../lib/otr/mod.ts";
import { Pair, secret, type Side } from "../../helpers/otr_pair.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

type DataMessage = Extract<ReturnType<typeof parseOtrMessage>, { type: "data" }>;

/** The only data message that `side` has on its way. */
function dataFrom(pair: Pair, side: Side): DataMessage {
  const message = parseOtrMessage(pair.intercept(side).at(-1) ?? "");
  assert(message.type === "data");
  return message;
}

Deno.test("OTR-052 the fields stand in the order flags, keyids, next key, counter, message, MAC, old keys", () => {
  const pair = Pair.encrypted().says("alice", "hello");
  const message = dataFrom(pair, "alice");
  const hex = toHex(
    Uint8Array.from(atob(writeOtrMessage(message).slice(5, -1)), (it) => it.charCodeAt(0)),
  );
  const field = (bytes: Uint8Array) => bytes.length.toString(16).padStart(8, "0") + toHex(bytes);
  assertEquals(
    hex,
    "0003" + "03" + "10000001" + "20000002" + "00" + "00000001" + "00000001" +
      field(message.nextDh) +
      "0000000000000001" + field(message.encryptedMessage) + toHex(message.mac) + "00000000",
  );
});

Deno.test("OTR-053 sender keyid is our_keyid-1, recipient keyid their_keyid, D-H y our newest", () => {
  const pair = Pair.encrypted();
  const ids: [number, number][] = [];
  const nextKeys = new Set<string>();
  for (let round = 0; round < 4; round++) {
    for (const side of ["alice", "bob"] as const) {
      pair.says(side, "x");
      const message = parseOtrMessage(pair.wire.at(-1)?.message ?? "");
      assert(message.type === "data");
      ids.push([message.senderKeyId, message.recipientKeyId]);
      nextKeys.add(toHex(message.nextDh));
      pair.run();
    }
  }
  // Strictly alternating: every message confirms the key that the last one announced.
  assertEquals(ids, [[1, 1], [1, 2], [2, 2], [2, 3], [3, 3], [3, 4], [4, 4], [4, 5]]);
  assertEquals(nextKeys.size, 8);
});

Deno.test("OTR-054 the end with the higher public key sends with byte 1; MAC key is SHA-1 of the AES key", () => {
  const random = seededRandom(1);
  for (let round = 0; round < 4; round++) {
    const [a, b] = [generateDhKeyPair(random), generateDhKeyPair(random)];
    const keys = new SessionKeys(a, b.publicKey);
    const secbytes = agree(a, b.publicKey);
    const [sendbyte, recvbyte] = a.publicKey > b.publicKey ? [1, 2] : [2, 1];
    const aes = (byte: number) => sha1(concatBytes(Uint8Array.of(byte), secbytes)).slice(0, 16);
    assertEquals([keys.sendingAes, keys.receivingAes], [aes(sendbyte), aes(recvbyte)]);
    const message = utf8("x");
    assertEquals(
      keys.sendingMac.compute(message),
      new HmacSha1(sha1(aes(sendbyte))).compute(message),
    );
  }
});

Deno.test("OTR-055 the MAC covers version to encrypted message and is checked before anything is decrypted", () => {
  const changes: Partial<DataMessage>[] = [
    { flags: 2 },
    { nextDh: Uint8Array.of(9) },
    { counter: fromHex("0000000000000007") },
    { encryptedMessage: utf8("other") },
    { mac: new Uint8Array(20) },
  ];
  for (const change of changes) {
    const pair = Pair.encrypted().says("alice", "hello");
    const message = dataFrom(pair, "alice");
    pair.hears("bob", writeOtrMessage({ ...message, ...change }));
    const [event, ...more] = pair.take("bob");
    assertEquals(more, []);
    assert(event?.type === "message-unreadable");
    assertEquals(event.error?.code, "otr/data-mac-mismatch");
    // The revealed keys are outside: they may be anything.
    pair.hears("bob", writeOtrMessage({ ...message, oldMacKeys: utf8("b'anything'") }));
    assertEquals(pair.heard("bob"), ["hello"]);
  }
});

Deno.test("OTR-056 keyids are newest or previous on each side and not 0; a previous key may be missing", () => {
  for (
    const ids of [
      { senderKeyId: 0 },
      { senderKeyId: 2 },
      { recipientKeyId: 0 },
      { recipientKeyId: 3 },
      { senderKeyId: 0xffffffff },
    ]
  ) {
    const pair = Pair.encrypted().says("alice", "hello");
    const message = dataFrom(pair, "alice");
    pair.hears("bob", writeOtrMessage({ ...message, ...ids }));
    const [event] = pair.taken("bob", "message-unreadable");
    assertEquals(event?.error?.code, "otr/unknown-key-id");
  }
});

Deno.test("OTR-057 the counter rises strictly for each pair of keys and is never 0; a replay is refused", () => {
  const pair = Pair.encrypted();
  for (const text of ["1", "2", "3"]) pair.says("alice", text);
  const texts = pair.intercept("alice");
  const counters = texts.map((it) => parseOtrMessage(it)).map((it) =>
    it.type === "data" ? toHex(it.counter) : ""
  );
  assertEquals(counters, ["0000000000000001", "0000000000000002", "0000000000000003"]);
  const [first = "", second = "", third = ""] = texts;
  for (const text of [first, third]) pair.hears("bob", text);
  assertEquals(pair.heard("bob"), ["1", "3"]);
  for (const text of [first, second, third]) {
    pair.hears("bob", text);
    const [event] = pair.taken("bob", "message-unreadable");
    assertEquals(event?.error?.code, "otr/replayed-counter");
  }
});

Deno.test("OTR-058 keys rotate on receipt: ours when theirs confirms it, theirs when it brings the next", () => {
  const rotation = new KeyRotation(
    { ours: generateDhKeyPair(seededRandom(1)), theirs: 4n, theirKeyId: 7 },
    seededRandom(2),
  );
  const [one, two] = [rotation.sending(), 16n];
  rotation.rotate(7, 1, two);
  assertEquals([rotation.sending().senderKeyId, rotation.sending().recipientKeyId], [1, 8]);
  rotation.rotate(8, 2, 64n);
  assertEquals([rotation.sending().senderKeyId, rotation.sending().recipientKeyId], [2, 9]);
  assertNotEquals(rotation.sending().nextDh, one.nextDh);
  // Bursts and late messages: nothing is lost as long as keys are newest or previous.
  const pair = Pair.encrypted();
  for (let round = 0; round < 5; round++) {
    for (const text of ["a", "b", "c"]) pair.says("alice", text).says("bob", text);
    pair.run();
  }
  assertEquals([pair.heard("alice").length, pair.heard("bob").length], [15, 15]);
});

/** A conversation of `texts`, alternating, as data messages. */
function conversation(pair: Pair, rounds: number): { from: Side; message: DataMessage }[] {
  for (let round = 0; round < rounds; round++) {
    pair.says("alice", `a${round}`).run().says("bob", `b${round}`).run();
  }
  return pair.wire.flatMap(({ from, message: text }) => {
    const message = parseOtrMessage(text);
    return message.type === "data" ? [{ from, message }] : [];
  });
}

/** The MAC keys that a message reveals. */
function revealedBy({ oldMacKeys }: DataMessage): Uint8Array[] {
  assertEquals(oldMacKeys.length % 20, 0);
  return Array.from(
    { length: oldMacKeys.length / 20 },
    (_, at) => oldMacKeys.slice(20 * at, 20 * at + 20),
  );
}

function verifies(key: Uint8Array, message: DataMessage): boolean {
  const mac = new HmacSha1(key).compute(maccedPart(message, message));
  return toHex(mac) === toHex(message.mac);
}

Deno.test("OTR-059 MAC keys that verified something are revealed once forgotten, never while in use", () => {
  const messages = conversation(Pair.encrypted(), 6);
  let revealed = 0;
  for (const [at, { message }] of messages.entries()) {
    for (const key of revealedBy(message)) {
      revealed++;
      // It made an earlier message of the other side forgeable, and no later one.
      assert(messages.slice(0, at).some((it) => verifies(key, it.message)));
      assertFalse(messages.slice(at).some((it) => verifies(key, it.message)));
    }
  }
  assert(revealed >= 8, `${revealed} keys`);
});

Deno.test("OTR-059 the last message of a session reveals the rest", () => {
  const pair = Pair.encrypted();
  const earlier = conversation(pair, 3);
  pair.does("alice", (it, now) => it.endSession(now));
  const keys = revealedBy(dataFrom(pair, "alice"));
  const ofBob = earlier.filter((it) => it.from === "bob").map((it) => it.message);
  assert(keys.length > 0 && keys.every((key) => ofBob.some((it) => verifies(key, it))));
  assert(keys.some((key) => ofBob.slice(-1).some((it) => verifies(key, it))));
});

Deno.test("OTR-060 private keys and AES keys are overwritten when they are forgotten", () => {
  const ours = generateDhKeyPair(seededRandom(1));
  const rotation = new KeyRotation({ ours, theirs: 4n, theirKeyId: 1 }, seededRandom(2));
  const { keys } = rotation.sending();
  rotation.rotate(1, 2, 16n);
  assertEquals(ours.privateKey, new Uint8Array(40));
  assertEquals([keys.sendingAes, keys.receivingAes], [new Uint8Array(16), new Uint8Array(16)]);
  assertEquals(keys.extraKey, new Uint8Array(32));
});

/** Sends octets as they are: what another client may put into a message. */
function raw(plaintext: Uint8Array): Pair {
  const pair = Pair.encrypted();
  pair.does("alice", (it, now) => it.sendMessage(plaintext, now, { plainContent: true })).run();
  return pair;
}

Deno.test("OTR-061 plaintext is text, then NUL and TLVs; unknown types are skipped, broken ones ignored", () => {
  const text = toHex(utf8("grüße"));
  assertEquals(raw(fromHex(text)).heard("bob"), ["grüße"]);
  assertEquals(raw(fromHex(text + "00")).heard("bob"), ["grüße"]);
  assertEquals(raw(fromHex(text + "00" + "7777000299aa")).take("bob").map((it) => it.type), [
    "message-received",
  ]);
  const broken = raw(fromHex(text + "00" + "0001ffff")).take("bob");
  assertEquals(broken.map((it) => it.type), ["message-received", "peer-error"]);
  const after = raw(fromHex("00" + "0000000100" + "00010000"));
  assertEquals(after.bob.messageState, "finished");
});

Deno.test("OTR-062 TLV 0 is ignored, TLV 1 ends the session, TLV 8 gives the extra symmetric key", () => {
  assertEquals(raw(fromHex("00" + "00000003aabbcc")).take("bob"), []);
  assertEquals(raw(fromHex("00" + "00010000")).bob.messageState, "finished");
  const pair = Pair.encrypted();
  pair.does("alice", (it, now) => it.requestExtraKey(0x01020304, utf8("file"), now)).run();
  const [ours] = pair.taken("alice", "extra-key");
  const [theirs] = pair.taken("bob", "extra-key");
  assertEquals(ours?.key, theirs?.key);
  assertEquals([theirs?.use, theirs?.data], [0x01020304, utf8("file")]);
  const random = seededRandom(1);
  const [a, b] = [generateDhKeyPair(random), generateDhKeyPair(random)];
  assertEquals(
    new SessionKeys(a, b.publicKey).extraKey,
    sha256(Uint8Array.of(0xff), agree(a, b.publicKey)),
  );
});

Deno.test("OTR-063 IGNORE_UNREADABLE keeps a failure silent; heartbeats and SMP carry it", () => {
  const pair = Pair.encrypted();
  pair.does("alice", (it, now) => it.startSmp(secret("s"), undefined, now));
  const message = dataFrom(pair, "alice");
  assertEquals(message.flags, 1);
  pair.hears("bob", writeOtrMessage({ ...message, mac: new Uint8Array(20) }));
  const [event] = pair.taken("bob", "message-unreadable");
  assertEquals(event?.silent, true);
  assertEquals(pair.intercept("bob"), []);
  pair.says("alice", "loud");
  assertEquals(dataFrom(pair, "alice").flags, 0);
  pair.now += 60_000;
  pair.says("bob", "x").run();
  const beat = pair.wire.find((it) => it.kind === "heartbeat");
  const read = parseOtrMessage(beat?.message ?? "");
  assertEquals(read.type === "data" && read.flags, 1);
});

Deno.test("OTR-064 an unreadable message without the flag is told to the user and answered by an error", () => {
  const pair = Pair.encrypted().says("alice", "hello");
  const message = dataFrom(pair, "alice");
  pair.hears("bob", writeOtrMessage({ ...message, mac: new Uint8Array(20) }));
  const [event] = pair.taken("bob", "message-unreadable");
  assertEquals([event?.silent, event?.error?.code], [false, "otr/data-mac-mismatch"]);
  const [answer = ""] = pair.intercept("bob");
  assert(answer.startsWith("?OTR Error: "));
  assertEquals(pair.bob.messageState, "encrypted");
});

Deno.test("OTR-065 a heartbeat answers a message after 60 s of our silence; empty text is never shown", () => {
  const pair = Pair.encrypted();
  pair.now += 59_999;
  pair.says("alice", "one").run();
  assertEquals(pair.wire.some((it) => it.kind === "heartbeat"), false);
  pair.now += 1;
  pair.says("alice", "two").run();
  assertEquals(pair.wire.filter((it) => it.kind === "heartbeat").map((it) => it.from), ["bob"]);
  assertEquals(pair.heard("alice"), []);
  assertEquals(pair.heard("bob"), ["one", "two"]);
  const never = Pair.encrypted({}, { heartbeatInterval: 0 });
  never.now += 1_000_000;
  never.says("alice", "x").run();
  assertEquals(never.wire.some((it) => it.kind === "heartbeat"), false);
});

Deno.test("OTR-066 a data message in PLAINTEXT or FINISHED is unreadable and answered by an error", () => {
  const pair = Pair.encrypted().says("alice", "hello");
  const [text = ""] = pair.intercept("alice");
  for (const state of ["plaintext", "finished"]) {
    const other = state === "plaintext" ? new Pair() : Pair.encrypted();
    if (state === "finished") {
      other.does("alice", (it, now) => it.endSession(now)).run();
      other.take("bob");
    }
    assertEquals(other.bob.messageState, state);
    other.hears("bob", text);
    const [event] = other.taken("bob", "message-unreadable");
    assertEquals([event?.silent, event?.error], [false, undefined]);
    assert(other.intercept("bob")[0]?.startsWith("?OTR Error:"));
    assertEquals(other.bob.messageState, state);
  }
});

Deno.test("OTR-055, OTR-061 what is encrypted is AES-128-CTR under the counter, without padding of its own", () => {
  const random = seededRandom(3);
  const [a, b] = [generateDhKeyPair(random), generateDhKeyPair(random)];
  const keys = new SessionKeys(a, b.publicKey);
  for (const length of [0, 1, 16, 17]) {
    assertEquals(
      aesCtr(keys.sendingAes, fromHex("0000000000000001"), new Uint8Array(length)).length,
      length,
    );
  }
  const pair = Pair.encrypted().says("alice", "hello");
  assertEquals(dataFrom(pair, "alice").encryptedMessage.length, 5);
});
