/**
 * What the analysis says, one object at a time: the values behind `--json` and the listing.
 * Texts are the peer's own: whoever shows them escapes them.
 */
import type { HostPort } from "../../base/wire_tap.ts";
import type { Finding } from "../finding.ts";

/** What every object has. */
export interface Located {
  /** Packet, log record or raw chunk, counted from 1. */
  readonly frame: number;
  /** Milliseconds since 1970; `undefined` when the input has no times. */
  readonly at: number | undefined;
  readonly src: HostPort | undefined;
  readonly dst: HostPort | undefined;
}

/** One MSRP frame: a request's chunk, or a response. */
export interface ChunkObject extends Located {
  readonly type: "chunk";
  readonly transport: "tcp" | "tls";
  /** Where its last octet was seen, when that is another frame. */
  readonly lastFrame: number | undefined;
  readonly transactionId: string;
  /** Of a request. */
  readonly method: string | undefined;
  /** Of a response. */
  readonly status: number | undefined;
  readonly comment: string | undefined;
  readonly toPath: readonly string[];
  readonly fromPath: readonly string[];
  readonly messageId: string | undefined;
  readonly byteRange: string | undefined;
  /** `$`, `+` or `#`; `undefined` when the end-line was not seen. */
  readonly flag: string | undefined;
  readonly successReport: string | undefined;
  readonly failureReport: string | undefined;
  /** The Status header field of a REPORT. */
  readonly reportStatus: string | undefined;
  readonly contentType: string | undefined;
  /** Octets of its body, `undefined` without one. */
  readonly bodyLength: number | undefined;
  readonly body: Uint8Array | undefined;
  /** Further header fields, in order. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** The request that a response answers. */
  readonly answers: { readonly method: string; readonly frame: number } | undefined;
  readonly session: number | undefined;
  readonly callId: string | undefined;
  /** The end-line was not seen. */
  readonly isTruncated: boolean;
  /** Octets within it that were sent and not captured. */
  readonly missing: number;
  /** Octets of this direction before it. */
  readonly offset: number;
}

/** How a message ended for its sender. */
export interface Delivery {
  /**
   * `delivered`: a success report says so. `accepted`: every chunk was answered 2xx, which says
   * something of the next hop only. `failed`. `unconfirmed`: what was due did not come.
   * `not-asked`: nothing is due.
   */
  readonly outcome: "delivered" | "accepted" | "failed" | "unconfirmed" | "not-asked";
  readonly code: number | undefined;
  readonly comment: string | undefined;
  readonly by: "response" | "report" | undefined;
  /** Milliseconds since 1970 of what decided it. */
  readonly at: number | undefined;
  readonly frame: number | undefined;
}

/** What a message says of itself inside its own envelope. */
export interface CpimSummary {
  readonly from: string | undefined;
  readonly to: readonly string[];
  readonly dateTime: string | undefined;
}

/** A message, put together from its chunks. */
export interface MessageObject extends Located {
  readonly type: "message";
  /** Where its last chunk ended. */
  readonly lastFrame: number;
  readonly messageId: string;
  readonly session: number | undefined;
  readonly callId: string | undefined;
  readonly chunks: number;
  /** Octets that were seen. */
  readonly size: number;
  readonly isComplete: boolean;
  /** Its sender gave it up with `#`. */
  readonly isAborted: boolean;
  readonly contentType: string | undefined;
  readonly cpim: CpimSummary | undefined;
  /** The type within message/cpim. */
  readonly wrappedType: string | undefined;
  /** Text of it: of the wrapped part, if there is one. `undefined` for what is no text. */
  readonly text: string | undefined;
  readonly body: Uint8Array;
  /** `active` or `idle`, of application/im-iscomposing+xml. */
  readonly composing: string | undefined;
  /** `otr` when its text is an OTR message. */
  readonly encryption: "otr" | "";
  readonly via: "msrp" | "sip";
}

/** The outcome of a message that was reported before. */
export interface DeliveryObject extends Located {
  readonly type: "delivery";
  readonly message: MessageObject;
  readonly delivery: Delivery;
}

/** One SIP message. */
export interface SipObject extends Located {
  readonly type: "sip";
  readonly transport: "udp" | "tcp" | "tls";
  readonly method: string | undefined;
  readonly requestUri: string | undefined;
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly callId: string | undefined;
  readonly cseq: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly contentType: string | undefined;
  readonly bodyLength: number;
  readonly media: readonly MediaSummary[];
  readonly isFocus: boolean;
}

/** An m-line of a session description that is about MSRP. */
export interface MediaSummary {
  readonly port: number;
  readonly transport: string;
  readonly path: readonly string[];
  readonly setup: string | undefined;
  readonly acceptTypes: readonly string[];
  readonly isRefused: boolean;
}

/** One OTR message, as far as it can be seen from outside. */
export interface OtrObject extends Located {
  readonly type: "otr";
  readonly messageId: string | undefined;
  readonly session: number | undefined;
  readonly callId: string | undefined;
  readonly kind: string;
  readonly version: number | undefined;
  readonly senderInstance: string | undefined;
  readonly receiverInstance: string | undefined;
  /** What else its kind has, in the specification's words. */
  readonly details: Readonly<
    Record<string, string | number | boolean | readonly (string | number)[]>
  >;
  /** The conversation after this message, as far as it can be told from outside. */
  readonly state: OtrTraceState;
}

/** What can be told from outside of an OTR conversation. */
export type OtrTraceState = "plaintext" | "offered" | "negotiating" | "encrypted";

/** A line that a log holds between its records. */
export interface RemarkObject extends Located {
  readonly type: "remark";
  readonly text: string;
}

/** Something that is wrong, unusual or missing. */
export interface FindingObject extends Finding {
  readonly type: "finding";
}

/** Anything of these. */
export type TraceObject =
  | ChunkObject
  | MessageObject
  | DeliveryObject
  | SipObject
  | OtrObject
  | RemarkObject
  | FindingObject;
