/** A growing buffer for binary formats; integers are big-endian, as every protocol here has them. */
export class ByteWriter {
  #buffer: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** @param capacity Octets to reserve at first. */
  constructor(capacity = 256) {
    this.#buffer = new Uint8Array(capacity);
  }

  /** Octets written so far. */
  get length(): number {
    return this.#length;
  }

  /** Appends an unsigned 8-bit integer. */
  uint8(value: number): this {
    const at = this.#extend(1);
    this.#buffer[at] = value;
    return this;
  }

  /** Appends an unsigned 16-bit integer. */
  uint16(value: number): this {
    const at = this.#extend(2);
    this.#buffer[at] = value >>> 8;
    this.#buffer[at + 1] = value;
    return this;
  }

  /** Appends an unsigned 32-bit integer. */
  uint32(value: number): this {
    const at = this.#extend(4);
    this.#buffer[at] = value >>> 24;
    this.#buffer[at + 1] = value >>> 16;
    this.#buffer[at + 2] = value >>> 8;
    this.#buffer[at + 3] = value;
    return this;
  }

  /** Appends octets. */
  bytes(bytes: Uint8Array): this {
    // Extending may replace the buffer: it must happen before the buffer is named.
    const at = this.#extend(bytes.length);
    this.#buffer.set(bytes, at);
    return this;
  }

  /** What was written: a fresh array. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#buffer.slice(0, this.#length);
  }

  #extend(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(this.#length, 2 * this.#buffer.length));
      grown.set(this.#buffer.subarray(0, at));
      this.#buffer = grown;
    }
    return at;
  }
}
