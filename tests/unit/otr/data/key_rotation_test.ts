import {
  assert,
  assertEquals,
  assertFalse,
  assertNotEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { fromHex } from "../../../../lib/base/bytes.ts";
import { PeerError } from "../../../../lib/base/errors.ts";
import { copyDhKeyPair, generateDhKeyPair } from "../../../../lib/otr/crypto/dh_group.ts";
import { KeyRotation } from "../../../../lib/otr/data/key_rotation.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

const COUNTER = fromHex("0000000000000001");
const random = seededRandom(8);
const ours = generateDhKeyPair(random);
const theirs = Array.from({ length: 4 }, () => generateDhKeyPair(random).publicKey);

function rotation(theirKeyId = 1): KeyRotation {
  return new KeyRotation(
    { ours: copyDhKeyPair(ours), theirs: theirs[0] ?? 0n, theirKeyId },
    seededRandom(9),
  );
}

Deno.test("KeyRotation sends with our key 1 and announces key 2 after an AKE", () => {
  const sending = rotation(5).sending();
  assertEquals([sending.senderKeyId, sending.recipientKeyId], [1, 5]);
  assertNotEquals(sending.nextDh, ours.publicKey);
});

Deno.test("KeyRotation.receiving() takes our two newest and their newest keys at first", () => {
  const keys = rotation(5);
  assert(keys.receiving(5, 1) !== keys.receiving(5, 2));
  assertStrictEquals(keys.receiving(5, 1), keys.receiving(5, 1));
  for (
    const [sender, recipient] of [[4, 1], [6, 1], [5, 0], [5, 3], [0, 1], [0, 0], [
      0xffffffff,
      1,
    ]] as const
  ) {
    const error = assertThrows(() => keys.receiving(sender, recipient), PeerError);
    assertEquals(error.code, "otr/unknown-key-id");
  }
});

Deno.test("KeyRotation.receiving() refuses keyid 0 although it is the one before 1", () => {
  const keys = rotation(1);
  assertThrows(() => keys.receiving(0, 1), PeerError);
});

Deno.test("KeyRotation.rotate() takes their next key and keeps the one before", () => {
  const keys = rotation(1);
  assert(keys.bringsNextKey(1));
  keys.rotate(1, 1, theirs[1] ?? 0n);
  assertFalse(keys.bringsNextKey(1));
  assertEquals(keys.sending().recipientKeyId, 2);
  keys.receiving(1, 1);
  keys.receiving(2, 1);
  keys.rotate(2, 1, theirs[2] ?? 0n);
  assertThrows(() => keys.receiving(1, 1), PeerError);
});

Deno.test("KeyRotation.rotate() makes a new key once ours was seen", () => {
  const keys = rotation(1);
  const announced = keys.sending().nextDh;
  keys.rotate(1, 2, theirs[1] ?? 0n);
  const sending = keys.sending();
  assertEquals(sending.senderKeyId, 2);
  assertNotEquals(sending.nextDh, announced);
  assert(keys.isOurs(announced) && keys.isOurs(sending.nextDh));
  assertFalse(keys.isOurs(ours.publicKey));
  assertThrows(() => keys.receiving(2, 1), PeerError);
});

Deno.test("KeyRotation.rotate() changes nothing for a message under older keys", () => {
  const keys = rotation(1);
  keys.rotate(1, 1, theirs[1] ?? 0n);
  const before = keys.sending();
  keys.rotate(1, 1, theirs[3] ?? 0n);
  assertEquals(keys.sending(), before);
});

Deno.test("KeyRotation reveals MAC keys that verified something and are gone, once, and no others", () => {
  const keys = rotation(1);
  keys.receiving(1, 1).accept(COUNTER);
  keys.rotate(1, 1, theirs[1] ?? 0n);
  assertEquals(keys.takeOldMacKeys().length, 0); // Still the previous key: in use.
  keys.receiving(2, 1); // Derived, never used.
  keys.rotate(2, 2, theirs[2] ?? 0n);
  assertEquals(keys.takeOldMacKeys().length, 20);
  assertEquals(keys.takeOldMacKeys().length, 0);
});

Deno.test("KeyRotation.forget() gives what was never revealed to whoever comes next", () => {
  const keys = rotation(1);
  keys.receiving(1, 1).accept(COUNTER);
  keys.receiving(1, 2).accept(COUNTER);
  const unrevealed = keys.forget();
  assertEquals(unrevealed.map((it) => it.length), [20, 20]);
  const next = new KeyRotation(
    { ours: generateDhKeyPair(random), theirs: theirs[0] ?? 0n, theirKeyId: 1 },
    random,
    unrevealed,
  );
  assertEquals(next.takeOldMacKeys().length, 40);
});

Deno.test("KeyRotation.retireReceivingKeys() reveals all that were used, and sending goes on", () => {
  const keys = rotation(1);
  keys.receiving(1, 1).accept(COUNTER);
  const { keys: sending } = keys.sending();
  keys.retireReceivingKeys();
  assertEquals(keys.takeOldMacKeys().length, 20);
  assertNotEquals(sending.sendingAes, new Uint8Array(16));
});

Deno.test("KeyRotation.forget() overwrites our private keys", () => {
  const pair = copyDhKeyPair(ours);
  const keys = new KeyRotation({ ours: pair, theirs: theirs[0] ?? 0n, theirKeyId: 1 }, random);
  keys.forget();
  assertEquals(pair.privateKey, new Uint8Array(40));
});

Deno.test("KeyRotation.rotate() overwrites the private key that is no longer needed", () => {
  const pair = copyDhKeyPair(ours);
  const keys = new KeyRotation({ ours: pair, theirs: theirs[0] ?? 0n, theirKeyId: 1 }, random);
  keys.rotate(1, 1, theirs[1] ?? 0n);
  assertNotEquals(pair.privateKey, new Uint8Array(40));
  keys.rotate(2, 2, theirs[2] ?? 0n);
  assertEquals(pair.privateKey, new Uint8Array(40));
});

Deno.test("KeyRotation.prepare() makes the key that rotate() would have made, once", () => {
  const [prepared, late] = [rotation(), rotation()];
  for (let round = 0; round < 3; round++) {
    prepared.prepare();
    prepared.prepare();
    for (const it of [prepared, late]) it.rotate(0, 2 + round, 0n);
    assertEquals(prepared.sending().nextDh, late.sending().nextDh);
  }
});

Deno.test("KeyRotation.forget() overwrites a key that was made ahead", () => {
  const drawn: Uint8Array[] = [];
  const source = seededRandom(9);
  const keys = new KeyRotation(
    { ours: copyDhKeyPair(ours), theirs: theirs[0] ?? 0n, theirKeyId: 1 },
    (length) => {
      const octets = source(length);
      drawn.push(octets);
      return octets;
    },
  );
  keys.prepare();
  keys.forget();
  assertEquals(drawn.length, 2);
  for (const octets of drawn) assertEquals(octets, new Uint8Array(40));
});
