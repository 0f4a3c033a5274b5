/** What became of messages: responses and reports, or the lack of them (RFC 4975 §7.1.2, §7.1.3). */
import { isSuccess, parseByteRange, parseStatus, RESPONSE_TIMEOUT } from "../../msrp/mod.ts";
import type { ChunkObject, Delivery, DeliveryObject, MessageObject } from "./trace_object.ts";

/** Bounds of {@link DeliveryTracker}. */
export interface DeliveryLimits {
  /** Most messages that wait for their outcome. Default 10 000; past it the oldest is unconfirmed. */
  readonly messages?: number;
  /** Most octets of bodies that wait with them. Default 64 MiB. */
  readonly octets?: number;
}

/** One message on its way: known from its first chunk on. */
interface Waiting {
  readonly key: string;
  readonly wantsSuccess: boolean;
  readonly failure: "yes" | "no" | "partial";
  /** Transactions without a response. */
  readonly open: Set<string>;
  message: MessageObject | undefined;
  /** Octets that success reports spoke of. */
  reported: number;
  /** What decided it before the message was complete. */
  verdict: Delivery | undefined;
  lastResponse: ChunkObject | undefined;
}

/** Matches responses by transaction, reports by Message-ID. */
export class DeliveryTracker {
  readonly #limits: Required<DeliveryLimits>;
  readonly #waiting = new Map<string, Waiting>();
  readonly #transactions = new Map<string, Waiting>();
  #octets = 0;
  #expiredAt = -Infinity;

  /** @param limits See {@link DeliveryLimits}. */
  constructor(limits: DeliveryLimits = {}) {
    this.#limits = { messages: 10_000, octets: 64 * 1024 * 1024, ...limits };
  }

  /**
   * A chunk of a message was sent.
   *
   * @param key Names the message: connection, direction and Message-ID.
   * @param transaction Names the transaction: connection, direction and its id.
   */
  sent(key: string, transaction: string, chunk: ChunkObject): void {
    let waiting = this.#waiting.get(key);
    if (waiting === undefined) {
      const failure = chunk.failureReport?.toLowerCase();
      waiting = {
        key,
        wantsSuccess: chunk.successReport?.toLowerCase() === "yes",
        failure: failure === "no" || failure === "partial" ? failure : "yes",
        open: new Set(),
        message: undefined,
        reported: 0,
        verdict: undefined,
        lastResponse: undefined,
      };
      this.#waiting.set(key, waiting);
    }
    if (waiting.failure === "no") return;
    if (waiting.open.size < MOST_TRANSACTIONS) {
      waiting.open.add(transaction);
      this.#transactions.set(transaction, waiting);
    }
  }

  /** The message is complete, aborted or given up: from now on its outcome is of interest. */
  completed(key: string, message: MessageObject): DeliveryObject[] {
    const waiting = this.#waiting.get(key);
    // It had to go before it was complete.
    if (waiting === undefined) return [deliveryOf(message, NOTHING)];
    waiting.message = message;
    this.#octets += message.body.length;
    const settled = this.#settle(waiting);
    return settled === undefined ? this.#shed() : [settled];
  }

  /** A response came. */
  answered(transaction: string, response: ChunkObject): DeliveryObject[] {
    const waiting = this.#transactions.get(transaction);
    if (waiting === undefined) return [];
    this.#transactions.delete(transaction);
    waiting.open.delete(transaction);
    waiting.lastResponse = response;
    const { status = 0, comment } = response;
    if (!isSuccess(status)) waiting.verdict ??= failed(status, comment, "response", response);
    return this.#settled(waiting);
  }

  /** A REPORT came for the message `key`. */
  reported(key: string, report: ChunkObject): DeliveryObject[] {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return [];
    try {
      const { code, comment } = parseStatus(report.reportStatus ?? "");
      if (!isSuccess(code)) waiting.verdict ??= failed(code, comment, "report", report);
      else {
        waiting.reported += octetsOf(report);
        const size = waiting.message?.size;
        if (size !== undefined && waiting.reported >= size) {
          waiting.verdict ??= { ...failed(code, comment, "report", report), outcome: "delivered" };
        }
      }
    } catch {
      return []; // A report that says nothing readable: the chunk's own finding names it.
    }
    return this.#settled(waiting);
  }

  /** Gives up what has waited longer than RFC 4975's 30 seconds. */
  expire(at: number | undefined): DeliveryObject[] {
    // A look a second is enough: many may wait.
    if (at === undefined || at - this.#expiredAt < 1000) return [];
    this.#expiredAt = at;
    const settled: DeliveryObject[] = [];
    for (const waiting of this.#waiting.values()) {
      const { message } = waiting;
      if (message?.at === undefined) continue;
      if (at - message.at <= RESPONSE_TIMEOUT) break; // Nearly in order of age: good enough.
      settled.push(this.#giveUp(waiting, message));
    }
    return settled;
  }

  /** The input has ended. */
  end(): DeliveryObject[] {
    const settled: DeliveryObject[] = [];
    for (const waiting of [...this.#waiting.values()]) {
      if (waiting.message !== undefined) settled.push(this.#giveUp(waiting, waiting.message));
      else this.#forget(waiting);
    }
    return settled;
  }

  #shed(): DeliveryObject[] {
    const settled: DeliveryObject[] = [];
    for (const waiting of this.#waiting.values()) {
      const isTooMuch = this.#waiting.size > this.#limits.messages ||
        this.#octets > this.#limits.octets;
      if (!isTooMuch) break;
      if (waiting.message === undefined) this.#forget(waiting);
      else settled.push(this.#giveUp(waiting, waiting.message));
    }
    return settled;
  }

  #settled(waiting: Waiting): DeliveryObject[] {
    const settled = this.#settle(waiting);
    return settled === undefined ? [] : [settled];
  }

  #settle(waiting: Waiting): DeliveryObject | undefined {
    const { message, open, wantsSuccess, lastResponse } = waiting;
    if (message === undefined) return undefined;
    if (waiting.verdict !== undefined) return this.#conclude(waiting, message, waiting.verdict);
    if (wantsSuccess && waiting.reported >= message.size && waiting.reported > 0) {
      return this.#conclude(waiting, message, { ...NOTHING, outcome: "delivered", by: "report" });
    }
    if (wantsSuccess || open.size > 0) return undefined;
    if (lastResponse === undefined) {
      return this.#conclude(waiting, message, { ...NOTHING, outcome: "not-asked" });
    }
    return this.#conclude(waiting, message, accepted(lastResponse));
  }

  #giveUp(waiting: Waiting, message: MessageObject): DeliveryObject {
    return this.#conclude(waiting, message, waiting.verdict ?? silence(waiting));
  }

  #conclude(waiting: Waiting, message: MessageObject, delivery: Delivery): DeliveryObject {
    this.#forget(waiting);
    return deliveryOf(message, delivery);
  }

  #forget(waiting: Waiting): void {
    this.#waiting.delete(waiting.key);
    this.#octets -= waiting.message?.body.length ?? 0;
    for (const transaction of waiting.open) this.#transactions.delete(transaction);
  }
}

const NOTHING: Delivery = {
  outcome: "unconfirmed",
  code: undefined,
  comment: undefined,
  by: undefined,
  at: undefined,
  frame: undefined,
};

/** Transactions of one message whose responses are awaited; a message of more chunks is not checked further. */
const MOST_TRANSACTIONS = 65_536;

function deliveryOf(message: MessageObject, delivery: Delivery): DeliveryObject {
  const { src, dst } = message;
  const frame = delivery.frame ?? message.frame;
  return { type: "delivery", frame, at: delivery.at ?? message.at, src, dst, message, delivery };
}

/** What it means that nothing more came. */
function silence({ lastResponse, open, failure, wantsSuccess }: Waiting): Delivery {
  if (lastResponse !== undefined && open.size === 0) return accepted(lastResponse);
  // `partial`: only failures are answered (RFC 4975 §7.1.2).
  return failure === "partial" && !wantsSuccess ? { ...NOTHING, outcome: "not-asked" } : NOTHING;
}

function accepted({ status, comment, at, frame }: ChunkObject): Delivery {
  return { outcome: "accepted", code: status, comment, by: "response", at, frame };
}

function failed(
  code: number,
  comment: string | undefined,
  by: "response" | "report",
  { at, frame }: ChunkObject,
): Delivery {
  return { outcome: "failed", code, comment, by, at, frame };
}

/** Octets that a report speaks of; all of them when it does not say (Infinity). */
function octetsOf({ byteRange }: ChunkObject): number {
  if (byteRange === undefined) return Infinity;
  try {
    const { start, end, total } = parseByteRange(byteRange);
    if (end === "*") return Infinity;
    // Python 3 Blink counts characters: what covers its own total covers the message.
    return start === 1 && end === total ? Infinity : end - start + 1;
  } catch {
    return 0; // An unreadable range confirms nothing.
  }
}
