/** Frames of MSRP, or messages of SIP, that vanish out of a stream of octets, and their number. */

import { concatBytes } from "../base/bytes.ts";
import { ChunkParser } from "../msrp/mod.ts";
import { StreamFramer } from "../sip/mod.ts";

/** Passes octets on, without what is dropped. */
export interface FrameFilter {
  /** What arrives of `bytes`, now that they have come. */
  feed(bytes: Uint8Array): Uint8Array;
}

/** Told at each end of a frame. */
export type OnFrame = () => void;

/**
 * Drops whole frames of MSRP: whether a frame vanishes is decided at its head, so that nothing of
 * it is held. What is no MSRP passes.
 */
export class MsrpFrameFilter implements FrameFilter {
  readonly #parser = new ChunkParser();
  readonly #isDropped: () => boolean;
  readonly #onFrame: OnFrame;
  /** Octets that may belong to a frame whose head is not complete. */
  #pending = new Uint8Array(0);
  /** Offset in the stream of the first of them. */
  #base = 0;
  #frame: "none" | "passes" | "vanishes" = "none";
  #isBroken = false;

  /** @param isDropped Asked once for each frame. */
  constructor(isDropped: () => boolean, onFrame: OnFrame) {
    this.#isDropped = isDropped;
    this.#onFrame = onFrame;
  }

  feed(bytes: Uint8Array): Uint8Array {
    if (this.#isBroken) return bytes;
    this.#pending = concatBytes(this.#pending, bytes);
    const passed: Uint8Array[] = [];
    for (const event of this.#parser.feed(bytes)) {
      if (event.type === "chunk-start") {
        passed.push(this.#cut(event.offset));
        this.#frame = this.#isDropped() ? "vanishes" : "passes";
      } else if (event.type === "chunk-end") {
        const octets = this.#cut(event.offset);
        if (this.#frame === "passes") passed.push(octets);
        this.#frame = "none";
        this.#onFrame();
      } else if (event.type === "parse-error") {
        this.#isBroken = true;
      }
    }
    if (this.#isBroken || this.#frame !== "none") {
      const octets = this.#cut(this.#base + this.#pending.length);
      if (this.#frame !== "vanishes") passed.push(octets);
    }
    return concatBytes(...passed);
  }

  /** Takes what stands before `offset` in the stream. */
  #cut(offset: number): Uint8Array {
    const octets = this.#pending.subarray(0, offset - this.#base);
    this.#pending = this.#pending.slice(octets.length);
    this.#base = offset;
    return octets;
  }
}

/** Counts the messages of a stream of SIP. None of them vanishes: TCP would bring it again. */
export class SipMessageCounter implements FrameFilter {
  readonly #framer = new StreamFramer();
  readonly #onFrame: OnFrame;

  /** @param onFrame Told at each end of a message. */
  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  feed(bytes: Uint8Array): Uint8Array {
    for (const { type } of this.#framer.feed(bytes)) if (type === "message") this.#onFrame();
    return bytes;
  }
}
