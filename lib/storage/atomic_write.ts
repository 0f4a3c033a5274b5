/**
 * Writing files so that a reader, or a crash, sees the old content or the new, never a part:
 * write beside, fsync, rename (or link, to be the first), fsync the folder.
 */
import { SottoError } from "../base/errors.ts";
import { ensureFolder, folderOf, unwritable } from "./private_file.ts";

/** Options of {@link writeAtomically}. */
export interface AtomicWriteOptions {
  /**
   * Asked after the new content is on the disk and before it takes the place of the old: `false`
   * leaves everything as it is.
   */
  readonly confirm?: () => Promise<boolean>;
}

/**
 * Replaces the content of `path`; the file is 0600 afterwards. Where `path` is a symbolic link,
 * the file that it points at is replaced and the link stays: people link such files into a
 * folder that they keep under version control.
 *
 * @returns Whether it was written: false only when `confirm` said so.
 * @throws {SottoError} `storage/unwritable`; the old content is untouched.
 */
export async function writeAtomically(
  path: string,
  content: Uint8Array,
  { confirm }: AtomicWriteOptions = {},
): Promise<boolean> {
  const target = await followLinks(path);
  const temporary = await writeBeside(target, content);
  try {
    if (confirm !== undefined && !await confirm()) {
      await Deno.remove(temporary);
      return false;
    }
    await Deno.rename(temporary, target);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {}); // The first error below is the one to know.
    if (error instanceof SottoError) throw error;
    throw unwritable(path, error);
  }
  await syncFolder(folderOf(target));
  return true;
}

/**
 * Creates `path` with all of its content at once, unless it exists.
 *
 * @returns Whether we were first.
 * @throws {SottoError} `storage/unwritable`.
 */
export async function createExclusively(path: string, content: Uint8Array): Promise<boolean> {
  const temporary = await writeBeside(path, content);
  try {
    // A hard link is the one operation that is exclusive and shows no half-written file.
    await Deno.link(temporary, path);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw unwritable(path, error);
  } finally {
    await Deno.remove(temporary);
  }
  await syncFolder(folderOf(path));
  return true;
}

async function followLinks(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw unwritable(path, error);
    return path; // A new file. A dangling link is replaced by it.
  }
}

async function writeBeside(path: string, content: Uint8Array): Promise<string> {
  await ensureFolder(folderOf(path));
  try {
    const [temporary, opened] = await openBeside(path);
    using file = opened;
    for (let left = content; left.length > 0;) left = left.subarray(await file.write(left));
    await file.sync();
    return temporary;
  } catch (error) {
    throw unwritable(path, error);
  }
}

async function openBeside(path: string): Promise<[string, Deno.FsFile]> {
  const folder = folderOf(path);
  const name = path.slice(path.lastIndexOf("/") + 1);
  for (let attempt = 0;; attempt++) {
    // Unique among the living by process and attempt; what the dead left is passed over.
    const temporary = `${folder}/.${name}.${Deno.pid}.${attempt}.tmp`;
    try {
      return [
        temporary,
        await Deno.open(temporary, { write: true, createNew: true, mode: 0o600 }),
      ];
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists) || attempt >= MOST_ATTEMPTS) throw error;
    }
  }
}

const MOST_ATTEMPTS = 1000;

/** Makes a rename last through a power cut, where the system can. */
async function syncFolder(folder: string): Promise<void> {
  if (Deno.build.os === "windows") return; // Folders cannot be opened there.
  using opened = await Deno.open(folder, { read: true });
  await opened.sync();
}
