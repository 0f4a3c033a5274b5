import { assertEquals, assertThrows } from "@std/assert";
import { decodeUtf8, utf8 } from "../../../lib/base/bytes.ts";
import { PeerError } from "../../../lib/base/errors.ts";
import { unwrapMessage, wrapMessage } from "../../../lib/session/message_wrapping.ts";

const OPTIONS = {
  from: { aor: "alice@example.com", displayName: "Alice" },
  to: "bob@example.net",
  at: Date.UTC(2026, 1, 3, 10, 11, 12, 131),
} as const;

Deno.test("wrapMessage() writes CPIM with CRLF headers and the body untouched at the end", () => {
  const content = { contentType: "text/plain; charset=utf-8", body: utf8("?OTR:AAMD.") };
  const wrapped = wrapMessage(content, { ...OPTIONS, carriage: "cpim" });
  assertEquals(wrapped.contentType, "message/cpim");
  assertEquals(
    decodeUtf8(wrapped.body),
    "From: Alice <sip:alice@example.com>\r\nTo: <sip:bob@example.net>\r\n" +
      "DateTime: 2026-02-03T10:11:12.131Z\r\n\r\n" +
      "Content-Type: text/plain;charset=utf-8\r\n\r\n?OTR:AAMD.",
  );
});

Deno.test("wrapMessage() leaves content alone for peers without CPIM", () => {
  const content = { contentType: "text/plain", body: utf8("hello") };
  for (const carriage of ["plain", "refused"] as const) {
    assertEquals(wrapMessage(content, { ...OPTIONS, carriage }), content);
  }
});

Deno.test("unwrapMessage() takes content out of CPIM as Blink writes it", () => {
  const body = utf8(
    "From: Alice <sip:alice@example.com>\r\nTo: <sip:bob@example.net>\r\n" +
      "DateTime: 2026-02-03T10:11:12.131415+01:00\r\n\r\n" +
      'MIME-Version: 1.0\nContent-Type: text/html; charset="utf8"\nContent-Transfer-Encoding: \n\n<b>hé</b>',
  );
  const { content, from } = unwrapMessage({ contentType: "message/cpim", body });
  assertEquals(content.contentType.startsWith("text/html"), true);
  assertEquals(decodeUtf8(content.body), "<b>hé</b>");
  assertEquals(from, "sip:alice@example.com");
});

Deno.test("unwrapMessage() passes everything else through", () => {
  const content = { contentType: "text/plain", body: utf8("x") };
  assertEquals(unwrapMessage(content), { content });
});

Deno.test("MSRP-172 unwrapMessage() refuses a message that requires what nobody understands", () => {
  const body = utf8(
    "From: <sip:a@b.c>\r\nTo: <sip:d@e.f>\r\nRequire: Teleport\r\n\r\nContent-Type: text/plain\r\n\r\nx",
  );
  const error = assertThrows(
    () => unwrapMessage({ contentType: "message/cpim", body }),
    PeerError,
  );
  assertEquals([error.code, error.rule], ["session/cpim-feature", "RFC 3862 §4.7"]);
});
