/** The summary of a trace: sessions, dialogs, connections, counts and findings. */
import { escapeText } from "../../base/escape.ts";
import { showHostPort, type TraceOverview } from "../analysis/trace_analysis.ts";
import type { TraceConnection } from "../analysis/connection_table.ts";
import type { TraceDialog } from "../analysis/dialog_table.ts";
import type { TraceSession } from "../analysis/session_table.ts";
import type { TraceStatistics } from "../analysis/trace_statistics.ts";
import { formatInstant } from "../instant_text.ts";
import type { TraceFormat } from "../trace_format.ts";
import { jsonText } from "./json_lines.ts";

/** What a summary is made of. */
export interface SummaryParts {
  /** `undefined` for an empty input. */
  readonly format: TraceFormat | undefined;
  readonly statistics: TraceStatistics;
  readonly overview: TraceOverview;
}

/** Lines for people, without line ends. */
export function summaryLines({ format, statistics, overview }: SummaryParts): string[] {
  const { chunks, messages, firstAt, lastAt } = statistics;
  const span = firstAt === undefined || lastAt === undefined ? "no times" : spanOf(firstAt, lastAt);
  return [
    `input: ${format ?? "empty"}, ${span}`,
    `MSRP: ${plural(chunks.requests + chunks.responses, "frame")}` +
    ` (${plural(chunks.requests, "request")}, ${plural(chunks.responses, "response")}` +
    `${chunks.truncated > 0 ? `, ${chunks.truncated} truncated` : ""})${counts(statistics.msrp)}`,
    `messages: ${messages.complete} complete, ${messages.incomplete} incomplete, ` +
    `${messages.aborted} given up, ${plural(messages.octets, "octet")}${
      counts(statistics.deliveries)
    }`,
    `SIP: ${plural(total(statistics.sip), "message")}${counts(statistics.sip)}`,
    `OTR: ${plural(total(statistics.otr), "message")}${counts(statistics.otr)}`,
    ...overview.sessions.slice(0, MOST_LINES).map(sessionLine),
    ...more(overview.sessions.length, "session"),
    ...overview.dialogs.slice(0, MOST_LINES).map(dialogLine),
    ...more(overview.dialogs.length, "dialog"),
    ...overview.connections.slice(0, MOST_LINES).map(connectionLine),
    ...more(overview.connections.length + overview.unlistedConnections, "connection"),
    `findings: ${statistics.findingCount}`,
    ...[...statistics.findings.values()].map((it) =>
      `  ${it.count} × ${it.severity} ${escapeText(it.id)}: ${escapeText(it.message, 200)}`
    ),
  ];
}

/** The same as one JSON object on one line, without its line end. */
export function summaryJson({ format, statistics, overview }: SummaryParts): string {
  const { firstAt, lastAt } = statistics;
  return jsonText({
    v: 1,
    type: "summary",
    format: format ?? null,
    firstAt: firstAt === undefined ? null : formatInstant(firstAt, 6),
    lastAt: lastAt === undefined ? null : formatInstant(lastAt, 6),
    chunks: statistics.chunks,
    messages: statistics.messages,
    deliveries: Object.fromEntries(statistics.deliveries),
    msrp: Object.fromEntries(statistics.msrp),
    sip: Object.fromEntries(statistics.sip),
    otr: Object.fromEntries(statistics.otr),
    sessions: overview.sessions,
    dialogs: overview.dialogs.map((it) => ({ ...it, at: undefined })),
    connections: overview.connections.map((it) => ({
      ...it,
      src: showHostPort(it.src) ?? null,
      dst: showHostPort(it.dst) ?? null,
    })),
    findings: [...statistics.findings.values()],
  });
}

function sessionLine(session: TraceSession): string {
  const { number, ends, chunks, messages, octets, callId } = session;
  const call = callId === undefined ? "" : `, call ${escapeText(callId, 60)}`;
  const [from, to] = ends.map((it) => escapeText(it, 120));
  return `session ${number}: ${from} ↔ ${to}: ${plural(chunks, "frame")}, ` +
    `${plural(messages, "message")}, ${plural(octets, "octet")}${call}`;
}

function dialogLine({ callId, from, to, state, status, reason, isFocus }: TraceDialog): string {
  const answer = status === undefined ? "" : ` (${status} ${escapeText(reason ?? "", 60)})`;
  const ends = `${escapeText(from ?? "?", 80)} → ${escapeText(to ?? "?", 80)}`;
  return `call ${escapeText(callId, 60)}: ${ends}: ${state}${answer}${isFocus ? ", isfocus" : ""}`;
}

function connectionLine(connection: TraceConnection): string {
  const { kind, octets, missing, tlsRecords, tlsHandshakes, serverName } = connection;
  const ends = `${showHostPort(connection.src) ?? "?"} ↔ ${showHostPort(connection.dst) ?? "?"}`;
  const name = serverName === undefined ? "" : ` for ${escapeText(serverName, 80)}`;
  const what = kind === "tls"
    ? `encrypted (TLS)${name}, ${
      plural(tlsRecords, "record")
    } and ${tlsHandshakes} of the handshake`
    : kind === "msrp" || kind === "sip"
    ? kind.toUpperCase()
    : kind;
  const holes = missing > 0 ? `, ${plural(missing, "octet")} missing` : "";
  return `connection ${connection.id}: ${escapeText(ends)}: ${what}, ${
    plural(octets, "octet")
  }${holes}`;
}

function spanOf(first: number, last: number): string {
  const seconds = ((last - first) / 1000).toFixed(3);
  return `${formatInstant(first)} and ${seconds} s on`;
}

function counts(map: ReadonlyMap<string, number>): string {
  if (map.size === 0) return "";
  return `: ${[...map].map(([key, value]) => `${escapeText(key, 40)} ${value}`).join(", ")}`;
}

function total(map: ReadonlyMap<string, number>): number {
  return [...map.values()].reduce((sum, it) => sum + it, 0);
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function more(count: number, noun: string): string[] {
  return count > MOST_LINES ? [`… and ${plural(count - MOST_LINES, `more ${noun}`)}`] : [];
}

const MOST_LINES = 100;
