import { assertEquals } from "@std/assert";
import { checkErrorCodes } from "../../../../tools/checks/error_codes.ts";
import { treeOf } from "../../../../tools/checks/source_tree.ts";

Deno.test("checkErrorCodes() compares the code with the documents, both ways", () => {
  const tree = treeOf({
    "lib/msrp/uri.ts": `throw new PeerError("msrp/bad-uri", "§6", "x");
      /* "msrp/in-a-comment" */ import "../msrp/uri.ts"; const file = "otr/key.txt";`,
    "cli/main.ts": `if (error.code === "msrp/bad-path") {}`,
    "docs/errors/msrp.md": [
      "| code | meaning | what to do |",
      "| --- | --- | --- |",
      "| `msrp/bad-uri` | it was no URI | give one |",
      "| `msrp/old` | gone | nothing |",
      "| `msrp/bare` | |",
      "| `sip/bad-uri` | of another room | move it |",
    ].join("\n"),
  });
  assertEquals(checkErrorCodes(tree), [
    "docs/errors/msrp.md: msrp/bare needs its meaning and what to do",
    "docs/errors/msrp.md explains sip/bad-uri of another room",
    "cli/main.ts uses msrp/bad-path, which docs/errors/msrp.md does not explain",
    "docs/errors/msrp.md explains msrp/old, which nothing uses",
    "docs/errors/msrp.md explains msrp/bare, which nothing uses",
    "docs/errors/msrp.md explains sip/bad-uri, which nothing uses",
  ]);
});

Deno.test("checkErrorCodes() refuses two explanations of one code", () => {
  const row = "| `msrp/bad-uri` | it was no URI | give one |";
  const tree = treeOf({
    "lib/msrp/uri.ts": `"msrp/bad-uri"`,
    "docs/errors/msrp.md": `${row}\n${row}`,
  });
  assertEquals(checkErrorCodes(tree), ["docs/errors/msrp.md explains msrp/bad-uri twice"]);
});

Deno.test("checkErrorCodes() wants every code of the status table to be in use", () => {
  const tree = treeOf({
    "lib/msrp/uri.ts": `"msrp/bad-uri"`,
    "cli/output/exit_code.ts": `const BY_CODE = { "msrp/bad-uri": 4, "msrp/gone": 6 };`,
    "docs/errors/msrp.md": "| `msrp/bad-uri` | it was no URI | give one |",
  });
  assertEquals(checkErrorCodes(tree), [
    "cli/output/exit_code.ts has a status for msrp/gone, which nothing uses",
  ]);
});
