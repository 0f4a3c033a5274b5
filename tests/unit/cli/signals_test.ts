import { assertEquals } from "@std/assert";
import { interruptible, Interruption } from "../../../cli/signals.ts";

function start(): {
  signal: AbortSignal;
  send: (name: string) => void;
  exits: number[];
} {
  const listeners = new Map<string, () => void>();
  const exits: number[] = [];
  const signal = interruptible(
    { add: (name, listener) => listeners.set(name, listener) },
    (status) => exits.push(status),
  );
  return { signal, send: (name) => listeners.get(name)?.(), exits };
}

Deno.test("interruptible() asks for a clean end at the first signal", () => {
  for (const [name, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    const { signal, send, exits } = start();
    assertEquals(signal.aborted, false);
    send(name);
    const reason: unknown = signal.reason;
    assertEquals([signal.aborted, reason instanceof Interruption && reason.status], [true, status]);
    assertEquals(exits, []);
  }
});

Deno.test("interruptible() ends at once at the second signal of either kind", () => {
  const { signal, send, exits } = start();
  send("SIGINT");
  send("SIGTERM");
  assertEquals(exits, [143]);
  assertEquals(signal.reason.status, 130);
});
