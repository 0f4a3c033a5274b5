import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { fromHex, toHex } from "../../../../lib/base/bytes.ts";
import { PeerError } from "../../../../lib/base/errors.ts";
import { arithmetic, DH_MODULUS, fromBigInt } from "../../../../lib/otr/crypto/arithmetic/mod.ts";
import {
  agree,
  copyDhKeyPair,
  generateDhKeyPair,
  mpi,
  readDhPublicKey,
  wipeDhKeyPair,
} from "../../../../lib/otr/crypto/dh_group.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

Deno.test("generateDhKeyPair() has a private key of 320 bits and its power of 2", () => {
  const pair = generateDhKeyPair(seededRandom(1));
  assertEquals(pair.privateKey.length, 40);
  assertEquals(pair.publicKey, arithmetic.modExpSecret(2n, pair.privateKey, DH_MODULUS));
});

Deno.test("agree() is the same on both sides, as an MPI of minimum length", () => {
  const random = seededRandom(2);
  const [a, b] = [generateDhKeyPair(random), generateDhKeyPair(random)];
  const secbytes = agree(a, b.publicKey);
  assertEquals(secbytes, agree(b, a.publicKey));
  assertNotEquals(secbytes[4], 0);
  assertEquals(secbytes.length, 4 + (secbytes[3] ?? 0));
});

Deno.test("readDhPublicKey() refuses 0, 1, p-1, p, p+1, non-squares and absurd lengths", () => {
  const p = DH_MODULUS;
  for (const value of [0n, 1n, p - 1n, p, p + 1n, p - 2n]) {
    const error = assertThrows(() => readDhPublicKey(fromBigInt(value), "g^y"), PeerError, "g^y");
    assertEquals(error.code, "otr/bad-dh-key");
  }
  assertThrows(() => readDhPublicKey(new Uint8Array(1_000_000).fill(1), "g^y"), PeerError);
});

Deno.test("readDhPublicKey() tolerates leading zeros", () => {
  assertEquals(readDhPublicKey(fromHex("000004"), "g^y"), 4n);
});

Deno.test("wipeDhKeyPair() overwrites the private key, but not that of a copy", () => {
  const pair = generateDhKeyPair(seededRandom(3));
  const copy = copyDhKeyPair(pair);
  wipeDhKeyPair(pair);
  assertEquals(pair.privateKey, new Uint8Array(40));
  assertNotEquals(copy.privateKey, new Uint8Array(40));
});

Deno.test("mpi() has a length of four octets and no leading zero", () => {
  assertEquals([0n, 1n, 0x80n, 0x100n].map((it) => toHex(mpi(it))), [
    "00000000",
    "0000000101",
    "0000000180",
    "000000020100",
  ]);
});
