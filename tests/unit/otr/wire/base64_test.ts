import { assertEquals } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { decodeBase64, encodeBase64 } from "../../../../lib/otr/wire/base64.ts";

/** RFC 4648 §10. */
const VECTORS = [
  ["", ""],
  ["f", "Zg=="],
  ["fo", "Zm8="],
  ["foo", "Zm9v"],
  ["foob", "Zm9vYg=="],
  ["fooba", "Zm9vYmE="],
  ["foobar", "Zm9vYmFy"],
] as const;

Deno.test("encodeBase64() agrees with RFC 4648", () => {
  for (const [text, encoded] of VECTORS) assertEquals(encodeBase64(utf8(text)), encoded);
});

Deno.test("decodeBase64() agrees with RFC 4648", () => {
  for (const [text, encoded] of VECTORS) assertEquals(decodeBase64(encoded), utf8(text));
});

Deno.test("decodeBase64() reads every octet that encodeBase64() writes", () => {
  const all = Uint8Array.from({ length: 256 }, (_, it) => it);
  for (let length = 0; length <= 256; length++) {
    const bytes = all.slice(256 - length);
    assertEquals(decodeBase64(encodeBase64(bytes)), bytes);
  }
});

Deno.test("decodeBase64() refuses what is not base64", () => {
  for (
    const text of ["=", "==", "===", "====", "A", "AA", "AAA", "A===", "AA=A", "=AAA", "AAAA="]
  ) {
    assertEquals(decodeBase64(text), undefined, text);
  }
  for (const text of ["AAA ", "AA\nA", "AAA-", "AAA_", "AAAé", "AAA\u{1f600}"]) {
    assertEquals(decodeBase64(text), undefined, text);
  }
});

Deno.test("decodeBase64() refuses spare bits that would not be written back", () => {
  assertEquals(decodeBase64("Zh=="), undefined);
  assertEquals(decodeBase64("Zm9="), undefined);
});
