/**
 * The lines that sipsimple's family of programs begin a log record with, in both layouts:
 * `2026-02-03 10:11:12.131999 [sip-session3 4242]: …` (sipclients, Blink for macOS) and
 * `2026-02-03 10:11:12.131999: …` (Blink Qt, and what sipclients print on the console).
 */
import type { HostPort } from "../../base/wire_tap.ts";
import { parseInstant } from "../instant_text.ts";

/** The first line of a record. */
export interface LogLine {
  /** Milliseconds since 1970, the log's local time taken as UTC. */
  readonly at: number | undefined;
  /** `program pid`, or nothing in the layout that has none. */
  readonly process: string;
  /** What follows the prefix. */
  readonly text: string;
}

/** Reads a line that begins with the logger's prefix; `undefined` for any other line. */
export function readLogLine(line: string): LogLine | undefined {
  const match = PREFIX.exec(line);
  if (match === null) return undefined;
  const [, time = "", process = "", text = ""] = match;
  return { at: parseInstant(time), process, text };
}

/** Between whom an MSRP record was seen; the log has the local address always on the left. */
export interface MsrpRecordLine {
  readonly src: HostPort;
  readonly dst: HostPort;
}

/** Reads `192.0.2.10:49822 --> 203.0.113.5:2855` (outgoing) or `<--` (incoming). */
export function readMsrpRecordLine(text: string): MsrpRecordLine | undefined {
  const match = /^(\S+):(\d{1,5}) (-->|<--) (\S+):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const [, leftHost = "", leftPort, arrow, rightHost = "", rightPort] = match;
  const left = { host: bare(leftHost), port: Number(leftPort) };
  const right = { host: bare(rightHost), port: Number(rightPort) };
  return arrow === "-->" ? { src: left, dst: right } : { src: right, dst: left };
}

/** Whether `text` announces a SIP record: `SENDING: Packet 1, +0:00:03.100002`. */
export function isSipRecordLine(text: string): boolean {
  return /^(SENDING|RECEIVED): Packet \d+, \+/.test(text);
}

/** The line after {@link isSipRecordLine}: true source and destination, and the transport. */
export interface SipAddressLine {
  readonly src: HostPort;
  readonly dst: HostPort;
  readonly transport: "udp" | "tcp" | "tls";
}

/** Reads `192.0.2.10:61000 -(SIP over TLS)-> 203.0.113.1:5061`. */
export function readSipAddressLine(line: string): SipAddressLine | undefined {
  const match = /^(\S+):(\d{1,5}) -\(SIP over (\w+)\)-> (\S+):(\d{1,5})$/.exec(line);
  if (match === null) return undefined;
  const [, srcHost = "", srcPort, name = "", dstHost = "", dstPort] = match;
  const lower = name.toLowerCase();
  return {
    src: { host: bare(srcHost), port: Number(srcPort) },
    dst: { host: bare(dstHost), port: Number(dstPort) },
    transport: lower.startsWith("tls") ? "tls" : lower.startsWith("tcp") ? "tcp" : "udp",
  };
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

const PREFIX = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?)(?: \[([^\]\r\n]{1,200})\])?: (.*)$/;
