/** Puts OTR fragments together again, as a receiver would ("Fragmentation"). */

/** One fragment, as `parseOtrMessage` reads it. */
export interface SeenFragment {
  readonly version: number;
  readonly senderTag: number;
  readonly receiverTag: number;
  readonly k: number;
  readonly n: number;
  readonly piece: string;
}

interface Collected {
  k: number;
  readonly n: number;
  readonly pieces: string[];
  length: number;
}

/** Bounds of {@link FragmentCollector}. */
export interface FragmentLimits {
  /** Most messages in pieces at once. Default 256; past it the oldest is forgotten. */
  readonly messages?: number;
  /** Most characters of one of them. Default 1 MiB; a longer one is forgotten. */
  readonly size?: number;
}

/** Collects the pieces of each sender. */
export class FragmentCollector {
  readonly #limits: Required<FragmentLimits>;
  readonly #collected = new Map<string, Collected>();

  /** @param limits See {@link FragmentLimits}. */
  constructor(limits: FragmentLimits = {}) {
    this.#limits = { messages: 256, size: 1024 * 1024, ...limits };
  }

  /** Takes a piece of `sender`'s and returns the whole message once it is there. */
  receive(sender: string, fragment: SeenFragment): string | undefined {
    const { version, senderTag, receiverTag, k, n, piece } = fragment;
    const key = `${sender} ${version} ${senderTag} ${receiverTag}`;
    const known = this.#collected.get(key);
    this.#collected.delete(key);
    const isNext = known !== undefined && k === known.k + 1 && n === known.n;
    if (!isNext && k !== 1) return undefined; // Out of order: forget what was there.
    const collected = isNext && k !== 1 ? known : { k: 0, n, pieces: [], length: 0 };
    collected.k = k;
    collected.pieces.push(piece);
    collected.length += piece.length;
    if (k === n) return collected.pieces.join("");
    if (collected.length > this.#limits.size) return undefined;
    const [oldest = ""] = this.#collected.keys();
    if (this.#collected.size >= this.#limits.messages) this.#collected.delete(oldest);
    this.#collected.set(key, collected);
    return undefined;
  }
}
