import { assertEquals } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { paddingFor } from "../../../../lib/otr/data/padding.ts";
import { writePlaintext } from "../../../../lib/otr/wire/tlv.ts";

Deno.test("paddingFor() makes every plaintext a multiple of the wanted length", () => {
  for (let length = 0; length < 70; length++) {
    for (const tlvs of [[], [{ type: 6, value: new Uint8Array(3) }]]) {
      const content = utf8("x".repeat(length));
      const padded = writePlaintext(content, [...tlvs, ...paddingFor(content, tlvs, 32)]);
      assertEquals(padded.length % 32, 0);
      assertEquals(padded.length - length < 32 + 5 + 7, true);
    }
  }
});

Deno.test("paddingFor() adds nothing when there is nothing to disguise", () => {
  assertEquals(paddingFor(utf8("x"), [], 0), []);
});
