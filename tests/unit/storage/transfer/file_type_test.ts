import { assertEquals } from "@std/assert";
import { mediaTypeOf } from "../../../../lib/storage/transfer/file_type.ts";

Deno.test("mediaTypeOf() goes by the ending, in any case", () => {
  assertEquals(mediaTypeOf("a/b.JPG"), "image/jpeg");
  assertEquals(mediaTypeOf("notes.txt"), "text/plain");
  for (const name of ["README", "a.unknown", "a.", ".txt.", "constructor", "a.constructor"]) {
    assertEquals(mediaTypeOf(name), "application/octet-stream");
  }
});
