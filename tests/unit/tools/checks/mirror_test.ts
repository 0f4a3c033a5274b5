import { assertEquals } from "@std/assert";
import { checkMirror } from "../../../../tools/checks/mirror.ts";
import { treeOf } from "../../../../tools/checks/source_tree.ts";

Deno.test("checkMirror() names what is missing on either side", () => {
  const tree = treeOf({
    "lib/msrp/uri.ts": "export function parseMsrpUri(): void {}",
    "cli/main.ts": "const x = 1;",
    "tests/unit/msrp/url_test.ts": "",
    "tests/unit/msrp/pair.ts": "",
  });
  assertEquals(checkMirror(tree), [
    "cli/main.ts has no tests/unit/cli/main_test.ts",
    "lib/msrp/uri.ts has no tests/unit/msrp/uri_test.ts",
    "tests/unit/msrp/pair.ts is no test: helpers stand in tests/helpers",
    "tests/unit/msrp/url_test.ts tests no file: there is no lib/msrp/url.ts",
  ]);
});

Deno.test("checkMirror() asks nothing of doors, pure types and commands with a transcript", () => {
  const tree = treeOf({
    "lib/msrp/mod.ts": "export const VERSION = 1;",
    "lib/msrp/events.ts": `/** const in a comment */\nexport type { A } from "./a.ts";\n`,
    "lib/msrp/uri.ts": "export class MsrpUri {}",
    "tests/unit/msrp/uri_test.ts": "",
    "tools/checks/mirror.ts": "export function checkMirror() {}",
    "tests/unit/tools/checks/mirror_test.ts": "",
    "cli/commands/keygen.ts": "export const command = {};",
    "tests/cli/keygen_regenerate.txt": "$ sotto keygen",
  });
  assertEquals(checkMirror(tree), []);
});
