import { assertEquals } from "@std/assert";
import { openCheckout } from "../../tools/checks/source_tree.ts";

async function runExamples(...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-read", "--quiet", "--doc", ...args],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
}

Deno.test("the examples in README.md compile and run", async () => {
  await runExamples("README.md");
});

Deno.test("the examples in the doors' comments run", async () => {
  const doors = openCheckout().paths.filter((it) => /^(lib\/[^/]+\/)?mod\.ts$/.test(it));
  // Not compiled: deno imports every name of a door into its examples, and the names that an
  // example does not use would be errors of `noUnusedLocals`.
  await runExamples("--no-check", ...doors);
});
