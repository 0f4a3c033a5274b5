/** What became of the messages that we sent: answers, reports, silence (RFC 4975 §7.1.1, §7.1.3). */
import type { ByteRange } from "./byte_range.ts";
import type { MessageFailed, MsrpEvent } from "./events.ts";
import type { FailureReport } from "./header_fields.ts";
import { statusComment } from "./status.ts";

/** What a message asked for when it was sent. */
export interface Awaited {
  /** Octets of the body. */
  readonly length: number;
  readonly contentType: string;
  readonly successReport: boolean;
  readonly failureReport: FailureReport;
}

/** How a message failed. */
export interface Failure {
  readonly code: number;
  readonly comment?: string | undefined;
  readonly cause: MessageFailed["cause"];
}

/** The fates of one session's messages. Each is told once, in the order in which it was learned. */
export class DeliveryLedger {
  readonly #session: string;
  readonly #limit: number;
  readonly #deliveries = new Map<string, Delivery>();

  /** @param limit Messages that may wait for their fate; the oldest is given up first. */
  constructor(session: string, limit: number) {
    this.#session = session;
    this.#limit = limit;
  }

  /** Messages whose fate is not known. */
  get size(): number {
    return this.#deliveries.size;
  }

  /** Whether the fate of `messageId` is awaited. */
  has(messageId: string): boolean {
    return this.#deliveries.has(messageId);
  }

  /** What the message was sent as, while it is awaited. */
  awaited(messageId: string): Awaited | undefined {
    return this.#deliveries.get(messageId)?.awaited;
  }

  /** A message is about to be sent. */
  begin(messageId: string, awaited: Awaited): MsrpEvent[] {
    const events: MsrpEvent[] = [];
    if (this.#deliveries.size >= this.#limit) {
      // The oldest that has left: what still waits in the sender must not be forgotten.
      for (const [oldest, delivery] of this.#deliveries) {
        if (!delivery.hasLeft) continue;
        this.#deliveries.delete(oldest);
        events.push(this.#unconfirmed(oldest));
        break;
      }
    }
    this.#deliveries.set(messageId, {
      awaited,
      unanswered: 0,
      hasLeft: false,
      isSent: false,
      hasFailed: false,
      covered: [],
    });
    return events;
  }

  /** A chunk left, or began to: an answer to it is due if the sender asked for one. */
  chunkBegan(messageId: string): void {
    const delivery = this.#deliveries.get(messageId);
    if (delivery?.awaited.failureReport === "yes") delivery.unanswered++;
  }

  /** The last chunk left. */
  allLeft(messageId: string): MsrpEvent[] {
    const delivery = this.#deliveries.get(messageId);
    if (delivery === undefined) return [];
    delivery.hasLeft = true;
    return this.#settle(messageId, delivery);
  }

  /** A chunk was answered 200. */
  answered(messageId: string): MsrpEvent[] {
    const delivery = this.#deliveries.get(messageId);
    if (delivery === undefined) return [];
    delivery.unanswered--;
    return this.#settle(messageId, delivery);
  }

  /**
   * A success report came.
   *
   * @param range What it covers; absent: the whole message. Some peers count characters
   * instead of octets: a report that is complete by its own total counts as complete.
   */
  reported(messageId: string, range: ByteRange | undefined): MsrpEvent[] {
    const delivery = this.#deliveries.get(messageId);
    if (delivery === undefined || !delivery.awaited.successReport) return [];
    const { length } = delivery.awaited;
    const isWhole = range === undefined ||
      (range.start === 1 && (range.end === "*" || range.end === range.total));
    if (isWhole) delivery.covered = [[1, length]];
    else cover(delivery.covered, range.start, range.end === "*" ? length : range.end);
    const delivered = delivery.covered.reduce(
      (sum, [start, end]) => sum + Math.max(0, Math.min(end, length) - start + 1),
      0,
    );
    const session = this.#session;
    if (delivered < length) {
      return [{ type: "message-progress", session, messageId, delivered, total: length }];
    }
    this.#deliveries.delete(messageId);
    const events: MsrpEvent[] = [];
    // A report that overtakes the 200 says more than the 200 would.
    if (!delivery.isSent && !delivery.hasFailed) {
      events.push({ type: "message-sent", session, messageId });
    }
    events.push({ type: "message-delivered", session, messageId });
    return events;
  }

  /**
   * The message failed. After a mere timeout a success report may still come and is told.
   * Told once; also of messages that wait for nothing any more (Failure-Report `partial`).
   */
  failed(messageId: string, { code, comment, cause }: Failure): MsrpEvent[] {
    const delivery = this.#deliveries.get(messageId);
    if (delivery?.hasFailed) return [];
    if (delivery !== undefined) {
      delivery.hasFailed = true;
      delivery.hasLeft = true;
      if (cause !== "timeout" || !delivery.awaited.successReport) {
        this.#deliveries.delete(messageId);
      }
    }
    return [{
      type: "message-failed",
      session: this.#session,
      messageId,
      code,
      comment: comment ?? statusComment(code),
      cause,
    }];
  }

  /**
   * The session is over. What was not answered has failed if the connection was lost; what
   * only lacks its success report is unconfirmed.
   */
  end(cause: "connection" | "aborted"): MsrpEvent[] {
    const events: MsrpEvent[] = [];
    for (const [messageId, delivery] of [...this.#deliveries]) {
      if (delivery.hasFailed) continue; // Told before.
      const isLost = !delivery.hasLeft || (cause === "connection" && !delivery.isSent);
      if (isLost) {
        const comment = cause === "connection" ? "Connection Lost" : "Session Ended";
        events.push(...this.failed(messageId, { code: 0, comment, cause }));
      } else events.push(this.#unconfirmed(messageId));
    }
    this.#deliveries.clear();
    return events;
  }

  #settle(messageId: string, delivery: Delivery): MsrpEvent[] {
    if (!delivery.hasLeft || delivery.unanswered > 0 || delivery.isSent || delivery.hasFailed) {
      return [];
    }
    delivery.isSent = true;
    if (!delivery.awaited.successReport) this.#deliveries.delete(messageId);
    return [{ type: "message-sent", session: this.#session, messageId }];
  }

  #unconfirmed(messageId: string): MsrpEvent {
    return { type: "message-unconfirmed", session: this.#session, messageId };
  }
}

interface Delivery {
  readonly awaited: Awaited;
  /** Chunks whose 200 is missing. */
  unanswered: number;
  hasLeft: boolean;
  isSent: boolean;
  hasFailed: boolean;
  /** What success reports cover: from–to, in order, apart from each other. */
  covered: [number, number][];
}

/** Most separate ranges remembered; reports beyond are of use only once the gaps close. */
const RANGE_LIMIT = 1_024;

function cover(covered: [number, number][], start: number, end: number): void {
  if (end < start) return;
  const first = covered.findIndex(([, to]) => to >= start - 1);
  const at = first < 0 ? covered.length : first;
  let count = 0;
  let [low, high] = [start, end];
  for (
    let next = covered[at];
    next !== undefined && next[0] <= high + 1;
    next = covered[at + count]
  ) {
    low = Math.min(low, next[0]);
    high = Math.max(high, next[1]);
    count++;
  }
  if (count === 0 && covered.length >= RANGE_LIMIT) return;
  covered.splice(at, count, [low, high]);
}
