/** One connection of the lab's SIP server: octets in pieces, octets out with a bound, and how long it has been useless. */

import { SottoError } from "../base/errors.ts";
import type { Instant } from "../base/output.ts";
import type { Flow } from "../sip/mod.ts";
import type { ByteStream } from "../transport/mod.ts";

/** Octets that may wait for a peer that does not read. */
const MOST_PENDING = 512 * 1024;

/** A connection that carries SIP. */
export class SipStream {
  readonly flow: Flow & { readonly connection: number };
  readonly stream: ByteStream;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #pending = 0;
  #isClosed = false;
  /** When it was opened. */
  readonly openedAt: Instant;
  /** When the last whole message, or keep-alive, came. */
  usefulAt: Instant | undefined;
  /** Since when there is a part of a message without the rest. */
  unfinishedSince: Instant | undefined;

  /**
   * @param stream Owned from now on.
   * @param connection Its number, never used twice.
   */
  constructor(
    stream: ByteStream,
    transport: "tcp" | "tls",
    connection: number,
    now: Instant,
  ) {
    this.stream = stream;
    this.flow = { transport, remote: stream.remote, connection };
    this.#writer = stream.writable.getWriter();
    this.openedAt = now;
  }

  /** Whether nothing can be sent any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Sends octets, in the order of the calls.
   *
   * @throws {SottoError} `transport/…`; also when too much waits already, which ends the connection.
   */
  async send(data: Uint8Array): Promise<void> {
    if (this.#isClosed) throw closed();
    if (this.#pending + data.length > MOST_PENDING) {
      await this.close();
      throw new SottoError("transport/reset", "the peer does not read what is sent to it");
    }
    this.#pending += data.length;
    try {
      await this.#writer.write(data);
    } finally {
      this.#pending -= data.length;
    }
  }

  /** Reads until the end, whatever ends it. */
  async read(receive: (data: Uint8Array) => void): Promise<void> {
    const reader = this.stream.readable.getReader();
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        receive(value);
      }
    } catch (error) {
      // The network's failure is the end of the connection, like any other end.
      if (!(error instanceof SottoError)) throw error;
    } finally {
      reader.releaseLock();
    }
  }

  /** Ends it once what was handed to {@link send} has left, or `patience` resolves. */
  async finish(patience: Promise<unknown>): Promise<void> {
    this.#isClosed = true;
    await Promise.race([this.#writer.close().catch(() => {}), patience]); // Broken is closed, too.
    await this.stream.close();
  }

  /** Ends it at once. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.stream.close();
  }
}

function closed(): SottoError {
  return new SottoError("transport/closed", "this connection was closed");
}
