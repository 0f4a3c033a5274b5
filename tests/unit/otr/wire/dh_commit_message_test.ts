import { assertEquals, assertThrows } from "@std/assert";
import { ByteWriter } from "../../../../lib/base/byte_writer.ts";
import { fromHex, toHex } from "../../../../lib/base/bytes.ts";
import { PeerError } from "../../../../lib/base/errors.ts";
import { WireReader } from "../../../../lib/otr/wire/data_types.ts";
import {
  type DhCommitBody,
  readDhCommitBody,
  writeDhCommitBody,
} from "../../../../lib/otr/wire/dh_commit_message.ts";

const BODY: DhCommitBody = {
  type: "dh-commit",
  encryptedGx: fromHex("0102"),
  hashedGx: fromHex("03"),
};
/** The same, written by hand. */
const OCTETS = "0000000201020000000103";

Deno.test("writeDhCommitBody() writes the fields in the order of the specification", () => {
  const writer = new ByteWriter();
  writeDhCommitBody(writer, BODY);
  assertEquals(toHex(writer.finish()), OCTETS);
});

Deno.test("readDhCommitBody() reads them back", () => {
  const reader = new WireReader(fromHex(OCTETS));
  assertEquals(readDhCommitBody(reader), BODY);
  assertEquals(reader.remaining, 0);
});

Deno.test("readDhCommitBody() refuses every shorter body", () => {
  const octets = fromHex(OCTETS);
  for (let length = 0; length < octets.length; length++) {
    const reader = new WireReader(octets.subarray(0, length));
    assertEquals(assertThrows(() => readDhCommitBody(reader), PeerError).code, "otr/truncated");
  }
});
