import { assertEquals } from "@std/assert";
import { ByteWriter } from "../../../../lib/base/byte_writer.ts";
import { toHex } from "../../../../lib/base/bytes.ts";
import { MESSAGE_TYPES, writeHeader } from "../../../../lib/otr/wire/encoded_header.ts";

Deno.test("writeHeader() writes tags in version 3 only", () => {
  const write = (version: 2 | 3) => {
    const writer = new ByteWriter();
    writeHeader(writer, { version, senderTag: 0x5a73a599, receiverTag: 0x27e31597 }, "data");
    return toHex(writer.finish());
  };
  assertEquals(write(3), "0003035a73a59927e31597");
  assertEquals(write(2), "000203");
});

Deno.test("MESSAGE_TYPES are the specification's", () => {
  assertEquals(MESSAGE_TYPES, {
    "dh-commit": 0x02,
    "data": 0x03,
    "dh-key": 0x0a,
    "reveal-signature": 0x11,
    "signature": 0x12,
  });
});
