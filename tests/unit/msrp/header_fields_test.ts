import { assertEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../lib/base/errors.ts";
import {
  parseHeaderField,
  readRequestFields,
  SINGLE_HEADERS,
  wantsNoFailureReport,
} from "../../../lib/msrp/header_fields.ts";

Deno.test("parseHeaderField() splits at the first colon and trims the value", () => {
  assertEquals(parseHeaderField("X-A: b: c "), { name: "X-A", value: "b: c" });
  assertEquals(parseHeaderField("X-A:\tb\t"), { name: "X-A", value: "b" });
  assertEquals(parseHeaderField("X-A:"), { name: "X-A", value: "" });
  for (const bad of ["X-A", ": b", " X: b", "1X: b", "X A: b", "X: a\u0000b", "X: a\rb", ""]) {
    const error = assertThrows(() => parseHeaderField(bad), PeerError);
    assertEquals(error.code, "msrp/bad-header");
  }
});

Deno.test("parseHeaderField() takes linear time for a long line", () => {
  const spaces = " ".repeat(16_000);
  assertEquals(parseHeaderField(`X: a${spaces}b${spaces}`).value.length, 16_002);
});

Deno.test("readRequestFields() fills in the defaults of §7.1.1", () => {
  const fields = readRequestFields([]);
  assertEquals([fields.successReport, fields.failureReport, fields.keepAlive], [
    false,
    "yes",
    false,
  ]);
  assertEquals([fields.messageId, fields.byteRange, fields.status], [
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("readRequestFields() accepts a UUID as Message-ID, but no empty or endless one", () => {
  const read = (value: string): string | undefined =>
    readRequestFields([{ name: "message-id", value }]).messageId;
  const uuid = "123e4567-e89b-12d3-a456-426614174000";
  assertEquals(read(uuid), uuid);
  for (const bad of ["", "a b", "x".repeat(257), "é"]) assertThrows(() => read(bad), PeerError);
});

Deno.test("wantsNoFailureReport() reads what it can", () => {
  const ask = (value: string): boolean => wantsNoFailureReport([{ name: "Failure-Report", value }]);
  assertEquals(["no", "NO", "yes", "partial", ""].map(ask), [true, true, false, false, false]);
  assertEquals(wantsNoFailureReport([]), false);
});

Deno.test("SINGLE_HEADERS are in lower case", () => {
  for (const name of SINGLE_HEADERS) assertEquals(name, name.toLowerCase());
});
