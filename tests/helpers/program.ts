/** Runs `sotto` in this process, with everything around it made up. */
import { decodeUtf8Lossy } from "../../lib/base/mod.ts";
import { runProgram } from "../../cli/program.ts";
import { type ProgramWorld, RunningContext } from "../../cli/running_context.ts";
import type { Sink } from "../../cli/output/sink.ts";
import { type Terminal, terminalOn } from "../../cli/terminal/tty.ts";

/** What a run is given. */
export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** What the person types, keystrokes and all; without it there is no terminal. */
  readonly typed?: string;
}

/** What a run left. */
export interface RunResult<Status = number> {
  readonly status: Status;
  readonly stdout: string;
  readonly stderr: string;
  /** What was written to the terminal itself. */
  readonly terminal: string;
}

/** A sink that remembers. */
export class MemorySink implements Sink {
  readonly isTerminal: boolean;
  #text = "";

  /** @param isTerminal Whether somebody seems to look at it. */
  constructor(isTerminal: boolean = false) {
    this.isTerminal = isTerminal;
  }

  /** Remembers. */
  write(data: Uint8Array | string): void {
    this.#text += typeof data === "string" ? data : decodeUtf8Lossy(data);
  }

  /** Everything so far. */
  get text(): string {
    return this.#text;
  }
}

/** A terminal at which `typed` is typed, and nothing after it. */
export function typedTerminal(typed: string, screen: Sink): () => Terminal {
  let left = new TextEncoder().encode(typed);
  return () =>
    terminalOn({
      read(buffer) {
        if (left.length === 0) return Promise.resolve(null);
        buffer[0] = left[0] ?? 0;
        left = left.subarray(1);
        return Promise.resolve(1);
      },
      write: (data) => screen.write(data),
      setRaw() {},
      close() {},
    });
}

/** 2026-02-03T10:11:12.131Z, the moment of every event in these runs. */
export const NOW: number = Date.UTC(2026, 1, 3, 10, 11, 12, 131);

/** Runs `sotto` with `args`, by `run`: the whole program unless told otherwise. */
export async function runSotto<Status extends number | undefined = number>(
  args: readonly string[],
  { environment = {}, typed }: RunOptions = {},
  run: (args: readonly string[], world: ProgramWorld) => Promise<Status> = runProgram as never,
): Promise<RunResult<Status>> {
  const stdout = new MemorySink();
  const stderr = new MemorySink();
  const screen = new MemorySink(true);
  const world: ProgramWorld = {
    stdout,
    stderr,
    environment: (name) => environment[name],
    openTerminal: typed === undefined ? () => undefined : typedTerminal(typed, screen),
    signals: { add() {} },
    now: () => NOW,
    exitNow: (status) => {
      throw new Error(`exitNow(${status})`);
    },
  };
  const status = await run(args, world);
  return { status, stdout: stdout.text, stderr: stderr.text, terminal: screen.text };
}

/** A context whose options say nothing, before any action. */
export function contextFor(
  sink: MemorySink,
  listen: (listener: () => void) => void = () => {},
): RunningContext {
  return new RunningContext({
    stdout: sink,
    stderr: sink,
    environment: () => undefined,
    openTerminal: () => undefined,
    signals: { add: (_name, listener) => listen(listener) },
    now: () => NOW,
    exitNow: () => {},
  }, { home: undefined, json: false, verbosity: "normal", colour: "never", input: true });
}
