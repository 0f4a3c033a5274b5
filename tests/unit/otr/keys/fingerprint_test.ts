import { assertEquals } from "@std/assert";
import {
  fingerprintOf,
  formatFingerprint,
  parseFingerprint,
} from "../../../../lib/otr/keys/fingerprint.ts";
import { testKey } from "../../../helpers/otr_pair.ts";

const HEX = "4af9f2b1db4ee051b2c074526602c0bc0bb2ce3c";
const GROUPS = "4AF9F2B1 DB4EE051 B2C07452 6602C0BC 0BB2CE3C";

Deno.test("fingerprintOf() is SHA-1 of the key without its type", () => {
  assertEquals(fingerprintOf(testKey("blink").publicKey), HEX);
});

Deno.test("formatFingerprint() writes five upper-case groups of eight", () => {
  assertEquals(formatFingerprint(HEX), GROUPS);
});

Deno.test("parseFingerprint() reads every common spelling", () => {
  const colons = HEX.match(/../g)?.join(":").toUpperCase() ?? "";
  for (
    const text of [
      HEX,
      HEX.toUpperCase(),
      GROUPS,
      ` ${GROUPS}\n`,
      colons,
      GROUPS.replaceAll(" ", "-"),
    ]
  ) {
    assertEquals(parseFingerprint(text), HEX);
  }
});

Deno.test("parseFingerprint() refuses everything else", () => {
  for (const text of ["", HEX.slice(1), `${HEX}0`, HEX.replace("4", "g"), `0x${HEX}`]) {
    assertEquals(parseFingerprint(text), undefined);
  }
});
