/** What a session writes down about its peer: one thing after the other, and nothing is lost at the end. */

/** A line of writes. */
export class RecordWriter {
  readonly #onError: (error: unknown) => void;
  #written: Promise<void> = Promise.resolve();

  /** @param onError Told of a write that failed; those after it are made all the same. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Writes once everything before it is written. */
  write(write: () => Promise<void>): void {
    this.#written = this.#written.then(write).catch(this.#onError);
  }

  /** Resolves when everything up to now is written, or failed. */
  get written(): Promise<void> {
    return this.#written;
  }
}
