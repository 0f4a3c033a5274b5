/** What a SIP message is: a start-line, header fields in order, a body (RFC 3261 §7). */

/** One header field: its name in the usual spelling, its value unfolded and trimmed. */
export interface HeaderField {
  /** Usual spelling of a known name, compact forms expanded; unknown names as they were written. */
  readonly name: string;
  readonly value: string;
}

/** A request (RFC 3261 §7.1). */
export interface SipRequest {
  readonly kind: "request";
  readonly method: string;
  /** As written on the request line. */
  readonly requestUri: string;
  readonly headers: readonly HeaderField[];
  readonly body: Uint8Array;
}

/** A response (RFC 3261 §7.2). */
export interface SipResponse {
  readonly kind: "response";
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly HeaderField[];
  readonly body: Uint8Array;
}

/** Either of them. */
export type SipMessage = SipRequest | SipResponse;

/** How SIP travels here. */
export type SipTransport = "udp" | "tcp" | "tls";

/** Whether `transport` delivers in order and without loss: no retransmissions then (RFC 3261 §17). */
export function isReliable(transport: SipTransport): boolean {
  return transport !== "udp";
}

/** A body of no octets. */
export const NO_BODY: Uint8Array = new Uint8Array(0);
