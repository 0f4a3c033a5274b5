/** One stream of the relay: read when the relay can take more, written in order, closed behind its writes. */

import type { WireTap } from "../base/wire_tap.ts";
import { type Clock, delay } from "../session/mod.ts";
import { type ByteStream, recordStream } from "../transport/mod.ts";
import { faulted, type SocketFaults } from "./socket_faults.ts";

/** What a {@link RelayLink} tells. */
export interface RelayLinkHandler {
  readonly onOctets: (bytes: Uint8Array) => void;
  /** The stream has taken everything that was written. */
  readonly onWritable: () => void;
  /** The other end closed, or the stream broke. Once. */
  readonly onEnd: () => void;
}

/** What a {@link RelayLink} needs. */
export interface RelayLinkOptions {
  readonly clock: Clock;
  /** Told of every read and write, after TLS was removed. */
  readonly tap?: WireTap | undefined;
  /** A bad network between the relay and the other end. */
  readonly faults?: SocketFaults | undefined;
}

/** Milliseconds that the last octets may take to leave. */
const CLOSE_PATIENCE = 2_000;

/** Takes over a stream. */
export class RelayLink {
  /** Resolves when nothing happens any more. Never rejects. */
  readonly ended: Promise<void>;
  readonly #stream: ByteStream;
  readonly #clock: Clock;
  readonly #handler: RelayLinkHandler;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #unwritten = 0;
  #resumed: PromiseWithResolvers<void> | undefined;
  #closed: Promise<void> | undefined;

  /** @param stream Nobody else's from now on. */
  constructor(
    stream: ByteStream,
    handler: RelayLinkHandler,
    { clock, tap, faults }: RelayLinkOptions,
  ) {
    // On the wire is what the fault made of it: so the recording lies below.
    const recorded = tap === undefined ? stream : recordStream(stream, {
      tap,
      protocol: "msrp",
      now: () => clock.wallNow(),
    });
    this.#stream = faulted(recorded, faults);
    this.#clock = clock;
    this.#handler = handler;
    this.#writer = this.#stream.writable.getWriter();
    this.#writer.closed.catch(() => {}); // The reader sees the end of the same stream.
    this.ended = this.#read();
  }

  /** Reads nothing more until {@link resume}. */
  pause(): void {
    this.#resumed ??= Promise.withResolvers();
  }

  /** Reads again. */
  resume(): void {
    this.#resumed?.resolve();
    this.#resumed = undefined;
  }

  /** Writes behind everything that was written before. */
  write(data: Uint8Array): void {
    this.#unwritten++;
    this.#writer.write(data).then(
      () => {
        if (--this.#unwritten === 0 && this.#closed === undefined) this.#handler.onWritable();
      },
      () => {}, // The reader sees the end of the same stream.
    );
  }

  /** Closes behind everything that was written. Safe to call twice; never rejects. */
  close(): Promise<void> {
    this.#closed ??= this.#closeBehindWrites();
    return this.#closed;
  }

  async #closeBehindWrites(): Promise<void> {
    this.resume();
    const enough = new AbortController();
    await Promise.race([
      this.#writer.close().catch(() => {}), // Broken: nothing is left to wait for.
      // A peer that takes nothing more must not keep us.
      delay(this.#clock, CLOSE_PATIENCE, enough.signal).catch(() => {}),
    ]);
    enough.abort();
    await this.#stream.close();
    await this.ended;
  }

  async #read(): Promise<void> {
    const reader = this.#stream.readable.getReader();
    try {
      for (;;) {
        await this.#resumed?.promise;
        const { done, value } = await reader.read();
        if (done || this.#closed !== undefined) break;
        this.#handler.onOctets(value);
      }
    } catch {
      // A broken stream has ended: the relay makes no difference.
    }
    if (this.#closed === undefined) this.#handler.onEnd();
  }
}
