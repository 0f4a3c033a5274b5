import { assertEquals } from "@std/assert";
import manifest from "../../../deno.json" with { type: "json" };

/** Runs cli/main.ts as a process of its own, with no permissions but these. */
async function runMain(
  permissions: readonly string[],
  ...args: string[]
): Promise<[number, string, string]> {
  const main = new URL("../../../cli/main.ts", import.meta.url).pathname;
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--config", config, ...permissions, main, ...args],
  }).output();
  const decoder = new TextDecoder();
  return [code, decoder.decode(stdout), decoder.decode(stderr)];
}

Deno.test("main ends with the status of the program, and needs no permission to say its version", async () => {
  assertEquals(await runMain([], "--version"), [0, `${manifest.version}\n`, ""]);
  // The program itself is read only now (decision 0011).
  assertEquals(await runMain(["--allow-read"], "frobnicate"), [
    2,
    "",
    "sotto: error: unknown command 'frobnicate'\n",
  ]);
});
