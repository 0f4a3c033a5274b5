import { assertEquals, assertThrows } from "@std/assert";
import { fromLatin1, SottoError } from "../../../../lib/base/mod.ts";
import {
  isSipsimpleTrust,
  parseSipsimpleTrust,
} from "../../../../lib/storage/formats/sipsimple_trust.ts";
import { readFixture } from "../../../helpers/temporary_folder.ts";

Deno.test("parseSipsimpleTrust() reads what Python 2 and Python 3 write", () => {
  const fingerprint = "4af9f2b1db4ee051b2c074526602c0bc0bb2ce3c";
  const python2 = readFixture("storage/otr.trusted.python2");
  const python3 = readFixture("storage/otr.trusted.python3");
  assertEquals([python2, python3].map(isSipsimpleTrust), [true, true]);
  assertEquals(parseSipsimpleTrust(python2), [{ fingerprint, description: "B\u00fcro" }]);
  assertEquals(parseSipsimpleTrust(python3), [
    { fingerprint, description: "Laptop" },
    { fingerprint: "257920d7dfe968024dd69758df19928efc166490", description: "B\u00fcro" },
  ]);
});

Deno.test("parseSipsimpleTrust() refuses every other object", () => {
  for (
    const text of [
      "N.",
      "csipsimple.streams.msrp.chat\nOTRTrustedPeer\n(tR.",
      "csipsimple.streams.msrp.chat\nOTRTrustedPeerSet\n(tR.",
      "csipsimple.streams.msrp.chat\nOTRTrustedPeerSet\n(tR(dS'__data__'\n(dI1\nI2\nssb.",
      "csipsimple.streams.msrp.chat\nsystem\n(tR.",
    ]
  ) {
    const error = assertThrows(() => parseSipsimpleTrust(fromLatin1(text)), SottoError);
    assertEquals(error.code, "storage/bad-pickle");
  }
});
