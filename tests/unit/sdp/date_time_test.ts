import { assertEquals, assertThrows } from "@std/assert";
import { parseDateTime, writeDateTime } from "../../../lib/sdp/date_time.ts";

Deno.test("parseDateTime() reads what RFC 5322 §3.3 allows, in any zone", () => {
  const at = Date.UTC(2006, 4, 15, 12, 1, 31);
  assertEquals(parseDateTime("Mon, 15 May 2006 15:01:31 +0300"), at);
  assertEquals(parseDateTime("15 May 2006 15:01:31 +0300"), at);
  assertEquals(parseDateTime("Mon,  15 May  2006 06:31:31 -0530"), at);
  assertEquals(parseDateTime("1 Jan 1970 00:00 +0000"), 0);
  assertEquals(parseDateTime("29 Feb 2000 00:00:00 +0000"), Date.UTC(2000, 1, 29));
});

for (
  const text of [
    "",
    "Mon, 15 May 2006 15:01:31 GMT",
    "Mon, 15 May 2006 15:01:31",
    "Mon, 15 Mai 2006 15:01:31 +0300",
    "32 Jan 2006 15:01:31 +0300",
    "29 Feb 2001 00:00:00 +0000",
    "1 Jan 2006 24:00:00 +0000",
    "1 Jan 2006 00:00:00 +0060",
    "yesterday",
  ]
) {
  Deno.test(`parseDateTime() refuses ${JSON.stringify(text)}`, () => {
    assertEquals(parseDateTime(text), undefined);
  });
}

Deno.test("writeDateTime() agrees with the platform's calendar through the centuries", () => {
  for (let at = Date.UTC(1900, 0, 1); at < Date.UTC(2500, 0, 1); at += 86_400_000 * 13.37) {
    const expected = new Date(Math.floor(at / 1000) * 1000);
    assertEquals(writeDateTime(at), expected.toUTCString().replace("GMT", "+0000"));
    assertEquals(parseDateTime(writeDateTime(at)), expected.getTime());
  }
});

Deno.test("writeDateTime() writes the last moment of a leap year", () => {
  assertEquals(
    writeDateTime(Date.UTC(2024, 11, 31, 23, 59, 59)),
    "Tue, 31 Dec 2024 23:59:59 +0000",
  );
});

Deno.test("writeDateTime() refuses what four digits cannot say", () => {
  for (const at of [NaN, Infinity, Date.UTC(1899, 11, 31), Date.UTC(10_000, 0, 1)]) {
    assertThrows(() => writeDateTime(at), RangeError);
  }
});
