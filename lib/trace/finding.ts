/** Findings: what is wrong, unusual or missing in a trace, each with a stable id. */
import type { PeerError } from "../base/errors.ts";

/** How much a finding matters. */
export type Severity = "error" | "warning" | "note";

/** One thing that was noticed. */
export interface Finding {
  /** Stable: `TRACE-…` for the trace itself, `MSRP-4975-9-bad-start-line` for a broken clause. */
  readonly id: string;
  readonly severity: Severity;
  /** The clause that was broken, or the document that describes the input. */
  readonly clause: string;
  /** For people: lower case, octets of the peer's escaped. */
  readonly message: string;
  /** Octets from the start of what `frame` carries (or of the input, without a frame). */
  readonly offset?: number | undefined;
  /** Packet, log record or raw chunk in which it was noticed, counted from 1. */
  readonly frame?: number | undefined;
  /** Milliseconds since 1970. */
  readonly at?: number | undefined;
  /** Where the octets came from and went to, as the listing shows them. */
  readonly src?: string | undefined;
  readonly dst?: string | undefined;
}

/**
 * The finding for what a protocol's parser refused. The id is made of the clause and the
 * error's code: `msrp/bad-start-line` under `RFC 4975 §9` is `MSRP-4975-9-bad-start-line`.
 *
 * @param error What the parser said.
 * @param place Where it happened.
 */
export function findingOf(
  error: PeerError,
  place: Partial<Pick<Finding, "offset" | "frame" | "at" | "src" | "dst">> = {},
): Finding {
  const [room = "", name = ""] = error.code.split("/");
  const [, document, section] = /RFC (\d+)(?: §([\w.]+))?/.exec(error.rule) ?? [];
  const parts = [room.toUpperCase(), document, section, name];
  return {
    id: parts.filter((it) => it !== undefined && it !== "").join("-"),
    severity: "error",
    clause: error.rule,
    message: error.message,
    offset: error.offset,
    ...place,
  };
}
