/** What a script pays that starts `sotto` hundreds of times: whole processes. */
import { runToEnd, startCommands } from "../tools/bench/start_up.ts";

const folder = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

for (const [at, command] of (await startCommands(folder)).entries()) {
  Deno.bench({
    name: command.name,
    n: 20,
    warmup: 3,
    baseline: at === 0,
    async fn() {
      await runToEnd(command);
    },
  });
}
