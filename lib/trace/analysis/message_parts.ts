/** The octets of one message while its chunks come in, in any order (RFC 4975 §7.3.1). */
import { ByteWriter } from "../../base/byte_writer.ts";

/** A chunk's body that waits for those before it. */
interface EarlyPart {
  /** Position of the first octet, from 0. */
  readonly start: number;
  readonly length: number;
  /** Cut at the limit. */
  readonly kept: Uint8Array;
}

/** What is there of a message. Adding a chunk costs no more for the ten-thousandth than for the first. */
export class MessageParts {
  readonly #limit: number;
  readonly #octets = new ByteWriter();
  /** Sorted by position; nearly always empty, as one connection keeps chunks in order. */
  #early: EarlyPart[] = [];
  #earlyKept = 0;
  #position = 0;
  #hasHole = false;
  /** Octets of the whole message, known once its last chunk came. */
  total: number | undefined;
  /** Octets that were seen, repetitions included. */
  size = 0;
  /** Chunks that were seen. */
  chunks = 0;

  /** @param limit Most octets that are kept. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Octets that are kept. */
  get kept(): number {
    return this.#octets.length + this.#earlyKept;
  }

  /** Whether every octet up to the last chunk's end is there. */
  get isComplete(): boolean {
    return !this.#hasHole && this.total !== undefined && this.#position >= this.total;
  }

  /**
   * Takes a chunk's body.
   *
   * @param start Position of its first octet, from 0; after what came before when not known.
   * @param body The octets that are there, perhaps fewer than `length`.
   * @param length Octets of the chunk's body.
   * @param isLast Its flag was `$`.
   */
  add(start: number | undefined, body: Uint8Array, length: number, isLast: boolean): void {
    const begin = start ?? this.#position;
    this.size += length;
    this.chunks++;
    if (isLast) this.total = begin + length;
    const kept = body.subarray(0, Math.max(0, this.#limit - this.kept));
    if (begin > this.#position) this.#keepEarly({ start: begin, length, kept });
    else {
      this.#append({ start: begin, length, kept });
      this.#absorb();
    }
  }

  /** The octets in order; where chunks overlap the first one stands. Holes are closed up. */
  join(): Uint8Array {
    this.#skipHoles(0);
    return this.#octets.finish();
  }

  #keepEarly(part: EarlyPart): void {
    const at = this.#early.findIndex((it) => it.start > part.start);
    if (at < 0) this.#early.push(part);
    else this.#early.splice(at, 0, part);
    this.#earlyKept += part.kept.length;
    this.#skipHoles(MOST_EARLY);
  }

  /** Gives holes up until no more than `count` parts wait behind them. */
  #skipHoles(count: number): void {
    while (this.#early.length > count) {
      this.#hasHole = true;
      this.#position = this.#early[0]?.start ?? this.#position;
      this.#absorb();
    }
  }

  #absorb(): void {
    for (let part = this.#early[0]; part !== undefined; part = this.#early[0]) {
      if (part.start > this.#position) return;
      this.#early.shift();
      this.#earlyKept -= part.kept.length;
      this.#append(part);
    }
  }

  #append({ start, length, kept }: EarlyPart): void {
    const repeated = Math.min(this.#position - start, length);
    this.#octets.bytes(kept.subarray(Math.min(repeated, kept.length)));
    this.#position = Math.max(this.#position, start + length);
  }
}

/** Most chunks that wait behind a hole. */
const MOST_EARLY = 256;
