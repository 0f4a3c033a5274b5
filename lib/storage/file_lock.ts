/** Locks between processes: flock on a file of its own beside the file that is protected. */
import { SottoError } from "../base/errors.ts";
import { ensureFolder, folderOf, unwritable } from "./private_file.ts";

/** Options of {@link lockFile}. */
export interface LockOptions {
  /** Longest wait for another process, in milliseconds; 30 s by default. */
  readonly waitMs?: number;
}

/** Held until it is disposed of. The system releases it when the process dies. */
export interface FileLock extends Disposable {
  /** The lock file. It stays: removing it would let two holders in. */
  readonly path: string;
}

/**
 * Waits for the exclusive lock that protects `path`.
 * @throws {SottoError} `storage/lock-timeout` when another process holds it for too long.
 */
export async function lockFile(
  path: string,
  { waitMs = 30_000 }: LockOptions = {},
): Promise<FileLock> {
  const folder = folderOf(path);
  const lockPath = `${folder}/.${path.slice(path.lastIndexOf("/") + 1)}.lock`;
  await ensureFolder(folder);
  const file = await open(lockPath);
  let waited = 0;
  for (let pause = 2; !await file.tryLock(true); pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    if (waited >= waitMs) {
      file.close();
      throw new SottoError(
        "storage/lock-timeout",
        `another process kept ${path} locked for ${waitMs} ms`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
    waited += pause;
  }
  return { path: lockPath, [Symbol.dispose]: () => file.close() };
}

/** Longest pause between two looks at a lock, in milliseconds. */
const LONGEST_PAUSE = 50;

async function open(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { write: true, create: true, mode: 0o600 });
  } catch (error) {
    throw unwritable(path, error);
  }
}
