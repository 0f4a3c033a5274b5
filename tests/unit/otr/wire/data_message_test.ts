import { assertEquals, assertThrows } from "@std/assert";
import { ByteWriter } from "../../../../lib/base/byte_writer.ts";
import { fromHex, toHex } from "../../../../lib/base/bytes.ts";
import { PeerError } from "../../../../lib/base/errors.ts";
import {
  type DataBody,
  maccedPart,
  readDataBody,
  writeDataBody,
} from "../../../../lib/otr/wire/data_message.ts";
import { WireReader } from "../../../../lib/otr/wire/data_types.ts";

const BODY: DataBody = {
  type: "data",
  flags: 1,
  senderKeyId: 2,
  recipientKeyId: 0x01020304,
  nextDh: fromHex("09"),
  counter: fromHex("0000000000000003"),
  encryptedMessage: fromHex("abcd"),
  mac: new Uint8Array(20).fill(5),
  oldMacKeys: fromHex("ee"),
};
const MACCED = "01" + "00000002" + "01020304" + "0000000109" + "0000000000000003" + "00000002abcd";
const REST = "05".repeat(20) + "00000001ee";

Deno.test("writeDataBody() writes flags, keyids, next key, counter, message, MAC, old MAC keys", () => {
  const writer = new ByteWriter();
  writeDataBody(writer, BODY);
  assertEquals(toHex(writer.finish()), MACCED + REST);
});

Deno.test("readDataBody() reads them back", () => {
  assertEquals(readDataBody(new WireReader(fromHex(MACCED + REST))), BODY);
});

Deno.test("readDataBody() takes old MAC keys of any length", () => {
  for (const length of [0, 19, 20, 21, 59]) {
    const octets = fromHex(
      MACCED + "05".repeat(20) + length.toString(16).padStart(8, "0") + "aa".repeat(length),
    );
    assertEquals(readDataBody(new WireReader(octets)).oldMacKeys.length, length);
  }
});

Deno.test("readDataBody() refuses every shorter body", () => {
  const octets = fromHex(MACCED + REST);
  for (let length = 0; length < octets.length; length++) {
    assertThrows(() => readDataBody(new WireReader(octets.subarray(0, length))), PeerError);
  }
});

Deno.test("maccedPart() is everything from the version to the encrypted message", () => {
  assertEquals(
    toHex(maccedPart({ version: 3, senderTag: 0x100, receiverTag: 0x200 }, BODY)),
    "000303" + "00000100" + "00000200" + MACCED,
  );
  assertEquals(
    toHex(maccedPart({ version: 2, senderTag: 0, receiverTag: 0 }, BODY)),
    "000203" + MACCED,
  );
});
