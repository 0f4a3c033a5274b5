/** Which kind of input this is, by its content: names of files say nothing. */
import { latin1 } from "../base/ascii.ts";
import { isPcap } from "./capture/pcap_reader.ts";
import { isPcapng } from "./capture/pcapng_reader.ts";
import { readLogLine } from "./logs/log_line.ts";

/** The inputs that are understood. */
export type TraceFormat = "pcap" | "pcapng" | "log" | "jsonl" | "raw-msrp";

/** Octets that are looked at before an input is given up as unknown. */
export const MOST_SNIFFED: number = 65_536;

/**
 * Recognises an input.
 *
 * @param bytes What is there of it, from its first octet.
 * @param isWhole No more will come.
 * @returns The format, `more` when more octets are needed, `unknown`.
 */
export function recogniseTrace(
  bytes: Uint8Array,
  isWhole: boolean,
): TraceFormat | "more" | "unknown" {
  const isEnough = isWhole || bytes.length >= MOST_SNIFFED;
  if (bytes.length < 4) return isWhole ? "unknown" : "more";
  if (isPcapng(bytes)) return "pcapng";
  if (isPcap(bytes)) return "pcap";
  const text = latin1(bytes.subarray(0, MOST_SNIFFED)).replace(/^\xef\xbb\xbf/, "");
  const lines = text.split("\n");
  // The last one may be half there.
  const whole = isEnough ? lines : lines.slice(0, -1);
  for (const line of whole) {
    const format = recogniseLine(line.replace(/\r$/, ""));
    if (format !== undefined) return format;
  }
  // A start line is enough: a live stream may wait long for the rest.
  if (/^MSRP [A-Za-z0-9]/.test(text)) return "raw-msrp";
  return isEnough ? "unknown" : "more";
}

/** Whether `bytes` begin a gzip file (RFC 1952): to be unpacked before it is read here. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 0x08;
}

function recogniseLine(line: string): TraceFormat | undefined {
  if (/^MSRP [A-Za-z0-9][A-Za-z0-9.+%=-]{0,255} (?:[A-Z_]+|\d{3})(?: |$)/.test(line)) {
    return "raw-msrp";
  }
  if (readLogLine(line) !== undefined) return "log";
  return /^\s*\{.*"type"\s*:\s*"(?:trace|wire)"/.test(line) ? "jsonl" : undefined;
}
