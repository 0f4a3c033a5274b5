/**
 * Runs a parser that is written as a generator over octets that come in pieces: what it
 * emits is handed out after each piece.
 */
import { ByteReader, type Reading } from "../base/byte_reader.ts";

/** What the generator of a {@link ResumableReader} is given. */
export interface ReadingContext<Item> {
  readonly reader: ByteReader;
  /** Set once the input has ended: a generator that would wait returns instead. */
  readonly input: { readonly isEnded: boolean };
  emit(item: Item): void;
}

/** A generator parser with the two doors of every incremental reader here. */
export class ResumableReader<Item> {
  readonly #reader = new ByteReader();
  readonly #input = { isEnded: false };
  readonly #parsing: Reading<void>;
  #items: Item[] = [];
  #isDone = false;

  /** @param read The parser. When it returns, the rest of the input is dropped unread. */
  constructor(read: (context: ReadingContext<Item>) => Reading<void>) {
    this.#parsing = read({
      reader: this.#reader,
      input: this.#input,
      emit: (item) => this.#items.push(item),
    });
  }

  /** Octets that were fed and not understood yet. */
  get pending(): number {
    return this.#isDone ? 0 : this.#reader.available;
  }

  /** Offset in the input of the first octet that was not read. */
  get offset(): number {
    return this.#reader.offset;
  }

  /** Takes octets and returns what they completed. */
  feed(bytes: Uint8Array): Item[] {
    if (!this.#isDone) {
      this.#reader.feed(bytes);
      this.#resume();
    }
    return this.#taken();
  }

  /** The input has ended: the parser is resumed once more and told so. */
  end(): Item[] {
    this.#input.isEnded = true;
    if (!this.#isDone) this.#resume();
    return this.#taken();
  }

  #resume(): void {
    if (this.#parsing.next().done === true) this.#isDone = true;
  }

  #taken(): Item[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }
}
