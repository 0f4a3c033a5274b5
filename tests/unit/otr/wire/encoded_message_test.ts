import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { fromHex, toHex } from "../../../../lib/base/bytes.ts";
import { PeerError } from "../../../../lib/base/errors.ts";
import {
  asPeerError,
  readEncodedMessage,
  writeEncodedMessage,
} from "../../../../lib/otr/wire/encoded_message.ts";

const DH_KEY_V3 = "00030a" + "00000100" + "00000200" + "00000001" + "07";

Deno.test("readEncodedMessage() reads header and body", () => {
  assertEquals(readEncodedMessage(fromHex(DH_KEY_V3)), {
    version: 3,
    senderTag: 0x100,
    receiverTag: 0x200,
    type: "dh-key",
    gy: fromHex("07"),
  });
});

Deno.test("writeEncodedMessage() writes what readEncodedMessage() read", () => {
  for (const hex of [DH_KEY_V3, "00020a0000000107", "00020a00000000"]) {
    const read = readEncodedMessage(fromHex(hex));
    if (read.type === "unknown") throw new Error("expected a known message");
    assertEquals(toHex(writeEncodedMessage(read)), hex);
  }
});

Deno.test("readEncodedMessage() keeps messages of unknown version or type whole", () => {
  for (
    const [hex, version, messageType] of [
      ["0001030000", 1, 3],
      ["000403ff", 4, 3],
      ["00030700000100000002000102", 3, 7],
      ["000200", 2, 0],
    ] as const
  ) {
    assertEquals(readEncodedMessage(fromHex(hex)), {
      type: "unknown",
      version,
      messageType,
      bytes: fromHex(hex),
    });
  }
});

Deno.test("readEncodedMessage() refuses trailing octets and every shorter message", () => {
  const octets = fromHex(DH_KEY_V3 + "00");
  assertEquals(
    assertThrows(() => readEncodedMessage(octets), PeerError).code,
    "otr/trailing-octets",
  );
  for (let length = 0; length < octets.length - 1; length++) {
    assertThrows(() => readEncodedMessage(octets.subarray(0, length)), PeerError);
  }
});

Deno.test("asPeerError() lets nothing else through", () => {
  const error = new PeerError("otr/truncated", "a rule", "a message");
  assertStrictEquals(asPeerError(error), error);
  assertThrows(() => asPeerError(new TypeError("ours")), TypeError, "ours");
});
