/** What is remembered of each SIP connection: where its messages begin, and which transactions went over it. */

import { type Framed, type MessageLimits, StreamFramer } from "../sip/mod.ts";

/** One connection. */
interface Stream {
  readonly framer: StreamFramer;
  /** Transactions that are to be told when it breaks. */
  readonly carried: Set<string>;
}

/** All connections of one endpoint, by their numbers. */
export class SipStreams {
  readonly #limits: MessageLimits;
  readonly #streams = new Map<number, Stream>();

  /** @param limits How much one message may hold. */
  constructor(limits: MessageLimits = {}) {
    this.#limits = limits;
  }

  /** Octets that arrived; returns what they completed. */
  feed(connection: number, data: Uint8Array): Framed[] {
    return this.#of(connection).framer.feed(data);
  }

  /** We sent a keep-alive over it. */
  expectPong(connection: number): void {
    this.#of(connection).framer.expectPong();
  }

  /** A message of a transaction goes over it. */
  carry(connection: number, transaction: string): void {
    const { carried } = this.#of(connection);
    carried.add(transaction);
    // The oldest are over long ago.
    if (carried.size > MOST_CARRIED) carried.delete(carried.values().next().value ?? "");
  }

  /** It ended. @returns The transactions that went over it. */
  end(connection: number): ReadonlySet<string> {
    const carried = this.#streams.get(connection)?.carried;
    this.#streams.delete(connection);
    return carried ?? new Set();
  }

  #of(connection: number): Stream {
    const known = this.#streams.get(connection);
    if (known !== undefined) return known;
    const stream: Stream = { framer: new StreamFramer(this.#limits), carried: new Set() };
    this.#streams.set(connection, stream);
    return stream;
  }
}

/** Transactions that are remembered for each connection. */
const MOST_CARRIED = 512;
