/**
 * What went over the wire, written down and read back: captures, logs and streams in; SIP,
 * MSRP and OTR explained out. No sockets and no files: octets in, values out.
 *
 * @example
 * ```ts
 * import { Listing, TraceAnalysis, TraceInput } from "./mod.ts";
 *
 * const input = new TraceInput();
 * const analysis = new TraceAnalysis();
 * const listing = new Listing();
 * const octets = new TextEncoder().encode("MSRP a786hjs2 200 OK\r\n-------a786hjs2$\r\n");
 * for (const arrival of [...input.feed(octets), ...input.end()]) {
 *   for (const object of analysis.receive(arrival)) listing.lines(object);
 * }
 * analysis.end();
 * ```
 *
 * @module
 */
export type { TraceConnection } from "./analysis/connection_table.ts";
export type { TraceDialog } from "./analysis/dialog_table.ts";
export type { TraceSession } from "./analysis/session_table.ts";
export type { StreamKind } from "./analysis/stream_kind.ts";
export { showHostPort, TraceAnalysis, type TraceOverview } from "./analysis/trace_analysis.ts";
export type {
  ChunkObject,
  CpimSummary,
  Delivery,
  DeliveryObject,
  FindingObject,
  Located,
  MediaSummary,
  MessageObject,
  OtrObject,
  OtrTraceState,
  RemarkObject,
  SipObject,
  TraceObject,
} from "./analysis/trace_object.ts";
export { type FindingCount, TraceStatistics } from "./analysis/trace_statistics.ts";
export { ArrivalMerge, type MergedArrival } from "./arrival_merge.ts";
export type {
  Arrival,
  DatagramArrival,
  EndArrival,
  FindingArrival,
  GapArrival,
  OctetsArrival,
  RemarkArrival,
  Sighting,
  TraceReader,
  UnitArrival,
} from "./arrival.ts";
export type { IpReassemblyLimits } from "./capture/ip_reassembly.ts";
export type { PacketDecoderLimits } from "./capture/packet_decoder.ts";
export { PcapngWriter } from "./capture/pcapng_writer.ts";
export type { TcpReassemblyLimits } from "./capture/tcp_reassembly.ts";
export { type Finding, findingOf, type Severity } from "./finding.ts";
export { formatInstant, parseInstant } from "./instant_text.ts";
export { JsonlWriter } from "./logs/jsonl_writer.ts";
export { jsonText, toJsonLine } from "./render/json_lines.ts";
export { Listing, type ListingOptions, type ListingStyle } from "./render/listing.ts";
export { summaryJson, summaryLines, type SummaryParts } from "./render/summary.ts";
export { matchesFilter, type TraceFilter } from "./trace_filter.ts";
export { isGzip, recogniseTrace, type TraceFormat } from "./trace_format.ts";
export { TraceInput, type TraceInputLimits } from "./trace_input.ts";
export type { TraceWriter, TraceWriterOptions } from "./trace_writer.ts";
