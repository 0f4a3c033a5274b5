/**
 * What went over the wire, written down and read back: captures, logs and streams in, SIP,
 * MSRP and OTR explained out. No sockets and no files: octets in, values out.
 */
export { PcapngWriter } from "./capture/pcapng_writer.ts";
export { JsonlWriter } from "./logs/jsonl_writer.ts";
export type { TraceWriter, TraceWriterOptions } from "./trace_writer.ts";
export type { Arrival, Sighting, TraceReader } from "./arrival.ts";
export type { Finding, Severity } from "./finding.ts";
export { formatInstant, parseInstant } from "./instant_text.ts";
export { isGzip, recogniseTrace, type TraceFormat } from "./trace_format.ts";
export { TraceInput, type TraceInputLimits } from "./trace_input.ts";
