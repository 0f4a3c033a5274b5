/** One line on a terminal that says how far long work has come, and goes away at its end. */
import type { Sink } from "./sink.ts";

/** Tells a person that work goes on. Shows nothing where nobody looks. */
export interface Progress extends Disposable {
  /** Shows `text` in place of what was shown before. */
  update(text: string): void;
  /** Takes the line away. Called by `using` as well. */
  done(): void;
}

/** Shows progress on `sink` when `shown`. Begin it with `using`, so that the line goes away. */
export function createProgress(sink: Sink, label: string, shown: boolean): Progress {
  let last: string | undefined;
  function update(text: string): void {
    if (!shown || text === last) return;
    last = text;
    sink.write(`\r\x1b[2K${label}${text === "" ? "" : ` ${text}`}`);
  }
  function done(): void {
    if (last !== undefined) sink.write("\r\x1b[2K");
    last = undefined;
  }
  update("");
  return { update, done, [Symbol.dispose]: done };
}
