import { assertEquals } from "@std/assert";
import { openCheckout, type SourceTree } from "../../tools/checks/source_tree.ts";
import { resolveSpecifier } from "../../tools/lint/source_path.ts";

/** Packages, and files that a start of `sotto fingerprint` must do without. */
const TOO_MUCH =
  /^(commander|@|smol-toml|node:)|^lib\/(session|msrp|sip|sdp|im|trace|harness|transport)\/|^lib\/otr\/(conversation|ake|smp|data)|^cli\/(program|commands)/;
const NEEDED = /^@noble\/hashes\//;

Deno.test("a start for `fingerprint` or `--version` loads neither the parser of arguments nor a protocol (decision 0011)", () => {
  const loaded = loadedFrom("cli/main.ts", openCheckout());
  assertEquals(loaded.has("cli/quick_answers.ts"), true);
  assertEquals(loaded.has("lib/otr/keys/dsa_private_key.ts"), true);
  assertEquals([...loaded].filter((it) => TOO_MUCH.test(it) && !NEEDED.test(it)), []);
});

/** What Deno prepares for `entry`: whatever is imported by a name that can be read ahead. */
function loadedFrom(entry: string, tree: SourceTree): Set<string> {
  const found = new Set<string>([entry]);
  for (const path of found) {
    if (!path.endsWith(".ts")) continue;
    for (const specifier of importsOf(tree.read(path))) {
      found.add(resolveSpecifier(specifier, path));
    }
  }
  return found;
}

function importsOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const statements = code.matchAll(
    /^(?:import|export)\s+(?!type\b)(?:[^;"]*?\bfrom\s+)?"([^"]+)"/gm,
  );
  const expressions = code.matchAll(/(?<!typeof )\bimport\(\s*"([^"]+)"\s*\)/g);
  return [...statements, ...expressions].map((it) => it[1] ?? "");
}
