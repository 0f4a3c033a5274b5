import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { ByteWriter } from "../../../../lib/base/byte_writer.ts";
import { concatBytes, toHex, utf8 } from "../../../../lib/base/bytes.ts";
import { PeerError } from "../../../../lib/base/errors.ts";
import { fromBigInt } from "../../../../lib/otr/crypto/arithmetic/mod.ts";
import { sha256 } from "../../../../lib/otr/crypto/hashes.ts";
import { DsaPublicKey } from "../../../../lib/otr/keys/dsa_public_key.ts";
import { fingerprintOf } from "../../../../lib/otr/keys/fingerprint.ts";
import { writeMpi } from "../../../../lib/otr/wire/data_types.ts";
import { testKey } from "../../../helpers/otr_pair.ts";

const key = testKey("alice").publicKey;
const { p, q, g, y } = key.numbers;

Deno.test("DsaPublicKey.parse() reads what encode() writes", () => {
  const octets = key.encode();
  assertEquals(toHex(octets.subarray(0, 6)), "000000000080");
  assertEquals(DsaPublicKey.parse(octets).numbers, key.numbers);
});

Deno.test("DsaPublicKey.parse() has the same fingerprint for numbers with leading zeros", () => {
  const writer = new ByteWriter().uint16(0);
  for (const number of [p, q, g, y]) {
    writeMpi(writer, concatBytes(Uint8Array.of(0, 0), fromBigInt(number)));
  }
  assertEquals(fingerprintOf(DsaPublicKey.parse(writer.finish())), fingerprintOf(key));
});

Deno.test("DsaPublicKey refuses numbers that are not DSA's", () => {
  for (
    const [name, numbers] of Object.entries({
      "q too short": { p, q: q >> 1n, g, y },
      "q that does not divide p - 1": { p, q: q + 2n, g, y },
      "p too short": { p: p >> 1n, q, g, y },
      "p too long": { p: p << 4000n, q, g, y },
      "even p": { p: p + 1n, q, g, y },
      "g = 0": { p, q, g: 0n, y },
      "g = 1": { p, q, g: 1n, y },
      "g = p - 1": { p, q, g: p - 1n, y },
      "g of another order": { p, q, g: 2n, y },
      "y = 0": { p, q, g, y: 0n },
      "y = 1": { p, q, g, y: 1n },
      "y = p - 1": { p, q, g, y: p - 1n },
      "y = p": { p, q, g, y: p },
      "y of another order": { p, q, g, y: 2n },
    })
  ) {
    const error = assertThrows(() => new DsaPublicKey(numbers), PeerError);
    assertEquals(error.code, "otr/bad-public-key", name);
  }
});

Deno.test("DsaPublicKey.parse() refuses another type, absurd lengths and trailing octets", () => {
  const octets = key.encode();
  const other = octets.slice();
  other[1] = 1;
  assertThrows(() => DsaPublicKey.parse(other), PeerError, "key type 0, found 1");
  assertThrows(() => DsaPublicKey.parse(concatBytes(octets, Uint8Array.of(0))), PeerError);
  const long = new ByteWriter().uint16(0);
  writeMpi(long, new Uint8Array(513));
  assertThrows(() => DsaPublicKey.parse(long.finish()), PeerError, "at most 512 octets");
});

Deno.test("DsaPublicKey.verify() knows its own signatures", () => {
  const digest = sha256(utf8("M"));
  const signature = testKey("alice").sign(digest);
  assert(key.verify(digest, signature));
  assertFalse(testKey("bob").publicKey.verify(digest, signature));
});
