import { assert, assertEquals } from "@std/assert";
import { acceptsContentType, mediaType } from "../../../lib/msrp/accept_types.ts";

Deno.test("acceptsContentType() matches whole types, families and everything", () => {
  const cases: [string, string, boolean][] = [
    ["text/plain", "text/plain", true],
    ["text/plain", "TEXT/PLAIN ; charset=x", true],
    ["Text/Plain;x=y", "text/plain", true],
    ["text/*", "text/x-otr", true],
    ["*", "application/octet-stream", true],
    ["*/*", "application/octet-stream", true],
    ["text/plain", "text/plainer", false],
    ["text/*", "texts/plain", false],
    ["*", "no-slash", false],
    ["*", "", false],
  ];
  for (const [entry, type, expected] of cases) {
    assertEquals(acceptsContentType([entry], type), expected, `${entry} ${type}`);
  }
  assert(acceptsContentType([], "multipart/mixed;boundary=a"));
  assert(!acceptsContentType([], "text/plain"));
});

Deno.test("mediaType() leaves parameters and case aside", () => {
  assertEquals(mediaType("Message/CPIM; x=1; y=2"), "message/cpim");
});
