import { assertEquals, assertThrows } from "@std/assert";
import { ByteWriter } from "../../../../lib/base/byte_writer.ts";
import { fromHex, toHex } from "../../../../lib/base/bytes.ts";
import { PeerError } from "../../../../lib/base/errors.ts";
import { WireReader } from "../../../../lib/otr/wire/data_types.ts";
import {
  readRevealSignatureBody,
  type RevealSignatureBody,
  writeRevealSignatureBody,
} from "../../../../lib/otr/wire/reveal_signature_message.ts";

const BODY: RevealSignatureBody = {
  type: "reveal-signature",
  revealedKey: fromHex("aa"),
  encryptedSignature: fromHex("bbcc"),
  mac: new Uint8Array(20).fill(7),
};
/** The same, written by hand. */
const OCTETS = "00000001aa00000002bbcc0707070707070707070707070707070707070707";

Deno.test("writeRevealSignatureBody() writes the fields in the order of the specification", () => {
  const writer = new ByteWriter();
  writeRevealSignatureBody(writer, BODY);
  assertEquals(toHex(writer.finish()), OCTETS);
});

Deno.test("readRevealSignatureBody() reads them back", () => {
  const reader = new WireReader(fromHex(OCTETS));
  assertEquals(readRevealSignatureBody(reader), BODY);
  assertEquals(reader.remaining, 0);
});

Deno.test("readRevealSignatureBody() refuses every shorter body", () => {
  const octets = fromHex(OCTETS);
  for (let length = 0; length < octets.length; length++) {
    const reader = new WireReader(octets.subarray(0, length));
    assertEquals(
      assertThrows(() => readRevealSignatureBody(reader), PeerError).code,
      "otr/truncated",
    );
  }
});
