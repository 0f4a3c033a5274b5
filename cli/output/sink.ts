/** Where text goes: standard output and standard error, without node's streams. */
import { CliError } from "./cli_error.ts";
import { utf8 } from "../../lib/base/mod.ts";

/** A place to write to. */
export interface Sink {
  /** Writes everything, in order, before it returns. */
  write(data: Uint8Array | string): void;
  /** Whether a person looks at it. */
  readonly isTerminal: boolean;
}

/** Thrown by a {@link Sink} whose reader is gone (`sotto … | head -1`). Ends the command quietly. */
export class ReaderGone extends Error {
  override readonly name = "ReaderGone";
}

/** What {@link fileSink} needs of `Deno.stdout` and `Deno.stderr`. */
export interface SyncWriter {
  writeSync(data: Uint8Array): number;
  isTerminal(): boolean;
}

/**
 * A sink over a file descriptor.
 * @throws {ReaderGone} from `write`, when the reader of a pipe is gone.
 * @throws {CliError} from `write`, status 1, for a full disk and its kin.
 */
export function fileSink(file: SyncWriter): Sink {
  return {
    isTerminal: file.isTerminal(),
    write(data): void {
      let left = typeof data === "string" ? utf8(data) : data;
      while (left.length > 0) left = left.subarray(writeSome(file, left));
    },
  };
}

function writeSome(file: SyncWriter, data: Uint8Array): number {
  try {
    return file.writeSync(data);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) throw new ReaderGone();
    if (!(error instanceof Deno.errors.WouldBlock)) {
      const why = error instanceof Error ? error.message : String(error);
      throw new CliError("cli/output-failed", 1, `cannot write the output: ${why}`, {
        cause: error,
      });
    }
    // Another program made the shared pipe non-blocking: give its reader a moment.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    return 0;
  }
}
