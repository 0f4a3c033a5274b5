/**
 * Resumable reading: a parser is a generator that asks for "until this delimiter" or
 * "so many octets" and is suspended when octets run out. Every request states a limit.
 *
 * The buffer grows geometrically and is compacted when it is half spent, so that
 * feeding n octets costs O(n) whatever their split.
 */

/** What a parser generator is: it yields while it waits, and returns `T`. */
export type Reading<T> = Generator<undefined, T, undefined>;

/** What {@link ByteReader.until} found. */
export interface Delimited {
  /** The octets before the delimiter. A copy: safe to keep. */
  readonly bytes: Uint8Array;
  /** Which of the delimiters ended it. */
  readonly delimiter: number;
}

/** A growing buffer that a generator reads from. */
export class ByteReader {
  #buffer = new Uint8Array(1024);
  #start = 0;
  #end = 0;
  #consumed = 0;

  /** Octets that were fed and not read yet. */
  get available(): number {
    return this.#end - this.#start;
  }

  /** Offset in the whole stream of the next octet to be read. */
  get offset(): number {
    return this.#consumed;
  }

  /** Appends octets that arrived. They are copied. */
  feed(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Looks at up to `count` octets without reading them. A view: copy it to keep it. */
  peek(count: number = this.available): Uint8Array {
    return this.#buffer.subarray(this.#start, Math.min(this.#end, this.#start + count));
  }

  /** Reads what is there, up to `count` octets, without waiting. A copy. */
  take(count: number = this.available): Uint8Array {
    const bytes = this.peek(count).slice();
    this.#advance(bytes.length);
    return bytes;
  }

  /** Drops `count` octets that were peeked at. */
  skip(count: number): void {
    this.#advance(Math.min(count, this.available));
  }

  /** Waits for exactly `count` octets. */
  *exactly(count: number): Reading<Uint8Array> {
    while (this.available < count) yield;
    return this.take(count);
  }

  /** Waits until at least `count` octets can be peeked at. */
  *atLeast(count: number): Reading<void> {
    while (this.available < count) yield;
  }

  /**
   * Waits for the first of `delimiters`, and reads up to and including it. The earliest
   * wins; at one place the first in the list.
   *
   * @param delimiters None of them empty.
   * @param limit Most octets before the delimiter. Past it the answer is `undefined`
   * and nothing was read: the caller decides what that means.
   */
  *until(delimiters: readonly Uint8Array[], limit: number): Reading<Delimited | undefined> {
    let longest = 1;
    for (const delimiter of delimiters) longest = Math.max(longest, delimiter.length);
    for (let searched = 0;;) {
      const found = this.#find(delimiters, searched);
      if (found !== undefined && found.at <= limit) {
        const bytes = this.take(found.at);
        this.#advance(delimiters[found.delimiter]?.length ?? 0);
        return { bytes, delimiter: found.delimiter };
      }
      // A delimiter may have begun in the last octets: look at those again.
      searched = Math.max(searched, this.available - longest + 1);
      if (found !== undefined || searched > limit) return undefined;
      yield;
    }
  }

  #find(
    delimiters: readonly Uint8Array[],
    from: number,
  ): { at: number; delimiter: number } | undefined {
    const firsts = new Set(delimiters.map((it) => it[0]));
    const single = firsts.size === 1 ? delimiters[0]?.[0] : undefined;
    for (let at = this.#start + from; at < this.#end; at++) {
      if (single !== undefined) {
        const next = this.#buffer.indexOf(single, at);
        if (next < 0 || next >= this.#end) return undefined;
        at = next;
      } else if (!firsts.has(this.#buffer[at])) continue;
      for (const [index, delimiter] of delimiters.entries()) {
        if (this.#matchesAt(at, delimiter)) return { at: at - this.#start, delimiter: index };
      }
    }
    return undefined;
  }

  #matchesAt(at: number, delimiter: Uint8Array): boolean {
    if (at + delimiter.length > this.#end) return false;
    for (let i = 0; i < delimiter.length; i++) {
      if (this.#buffer[at + i] !== delimiter[i]) return false;
    }
    return true;
  }

  #advance(count: number): void {
    this.#start += count;
    this.#consumed += count;
    if (this.#start === this.#end) this.#start = this.#end = 0;
  }

  #reserve(count: number): void {
    if (this.#end + count <= this.#buffer.length) return;
    const available = this.available;
    const needed = available + count;
    if (needed <= this.#buffer.length && this.#start >= this.#buffer.length / 2) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
    } else {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
      grown.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = grown;
    }
    this.#start = 0;
    this.#end = available;
  }
}
