/** Requests that a relay forwarded over one connection and that may be answered (RFC 4976 §6.4.1, §6.4.3). */
import type { ByteRange } from "../byte_range.ts";
import type { ForwardedSend, ReturnPath } from "./forwarded_send.ts";
import type { Timer } from "./timers.ts";

/** A chunk of a message, reported on when it fails. */
export interface SendTransaction {
  readonly kind: "send";
  readonly transactionId: string;
  readonly send: ForwardedSend;
  /** First octet of the message that the chunk holds. */
  readonly start: number;
  /** What it held, once it has left. */
  range: ByteRange | undefined;
}

/** Another request, whose response goes all the way back. */
export interface RequestTransaction {
  readonly kind: "request";
  readonly transactionId: string;
  /** Its identifier on the connection that it came over. */
  readonly originalId: string;
  readonly method: string;
  /** An AUTH with credentials: a 401 to it is a failed attempt (§6.3). */
  readonly hasCredentials: boolean;
  readonly returnPath: ReturnPath;
}

/** What a connection waits for. */
export type HopTransaction = SendTransaction | RequestTransaction;

/** A transaction and its timer. */
interface Live<T> {
  readonly transaction: HopTransaction;
  timer: Timer<T> | undefined;
}

/** Those of one connection, by the identifiers that we chose. */
export class HopTransactions<T> {
  readonly #live = new Map<string, Live<T>>();
  readonly #limit: number;

  /** @param limit Most of them at a time. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether the next request must wait. */
  get isFull(): boolean {
    return this.#live.size >= this.#limit;
  }

  /** Whether an identifier is taken. */
  has(transactionId: string): boolean {
    return this.#live.has(transactionId);
  }

  /** The one with this identifier. */
  get(transactionId: string): HopTransaction | undefined {
    return this.#live.get(transactionId)?.transaction;
  }

  /** The first octets left: an answer may come from now on. */
  begin(transaction: HopTransaction): void {
    this.#live.set(transaction.transactionId, { transaction, timer: undefined });
  }

  /** The last octet left: its timer runs from now on. */
  arm(transactionId: string, timer: Timer<T>): void {
    const live = this.#live.get(transactionId);
    if (live !== undefined) live.timer = timer;
  }

  /** It is over; returns its timer, to be cancelled. */
  finish(transactionId: string): Timer<T> | undefined {
    const live = this.#live.get(transactionId);
    this.#live.delete(transactionId);
    return live?.timer;
  }

  /** All that wait; they are over. */
  drain(): { readonly transaction: HopTransaction; readonly timer: Timer<T> | undefined }[] {
    const all = [...this.#live.values()];
    this.#live.clear();
    return all;
  }
}
