import { assertEquals } from "@std/assert";
import { readQuery, writeQueryTag } from "../../../../lib/otr/wire/query_message.ts";

Deno.test("readQuery() reads the version sets of the specification's examples", () => {
  const versions = (text: string) => readQuery(text, 0)?.versions;
  assertEquals(versions("?OTR?"), ["1"]);
  assertEquals(versions("?OTRv2?"), ["2"]);
  assertEquals(versions("?OTRv23?"), ["2", "3"]);
  assertEquals(versions("?OTR?v2?"), ["1", "2"]);
  assertEquals(versions("?OTRv24x?"), ["2", "4", "x"]);
  assertEquals(versions("?OTR?v24x?"), ["1", "2", "4", "x"]);
  assertEquals(versions("?OTR?v?"), ["1"]);
  assertEquals(versions("?OTRv?"), []);
});

Deno.test("readQuery() keeps the text around the query", () => {
  assertEquals(readQuery("Hi ?OTRv3? there", 3), {
    type: "query",
    versions: ["3"],
    tag: "?OTRv3?",
    prefix: "Hi ",
    suffix: " there",
  });
});

Deno.test("readQuery() takes a version once however often it is listed", () => {
  assertEquals(readQuery("?OTRv2232?", 0)?.versions, ["2", "3"]);
});

Deno.test("readQuery() takes no version list without its question mark", () => {
  assertEquals(readQuery("?OTRvaluable", 0), undefined);
  assertEquals(readQuery("?OTRv23 ?", 0), undefined);
  assertEquals(readQuery("?OTR", 0), undefined);
  assertEquals(readQuery(`?OTRv${"4".repeat(65)}?`, 0), undefined);
  // A bare "?" before an unfinished list is still version 1's query.
  assertEquals(readQuery("?OTR?very", 0)?.tag, "?OTR?");
});

Deno.test("writeQueryTag() lists the versions", () => {
  assertEquals(writeQueryTag(["2", "3"]), "?OTRv23?");
});
