import { assertEquals } from "@std/assert";

const PROGRAM = `
import { createLineEditor } from "${new URL(
  "../../../../cli/terminal/line_editor.ts",
  import.meta.url,
)}";
const encoder = new TextEncoder();
using editor = await createLineEditor({
  prompt: "> ",
  complete: () => [],
  onInterrupt() {},
  write: (text) => Deno.stdout.writeSync(encoder.encode(text)),
});
editor.setPrompt("[orange] > ");
const lines = editor.lines[Symbol.asyncIterator]();
for (;;) {
  const { done, value } = await lines.next();
  if (done) break;
  if (value === "/smp") editor.print("secret " + await editor.askHidden("Shared secret"));
  else editor.print("said " + value);
}
`;

Deno.test("createLineEditor() without a terminal reads lines, prints messages and no prompt", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", PROGRAM],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("hello\n/smp\nunder the clock\nbye"));
  await writer.close();
  const { stdout, code } = await child.output();
  assertEquals(
    [new TextDecoder().decode(stdout), code],
    ["said hello\nsecret under the clock\nsaid bye\n", 0],
  );
});
