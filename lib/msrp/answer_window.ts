/** How much of a streamed body is on its way: the peer's answers set the pace. */

/** Octets of one message that left and were not answered, by transaction. */
export class AnswerWindow {
  readonly #limit: number;
  readonly #lengths = new Map<string, number>();
  #length = 0;

  /** @param limit Octets that may be on their way. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether `length` further octets may leave. One chunk always may: else it would wait for ever. */
  hasRoomFor(length: number): boolean {
    return this.#length === 0 || this.#length + length <= this.#limit;
  }

  /** A chunk left whose answer is awaited. */
  begin(transactionId: string, length: number): void {
    this.#lengths.set(transactionId, length);
    this.#length += length;
  }

  /** A transaction is over, whatever its answer said. */
  settle(transactionId: string): void {
    this.#length -= this.#lengths.get(transactionId) ?? 0;
    this.#lengths.delete(transactionId);
  }
}
