/** Cuts a recorded MSRP stream where its frames end, so that a trace has one record a frame. */

import { concatBytes } from "../base/bytes.ts";
import type { WireRecord, WireTap } from "../base/wire_tap.ts";
import { ChunkParser } from "../msrp/mod.ts";

/** Octets of a frame that are held back before it is recorded in pieces. */
const LONGEST_RECORD = 2 ** 20;

/** A tap for one connection, which passes on whole frames; longer ones and junk in pieces. */
export class FrameTap {
  readonly #directions: { readonly in: FrameCutter; readonly out: FrameCutter };

  /** @param tap Who is told of the frames. */
  constructor(tap: WireTap) {
    this.#directions = { in: new FrameCutter(tap), out: new FrameCutter(tap) };
  }

  /** Give this to `recordStream`. */
  readonly record: WireTap = (record: WireRecord): void => {
    this.#directions[record.direction].add(record);
  };

  /** The connection ended: what is left of unfinished frames is recorded too. */
  flush(): void {
    this.#directions.in.flush();
    this.#directions.out.flush();
  }
}

class FrameCutter {
  readonly #tap: WireTap;
  readonly #parser = new ChunkParser();
  #held: Uint8Array[] = [];
  #heldLength = 0;
  /** Offset in the stream of the first octet held. */
  #offset = 0;
  #last: WireRecord | undefined;
  #isJunk = false;

  constructor(tap: WireTap) {
    this.#tap = tap;
  }

  add(record: WireRecord): void {
    this.#last = record;
    this.#held.push(record.data);
    this.#heldLength += record.data.length;
    for (const event of this.#parser.feed(record.data)) {
      if (event.type === "chunk-end") this.#cut(event.offset - this.#offset);
      else if (event.type === "parse-error") this.#isJunk = true;
    }
    if (this.#isJunk || this.#heldLength > LONGEST_RECORD) this.flush();
  }

  flush(): void {
    this.#cut(this.#heldLength);
  }

  #cut(length: number): void {
    if (length === 0 || this.#last === undefined) return;
    const held = concatBytes(...this.#held);
    this.#tap({ ...this.#last, data: held.slice(0, length) });
    this.#offset += length;
    this.#held = length === held.length ? [] : [held.subarray(length)];
    this.#heldLength = held.length - length;
  }
}
