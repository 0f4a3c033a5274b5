import { assertEquals } from "@std/assert";
import { fromHex } from "../../../../lib/base/bytes.ts";
import { armour, parseOtrMessage, writeOtrMessage } from "../../../../lib/otr/wire/message_kind.ts";

const DH_KEY = armour(fromHex("00030a" + "00000100" + "00000200" + "00000001" + "07"));

Deno.test("parseOtrMessage() tells the kinds apart", () => {
  const tag = " \t  \t\t\t\t \t \t \t    \t\t  \t ";
  for (
    const [text, type] of [
      ["Hello", "plaintext"],
      ["", "plaintext"],
      [`Hello${tag}`, "tagged-plaintext"],
      ["?OTRv23? please", "query"],
      ["say ?OTR?", "query"],
      ["?OTR Error: no", "error"],
      ["?OTR|100|200,1,2,?OTR:AAAA,", "fragment"],
      ["?OTR,1,2,?OTR:AAAA,", "fragment"],
      [DH_KEY, "dh-key"],
      ["?OTR:AAQD.", "unknown"],
      ["?OTR:AAAA", "malformed"],
      ["?OTR:.", "malformed"],
      ["?OTR:===.", "malformed"],
      ["?OTR|1|2", "malformed"],
      ["?OTR is a protocol", "plaintext"],
      ["?OTRvaluable", "plaintext"],
    ]
  ) assertEquals(parseOtrMessage(text ?? "").type, type, text);
});

Deno.test("parseOtrMessage() looks for fragments before it looks for what they carry", () => {
  assertEquals(parseOtrMessage("?OTR|100|200,00001,00002,?OTR:AAMK,").type, "fragment");
});

Deno.test("parseOtrMessage() carries text before and after an encoded message along", () => {
  const read = parseOtrMessage(`<b>${DH_KEY}</b>`);
  assertEquals(read.type === "dh-key" && [read.prefix, read.suffix], ["<b>", "</b>"]);
});

Deno.test("writeOtrMessage() writes every kind as it was read", () => {
  for (
    const text of [
      "Hello",
      "Hel \t  \t\t\t\t \t \t \t    \t\t  \t lo",
      "x ?OTR?v24x? y",
      "x ?OTR Error: y",
      "x ?OTR|00100|200,01,2,abc,",
      "?OTR,1,2,abc,",
      `x${DH_KEY}y`,
      "x?OTR:AAQD.y",
      "?OTR:===.",
    ]
  ) assertEquals(writeOtrMessage(parseOtrMessage(text)), text);
});
