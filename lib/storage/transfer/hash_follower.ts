/**
 * The hashes of a file that is being written: taken from what is written as long as that is
 * in order, and from the disk for whatever was there before or came out of order.
 */

import { type FileDigest, FileHasher } from "./file_hash.ts";

/** Octets that are read at a time. */
const READ_AHEAD = 2 ** 20;
/** Octets behind the writer from where on the disk is read meanwhile. */
const FALLEN_BEHIND = 8 * 2 ** 20;

/** Follows the writer of one file. */
export class HashFollower {
  readonly #path: string;
  readonly #algorithms: readonly string[];
  #hasher: FileHasher;
  /** Everything before has been written, and may be read. */
  #written: number;
  #file: Deno.FsFile | undefined;
  #catchingUp: Promise<void> | undefined;
  #failure: unknown;
  #isClosed = false;

  /**
   * @param path Where to read what does not pass by.
   * @param algorithms Those wanted.
   * @param written Octets that are there already.
   */
  constructor(path: string, algorithms: readonly string[], written: number) {
    this.#path = path;
    this.#algorithms = algorithms;
    this.#hasher = new FileHasher(algorithms);
    this.#written = written;
    if (written > 0) this.#catchUp(written);
  }

  /**
   * Octets were written.
   * @param contiguous Up to where everything is there now.
   */
  written(position: number, bytes: Uint8Array, contiguous: number): void {
    this.#written = contiguous;
    // What was hashed is not what is there any more: from the beginning, at the end.
    if (position < this.#hashed) this.#hasher = new FileHasher(this.#algorithms);
    else if (this.#catchingUp !== undefined) return;
    else if (position === this.#hashed) this.#hasher.update(bytes);
    else if (contiguous - this.#hashed > FALLEN_BEHIND) this.#catchUp(contiguous);
  }

  /** What was there before is gone. */
  async restart(): Promise<void> {
    this.#written = 0;
    await this.#catchingUp;
    this.#failure = undefined;
    this.#hasher = new FileHasher(this.#algorithms);
  }

  /**
   * The digests of the whole file.
   * @throws What reading throws.
   */
  async digests(length: number): Promise<FileDigest[]> {
    await this.#catchingUp;
    if (this.#hashed > length) this.#hasher = new FileHasher(this.#algorithms);
    this.#written = length;
    this.#catchUp(length);
    await this.#catchingUp;
    if (this.#failure !== undefined) throw this.#failure;
    return this.#hasher.digests();
  }

  /** Stops reading. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#catchingUp;
    this.#file?.close();
    this.#file = undefined;
  }

  get #hashed(): number {
    return this.#hasher.length;
  }

  #catchUp(least: number): void {
    if (this.#hashed >= least) return;
    this.#catchingUp = this.#read()
      .catch((error) => this.#failure = error)
      .finally(() => this.#catchingUp = undefined);
  }

  /** Reads until it has met the writer. */
  async #read(): Promise<void> {
    this.#file ??= await Deno.open(this.#path, { read: true });
    const buffer = new Uint8Array(READ_AHEAD);
    while (!this.#isClosed && this.#hashed < this.#written) {
      const hasher = this.#hasher;
      await this.#file.seek(this.#hashed, Deno.SeekMode.Start);
      const most = Math.min(buffer.length, this.#written - this.#hashed);
      const count = await this.#file.read(buffer.subarray(0, most));
      if (count === null) throw new Deno.errors.UnexpectedEof("the file became shorter");
      // What was written meanwhile may have made it begin again.
      if (hasher === this.#hasher) hasher.update(buffer.subarray(0, count));
    }
  }
}
