import { assertEquals } from "@std/assert";
import { readLines } from "../../../../cli/terminal/lines.ts";
import { utf8 } from "../../../../lib/base/mod.ts";
import { everySplit } from "../../../helpers/every_split.ts";

Deno.test("readLines() yields lines however the octets are cut, and the last without its end", async () => {
  for (const { label, pieces } of everySplit(utf8("grüße\r\n\nlast €"))) {
    const lines = await Array.fromAsync(readLines(ReadableStream.from(pieces)));
    assertEquals(lines, ["grüße", "", "last €"], label);
  }
});

Deno.test("readLines() yields nothing for nothing, and no line after a final line end", async () => {
  assertEquals(await Array.fromAsync(readLines(ReadableStream.from([]))), []);
  assertEquals(await Array.fromAsync(readLines(ReadableStream.from([utf8("a\n")]))), ["a"]);
});
