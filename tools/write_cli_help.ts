/** Fills the blocks of docs/cli that begin with `$ sotto … --help` with what that prints. */
import { helpOf } from "./checks/cli_help.ts";

const FOLDER = new URL("../docs/cli/", import.meta.url);

if (import.meta.main) {
  for await (const { name } of Deno.readDir(FOLDER)) {
    if (!name.endsWith(".md")) continue;
    const path = new URL(name, FOLDER);
    const page = await Deno.readTextFile(path);
    const filled = await withHelp(page);
    if (filled !== page) await Deno.writeTextFile(path, filled);
  }
}

/** `page` with its help blocks as they should be. */
export async function withHelp(page: string): Promise<string> {
  let filled = "";
  let at = 0;
  for (const match of page.matchAll(/^```console\n\$ sotto (.*?) ?--help\n(?:[^]*?\n)?```$/gm)) {
    const [whole, command = ""] = match;
    const names = command.split(" ").filter((name) => name !== "");
    filled += page.slice(at, match.index);
    filled += `\`\`\`console\n$ sotto ${[...names, "--help"].join(" ")}\n${await helpOf(
      names,
    )}\`\`\``;
    at = match.index + whole.length;
  }
  return filled + page.slice(at);
}
