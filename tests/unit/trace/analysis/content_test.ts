import { assertEquals } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { explainContent } from "../../../../lib/trace/analysis/content.ts";

Deno.test("explainContent() reads text in the charset it names", () => {
  assertEquals(explainContent("text/plain", utf8("å")).text, "å");
  assertEquals(explainContent("text/plain;charset=iso-8859-1", Uint8Array.of(0xe5)).text, "å");
  assertEquals(explainContent("image/png", Uint8Array.of(1)).text, undefined);
  assertEquals(explainContent(undefined, utf8("x")).text, undefined);
});

Deno.test("explainContent() looks into message/cpim", () => {
  const body = "From: Alice <sip:alice@example.com>\r\nTo: <sip:bob@example.net>\r\n" +
    "DateTime: 2026-02-03T10:11:12Z\r\n\r\nContent-Type: text/plain\r\n\r\nhello";
  const content = explainContent("Message/CPIM", utf8(body));
  assertEquals(content.cpim, {
    from: "Alice <sip:alice@example.com>",
    to: ["<sip:bob@example.net>"],
    dateTime: "2026-02-03T10:11:12Z",
  });
  assertEquals([content.wrappedType, content.text], ["text/plain", "hello"]);
});

Deno.test("explainContent() reads who is typing, bare and wrapped", () => {
  const xml = "<?xml version='1.0'?><isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'>" +
    "<state>active</state></isComposing>";
  assertEquals(explainContent("application/im-iscomposing+xml", utf8(xml)).composing, "active");
  const wrapped =
    `From: <sip:a@b>\r\n\r\nContent-Type: application/im-iscomposing+xml\r\n\r\n${xml}`;
  assertEquals(explainContent("message/cpim", utf8(wrapped)).composing, "active");
});

Deno.test("explainContent() names what it cannot read and throws nothing", () => {
  assertEquals(explainContent("nonsense", utf8("x")).error?.code, "im/bad-content-type");
  assertEquals(explainContent("message/cpim", utf8("no envelope")).error !== undefined, true);
  const notXml = explainContent("application/im-iscomposing+xml", utf8("<"));
  assertEquals(notXml.error !== undefined, true);
});
