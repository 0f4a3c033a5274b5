/** What arrived → what it means: the one room where SIP, MSRP, CPIM and OTR are seen together. */
import type { Arrival, Sighting, UnitArrival } from "../arrival.ts";
import type { HostPort } from "../../base/wire_tap.ts";
import { type Finding, findingOf } from "../finding.ts";
import { explainContent } from "./content.ts";
import { ConnectionTable, type TraceConnection } from "./connection_table.ts";
import { DialogTable, type TraceDialog } from "./dialog_table.ts";
import { MsrpObserver } from "./msrp_observer.ts";
import { MsrpStream, type MsrpStreamEvent } from "./msrp_stream.ts";
import { isOtrText, OtrObserver } from "./otr_observer.ts";
import { SessionTable, type TraceSession } from "./session_table.ts";
import { explainSip } from "./sip_observer.ts";
import { looksLikeSip } from "./sip_stream.ts";
import type { StreamEvent } from "./stream_follower.ts";
import type { MessageObject, SipObject, TraceObject } from "./trace_object.ts";

/** What is known at the end, or so far. */
export interface TraceOverview {
  readonly sessions: readonly TraceSession[];
  readonly dialogs: readonly TraceDialog[];
  readonly connections: readonly TraceConnection[];
  /** Connections that are not listed, because there are too many. */
  readonly unlistedConnections: number;
}

/** Explains arrivals in the order in which they come. Memory is bounded; see each table's limit. */
export class TraceAnalysis {
  readonly #sessions = new SessionTable();
  readonly #dialogs = new DialogTable();
  readonly #connections = new ConnectionTable();
  readonly #otr = new OtrObserver();
  readonly #msrp = new MsrpObserver(this.#sessions, this.#otr);

  /** Takes an arrival and returns what it means. */
  receive(arrival: Arrival): TraceObject[] {
    if (arrival.type === "finding") return [{ type: "finding", ...arrival.finding }];
    const expired = this.#msrp.expire(arrival.at);
    const objects = this.#explain(arrival);
    return expired.length === 0 ? objects : [...expired, ...objects];
  }

  /** The input has ended: what waited is said now. */
  end(): TraceObject[] {
    const objects = this.#tell(this.#connections.end(), 0, "tcp");
    return [...objects, ...this.#msrp.end()];
  }

  /** What the trace shows as a whole. */
  overview(): TraceOverview {
    return {
      sessions: this.#sessions.sessions(),
      dialogs: this.#dialogs.dialogs(),
      connections: this.#connections.connections(),
      unlistedConnections: this.#connections.unlisted,
    };
  }

  #explain(arrival: Exclude<Arrival, { type: "finding" }>): TraceObject[] {
    switch (arrival.type) {
      case "datagram":
        // What else travels in datagrams (DNS, RTP, STUN, keep-alives) is passed over.
        return looksLikeSip(arrival.data) ? this.#sip(arrival.data, "udp", arrival) : [];
      case "octets": {
        const events = this.#connections.receive(arrival);
        return this.#tell(events, arrival.connection, arrival.transport);
      }
      case "unit":
        return this.#unit(arrival);
      case "gap": {
        const { connection, octets, frame, at, src, dst } = arrival;
        const message = `${octets} octets of a TCP stream are not in the capture`;
        const ends = { src: showHostPort(src), dst: showHostPort(dst) };
        const finding = { ...MISSING_OCTETS, message, frame, at, ...ends };
        const events = this.#connections.receiveGap(arrival);
        return [{ type: "finding", ...finding }, ...this.#tell(events, connection, "tcp")];
      }
      case "end":
        return this.#tell(this.#connections.receiveEnd(arrival), arrival.connection, "tcp");
      case "remark": {
        const { frame, at, src, dst, text } = arrival;
        return [{ type: "remark", frame, at, src, dst, text }];
      }
      default:
        return arrival satisfies never;
    }
  }

  #tell(
    events: readonly StreamEvent[],
    connection: number,
    transport: "tcp" | "tls",
  ): TraceObject[] {
    const objects: TraceObject[] = [];
    for (const { protocol, event } of events) {
      if (protocol === "msrp") {
        objects.push(...this.#chunk(event, { connection, transport, isStripped: false }));
      } else if (event.type === "message") {
        objects.push(...this.#sip(event.bytes, transport, event.seen));
      } else objects.push({ type: "finding", ...findingOf(event.error, placeOf(event.seen)) });
    }
    return objects;
  }

  #chunk(
    event: MsrpStreamEvent,
    context: { connection: number; transport: "tcp" | "tls"; isStripped: boolean },
  ): TraceObject[] {
    if (event.type === "chunk") return this.#msrp.receive(event.chunk, context);
    const { error, seen, offset } = event;
    return [{ type: "finding", ...findingOf(error, { ...placeOf(seen), offset }) }];
  }

  /** A record of a log is whole: what follows it cannot belong to it. */
  #unit(unit: UnitArrival): TraceObject[] {
    const { data, transport, connection, isStripped } = unit;
    if (unit.protocol === "sip") {
      return looksLikeSip(data) ? this.#sip(data, transport, unit) : [];
    }
    const stream = new MsrpStream();
    const context = {
      connection,
      transport: transport === "tls" ? transport : "tcp",
      isStripped,
    } as const;
    return [...stream.receive(unit, data), ...stream.end()]
      .flatMap((event) => this.#chunk(event, context));
  }

  #sip(bytes: Uint8Array, transport: "udp" | "tcp" | "tls", seen: Sighting): TraceObject[] {
    const { object, body, findings } = explainSip(bytes, transport, seen);
    const objects: TraceObject[] = [];
    if (object !== undefined) {
      objects.push(object);
      this.#dialogs.receive(object);
      for (const { path } of object.media) this.#sessions.announce(path, object.callId ?? "");
      objects.push(...this.#pageMode(object, body));
    }
    for (const finding of findings) objects.push({ type: "finding", ...finding });
    return objects;
  }

  /** The body of a MESSAGE request is a message (RFC 3428). */
  #pageMode(sip: SipObject, body: Uint8Array): TraceObject[] {
    if (sip.method !== "MESSAGE" || body.length === 0) return [];
    const { frame, at, src, dst, callId, contentType } = sip;
    const { error, ...content } = explainContent(contentType, body);
    const { text } = content;
    const message: MessageObject = {
      type: "message",
      frame,
      lastFrame: frame,
      at,
      src,
      dst,
      messageId: sip.cseq ?? "",
      session: undefined,
      callId,
      chunks: 1,
      size: body.length,
      isComplete: true,
      isAborted: false,
      contentType,
      ...content,
      body,
      encryption: text !== undefined && isOtrText(text) ? "otr" : "",
      via: "sip",
    };
    const pair = [sip.from, sip.to].map((it) => it?.replace(/;tag=.*$/, "")).sort().join(" ");
    const { objects, findings } = this.#otr.observe(`p ${pair}`, sip.from ?? "", message);
    const unreadable = error === undefined ? [] : [findingOf(error, { frame, at })];
    return [message, ...objects, ...[...unreadable, ...findings].map(asObject)];
  }
}

/** `192.0.2.1:5060`, `[2001:db8::1]:5060`, or nothing. */
export function showHostPort(end: HostPort | undefined): string | undefined {
  if (end === undefined) return undefined;
  return end.host.includes(":") ? `[${end.host}]:${end.port}` : `${end.host}:${end.port}`;
}

function asObject(finding: Finding): TraceObject {
  return { type: "finding", ...finding };
}

function placeOf({ frame, at, src, dst }: Sighting): Partial<Finding> {
  return { frame, at, src: showHostPort(src), dst: showHostPort(dst) };
}

const MISSING_OCTETS = {
  id: "TRACE-missing-octets",
  severity: "warning",
  clause: "capture",
} as const;
