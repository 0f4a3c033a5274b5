import { assertEquals, assertStringIncludes } from "@std/assert";
import { runSotto } from "../../../helpers/program.ts";
import { findProgram } from "../../../helpers/live_peer.ts";

Deno.test("completions prints a script for each shell that calls sotto complete", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { status, stdout } = await runSotto(["completions", shell]);
    assertEquals(status, 0);
    assertStringIncludes(stdout, "sotto complete --");
  }
  assertEquals((await runSotto(["completions", "tcsh"])).status, 2);
});

Deno.test("completions are scripts that the shells accept", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    if (findProgram(shell) === undefined) continue; // A shell that nobody has needs no script.
    const { stdout } = await runSotto(["completions", shell]);
    const child = new Deno.Command(shell, { args: ["-n"], stdin: "piped", stderr: "piped" })
      .spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(stdout));
    await writer.close();
    const { code, stderr } = await child.output();
    assertEquals([shell, code, new TextDecoder().decode(stderr)], [shell, 0, ""]);
  }
});
