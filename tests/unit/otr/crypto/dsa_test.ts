import { assert, assertEquals, assertFalse } from "@std/assert";
import { concatBytes, fromHex, toHex, utf8 } from "../../../../lib/base/bytes.ts";
import { fromBigInt, mod, toBigInt } from "../../../../lib/otr/crypto/arithmetic/mod.ts";
import { dsaSign, dsaVerify, nonces } from "../../../../lib/otr/crypto/dsa.ts";
import { sha256 } from "../../../../lib/otr/crypto/hashes.ts";
import { testKey } from "../../../helpers/otr_pair.ts";

/** RFC 6979 A.2.1: DSA, 1024 bits. */
const Q = 0x996f967f6c8e388d9e28d01e205fba957a5698b1n;
const X = fromHex("411602cb19a6ccc34494d79d98ef1e7ed5af25f7");

Deno.test("nonces() agrees with RFC 6979 A.2.1 for SHA-256", () => {
  // There the hash is truncated to 160 bits before it is reduced; OTR reduces all of it.
  const nonce = (text: string) => {
    const truncated = toBigInt(sha256(utf8(text)).subarray(0, 20));
    const [first] = [nonces(Q, X, fromBigInt(mod(truncated, Q), 20)).next().value];
    return toHex(first ?? new Uint8Array()).toUpperCase();
  };
  assertEquals(nonce("sample"), "519BA0546D0C39202A7D34D7DFA5E760B318BCFB");
  assertEquals(nonce("test"), "5A67592E8128E03A417B0484410FB72C0B630E1A");
});

Deno.test("nonces() never gives the same one twice", () => {
  const source = nonces(Q, X, new Uint8Array(20));
  const seen = new Set(Array.from({ length: 20 }, () => toHex(source.next().value)));
  assertEquals(seen.size, 20);
});

const { x, ...numbers } = testKey("alice").exposeNumbers();
const privateKey = fromBigInt(x, 20);

Deno.test("dsaSign() signs the whole digest modulo q, not its first 160 bits", () => {
  const digest = sha256(utf8("a MAC"));
  const signature = dsaSign(numbers, privateKey, digest);
  assert(dsaVerify(numbers, digest, signature));
  assert(dsaVerify(numbers, fromBigInt(mod(toBigInt(digest), numbers.q)), signature));
  assertFalse(dsaVerify(numbers, digest.subarray(0, 20), signature));
});

Deno.test("dsaSign() writes r and s in exactly 20 octets, also when they are short", () => {
  let sawShort = false;
  for (let message = 0; message < 600 && !sawShort; message++) {
    const digest = sha256(Uint8Array.of(message >> 8, message & 255));
    const signature = dsaSign(numbers, privateKey, digest);
    assertEquals(signature.length, 40);
    sawShort = signature[0] === 0 || signature[20] === 0;
    if (sawShort) assert(dsaVerify(numbers, digest, signature));
  }
  assert(sawShort, "no signature with a leading zero among 600");
});

Deno.test("dsaVerify() refuses another digest, key, order or range", () => {
  const digest = sha256(utf8("a MAC"));
  const signature = dsaSign(numbers, privateKey, digest);
  const [r, s] = [signature.subarray(0, 20), signature.subarray(20)];
  assertFalse(dsaVerify(numbers, sha256(utf8("another")), signature));
  assertFalse(dsaVerify(testKey("bob").publicKey.numbers, digest, signature));
  assertFalse(dsaVerify(numbers, digest, concatBytes(s, r)));
  const zero = new Uint8Array(20);
  const q = fromBigInt(numbers.q, 20);
  for (const forged of [[zero, s], [r, zero], [q, s], [r, q], [zero, zero]]) {
    assertFalse(dsaVerify(numbers, digest, concatBytes(...forged)));
  }
  const beyond = fromBigInt(toBigInt(s) + numbers.q);
  if (beyond.length === 20) assertFalse(dsaVerify(numbers, digest, concatBytes(r, beyond)));
  for (const length of [0, 39, 41]) assertFalse(dsaVerify(numbers, digest, new Uint8Array(length)));
});

Deno.test("dsaSign() is deterministic", () => {
  const digest = sha256(utf8("again"));
  assertEquals(dsaSign(numbers, privateKey, digest), dsaSign(numbers, privateKey, digest));
});
