import { assertEquals } from "@std/assert";
import { bareMediaType, listsMediaType } from "../../../lib/base/media_type.ts";

Deno.test("bareMediaType() leaves parameters and case aside", () => {
  assertEquals(bareMediaType(' Text/HTML ;charset="a;b"'), "text/html");
  assertEquals(bareMediaType(""), "");
});

Deno.test("listsMediaType() knows everything, families and names", () => {
  for (
    const [entries, type, expected] of [
      [["*"], "image/png", true],
      [["*/*"], "image/png", true],
      [["text/*"], "Text/HTML; charset=utf-8", true],
      [["TEXT/plain;format=flowed"], "text/plain", true],
      [["text/*", "image/png"], "image/gif", false],
      [["text/*"], "texts/plain", false],
      [["*"], "nonsense", false],
      [["*"], "/plain", false],
      [[], "text/plain", false],
    ] as const
  ) {
    assertEquals(listsMediaType(entries, type), expected, `${entries} ${type}`);
  }
});
