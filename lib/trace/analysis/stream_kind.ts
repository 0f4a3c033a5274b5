/** What a byte stream carries, told by its first octets: ports prove nothing. */
import { latin1 } from "../../base/ascii.ts";
import { looksLikeSip } from "./sip_stream.ts";
import { looksLikeTls } from "./tls_stream.ts";

/** What a stream may carry. `unknown`: more octets are needed. */
export type StreamKind = "msrp" | "sip" | "tls" | "websocket" | "other" | "unknown";

/** Octets that are looked at before a stream is given up as something else. */
export const MOST_STREAM_SNIFFED: number = 16_384;

/**
 * Recognises a stream.
 *
 * @param head Its octets from the first one that was captured.
 */
export function recogniseStream(head: Uint8Array): StreamKind {
  if (head.length < 5) return "unknown";
  if (looksLikeTls(head)) return "tls";
  const text = latin1(head.subarray(0, MOST_STREAM_SNIFFED));
  if (/^MSRP [A-Za-z0-9]/.test(text)) return "msrp";
  if (looksLikeSip(head)) return "sip";
  if (/^(?:GET |HTTP\/1\.1 101)[^]*\r\nUpgrade: websocket\r\n/i.test(text)) return "websocket";
  // The capture began in the middle: a start line may come.
  if (START_LINE.test(text)) return "msrp";
  return head.length < MOST_STREAM_SNIFFED ? "unknown" : "other";
}

const START_LINE = /\nMSRP [A-Za-z0-9][A-Za-z0-9.+%=-]{3,31} (?:[A-Z]+|\d{3})(?: [^\r\n]*)?\r\n/;
