import { assertEquals, assertThrows } from "@std/assert";
import { fromLatin1 } from "../../../lib/base/ascii.ts";
import { utf8 } from "../../../lib/base/bytes.ts";
import { PeerError } from "../../../lib/base/errors.ts";
import { readableText, textOf, tryParse } from "../../../lib/session/message_text.ts";

Deno.test("textOf() reads the character set that the type names, and Blink's utf8", () => {
  const cases = [
    ["text/plain; charset=utf-8", utf8("café")],
    ['text/plain; charset="utf8"', utf8("café")],
    ["text/plain", utf8("café")],
    ["text/plain; charset=iso-8859-1", fromLatin1("café")],
    ["no type at all", utf8("café")],
  ] as const;
  for (const [contentType, body] of cases) assertEquals(textOf({ contentType, body }), "café");
});

Deno.test("readableText() renders HTML and leaves everything else alone", () => {
  const message = {
    type: "message",
    direction: "in",
    id: "1",
    from: "a@b",
    to: "c@d",
    encryption: "",
  } as const;
  const html = { ...message, contentType: "text/html; charset=utf8", body: "<b>hi</b> &amp; bye" };
  assertEquals(readableText(html), "hi & bye");
  const plain = { ...message, contentType: "text/plain", body: "<b>hi</b>" };
  assertEquals(readableText(plain), "<b>hi</b>");
});

Deno.test("tryParse() forgives what the peer wrote and nothing else", () => {
  assertEquals(
    tryParse(() => {
      throw new PeerError("im/bad-xml", "RFC 3994", "no");
    }),
    undefined,
  );
  assertThrows(() =>
    tryParse(() => {
      throw new TypeError("ours");
    }), TypeError);
});
