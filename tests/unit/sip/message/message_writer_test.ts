/** Messages → octets. */
import { assertEquals, assertThrows } from "@std/assert";
import { decodeUtf8Lossy, utf8 } from "../../../../lib/base/bytes.ts";
import { writeSipMessage } from "../../../../lib/sip/message/message_writer.ts";

Deno.test("writeSipMessage() writes UTF-8 and counts the body itself", () => {
  const bytes = writeSipMessage({
    kind: "response",
    status: 200,
    reason: "Добро",
    headers: [{ name: "Content-Length", value: "999" }, { name: "X", value: "" }],
    body: utf8("é"),
  });
  assertEquals(
    decodeUtf8Lossy(bytes),
    "SIP/2.0 200 Добро\r\nX: \r\nContent-Length: 2\r\n\r\né",
  );
});

Deno.test("writeSipMessage() refuses a line break in a header field, a reason or a URI", () => {
  const response = { kind: "response", status: 200, headers: [], body: utf8("") } as const;
  assertThrows(() => writeSipMessage({ ...response, reason: "a\r\nX: y" }), RangeError);
  const headers = [{ name: "X", value: "a\nY: b" }];
  assertThrows(() => writeSipMessage({ ...response, reason: "", headers }), RangeError);
});
