/** "Encoded messages", "Data types", "Public keys, signatures, and fingerprints". */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { concatBytes, fromHex, toHex } from "../../../lib/base/bytes.ts";
import { PeerError } from "../../../lib/base/errors.ts";
import { DH_MODULUS, fromBigInt, toBigInt } from "../../../lib/otr/crypto/arithmetic/mod.ts";
import {
  armour,
  DsaPublicKey,
  fingerprintOf,
  formatFingerprint,
  parseOtrMessage,
  readEncodedMessage,
  sha1,
  writeOtrMessage,
} from "../../../lib/otr/mod.ts";
import { eventsOf, Pair, sent, testConversation, testKey } from "../../helpers/otr_pair.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

const DH_KEY = fromHex("00030a" + "00001000" + "00002000" + "00000001" + "04");

Deno.test("OTR-015 text around an encoded message is tolerated; broken armour is malformed and no exception", () => {
  const pair = Pair.encrypted().says("alice", "hi");
  const [data = ""] = pair.intercept("alice");
  pair.hears("bob", `<i>${data}</i>\n`);
  assertEquals(pair.heard("bob"), ["hi"]);
  for (
    const text of [
      "?OTR:",
      "?OTR:.",
      "?OTR:AAM",
      "?OTR:===.",
      "?OTR:AA=A.",
      data.slice(0, -1),
      data.replace("AAMD", "AA D"),
    ]
  ) {
    pair.hears("bob", text);
    const events = pair.take("bob");
    assertEquals(events.map((it) => it.type), ["peer-error"], text);
    assertEquals(pair.intercept("bob"), []);
  }
});

Deno.test("OTR-016 integers are big-endian and a length beyond the message is malformed", () => {
  const read = readEncodedMessage(fromHex("00030a" + "5a73a599" + "27e31597" + "0000000104"));
  assert(read.type === "dh-key" && read.version === 3);
  assertEquals([read.senderTag, read.receiverTag], [0x5a73a599, 0x27e31597]);
  for (const length of ["00000002", "7fffffff", "80000000", "ffffffff"]) {
    const bytes = fromHex("00030a" + "00001000" + "00002000" + length + "04");
    assertEquals(assertThrows(() => readEncodedMessage(bytes), PeerError).code, "otr/truncated");
    assertEquals(parseOtrMessage(armour(bytes)).type, "malformed");
  }
});

Deno.test("OTR-017 an MPI is sent without leading zeros; fingerprints are those of the minimum form", () => {
  // Among many D-H keys one has a short magnitude: 1 in 256.
  let shortest = 192;
  for (let seed = 0; seed < 600 && shortest === 192; seed++) {
    const it = testConversation("alice", 0x1000, { random: seededRandom(seed) });
    const [text = ""] = sent(it.receiveMessage(COMMIT, 0));
    const key = parseOtrMessage(text);
    assert(key.type === "dh-key" && key.gy[0] !== 0);
    shortest = Math.min(shortest, key.gy.length);
  }
  assert(shortest < 192, "no short key among 600");
  const padded = concatBytes(
    fromHex("0000"),
    ...Object.values(testKey("alice").publicKey.numbers).map((it) =>
      concatBytes(fromHex("000000ff"), fromBigInt(it, 255))
    ),
  );
  assertEquals(fingerprintOf(DsaPublicKey.parse(padded)), testKey("alice").fingerprint);
});

const COMMIT = armour(
  concatBytes(
    fromHex("000302" + "00002000" + "00000000" + "000000c4"),
    new Uint8Array(196),
    fromHex("00000020"),
    new Uint8Array(32),
  ),
);

Deno.test("OTR-018 a public key is type 0, p, q, g, y; r and s take exactly 20 octets each", () => {
  const key = testKey("alice");
  const { p, q, g, y } = key.publicKey.numbers;
  const octets = key.publicKey.encode();
  assertEquals(toHex(octets.subarray(0, 2)), "0000");
  let at = 2;
  for (const number of [p, q, g, y]) {
    const length = toBigInt(octets.subarray(at, at + 4));
    assertEquals(toBigInt(octets.subarray(at + 4, at += 4 + Number(length))), number);
  }
  assertEquals(at, octets.length);
  for (let digest = 0; digest < 20; digest++) {
    assertEquals(key.sign(new Uint8Array(32).fill(digest)).length, 40);
  }
});

Deno.test("OTR-019 a fingerprint is SHA-1 of the key without its type, shown as five groups of eight", () => {
  const key = testKey("blink");
  assertEquals(key.fingerprint, toHex(sha1(key.publicKey.encode().subarray(2))));
  assertEquals(
    formatFingerprint(key.fingerprint),
    "4AF9F2B1 DB4EE051 B2C07452 6602C0BC 0BB2CE3C",
  );
});

Deno.test("OTR-020 a D-H key below 2 or above modulus-2 is refused", () => {
  for (const value of [0n, 1n, DH_MODULUS - 1n, DH_MODULUS, DH_MODULUS + 1n]) {
    const it = testConversation("alice", 0x1000);
    const [commit = ""] = sent(it.receiveMessage("?OTRv3?", 0));
    assertEquals(parseOtrMessage(commit).type, "dh-commit");
    const key = {
      version: 3,
      senderTag: 0x2000,
      receiverTag: 0x1000,
      type: "dh-key",
      gy: fromBigInt(value),
      prefix: "",
      suffix: "",
    } as const;
    const outputs = it.receiveMessage(writeOtrMessage(key), 0);
    assertEquals(sent(outputs), []);
    const [event] = eventsOf(outputs);
    assert(event?.type === "peer-error");
    assertEquals(event.error.code, "otr/bad-dh-key");
  }
});

Deno.test("OTR-021 the group is RFC 3526's of 1536 bits with generator 2, exponents have 320 bits", () => {
  // p = 2^1536 - 2^1472 - 1 + 2^64 * ([2^1406 pi] + 741804)
  const head = (1n << 1536n) - (1n << 1472n) - 1n;
  const middle = (DH_MODULUS - head) >> 64n;
  assertEquals(DH_MODULUS, head + (middle << 64n));
  assertEquals((middle - 741804n) >> 1400n, 201n); // [2^6 pi]
  const lengths: number[] = [];
  const random = seededRandom(1);
  const it = testConversation("alice", 0x1000, {
    random: (length) => {
      lengths.push(length);
      return random(length);
    },
  });
  const [text = ""] = sent(it.receiveMessage(COMMIT, 0));
  assertEquals(lengths, [40]);
  const key = parseOtrMessage(text);
  assert(key.type === "dh-key");
  let power = 1n;
  for (const bit of toBigInt(seededRandom(1)(40)).toString(2)) {
    power = power * power % DH_MODULUS * (bit === "1" ? 2n : 1n) % DH_MODULUS;
  }
  assertEquals(toBigInt(key.gy), power);
});

Deno.test("OTR-022 version 2 has no instance tags, version 3 has both in every message", () => {
  for (const version of [2, 3] as const) {
    const pair = new Pair({ policy: { versions: [version] } });
    pair.does("alice", (it, now) => it.query(now)).run().says("alice", "x").run();
    const messages = pair.wire.slice(1).map((it) => parseOtrMessage(it.message));
    assertEquals(messages.length, 5);
    for (const message of messages) {
      assert("senderTag" in message);
      assertEquals(message.version, version);
      const tags = [message.senderTag, message.receiverTag];
      if (version === 2) assertEquals(tags, [0, 0]);
      else assert(tags[0] === 0x1000_0001 || tags[0] === 0x2000_0002);
    }
    const start = version === 2 ? "AAI" : "AAM";
    assertEquals(pair.wire.slice(1).map((it) => it.message.slice(5, 9)), [
      `${start}C`,
      `${start}K`,
      `${start}R`,
      `${start}S`,
      `${start}D`,
    ]);
  }
});

Deno.test("OTR-023 messages of an unknown type are ignored, with an event", () => {
  for (const type of ["00", "01", "04", "0b", "13", "ff"]) {
    const it = testConversation("alice", 0x1000);
    const outputs = it.receiveMessage(armour(fromHex(`0003${type}0000200000001000`)), 0);
    const messageType = Number.parseInt(type, 16);
    assertEquals(outputs, [{
      type: "event",
      event: { type: "unknown-message", version: 3, messageType },
    }]);
  }
  assertEquals(readEncodedMessage(DH_KEY).type, "dh-key");
});
