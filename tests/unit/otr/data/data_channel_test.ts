import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { PeerError } from "../../../../lib/base/errors.ts";
import { DH_MODULUS, fromBigInt } from "../../../../lib/otr/crypto/arithmetic/mod.ts";
import { copyDhKeyPair, generateDhKeyPair } from "../../../../lib/otr/crypto/dh_group.ts";
import { decryptData, encryptData } from "../../../../lib/otr/data/data_channel.ts";
import { KeyRotation } from "../../../../lib/otr/data/key_rotation.ts";
import { type DataBody, maccedPart } from "../../../../lib/otr/wire/data_message.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

const HEADER = { version: 3, senderTag: 0x100, receiverTag: 0x200 } as const;

function channel(): { alice: KeyRotation; bob: KeyRotation } {
  const random = seededRandom(1);
  const [a, b] = [generateDhKeyPair(random), generateDhKeyPair(random)];
  return {
    alice: new KeyRotation({ ours: copyDhKeyPair(a), theirs: b.publicKey, theirKeyId: 1 }, random),
    bob: new KeyRotation({ ours: copyDhKeyPair(b), theirs: a.publicKey, theirKeyId: 1 }, random),
  };
}

function codeOf(run: () => unknown): string {
  return assertThrows(run, PeerError).code;
}

Deno.test("decryptData() reads what encryptData() wrote, both ways, as keys rotate", () => {
  const { alice, bob } = channel();
  for (let round = 0; round < 6; round++) {
    for (const [from, to] of [[alice, bob], [bob, alice]] as const) {
      const { body, extraKey } = encryptData(from, HEADER, 0, utf8(`round ${round}`));
      const read = decryptData(to, HEADER, body);
      assertEquals(read.plaintext, utf8(`round ${round}`));
      assertEquals(read.extraKey, extraKey);
    }
  }
});

Deno.test("decryptData() reads a burst that was sent under one pair of keys", () => {
  const { alice, bob } = channel();
  const bodies = [1, 2, 3].map((it) => encryptData(alice, HEADER, 0, utf8(`${it}`)).body);
  assertEquals(bodies.map((it) => it.counter[7]), [1, 2, 3]);
  for (const body of bodies) assertEquals(decryptData(bob, HEADER, body).plaintext.length, 1);
});

Deno.test("decryptData() refuses a change anywhere in what the MAC covers", () => {
  const { alice, bob } = channel();
  const { body } = encryptData(alice, HEADER, 0, utf8("pay 1"));
  const changes: Partial<DataBody>[] = [
    { flags: 1 },
    { counter: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 9) },
    { encryptedMessage: body.encryptedMessage.map((it) => it ^ 8) },
    { nextDh: Uint8Array.of(4) },
    { mac: new Uint8Array(20) },
    { recipientKeyId: 2 },
  ];
  for (const change of changes) {
    assertEquals(
      codeOf(() => decryptData(bob, HEADER, { ...body, ...change })),
      "otr/data-mac-mismatch",
    );
  }
  for (const header of [{ ...HEADER, senderTag: 0x101 }, { ...HEADER, version: 2 as const }]) {
    assertEquals(codeOf(() => decryptData(bob, header, body)), "otr/data-mac-mismatch");
  }
  assertEquals(decryptData(bob, HEADER, body).plaintext, utf8("pay 1"));
});

Deno.test("decryptData() takes old MAC keys of any content and length", () => {
  const { alice, bob } = channel();
  const { body } = encryptData(alice, HEADER, 0, utf8("x"));
  const oldMacKeys = utf8("[b'\\x01\\x02', b'not twenty octets each']");
  assertEquals(decryptData(bob, HEADER, { ...body, oldMacKeys }).plaintext, utf8("x"));
});

Deno.test("decryptData() refuses a replay, and what was overtaken", () => {
  const { alice, bob } = channel();
  const [first, second] = [1, 2].map((it) => encryptData(alice, HEADER, 0, utf8(`${it}`)).body);
  if (first === undefined || second === undefined) throw new Error("unreachable");
  decryptData(bob, HEADER, second);
  assertEquals(codeOf(() => decryptData(bob, HEADER, second)), "otr/replayed-counter");
  assertEquals(codeOf(() => decryptData(bob, HEADER, first)), "otr/replayed-counter");
});

/** Alice's message with the MAC made anew: what a peer who means harm can send. */
function remac(alice: KeyRotation, body: DataBody): DataBody {
  return { ...body, mac: alice.sending().keys.sendingMac.compute(maccedPart(HEADER, body)) };
}

Deno.test("decryptData() refuses counter zero even with a good MAC", () => {
  const { alice, bob } = channel();
  const { body } = encryptData(alice, HEADER, 0, utf8("x"));
  const zero = remac(alice, { ...body, counter: new Uint8Array(8) });
  assertEquals(codeOf(() => decryptData(bob, HEADER, zero)), "otr/replayed-counter");
});

Deno.test("decryptData() refuses a next key out of range, or our own, and changes nothing", () => {
  const { alice, bob } = channel();
  const { body } = encryptData(alice, HEADER, 0, utf8("x"));
  const p = DH_MODULUS;
  for (const value of [0n, 1n, p - 1n, p, p + 1n, bob.sending().nextDh]) {
    const bad = remac(alice, { ...body, nextDh: fromBigInt(value) });
    assertEquals(codeOf(() => decryptData(bob, HEADER, bad)), "otr/bad-dh-key");
  }
  assertEquals(decryptData(bob, HEADER, body).plaintext, utf8("x"));
});

Deno.test("encryptData() never encrypts two messages with the same keystream", () => {
  const { alice, bob } = channel();
  const zeros = new Uint8Array(32);
  const seen = new Set<string>();
  for (let at = 0; at < 10; at++) {
    for (const [from, to] of [[alice, bob], [bob, alice]] as const) {
      const { body } = encryptData(from, HEADER, 0, zeros);
      seen.add(body.encryptedMessage.join());
      decryptData(to, HEADER, body);
    }
  }
  assertEquals(seen.size, 20);
});

Deno.test("encryptData() attaches the MAC keys that went out of use", () => {
  const { alice, bob } = channel();
  const revealed: number[] = [];
  for (let round = 0; round < 4; round++) {
    for (const [from, to] of [[alice, bob], [bob, alice]] as const) {
      const { body } = encryptData(from, HEADER, 0, utf8("x"));
      revealed.push(body.oldMacKeys.length);
      decryptData(to, HEADER, body);
    }
  }
  assertEquals(revealed.slice(0, 3), [0, 0, 0]);
  assertNotEquals(revealed.slice(3).reduce((sum, it) => sum + it, 0), 0);
});
