import { assertEquals } from "@std/assert";
import { escapeCpim, escapeCpimString, unescapeCpim } from "../../../lib/im/cpim_escape.ts";

Deno.test("unescapeCpim() knows every escape of RFC 3862 §2.3", () => {
  assertEquals(unescapeCpim(String.raw`\\ \" \' \b\t\n\r A\u00fcC`), `\\ " ' \b\t\n\r AüC`);
  assertEquals(unescapeCpim(String.raw`\x \u12 \(`), "x u12 (");
  assertEquals(unescapeCpim("end\\"), "end");
  assertEquals(unescapeCpim("\\\u{1f600}"), "\u{1f600}");
});

Deno.test("escapeCpim() escapes backslashes and controls, and nothing else", () => {
  assertEquals(escapeCpim("a\\b\b\t\n\r\0\x7f\"'ü"), String.raw`a\\b\b\t\n\r\u0000\u007f"'ü`);
});

Deno.test("escapeCpimString() escapes double quotes as well", () => {
  assertEquals(escapeCpimString('a "b"'), String.raw`a \"b\"`);
});

Deno.test("unescapeCpim() undoes both", () => {
  const text = String.fromCharCode(...Array(200).keys());
  assertEquals(unescapeCpim(escapeCpim(text)), text);
  assertEquals(unescapeCpim(escapeCpimString(text)), text);
});
