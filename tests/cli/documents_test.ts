import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../cli/program.ts";
import { withHelp } from "../../tools/write_cli_help.ts";

const PAGES = new URL("../../docs/cli/", import.meta.url);

for (const { name } of [...Deno.readDirSync(PAGES)].filter((it) => it.name.endsWith(".md"))) {
  Deno.test(`docs/cli/${name} shows the help as it is`, async () => {
    const page = await Deno.readTextFile(new URL(name, PAGES));
    assertEquals(
      page,
      await withHelp(page),
      "run: deno run -RW --allow-env tools/write_cli_help.ts",
    );
  });
}

Deno.test("docs/cli has a page with the help of every command of this build", async () => {
  const pages = new Set([...Deno.readDirSync(PAGES)].map((it) => it.name));
  for (const [name, { load, hidden }] of Object.entries(COMMANDS)) {
    if (load === undefined || hidden) continue;
    const page = `${name.replaceAll("-", "_")}.md`;
    assert(pages.has(page), `docs/cli/${page} is missing`);
    assertStringIncludes(await Deno.readTextFile(new URL(page, PAGES)), `$ sotto ${name} --help\n`);
  }
});
