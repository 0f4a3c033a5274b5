/** Arguments in, exit status out; nothing else. */
import { answerQuickly } from "./quick_answers.ts";
import type { ProgramWorld } from "./running_context.ts";
import { fileSink } from "./output/sink.ts";
import { openTerminal } from "./terminal/tty.ts";

const world: ProgramWorld = {
  stdout: fileSink(Deno.stdout),
  stderr: fileSink(Deno.stderr),
  environment: (name) => {
    const { state } = Deno.permissions.querySync({ name: "env", variable: name });
    const value = state === "granted" ? Deno.env.get(name) : undefined;
    return value === "" ? undefined : value;
  },
  openTerminal,
  signals: { add: (name, listener) => Deno.addSignalListener(name, listener) },
  now: () => Date.now(),
  exitNow: (immediate) => Deno.exit(immediate),
};
let status = await answerQuickly(Deno.args, world);
if (status === undefined) {
  // A name that Deno cannot read ahead: it would prepare all of the program (decision 0011).
  const program: string = "./program.ts";
  const { runProgram } = await import(program) as typeof import("./program.ts");
  status = await runProgram(Deno.args, world);
}
Deno.exit(status);
