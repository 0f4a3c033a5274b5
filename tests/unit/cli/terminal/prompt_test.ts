import { assertEquals, assertRejects } from "@std/assert";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { createPrompt } from "../../../../cli/terminal/prompt.ts";
import { MemorySink, typedTerminal } from "../../../helpers/program.ts";

Deno.test("Prompt.confirm() takes y and yes for yes, everything else for no", async () => {
  for (
    const [typed, expected] of [["y\r", true], ["YES\r", true], ["\r", false], [
      "n\r",
      false,
    ]] as const
  ) {
    const screen = new MemorySink(true);
    const prompt = createPrompt(typedTerminal(typed, screen), true);
    assertEquals(await prompt.confirm("Sure?", { flag: "--yes" }), expected);
    assertEquals(screen.text.startsWith("Sure? [y/N] "), true);
  }
});

Deno.test("Prompt.secret() shows nothing of what is typed", async () => {
  const screen = new MemorySink(true);
  const prompt = createPrompt(typedTerminal("s3crX\x7f\u00fc\r", screen), true);
  assertEquals(await prompt.secret("Password", { flag: "--password-file" }), "s3cr\u00fc");
  assertEquals(screen.text, "Password: \r\n");
});

Deno.test("Prompt names the flag when there is nobody to ask", async () => {
  const none = createPrompt(() => undefined, true);
  assertEquals(none.available, false);
  await assertRejects(
    () => none.line("Name", { flag: "--name" }),
    CliError,
    "there is no terminal to ask on: pass --name instead",
  );
  const forbidden = createPrompt(typedTerminal("x\r", new MemorySink()), false);
  assertEquals(forbidden.available, false);
  const error = await assertRejects(
    () => forbidden.line("Name", { flag: "--name" }),
    CliError,
    "--no-input forbids to ask: pass --name instead",
  );
  assertEquals(error.status, 2);
});
