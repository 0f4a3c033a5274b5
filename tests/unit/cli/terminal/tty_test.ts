import { assertEquals, assertRejects } from "@std/assert";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { terminalOn } from "../../../../cli/terminal/tty.ts";
import { MemorySink } from "../../../helpers/program.ts";

function type(
  ...reads: string[]
): { ask: () => Promise<string>; screen: MemorySink; log: unknown[] } {
  const screen = new MemorySink(true);
  const log: unknown[] = [];
  const pending = reads.map((it) => new TextEncoder().encode(it));
  const terminal = terminalOn({
    read(buffer) {
      const next = pending.shift();
      if (next === undefined) return Promise.resolve(null);
      buffer.set(next);
      return Promise.resolve(next.length);
    },
    write: (data) => screen.write(data),
    setRaw: (raw) => log.push(raw),
    close: () => log.push("close"),
  });
  return {
    screen,
    log,
    ask: async () => {
      using asked = terminal;
      return await asked.ask("? ", true);
    },
  };
}

Deno.test("Terminal.ask() reads one line and gives the terminal back", async () => {
  const { ask, screen, log } = type("he", "llo\n");
  assertEquals(await ask(), "hello");
  assertEquals(screen.text, "? hello\r\n");
  assertEquals(log, [true, false, "close"]);
});

Deno.test("Terminal.ask() erases whole characters and whole lines", async () => {
  assertEquals(await type("a\u00fc\x7fb\r").ask(), "ab");
  assertEquals(await type("abc\x15d\r").ask(), "d");
  assertEquals(await type("\x7f\x7f\r").ask(), "");
});

Deno.test("Terminal.ask() ends with what there is at the end of input", async () => {
  assertEquals(await type("abc").ask(), "abc");
});

Deno.test("Terminal.ask() takes Ctrl-C, and Ctrl-D on an empty line, for an interruption", async () => {
  for (const typed of ["ab\x03", "\x04"]) {
    const { ask, log } = type(typed);
    const error = await assertRejects(ask, CliError);
    assertEquals([error.status, log], [130, [true, false, "close"]]);
  }
});
