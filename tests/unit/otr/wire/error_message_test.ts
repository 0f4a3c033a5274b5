import { assertEquals } from "@std/assert";
import { readErrorMessage, writeErrorMessage } from "../../../../lib/otr/wire/error_message.ts";

Deno.test("readErrorMessage() takes everything behind the colon", () => {
  assertEquals(readErrorMessage("x ?OTR Error: no\nkey", 2), {
    type: "error",
    text: " no\nkey",
    prefix: "x ",
  });
  assertEquals(readErrorMessage("?OTR Error:", 0)?.text, "");
});

Deno.test("readErrorMessage() takes nothing else", () => {
  assertEquals(readErrorMessage("?OTR error: x", 0), undefined);
  assertEquals(readErrorMessage("?OTR Error", 0), undefined);
});

Deno.test("writeErrorMessage() writes what is read back", () => {
  assertEquals(readErrorMessage(writeErrorMessage(" why"), 0)?.text, " why");
});
