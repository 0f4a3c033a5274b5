/** Our one OTR key: `private_key.dsa`, made at first use, replaced only after a backup. */
import { SottoError } from "../../base/errors.ts";
import { DsaPrivateKey } from "../../otr/keys/mod.ts";
import { createExclusively, writeAtomically } from "../atomic_write.ts";
import { lockFile, type LockOptions } from "../file_lock.ts";
import { exposureOf, readWholeFile } from "../private_file.ts";

/** What {@link KeyStore.loadOrCreate} found or made. */
export interface LoadedKey {
  readonly key: DsaPrivateKey;
  /** Whether it was made by this call. */
  readonly created: boolean;
}

/** The key file of one home. */
export class KeyStore {
  /** The key file. */
  readonly path: string;
  readonly #lock: LockOptions;

  /** @param path The file; nothing is touched yet. */
  constructor(path: string, lock: LockOptions = {}) {
    this.path = path;
    this.#lock = lock;
  }

  /**
   * The key, or `undefined` when there is no file.
   * @throws {SottoError} `storage/unreadable`, `storage/unreadable-key`. A file that cannot be
   * read is never a reason to make another key.
   */
  async load(): Promise<DsaPrivateKey | undefined> {
    const bytes = await readWholeFile(this.path, { limit: LONGEST_KEY_FILE });
    if (bytes === undefined) return undefined;
    try {
      return DsaPrivateKey.parse(bytes);
    } catch (cause) {
      throw new SottoError(
        "storage/unreadable-key",
        `${this.path} holds no key that can be read: ${
          cause instanceof Error ? cause.message : String(cause)
        }`,
        { cause },
      );
    } finally {
      bytes.fill(0);
    }
  }

  /**
   * The key; made by `generate` when there is no file. However many processes ask at once, one
   * of them makes it and all answer with the same.
   * @throws As {@link load} does, and `storage/unwritable`, `storage/lock-timeout`.
   */
  async loadOrCreate(
    generate: () => DsaPrivateKey | Promise<DsaPrivateKey>,
  ): Promise<LoadedKey> {
    const existing = await this.load();
    if (existing !== undefined) return { key: existing, created: false };
    using _lock = await lockFile(this.path, this.#lock);
    const meanwhile = await this.load();
    if (meanwhile !== undefined) return { key: meanwhile, created: false };
    const key = await generate();
    if (await this.#create(key)) return { key, created: true };
    // Somebody who takes no lock was first: theirs is the key.
    const theirs = await this.load();
    if (theirs !== undefined) return { key: theirs, created: false };
    throw new SottoError("storage/changing", `${this.path} comes and goes: nothing was written`);
  }

  /**
   * Puts `key` in the place of what is there, after a copy of that was kept beside it.
   *
   * @param nowMs Milliseconds since 1970, for the name of the copy.
   * @returns The copy's path, or `undefined` when there was nothing to keep.
   * @throws {SottoError} `storage/unreadable`, `storage/unwritable`, `storage/lock-timeout`.
   */
  async replace(key: DsaPrivateKey, nowMs: number): Promise<string | undefined> {
    using _lock = await lockFile(this.path, this.#lock);
    const old = await readWholeFile(this.path, { limit: LONGEST_KEY_FILE });
    const backup = old === undefined ? undefined : await this.#backUp(old, nowMs);
    const bytes = key.encode();
    try {
      await writeAtomically(this.path, bytes);
    } finally {
      bytes.fill(0);
      old?.fill(0);
    }
    return backup;
  }

  /** In words, what others may do with the file; `undefined` when it is as private as it should. */
  exposure(): Promise<string | undefined> {
    return exposureOf(this.path);
  }

  async #create(key: DsaPrivateKey): Promise<boolean> {
    const bytes = key.encode();
    try {
      return await createExclusively(this.path, bytes);
    } finally {
      bytes.fill(0);
    }
  }

  async #backUp(old: Uint8Array, nowMs: number): Promise<string> {
    const stamp = new Date(nowMs).toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
    for (let copy = 0; copy < MOST_BACKUPS_A_SECOND; copy++) {
      const path = `${this.path}.${stamp}${copy === 0 ? "" : `.${copy}`}.bak`;
      if (await createExclusively(path, old)) return path;
    }
    throw new SottoError("storage/unwritable", `too many backups of ${this.path} in one second`);
  }
}

/** A key file has some 446 octets. */
const LONGEST_KEY_FILE = 64 * 1024;
const MOST_BACKUPS_A_SECOND = 100;
