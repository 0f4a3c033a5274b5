import { assertEquals, assertThrows } from "@std/assert";
import { ByteWriter } from "../../../../lib/base/byte_writer.ts";
import { fromHex, toHex } from "../../../../lib/base/bytes.ts";
import { PeerError } from "../../../../lib/base/errors.ts";
import { WireReader } from "../../../../lib/otr/wire/data_types.ts";
import {
  type DhKeyBody,
  readDhKeyBody,
  writeDhKeyBody,
} from "../../../../lib/otr/wire/dh_key_message.ts";

const BODY: DhKeyBody = { type: "dh-key", gy: fromHex("0005") };
/** The same, written by hand. */
const OCTETS = "000000020005";

Deno.test("writeDhKeyBody() writes the fields in the order of the specification", () => {
  const writer = new ByteWriter();
  writeDhKeyBody(writer, BODY);
  assertEquals(toHex(writer.finish()), OCTETS);
});

Deno.test("readDhKeyBody() reads them back", () => {
  const reader = new WireReader(fromHex(OCTETS));
  assertEquals(readDhKeyBody(reader), BODY);
  assertEquals(reader.remaining, 0);
});

Deno.test("readDhKeyBody() refuses every shorter body", () => {
  const octets = fromHex(OCTETS);
  for (let length = 0; length < octets.length; length++) {
    const reader = new WireReader(octets.subarray(0, length));
    assertEquals(assertThrows(() => readDhKeyBody(reader), PeerError).code, "otr/truncated");
  }
});
