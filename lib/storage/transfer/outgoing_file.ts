/** A file of the user's that is to be sent: what is said of it, and its octets from any place. */

import { SottoError } from "../../base/errors.ts";
import { type FileDigest, FileHasher } from "./file_hash.ts";
import { mediaTypeOf } from "./file_type.ts";

/** Octets that are read at a time for hashing. */
const READ_AHEAD = 2 ** 20;

/** What {@link OutgoingFile.open} may be told. */
export interface OutgoingFileOptions {
  /** Gives up while it is being hashed. */
  readonly signal?: AbortSignal | undefined;
  /** Told of octets hashed so far, and of how many there are. */
  readonly onProgress?: ((hashed: number, size: number) => void) | undefined;
}

/** An open file. Its size and hashes are those of the moment it was opened. */
export class OutgoingFile {
  /** Last part of its path. */
  readonly name: string;
  /** Media type, by its ending. */
  readonly type: string;
  /** Octets. */
  readonly size: number;
  readonly hashes: readonly FileDigest[];
  /** Milliseconds since 1970, if the system knows. */
  readonly modified: number | undefined;
  readonly #file: Deno.FsFile;
  /** Reads wait for each other: a file has one position. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    file: Deno.FsFile,
    about: Pick<OutgoingFile, "name" | "type" | "size" | "hashes" | "modified">,
  ) {
    this.#file = file;
    this.name = about.name;
    this.type = about.type;
    this.size = about.size;
    this.hashes = about.hashes;
    this.modified = about.modified;
  }

  /**
   * Opens a file and reads it once for its hashes.
   *
   * @throws {SottoError} `storage/unreadable`: there is none, it is a folder or a device, or
   * rights forbid it; the signal's own reason.
   */
  static async open(path: string, options: OutgoingFileOptions = {}): Promise<OutgoingFile> {
    const file = await opened(path);
    try {
      const info = await file.stat();
      if (!info.isFile) {
        throw new SottoError(
          "storage/unreadable",
          info.isDirectory ? `${path} is a folder` : `${path} is not a regular file`,
        );
      }
      const hasher = new FileHasher();
      const buffer = new Uint8Array(READ_AHEAD);
      while (hasher.length < info.size) {
        options.signal?.throwIfAborted();
        const count = await file.read(buffer.subarray(0, info.size - hasher.length));
        if (count === null) throw changed(path);
        hasher.update(buffer.subarray(0, count));
        options.onProgress?.(hasher.length, info.size);
      }
      return new OutgoingFile(file, {
        name: path.split(/[/\\]/).findLast((it) => it !== "") ?? "file",
        type: mediaTypeOf(path),
        size: info.size,
        hashes: hasher.digests(),
        modified: info.mtime?.getTime(),
      });
    } catch (error) {
      file.close();
      throw isSotto(error) || options.signal?.aborted ? error : unreadable(path, error);
    }
  }

  /**
   * The octets from `position` (from 0), exactly `length`.
   * @throws {SottoError} `storage/file-changed` when there are not so many any more,
   * `storage/unreadable`.
   */
  read(position: number, length: number): Promise<Uint8Array> {
    const reading = this.#turn.then(() => this.#read(position, length));
    this.#turn = reading.catch(() => {}); // Told to whoever asked.
    return reading;
  }

  /** Closes it. Safe to call again. */
  async close(): Promise<void> {
    await this.#turn;
    try {
      this.#file.close();
    } catch {
      // It was closed before: that is what was wanted.
    }
  }

  /** The same, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #read(position: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    try {
      await this.#file.seek(position, Deno.SeekMode.Start);
      for (let at = 0; at < length;) {
        const count = await this.#file.read(bytes.subarray(at));
        if (count === null) throw changed(this.name);
        at += count;
      }
      return bytes;
    } catch (error) {
      throw isSotto(error) ? error : unreadable(this.name, error);
    }
  }
}

async function opened(path: string): Promise<Deno.FsFile> {
  try {
    // A pipe would block the opening itself: it must be a file before it is opened.
    const info = await Deno.stat(path);
    if (!info.isFile) {
      throw new SottoError(
        "storage/unreadable",
        info.isDirectory ? `${path} is a folder` : `${path} is not a regular file`,
      );
    }
    return await Deno.open(path, { read: true });
  } catch (error) {
    if (isSotto(error)) throw error;
    if (error instanceof Deno.errors.NotFound) {
      throw new SottoError("storage/unreadable", `there is no file ${path}`, { cause: error });
    }
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): SottoError {
  return new SottoError("storage/unreadable", `${path} cannot be read`, { cause });
}

function changed(path: string): SottoError {
  return new SottoError("storage/file-changed", `${path} became shorter while it was read`);
}

function isSotto(error: unknown): error is SottoError {
  return error instanceof SottoError;
}
