/**
 * The common language of the protocol cores: bytes, time and randomness go in,
 * an ordered list of outputs comes out. See docs/ARCHITECTURE.md, "The core contract".
 */

/** A point on a monotonic clock, in milliseconds. Cores never read a clock. */
export type Instant = number;

/**
 * Returns `length` fresh unpredictable bytes. Injected, so that tests can replay;
 * the real one is `crypto.getRandomValues`, in one line of `lib/session`.
 */
export type RandomSource = (length: number) => Uint8Array;

/** What a core asks its driver to do. Drivers act on outputs strictly in order. */
export type Output<Event> =
  | Transmit
  | CloseStream
  | { readonly type: "event"; readonly event: Event };

/** Bytes for the stream that the core runs on. */
export interface Transmit {
  readonly type: "transmit";
  readonly data: Uint8Array;
}

/** Nothing follows on this stream: close it once everything before was written. */
export interface CloseStream {
  readonly type: "close";
}

/** The shape shared by the cores of every connection-oriented protocol here. */
export interface ProtocolCore<Event> {
  /** When {@link handleTimeout} wants to be called next, if at all. */
  readonly deadline: Instant | undefined;
  /** Bytes arrived from the peer. */
  receive(bytes: Uint8Array, now: Instant): Output<Event>[];
  /** The peer closed its half, or the stream was cut. */
  receiveEnd(now: Instant): Output<Event>[];
  /** {@link deadline} has passed. */
  handleTimeout(now: Instant): Output<Event>[];
}
