import { assert, assertEquals } from "@std/assert";
import { transmitEncoded } from "../../../lib/otr/transmit.ts";
import { parseOtrMessage } from "../../../lib/otr/wire/message_kind.ts";

const MESSAGE = {
  version: 3,
  senderTag: 0x100,
  receiverTag: 0x200,
  type: "dh-key",
  gy: new Uint8Array(192).fill(7),
} as const;

Deno.test("transmitEncoded() sends one message when there is no limit", () => {
  const outputs = transmitEncoded(MESSAGE, "ake", 0);
  assertEquals(outputs.length, 1);
  const [output] = outputs;
  assert(output?.type === "transmit");
  assertEquals(output.kind, "ake");
  assertEquals(parseOtrMessage(output.message), { ...MESSAGE, prefix: "", suffix: "" });
});

Deno.test("transmitEncoded() sends fragments with the message's own tags", () => {
  const messages = transmitEncoded(MESSAGE, "ake", 100).map((it) =>
    it.type === "transmit" ? it.message : ""
  );
  assert(messages.length > 1 && messages.every((it) => it.length <= 100));
  for (const message of messages) {
    const read = parseOtrMessage(message);
    assert(read.type === "fragment");
    assertEquals([read.senderTag, read.receiverTag], [0x100, 0x200]);
  }
});
