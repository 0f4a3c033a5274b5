import { assertEquals } from "@std/assert";
import { formatInstant, parseInstant } from "../../../lib/trace/instant_text.ts";

Deno.test("formatInstant() shows milliseconds, or microseconds when asked", () => {
  assertEquals(formatInstant(1_700_000_000_123.456), "2023-11-14T22:13:20.123Z");
  assertEquals(formatInstant(1_700_000_000_123.456, 6), "2023-11-14T22:13:20.123456Z");
  assertEquals(formatInstant(999.9999, 6), "1970-01-01T00:00:01.000000Z");
});

Deno.test("formatInstant() never throws: what no date can show becomes the nearest one", () => {
  assertEquals(formatInstant(-5), "1970-01-01T00:00:00.000Z");
  assertEquals(formatInstant(Number.NaN), "1970-01-01T00:00:00.000Z");
  assertEquals(formatInstant(1e18), "9999-12-31T23:59:59.999Z");
});

Deno.test("parseInstant() reads RFC 3339 with any zone, and logs without one", () => {
  const wanted = Date.UTC(2026, 1, 3, 10, 11, 12);
  assertEquals(parseInstant("2026-02-03T10:11:12Z"), wanted);
  assertEquals(parseInstant("2026-02-03T11:11:12.5+01:00"), wanted + 500);
  assertEquals(parseInstant("2026-02-03T09:41:12-00:30"), wanted);
  assertEquals(parseInstant("2026-02-03 10:11:12.131999"), wanted + 131.999);
  assertEquals(parseInstant("2026-02-03 10:11:12"), wanted);
  for (const text of ["", "yesterday", "2026-02-03", "10:11:12", "2026-02-03T10:11"]) {
    assertEquals(parseInstant(text), undefined, text);
  }
});

Deno.test("parseInstant() reads what formatInstant() wrote", () => {
  for (const at of [0, 1_700_000_000_123.456, 4e12]) {
    assertEquals(parseInstant(formatInstant(at, 6))?.toFixed(3), at.toFixed(3));
  }
});
