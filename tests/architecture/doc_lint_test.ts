import { faultsOfDocLint } from "../../tools/checks/doc_lint.ts";
import { openCheckout } from "../../tools/checks/source_tree.ts";
import { assertNoFaults } from "../helpers/faults.ts";

Deno.test("everything that a door exports is documented and public", async () => {
  const doors = openCheckout().paths.filter((it) => /^(lib\/[^/]+\/)?mod\.ts$/.test(it));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", ...doors],
    cwd: new URL("../../", import.meta.url),
    stdout: "piped",
    stderr: "piped",
  }).output();
  const output = new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout);
  const faults = faultsOfDocLint(output);
  // A failure for another reason, such as a file that does not parse, must not pass unseen.
  if (code !== 0 && !/error\[/.test(output)) faults.push(output.slice(0, 2_000));
  assertNoFaults(faults);
});
