import { assertEquals } from "@std/assert";
import { treeOf } from "../../../../tools/checks/source_tree.ts";
import { checkFixtures, checkForbiddenTexts, checkLinks } from "../../../../tools/checks/texts.ts";

Deno.test("checkForbiddenTexts() finds machine paths, registry hosts and unfinished work", () => {
  const tree = treeOf({
    "lib/a.ts": ["// TO" + "DO later", 'const file = "/ro' + 'ot/key";'].join("\n"),
    "docs/b.md": ["see ../sha" + "red/specs", "from registry.npm" + "js.org", "TO" + "DO"].join(
      "\n",
    ),
    "bin/sotto": "cd /wo" + "rk/main",
    "fixtures/c.pcap": "/ro" + "ot/x",
  });
  assertEquals(checkForbiddenTexts(tree), [
    "bin/sotto:1 names a path of somebody's machine",
    "docs/b.md:1 names a folder beside the checkout, which users do not have",
    "docs/b.md:2 names a registry's host",
    "lib/a.ts:1 leaves work unfinished",
    "lib/a.ts:2 names a path of somebody's machine",
  ]);
});

Deno.test("checkLinks() follows relative links only", () => {
  const tree = treeOf({
    "README.md": [
      "[a](docs/a.md) [b](docs/) [c](docs/b.md#there) [d](https://example.org) [e](#here)",
      "```",
      "[f](in/a/block.md)",
      "```",
      "`[g](in/a/span.md)`",
    ].join("\n"),
    "docs/a.md": "[up](../README.md)",
  });
  assertEquals(checkLinks(tree), ["README.md links to docs/b.md#there, which does not exist"]);
});

Deno.test("checkFixtures() wants data, and to know where it came from", () => {
  const tree = treeOf({
    "fixtures/README.md": "## otr\nrecorded by us",
    "fixtures/otr/a.jsonl": "",
    "fixtures/sip/b.dat": "",
    "fixtures/otr/make.py": "",
  });
  assertEquals(checkFixtures(tree), [
    "fixtures/otr/make.py is code: fixtures hold data",
    "fixtures/README.md does not say where sip/ came from",
  ]);
});
