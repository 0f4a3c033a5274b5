import { assertEquals, assertRejects } from "@std/assert";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { createPrompt } from "../../../../cli/terminal/prompt.ts";
import { runEditor } from "../../../../cli/terminal/editor.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

function context(variables: Record<string, string>): Parameters<typeof runEditor>[1] {
  return {
    environment: (name) => variables[name],
    prompt: createPrompt(() => undefined, true),
    signal: new AbortController().signal,
  };
}

Deno.test("runEditor() runs VISUAL before EDITOR, as a command line", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("a file");
  await Deno.writeTextFile(path, "one\n");
  await runEditor(path, context({ VISUAL: "sed -i 's/one/two words/'", EDITOR: "false" }));
  assertEquals(await Deno.readTextFile(path), "two words\n");
});

Deno.test("runEditor() refuses without an editor, and when the editor fails", async () => {
  const none = await assertRejects(() => runEditor("x", context({})), CliError);
  assertEquals(none.status, 2);
  const failed = await assertRejects(() => runEditor("x", context({ EDITOR: "false" })), CliError);
  assertEquals([failed.status, failed.code], [1, "cli/editor-failed"]);
});
