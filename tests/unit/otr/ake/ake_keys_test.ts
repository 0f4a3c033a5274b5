import { assertEquals, assertNotEquals } from "@std/assert";
import { concatBytes, fromHex, toHex } from "../../../../lib/base/bytes.ts";
import { deriveAkeKeys, wipeAkeKeys } from "../../../../lib/otr/ake/ake_keys.ts";
import { sha256 } from "../../../../lib/otr/crypto/hashes.ts";

const SECBYTES = fromHex("0000000401020304");
const h2 = (b: number) => toHex(sha256(concatBytes(Uint8Array.of(b), SECBYTES)));

Deno.test("deriveAkeKeys() takes ssid, c, c', m1, m2, m1', m2' from h2(0) to h2(5)", () => {
  const keys = deriveAkeKeys(SECBYTES);
  assertEquals(toHex(keys.ssid), h2(0).slice(0, 16));
  assertEquals(toHex(keys.reveal.encryption), h2(1).slice(0, 32));
  assertEquals(toHex(keys.signature.encryption), h2(1).slice(32));
  assertEquals(toHex(keys.reveal.signed), h2(2));
  assertEquals(toHex(keys.reveal.sealed), h2(3));
  assertEquals(toHex(keys.signature.signed), h2(4));
  assertEquals(toHex(keys.signature.sealed), h2(5));
});

Deno.test("wipeAkeKeys() overwrites all keys and leaves the ssid", () => {
  const keys = deriveAkeKeys(SECBYTES);
  wipeAkeKeys(keys);
  for (const { encryption, signed, sealed } of [keys.reveal, keys.signature]) {
    for (const key of [encryption, signed, sealed]) assertEquals(key, new Uint8Array(key.length));
  }
  assertNotEquals(keys.ssid, new Uint8Array(8));
});
