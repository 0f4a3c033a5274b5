/**
 * Runs any connection core over any byte stream: the one place where bytes, time and
 * the application meet a protocol. See docs/ARCHITECTURE.md, "The core contract".
 */

import { SottoError } from "../base/errors.ts";
import type { Instant, Output, ProtocolCore } from "../base/output.ts";
import type { ByteStream } from "../transport/mod.ts";
import type { Clock } from "./clock.ts";

/** A core that hands out large bodies piece by piece, as fast as the socket takes them. */
export interface PacedCore<Event> extends ProtocolCore<Event> {
  /** Whether {@link handleWritable} would transmit something. */
  readonly hasMoreToTransmit: boolean;
  /** Everything transmitted before was taken by the stream: the next piece, please. */
  handleWritable(now: Instant): Output<Event>[];
}

/** How to wait for events. */
export interface EventsOptions {
  /** Ends the wait with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Owns one core and one stream, and is the only caller of either.
 *
 * Two things move the core: {@link events}, on behalf of the peer and the clock, and
 * {@link perform}, on behalf of the application. Nothing is read from the stream while
 * events wait to be taken, so a slow application slows the peer and memory stays bounded.
 */
export class Driver<Event> implements AsyncDisposable {
  readonly #core: ProtocolCore<Event> | PacedCore<Event>;
  readonly #clock: Clock;
  readonly #stream: ByteStream;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #events: Event[] = [];
  #nudge = Promise.withResolvers<void>();
  #pumping: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #failure: SottoError | undefined;

  /**
   * @param core Not to be touched by anybody else from here on.
   * @param stream Likewise; closed by {@link close} or when the core says so.
   */
  constructor(core: ProtocolCore<Event> | PacedCore<Event>, stream: ByteStream, clock: Clock) {
    this.#core = core;
    this.#clock = clock;
    this.#stream = stream;
    this.#reader = stream.readable.getReader();
    this.#writer = stream.writable.getWriter();
    this.#writer.closed.catch(() => {}); // Seen by write() and by the reader.
  }

  /** Why the stream broke, if it did not end in good order. */
  get failure(): SottoError | undefined {
    return this.#failure;
  }

  /**
   * Lets the application act on the core; resolves once the octets are taken by the stream.
   * What the core throws (a caller's mistake) passes through; a broken stream does not: it
   * ends {@link events}.
   */
  async perform(act: (now: Instant) => Output<Event>[]): Promise<void> {
    const written = this.#carryOut(act(this.#clock.now()));
    this.#nudge.resolve(); // The core may have a new deadline or new events.
    await written;
    await this.#pump();
  }

  /** Yields events in the order the core reported them, until the stream has ended. */
  async *events({ signal }: EventsOptions = {}): AsyncGenerator<Event> {
    // Not one promise for all the races below: it would keep the outcome of every one of them,
    // and so all octets that ever came.
    const onAbort = (): void => this.#nudge.resolve();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      signal?.throwIfAborted();
      let reading = this.#read();
      for (;;) {
        while (this.#events.length > 0) yield this.#events.shift() as Event;

        const waiting = new AbortController();
        this.#nudge = Promise.withResolvers<void>();
        // An event may have come between the loop above and the new nudge.
        if (this.#events.length > 0) continue;
        signal?.throwIfAborted(); // Likewise.
        const woken = await Promise.race([
          reading,
          this.#clock.reached(this.#core.deadline, waiting.signal),
          this.#nudge.promise,
        ]).finally(() => waiting.abort());
        signal?.throwIfAborted();

        const now = this.#clock.now();
        const { deadline } = this.#core;
        if (woken === "end") {
          await this.#carryOut(this.#core.receiveEnd(now));
          yield* this.#events.splice(0);
          return;
        } else if (woken !== undefined) {
          const outputs = this.#core.receive(woken, now);
          reading = this.#read();
          void this.#carryOut(outputs).then(() => this.#pump());
        } else if (deadline !== undefined && deadline <= now) {
          void this.#carryOut(this.#core.handleTimeout(now)).then(() => this.#pump());
        }
      }
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Closes the stream once everything handed to it was written. Safe to call again. */
  close(): Promise<void> {
    this.#closing ??= this.#closeBehindWrites();
    return this.#closing;
  }

  /** The same, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A peer that takes nothing more must not keep us. */
  async #closeBehindWrites(): Promise<void> {
    const waiting = new AbortController();
    await Promise.race([
      this.#writer.close().catch(() => {}), // Broken already: nothing is left to wait for.
      this.#clock.reached(this.#clock.now() + CLOSE_PATIENCE, waiting.signal),
    ]);
    waiting.abort();
    await this.#stream.close();
  }

  async #read(): Promise<Uint8Array | "end"> {
    try {
      const { done, value } = await this.#reader.read();
      return done ? "end" : value;
    } catch (error) {
      this.#fail(error);
      return "end";
    }
  }

  async #carryOut(outputs: Output<Event>[]): Promise<void> {
    const writes: Promise<void>[] = [];
    let mustClose = false;
    for (const output of outputs) {
      if (output.type === "event") this.#events.push(output.event);
      else if (output.type === "transmit") {
        // The reader sees the end of the same stream; one report is enough.
        writes.push(this.#writer.write(output.data).catch((error) => this.#fail(error)));
      } else mustClose = true;
    }
    if (this.#events.length > 0) this.#nudge.resolve();
    await Promise.all(writes);
    if (mustClose) await this.close();
  }

  /** Feeds a paced core while it has something and the stream takes it. One at a time. */
  #pump(): Promise<void> {
    this.#pumping ??= this.#pumpAll().finally(() => this.#pumping = undefined);
    return this.#pumping;
  }

  async #pumpAll(): Promise<void> {
    const core = this.#core;
    if (!("handleWritable" in core)) return;
    while (core.hasMoreToTransmit && this.#failure === undefined) {
      await this.#carryOut(core.handleWritable(this.#clock.now()));
      this.#nudge.resolve();
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error instanceof SottoError
      ? error
      : new SottoError("session/connection-broken", "the connection broke", { cause: error });
  }
}

/** Milliseconds that the last octets may take to leave. */
const CLOSE_PATIENCE = 2_000;
