/** Requests of ours that may still be answered, and the 30-second timer (RFC 4975 §7.1.1). */
import type { Instant } from "../base/output.ts";

/** What became of a request that left. */
export interface Transaction {
  readonly transactionId: string;
  readonly session: string;
  /**
   * `bind`: the body-less SEND that opens a session; `keep-alive`: a later one; `message`: a chunk of
   * one; `file-offset`: Blink's question how much of a file is there; `nickname`: a NICKNAME.
   */
  readonly purpose: "bind" | "keep-alive" | "message" | "file-offset" | "nickname";
  /** Of the message that the chunk belongs to; of a NICKNAME, the nickname. */
  readonly messageId: string;
  /** With Failure-Report `partial` only errors are answered, and silence is success. */
  readonly expectsSuccess: boolean;
}

/** Milliseconds from the last octet of a request to the verdict that it probably failed (§7.1.1). */
export const RESPONSE_TIMEOUT = 30_000;

/** All live transactions of a connection. */
export class TransactionTable {
  readonly #limit: number;
  readonly #live = new Map<string, Transaction & { deadline: Instant | undefined }>();

  /** @param limit Most transactions at a time; see {@link isFull}. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** When {@link expire} has something to report. */
  get deadline(): Instant | undefined {
    for (const { deadline } of this.#live.values()) if (deadline !== undefined) return deadline;
    return undefined;
  }

  /** Whether the next chunk must wait until an earlier one is answered or given up. */
  get isFull(): boolean {
    return this.#live.size >= this.#limit;
  }

  /** Whether `transactionId` belongs to a live transaction. */
  has(transactionId: string): boolean {
    return this.#live.has(transactionId);
  }

  /** The first octets of a request left: an early error can be answered from now on. */
  begin(transaction: Transaction): void {
    this.#live.set(transaction.transactionId, { ...transaction, deadline: undefined });
  }

  /** The last octet left: the timer starts. */
  complete(transactionId: string, now: Instant): void {
    const found = this.#live.get(transactionId);
    if (found === undefined) return;
    found.deadline = now + RESPONSE_TIMEOUT;
    // To the end: those with a deadline stand in the order of their deadlines.
    this.#live.delete(transactionId);
    this.#live.set(transactionId, found);
  }

  /** A response came: its transaction is over, whatever it says. */
  answer(transactionId: string): Transaction | undefined {
    const found = this.#live.get(transactionId);
    this.#live.delete(transactionId);
    return found;
  }

  /** Ends all transactions whose time is over and returns them. */
  expire(now: Instant): Transaction[] {
    const expired: Transaction[] = [];
    for (const transaction of this.#live.values()) {
      if (transaction.deadline === undefined) continue;
      if (transaction.deadline > now) break;
      this.#live.delete(transaction.transactionId);
      expired.push(transaction);
    }
    return expired;
  }

  /** Forgets all transactions of a message, or of a whole session. */
  forget(session: string, messageId?: string): void {
    for (const it of this.#live.values()) {
      if (it.session !== session) continue;
      if (messageId === undefined || it.messageId === messageId) {
        this.#live.delete(it.transactionId);
      }
    }
  }
}
