/**
 * A file that comes from a peer: written beside its final place as a `.part`, hashed while it
 * comes, and given its name when it is whole and right. Nothing that exists is overwritten.
 */

import { SottoError } from "../../base/errors.ts";
import { FILE_HASH_ALGORITHMS, type FileDigest } from "./file_hash.ts";
import { HashFollower } from "./hash_follower.ts";
import { numberedName, safeFileName } from "./file_name.ts";

/** What the peer says of the file. */
export interface FileToReceive {
  readonly name?: string | undefined;
  /** Octets of the whole file. */
  readonly size?: number | undefined;
  /** Of the whole file. Those of unknown algorithms are not checked. */
  readonly hashes: readonly FileDigest[];
  /** Octets at the beginning that must be here already; absent: as many as there are. */
  readonly continuesAt?: number | undefined;
}

/** Numbers that are tried for a name that is taken. */
const MOST_NUMBERS = 10_000;

/** A file on its way. One of {@link finish} and {@link suspend} ends it. */
export class ReceivedFile {
  /** Octets at the beginning that an earlier attempt left. */
  readonly offset: number;
  /** Where the octets are until the file is whole. */
  readonly partPath: string;
  readonly #folder: string;
  readonly #wanted: FileToReceive;
  readonly #file: Deno.FsFile;
  readonly #follower: HashFollower;
  /** Where the file's position is. */
  #at: number;
  /** Everything before has been written. */
  #written: number;
  /** Whether nothing has been written by this attempt. */
  #isFresh = true;
  #isClosed = false;

  private constructor(
    folder: string,
    wanted: FileToReceive,
    part: { readonly path: string; readonly file: Deno.FsFile; readonly length: number },
  ) {
    this.#folder = folder;
    this.#wanted = wanted;
    this.#file = part.file;
    this.partPath = part.path;
    this.offset = part.length;
    this.#at = -1;
    this.#written = part.length;
    this.#follower = new HashFollower(
      part.path,
      wanted.hashes.map((it) => it.algorithm),
      part.length,
    );
  }

  /**
   * Opens the `.part` that an earlier attempt left of the same file (by its hash), or makes
   * one: mode 0600, by exclusive creation.
   *
   * @param folder Where the file is to be.
   * @throws {SottoError} `storage/unwritable`; `storage/no-such-part` when the part of it that
   * should be here is not.
   */
  static async open(folder: string, wanted: FileToReceive): Promise<ReceivedFile> {
    const name = safeFileName(wanted.name);
    try {
      return new ReceivedFile(
        folder,
        wanted,
        await continued(folder, name, wanted) ?? await begun(folder, name, wanted),
      );
    } catch (error) {
      throw asUnwritable(`nothing can be written in ${folder}`, error);
    }
  }

  /**
   * Writes octets where they belong.
   * @param position Offset in the file, from 0.
   * @throws {SottoError} `storage/unwritable`: the disk is full, or the folder went away.
   */
  async write(position: number, bytes: Uint8Array): Promise<void> {
    try {
      // A sender that does not go on where we stood begins anew.
      if (this.#isFresh && position !== this.offset) await this.#restart();
      this.#isFresh = false;
      if (this.#at !== position) await this.#file.seek(position, Deno.SeekMode.Start);
      for (let done = 0; done < bytes.length;) {
        done += await this.#file.write(bytes.subarray(done));
      }
    } catch (error) {
      this.#at = -1;
      throw asUnwritable(`${this.partPath} cannot be written`, error);
    }
    this.#at = position + bytes.length;
    const before = this.#written;
    if (position <= before) this.#written = Math.max(before, this.#at);
    this.#follower.written(position, bytes, this.#written);
  }

  /**
   * All octets are there: they are checked against what the peer said, and the file gets its
   * name. What fails the check keeps a name that no later attempt continues.
   *
   * @param length Octets of the whole file, as they came.
   * @returns Its path.
   * @throws {SottoError} `storage/wrong-size`, `storage/wrong-hash`, `storage/unwritable`.
   */
  async finish(length: number): Promise<string> {
    const { size, hashes } = this.#wanted;
    try {
      await this.#file.truncate(length);
      if (size !== undefined && size !== length) {
        throw await this.#wrong(
          "storage/wrong-size",
          `the file has ${length} octets, and ${size} were promised`,
        );
      }
      const digests = await this.#follower.digests(length);
      const wrong = hashes.find((it) =>
        digests.some((own) => own.algorithm === it.algorithm && own.value !== it.value)
      );
      if (wrong !== undefined) {
        throw await this.#wrong(
          "storage/wrong-hash",
          `the ${wrong.algorithm} of what came is not the one that was promised`,
        );
      }
      await this.#file.sync();
      const path = await moveToFreeName(
        this.partPath,
        this.#folder,
        (number) => numberedName(safeFileName(this.#wanted.name), number),
      );
      return path;
    } catch (error) {
      throw asUnwritable(`${this.partPath} cannot be finished`, error);
    } finally {
      await this.#close();
    }
  }

  /** Nothing more comes for now. What came in one piece from the beginning is kept, the rest is not. */
  async suspend(): Promise<void> {
    if (this.#isClosed) return;
    try {
      // Behind a hole nobody knows what is there.
      if (this.#written > 0) await this.#file.truncate(this.#written);
    } catch {
      // The disk is what failed: the part stays as it is, and its hash will tell.
    }
    await this.#close();
    if (this.#written === 0) await Deno.remove(this.partPath).catch(() => {}); // Nothing to go on with.
  }

  async #restart(): Promise<void> {
    await this.#file.truncate(0);
    this.#written = 0;
    await this.#follower.restart();
  }

  async #wrong(
    code: "storage/wrong-size" | "storage/wrong-hash",
    message: string,
  ): Promise<SottoError> {
    const name = safeFileName(this.#wanted.name);
    const path = await moveToFreeName(
      this.partPath,
      this.#folder,
      (number) => `${numberedName(name, number)}.wrong.part`,
    );
    return new SottoError(code, `${message}; it is kept as ${path}`);
  }

  async #close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#follower.close();
    this.#file.close();
  }
}

/** The unfinished file of an earlier attempt, if there is one that nobody else writes. */
async function continued(
  folder: string,
  name: string,
  wanted: FileToReceive,
): Promise<{ path: string; file: Deno.FsFile; length: number } | undefined> {
  const path = partPath(folder, name, wanted);
  if (path === undefined) return undefined;
  const found = await Deno.lstat(path).catch(() => undefined);
  // A link may lead anywhere, and a part that is longer than the file is none of it.
  if (found?.isFile !== true || found.size > (wanted.size ?? Infinity)) return undefined;
  const file = await Deno.open(path, { read: true, write: true });
  if (!await file.tryLock(true)) {
    file.close();
    return undefined;
  }
  // One octet at least is to come, or some senders would have nothing to end with.
  const whole = Math.max(0, (wanted.size ?? Infinity) - 1);
  const length = Math.min((await file.stat()).size, wanted.continuesAt ?? whole);
  if (length < (wanted.continuesAt ?? 0)) {
    file.close();
    throw noSuchPart(wanted);
  }
  await file.truncate(length);
  return { path, file, length };
}

async function begun(
  folder: string,
  name: string,
  wanted: FileToReceive,
): Promise<{ path: string; file: Deno.FsFile; length: number }> {
  if (wanted.continuesAt !== undefined) throw noSuchPart(wanted);
  const known = partPath(folder, name, wanted);
  for (let number = 0; number < MOST_NUMBERS; number++) {
    const path = number === 0 && known !== undefined
      ? known
      : `${folder}/${numberedName(name, number)}.part`;
    try {
      const file = await Deno.open(path, { read: true, write: true, createNew: true, mode: 0o600 });
      await file.lock(true);
      return { path, file, length: 0 };
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
  throw new SottoError("storage/unwritable", `too many files of the name ${name} in ${folder}`);
}

function noSuchPart({ continuesAt }: FileToReceive): SottoError {
  return new SottoError(
    "storage/no-such-part",
    `the first ${continuesAt} octets of the file are not here`,
  );
}

/** Where a file of this hash waits to be continued; `undefined` for one that cannot be told again. */
function partPath(folder: string, name: string, { hashes }: FileToReceive): string | undefined {
  const strongest = FILE_HASH_ALGORITHMS.toReversed()
    .flatMap((algorithm) => hashes.find((it) => it.algorithm === algorithm) ?? [])[0];
  return strongest && `${folder}/${name}.${strongest.value.slice(0, 16)}.part`;
}

/** Gives a file a name that is free: by a link, which never replaces anything. */
async function moveToFreeName(
  from: string,
  folder: string,
  nameOf: (number: number) => string,
): Promise<string> {
  for (let number = 0; number < MOST_NUMBERS; number++) {
    const to = `${folder}/${nameOf(number)}`;
    try {
      await Deno.link(from, to);
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) continue;
      if (!await reserve(to)) continue; // No links here: a place of our own, then.
      await Deno.rename(from, to);
      return to;
    }
    await Deno.remove(from);
    return to;
  }
  throw new SottoError(
    "storage/unwritable",
    `too many files of the name ${nameOf(0)} in ${folder}`,
  );
}

async function reserve(path: string): Promise<boolean> {
  try {
    (await Deno.open(path, { write: true, createNew: true, mode: 0o600 })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}

function asUnwritable(message: string, error: unknown): SottoError {
  if (error instanceof SottoError) return error;
  const why = error instanceof Error ? `: ${error.message.split(" (os error", 1)[0]}` : "";
  return new SottoError("storage/unwritable", `${message}${why}`, { cause: error });
}
