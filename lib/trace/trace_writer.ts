/** What `--trace` needs: a synchronous writer that turns wire records into a file's octets. */
import type { WireRecord } from "../base/wire_tap.ts";

/** Turns {@link WireRecord}s into the octets of a trace file, in order. */
export interface TraceWriter {
  /** What the file begins with. Call it once, before the first {@link record}. */
  start(): Uint8Array;
  /** The octets for one record. Never throws, whatever the record holds. */
  record(record: WireRecord): Uint8Array;
  /** What the file ends with; often nothing. */
  end(): Uint8Array;
}

/** What a trace file says about the program that wrote it. */
export interface TraceWriterOptions {
  /** Name and version, for example `sotto 0.1.0`. Default `sotto`. */
  readonly application?: string;
}
