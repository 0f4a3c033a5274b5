/** `--trace FILE`: what goes over the wire, into a private file, as it happens. */
import type { WireTap } from "../../lib/base/mod.ts";
import { JsonlWriter, PcapngWriter, type TraceWriter } from "../../lib/trace/mod.ts";
import { CliError } from "../output/cli_error.ts";
import { EXIT } from "../output/exit_code.ts";

/** An open trace. Its writes are whole and in order: a trace that ends early is readable to there. */
export class TraceFile implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #writer: TraceWriter;

  private constructor(file: Deno.FsFile, writer: TraceWriter) {
    this.#file = file;
    this.#writer = writer;
  }

  /**
   * Opens `path`: `.jsonl` for JSON Lines, anything else for pcapng.
   *
   * @param application Name and version, for the file's header.
   * @throws {CliError} status 2 when the file cannot be written.
   */
  static open(path: string, application: string): TraceFile {
    const writer = path.toLowerCase().endsWith(".jsonl")
      ? new JsonlWriter({ application })
      : new PcapngWriter({ application });
    try {
      const file = Deno.openSync(path, { write: true, create: true, truncate: true, mode: 0o600 });
      if (Deno.build.os !== "windows") Deno.chmodSync(path, 0o600); // It may have been there.
      const trace = new TraceFile(file, writer);
      trace.#write(writer.start());
      return trace;
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new CliError("cli/trace", EXIT.usage, `--trace: ${path} cannot be written: ${why}`, {
        cause,
      });
    }
  }

  /** Where drivers report what passes. */
  get tap(): WireTap {
    return (record) => this.#write(this.#writer.record(record));
  }

  [Symbol.dispose](): void {
    this.#write(this.#writer.end());
    this.#file.close();
  }

  #write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
  }
}
