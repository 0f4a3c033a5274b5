import { assertEquals } from "@std/assert";
import manifest from "../../../deno.json" with { type: "json" };

/** Runs cli/main.ts as a process of its own, without any permission. */
async function runMain(...args: string[]): Promise<[number, string, string]> {
  const main = new URL("../../../cli/main.ts", import.meta.url).pathname;
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--config", config, main, ...args],
  }).output();
  const decoder = new TextDecoder();
  return [code, decoder.decode(stdout), decoder.decode(stderr)];
}

Deno.test("main ends with the status of the program, and needs no permission to say its version", async () => {
  assertEquals(await runMain("--version"), [0, `${manifest.version}\n`, ""]);
  assertEquals(await runMain("frobnicate"), [
    2,
    "",
    "sotto: error: unknown command 'frobnicate'\n",
  ]);
});
