/** Arguments in, exit status out; nothing else. */
import { runProgram } from "./program.ts";
import { fileSink } from "./output/sink.ts";
import { openTerminal } from "./terminal/tty.ts";

const status = await runProgram(Deno.args, {
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
});
Deno.exit(status);
