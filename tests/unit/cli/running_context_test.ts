import { assertEquals, assertStringIncludes } from "@std/assert";
import type { CommandContext } from "../../../cli/command.ts";
import { readGlobalOptions } from "../../../cli/options/global.ts";
import { buildProgram } from "../../../cli/program.ts";
import { Interruption } from "../../../cli/signals.ts";
import { contextFor, MemorySink } from "../../helpers/program.ts";

Deno.test("RunningContext.unsupportedOption() makes an option that ends with 127", async () => {
  const context = contextFor(new MemorySink());
  const program = await buildProgram([], context, () => {});
  const command = program.command("greet").action(() => {});
  context.unsupportedOption(command, "--relay <host>");
  let code: unknown;
  await program.parseAsync(["greet", "--relay", "x"], { from: "user" })
    .catch((error: { code: unknown }) => (code = error.code));
  assertEquals(code, "cli/unsupported");
});

Deno.test("RunningContext ends with the signal's status after a clean end", () => {
  const listeners: (() => void)[] = [];
  const context = contextFor(new MemorySink(), (listener) => listeners.push(listener));
  assertEquals(context.interruption, undefined);
  const { signal } = context;
  context.exit(1);
  assertEquals(context.endStatus, 1);
  listeners[0]?.();
  assertEquals([signal.aborted, context.endStatus], [true, 130]);
  assertEquals(signal.reason instanceof Interruption, true);
});

Deno.test("RunningContext knows its home only inside an action", async () => {
  const context: CommandContext = contextFor(new MemorySink());
  let message = "";
  try {
    context.home;
  } catch (error) {
    message = error instanceof Error ? error.message : "";
  }
  assertStringIncludes(message, "inside an action");
  assertEquals(readGlobalOptions(await buildProgram([], context, () => {})).json, false);
});
