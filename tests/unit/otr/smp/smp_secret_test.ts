import { assertEquals } from "@std/assert";
import { concatBytes, fromHex, utf8 } from "../../../../lib/base/bytes.ts";
import { sha256 } from "../../../../lib/otr/crypto/hashes.ts";
import { smpSecret } from "../../../../lib/otr/smp/smp_secret.ts";

Deno.test("smpSecret() hashes version, initiator, responder, ssid and input, in this order", () => {
  const initiatorFingerprint = new Uint8Array(20).fill(1);
  const responderFingerprint = new Uint8Array(20).fill(2);
  const ssid = new Uint8Array(8).fill(3);
  const input = utf8("grün 🌱");
  assertEquals(
    smpSecret({ initiatorFingerprint, responderFingerprint, ssid, input }),
    sha256(concatBytes(fromHex("01"), initiatorFingerprint, responderFingerprint, ssid, input)),
  );
});
