import { assert, assertEquals, assertFalse, assertNotEquals } from "@std/assert";
import { concatBytes, fromHex, toHex } from "../../../../lib/base/bytes.ts";
import { agree, generateDhKeyPair } from "../../../../lib/otr/crypto/dh_group.ts";
import { HmacSha1, sha1, sha256 } from "../../../../lib/otr/crypto/hashes.ts";
import { SessionKeys } from "../../../../lib/otr/data/session_keys.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

const random = seededRandom(5);
const pairs = [generateDhKeyPair(random), generateDhKeyPair(random)];
const [low, high] = pairs.sort((a, b) => a.publicKey < b.publicKey ? -1 : 1);
assert(low !== undefined && high !== undefined);

Deno.test("SessionKeys: the high end sends with byte 1, the low end with byte 2", () => {
  const secbytes = agree(low, high.publicKey);
  const h1 = (b: number) => toHex(sha1(concatBytes(Uint8Array.of(b), secbytes))).slice(0, 32);
  const ofHigh = new SessionKeys(high, low.publicKey);
  assertEquals([toHex(ofHigh.sendingAes), toHex(ofHigh.receivingAes)], [h1(1), h1(2)]);
  const ofLow = new SessionKeys(low, high.publicKey);
  assertEquals([toHex(ofLow.sendingAes), toHex(ofLow.receivingAes)], [h1(2), h1(1)]);
});

Deno.test("SessionKeys: the MAC key is SHA-1 of the AES key, the extra key h2(0xff)", () => {
  const keys = new SessionKeys(low, high.publicKey);
  const message = fromHex("0102");
  assertEquals(
    keys.sendingMac.compute(message),
    new HmacSha1(sha1(keys.sendingAes)).compute(message),
  );
  assertEquals(
    keys.receivingMac.compute(message),
    new HmacSha1(sha1(keys.receivingAes)).compute(message),
  );
  assertEquals(keys.extraKey, sha256(Uint8Array.of(0xff), agree(high, low.publicKey)));
});

Deno.test("SessionKeys.nextCounter() rises and is never zero", () => {
  const keys = new SessionKeys(low, high.publicKey);
  assertEquals([1, 2, 3].map(() => toHex(keys.nextCounter())), [
    "0000000000000001",
    "0000000000000002",
    "0000000000000003",
  ]);
});

Deno.test("SessionKeys.isFresh() wants every counter above all before it, as 64 bits", () => {
  const keys = new SessionKeys(low, high.publicKey);
  assertFalse(keys.isFresh(new Uint8Array(8)));
  assert(keys.isFresh(fromHex("0000000000000001")));
  keys.accept(fromHex("00000000000000ff"));
  assertFalse(keys.isFresh(fromHex("00000000000000ff")));
  assertFalse(keys.isFresh(fromHex("00000000000000fe")));
  assert(keys.isFresh(fromHex("0000000000000100")));
  keys.accept(fromHex("ffffffffffffffff"));
  assertFalse(keys.isFresh(fromHex("ffffffffffffffff")));
  assertFalse(keys.isFresh(fromHex("0000000000000001")));
});

Deno.test("SessionKeys.forget() reveals the receiving MAC key only if it verified something", () => {
  const unused = new SessionKeys(low, high.publicKey);
  assertEquals(unused.forget(), undefined);
  const used = new SessionKeys(low, high.publicKey);
  const macKey = sha1(used.receivingAes);
  used.accept(fromHex("0000000000000001"));
  assertEquals(used.forget(), macKey);
  assertEquals(used.forget(), undefined);
});

Deno.test("SessionKeys.forget() overwrites every key", () => {
  const keys = new SessionKeys(low, high.publicKey);
  const { sendingAes, receivingAes, extraKey } = keys;
  for (const key of [sendingAes, receivingAes, extraKey]) {
    assertNotEquals(key, new Uint8Array(key.length));
  }
  keys.forget();
  for (const key of [sendingAes, receivingAes, extraKey]) {
    assertEquals(key, new Uint8Array(key.length));
  }
});

Deno.test("SessionKeys.retireReceiving() leaves what sending needs", () => {
  const keys = new SessionKeys(low, high.publicKey);
  keys.accept(fromHex("0000000000000001"));
  assertEquals(keys.retireReceiving()?.length, 20);
  assertEquals(keys.receivingAes, new Uint8Array(16));
  assertNotEquals(keys.sendingAes, new Uint8Array(16));
  assertEquals(keys.sendingMac.compute(new Uint8Array(1)).length, 20);
});
