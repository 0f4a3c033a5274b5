/** Where the octets of an outgoing message come from: all at hand, or fed while they leave. */

/**
 * A body that is asked for piece by piece while the message leaves. Whoever sends it answers
 * each `octets-wanted` with {@link MsrpConnection.supply}.
 */
export interface StreamedBody {
  /** Octets of the whole message. */
  readonly length: number;
  /**
   * Octets at the beginning that the peer has already, and that do not leave; default 0. The
   * Byte-Range of the first chunk starts behind them.
   */
  readonly start?: number | undefined;
}

/** A stretch of a body that {@link BodyFeed.supply} waits for. */
export interface WantedOctets {
  /** Offset in the message, from 0. */
  readonly position: number;
  /** Exactly so many are to be supplied. */
  readonly length: number;
}

/** Pieces of a streamed body that are held: the one that leaves, and the one behind it. */
const PIECES_HELD = 2;

/** Hands out a body from its beginning to its end. */
export class BodyFeed {
  /** Octets of the whole message. */
  readonly length: number;
  /** Octets that have left, or need not. */
  position: number;
  readonly #pieces: Uint8Array[];
  readonly #isStreamed: boolean;
  #asked: WantedOctets | undefined;
  /** Up to where octets were asked for. */
  #reach: number;

  /** @throws {RangeError} when a length is none, or the start lies behind it. */
  constructor(body: Uint8Array | StreamedBody) {
    this.#isStreamed = !(body instanceof Uint8Array);
    const start = body instanceof Uint8Array ? 0 : body.start ?? 0;
    for (const value of [body.length, start]) {
      if (!(Number.isSafeInteger(value) && value >= 0 && value < 1e15)) {
        throw new RangeError(`not a number of octets: ${value}`);
      }
    }
    if (start > body.length) throw new RangeError("a body cannot start behind its end");
    this.length = body.length;
    this.position = start;
    this.#reach = body instanceof Uint8Array ? body.length : start;
    this.#pieces = body instanceof Uint8Array ? [body] : [];
  }

  /** Octets that are held for it from the beginning. */
  get held(): number {
    return this.#isStreamed ? 0 : this.length;
  }

  /** Whether the octets come in pieces, which answers must keep up with. */
  get isStreamed(): boolean {
    return this.#isStreamed;
  }

  /** How many octets the next chunk can have, at most `limit`; `undefined` while none are there. */
  ready(limit: number): number | undefined {
    if (this.position === this.length) return 0;
    const piece = this.#pieces[0];
    return piece === undefined ? undefined : Math.min(limit, piece.length);
  }

  /** Looks at the next `count` octets of those that are {@link ready}. */
  peek(count: number): Uint8Array {
    return this.#pieces[0]?.subarray(0, count) ?? EMPTY;
  }

  /** The same, and they have left. */
  take(count: number): Uint8Array {
    const piece = this.#pieces[0] ?? EMPTY;
    const taken = piece.subarray(0, count);
    this.position += taken.length;
    if (taken.length < piece.length) this.#pieces[0] = piece.subarray(taken.length);
    else this.#pieces.shift();
    return taken;
  }

  /**
   * What to ask for now, if anything. Asked once; the answer is {@link supply}.
   * @param limit Most octets in a piece.
   */
  ask(limit: number): WantedOctets | undefined {
    const isSated = this.#asked !== undefined || this.#reach >= this.length ||
      this.#pieces.length >= PIECES_HELD;
    if (isSated) return undefined;
    const length = Math.min(limit, this.length - this.#reach);
    this.#asked = { position: this.#reach, length };
    this.#reach += length;
    return this.#asked;
  }

  /** @throws {RangeError} when nothing was asked for, or not so many octets. */
  supply(octets: Uint8Array): void {
    const asked = this.#asked;
    if (octets.length !== asked?.length) {
      throw new RangeError(`expected ${asked?.length ?? 0} octets, not ${octets.length}`);
    }
    this.#asked = undefined;
    this.#pieces.push(octets);
  }
}

const EMPTY = new Uint8Array();
