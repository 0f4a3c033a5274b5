/** Counts over everything that was explained: what `--summary` shows. */
import type { Finding, Severity } from "../finding.ts";
import type { Delivery, TraceObject } from "./trace_object.ts";

/** How often a finding was made. */
export interface FindingCount {
  readonly id: string;
  readonly severity: Severity;
  readonly clause: string;
  readonly message: string;
  readonly frame: number | undefined;
  count: number;
}

/** Counts. Memory: a few hundred numbers, whatever the input. */
export class TraceStatistics {
  readonly chunks: { requests: number; responses: number; truncated: number } = {
    requests: 0,
    responses: 0,
    truncated: 0,
  };
  /** MSRP requests by method, responses by code. */
  readonly msrp: Map<string, number> = new Map();
  /** SIP requests by method, responses by code. */
  readonly sip: Map<string, number> = new Map();
  /** OTR messages by kind. */
  readonly otr: Map<string, number> = new Map();
  readonly messages: { complete: number; incomplete: number; aborted: number; octets: number } = {
    complete: 0,
    incomplete: 0,
    aborted: 0,
    octets: 0,
  };
  readonly deliveries: Map<Delivery["outcome"], number> = new Map();
  readonly findings: Map<string, FindingCount> = new Map();
  /** Findings that were made, all together. */
  findingCount = 0;
  /** Earliest and latest time, in milliseconds since 1970. */
  firstAt: number | undefined;
  lastAt: number | undefined;

  /** Counts an object. */
  receive(object: TraceObject): void {
    if (object.at !== undefined) {
      this.firstAt = Math.min(this.firstAt ?? object.at, object.at);
      this.lastAt = Math.max(this.lastAt ?? object.at, object.at);
    }
    switch (object.type) {
      case "chunk":
        if (object.method === undefined) this.chunks.responses++;
        else this.chunks.requests++;
        if (object.isTruncated) this.chunks.truncated++;
        return count(this.msrp, object.method ?? String(object.status));
      case "sip":
        return count(this.sip, object.method ?? String(object.status));
      case "otr":
        return count(this.otr, object.kind);
      case "message":
        this.messages.octets += object.size;
        if (object.isAborted) this.messages.aborted++;
        else if (object.isComplete) this.messages.complete++;
        else this.messages.incomplete++;
        return;
      case "delivery":
        return count(this.deliveries, object.delivery.outcome);
      case "finding":
        return this.#find(object);
      case "remark":
        return;
      default:
        return object satisfies never;
    }
  }

  #find({ id, severity, clause, message, frame }: Finding): void {
    this.findingCount++;
    const known = this.findings.get(id);
    if (known !== undefined) known.count++;
    else if (this.findings.size < MOST_KINDS) {
      this.findings.set(id, { id, severity, clause, message, frame, count: 1 });
    }
  }
}

/** The peers choose methods and codes: only so many of them are counted by name. */
function count<Key extends string>(counts: Map<Key, number>, key: Key): void {
  const before = counts.get(key);
  if (before !== undefined || counts.size < MOST_KINDS) counts.set(key, (before ?? 0) + 1);
}

const MOST_KINDS = 256;
