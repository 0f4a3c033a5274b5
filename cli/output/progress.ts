/** One line on a terminal that says how far long work has come, and goes away at its end. */
import type { Sink } from "./sink.ts";

/** Tells a person that work goes on. Shows nothing where nobody looks. */
export interface Progress extends Disposable {
  /** Shows `text` in place of what was shown before, unless that was a moment ago. */
  update(text: string): void;
  /** Takes the line away. Called by `using` as well. */
  done(): void;
}

/** Options of {@link createProgress}. */
export interface ProgressOptions {
  /** Whether somebody looks. */
  readonly shown: boolean;
  /** Milliseconds of any clock. */
  readonly now: () => number;
}

/** Shortest time between two updates, in milliseconds: faster, nobody reads. */
const INTERVAL = 100;

/** Shows progress on `sink`. Begin it with `using`, so that the line goes away. */
export function createProgress(
  sink: Sink,
  label: string,
  { shown, now }: ProgressOptions,
): Progress {
  let last = -Infinity;
  function update(text: string): void {
    if (!shown || now() - last < INTERVAL) return;
    last = now();
    sink.write(`\r\x1b[2K${label}${text === "" ? "" : ` ${text}`}`);
  }
  function done(): void {
    if (last !== -Infinity) sink.write("\r\x1b[2K");
    last = -Infinity;
  }
  update("");
  return { update, done, [Symbol.dispose]: done };
}
