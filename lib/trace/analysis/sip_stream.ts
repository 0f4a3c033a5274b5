/** Octets of one direction → SIP messages, each with where it was seen (RFC 3261 §18.3). */
import { latin1 } from "../../base/ascii.ts";
import type { PeerError } from "../../base/errors.ts";
import { StreamFramer } from "../../sip/mod.ts";
import type { Sighting } from "../arrival.ts";

/** What {@link SipStream} reports. */
export type SipStreamEvent =
  | { readonly type: "message"; readonly bytes: Uint8Array; readonly seen: Sighting }
  | { readonly type: "fault"; readonly error: PeerError; readonly seen: Sighting };

/** One direction of a connection that carries SIP. Memory: one message. */
export class SipStream {
  #framer = new StreamFramer();
  #begun: Sighting | undefined;
  /** Octets of a message that is not complete. */
  #pending = 0;
  #isLost = false;

  /** Takes octets that follow those before them. */
  receive(seen: Sighting, data: Uint8Array): SipStreamEvent[] {
    // After a fault or a hole: a segment that begins like a message is one.
    if (this.#isLost && !looksLikeSip(data)) return [];
    this.#isLost = false;
    const events: SipStreamEvent[] = [];
    this.#pending += data.length;
    for (const framed of this.#framer.feed(data)) {
      const begun = this.#begun ?? seen;
      this.#begun = undefined;
      if (framed.type === "message") {
        this.#pending -= framed.bytes.length;
        events.push({ type: "message", bytes: framed.bytes, seen: begun });
      } else if (framed.type === "broken") {
        events.push({ type: "fault", error: framed.error, seen: begun });
        this.#restart();
      }
    }
    // Line ends between messages keep the connection alive and begin nothing.
    const rest = data.subarray(Math.max(0, data.length - this.#pending));
    if (this.#begun === undefined && rest.every(isLineEnd)) this.#pending = 0;
    if (this.#pending > 0) this.#begun ??= seen;
    return events;
  }

  /** Octets are missing here. */
  receiveGap(): void {
    this.#restart();
  }

  #restart(): void {
    this.#framer = new StreamFramer();
    this.#begun = undefined;
    this.#pending = 0;
    this.#isLost = true;
  }
}

/** Whether `data` begins with a request line or a status line of SIP, or a good part of one. */
export function looksLikeSip(data: Uint8Array): boolean {
  const text = latin1(data.subarray(0, 200)).replace(/^(?:\r\n)+/, "");
  return /^SIP\/\d\.\d \d/.test(text) || /^[A-Z]{2,20} (?:[sS][iI][pP][sS]?|tel|urn):/.test(text) ||
    /^[^\r\n]{3,}? [^\r\n]+ SIP\/\d\.\d\r?\n/.test(text);
}

function isLineEnd(octet: number): boolean {
  return octet === 0x0d || octet === 0x0a;
}
