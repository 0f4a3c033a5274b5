import { assertEquals } from "@std/assert";
import { CONTINUATION_FLAGS, headerValue } from "../../../lib/msrp/chunk.ts";

Deno.test("headerValue() finds the first field of a name in any case", () => {
  const headers = [{ name: "X-A", value: "1" }, { name: "x-a", value: "2" }];
  assertEquals(headerValue(headers, "X-a"), "1");
  assertEquals(headerValue(headers, "X-B"), undefined);
});

Deno.test("CONTINUATION_FLAGS are the three of the grammar", () => {
  assertEquals([...CONTINUATION_FLAGS].join(""), "+$#");
});
