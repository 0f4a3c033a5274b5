/** Reading and permissions of files that only their owner may see. */
import { SottoError } from "../base/errors.ts";

/** Longest file that is read whole, in octets. */
const LONGEST_FILE = 16 * 1024 * 1024;

/** Options of {@link readWholeFile}. */
export interface ReadOptions {
  /** Longest accepted file, in octets; 16 MiB by default. */
  readonly limit?: number;
}

/**
 * The octets of a file, or `undefined` when there is none.
 * @throws {SottoError} `storage/unreadable` when it exists and cannot be read, or is longer
 * than `limit`.
 */
export async function readWholeFile(
  path: string,
  { limit = LONGEST_FILE }: ReadOptions = {},
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  let size: number;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    using file = await Deno.open(path, { read: true });
    const info = await file.stat();
    if (info.isDirectory) throw unreadable(path, "it is a folder");
    size = info.size;
    if (size > limit) throw unreadable(path, `it is longer than ${limit} octets`);
    bytes = await readToEnd(file, limit, path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof SottoError) throw error;
    throw unreadable(path, reasonOf(error), error);
  }
  return bytes;
}

async function readToEnd(
  file: Deno.FsFile,
  limit: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  let buffer = new Uint8Array(8192);
  for (let length = 0;;) {
    const count = await file.read(buffer.subarray(length));
    if (count === null) return buffer.slice(0, length);
    length += count;
    if (length > limit) throw unreadable(path, `it is longer than ${limit} octets`);
    if (length < buffer.length) continue;
    const grown = new Uint8Array(2 * buffer.length);
    grown.set(buffer);
    buffer = grown;
  }
}

/**
 * Makes `path` and what is missing above it; new folders are 0700.
 * @throws {SottoError} `storage/unwritable`.
 */
export async function ensureFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** What others may do with a file or folder, in words; `undefined` when nothing, or not known. */
export async function exposureOf(path: string): Promise<string | undefined> {
  let mode: number | null;
  try {
    ({ mode } = await Deno.stat(path));
  } catch {
    return undefined; // Not there, or not ours to look at: whoever opens it will say so.
  }
  if (mode === null || (mode & 0o077) === 0) return undefined;
  const octal = (mode & 0o777).toString(8).padStart(4, "0");
  return `others can get at it (mode ${octal}): chmod go= ${path}`;
}

/** The folder that `path` lies in. */
export function folderOf(path: string): string {
  const at = path.lastIndexOf("/");
  return at < 0 ? "." : at === 0 ? "/" : path.slice(0, at);
}

/** An error about a file that is there and cannot be used. */
export function unreadable(path: string, reason: string, cause?: unknown): SottoError {
  return new SottoError("storage/unreadable", `cannot read ${path}: ${reason}`, { cause });
}

/** An error about a file or folder that could not be written. Nothing was changed. */
export function unwritable(path: string, cause: unknown): SottoError {
  return new SottoError("storage/unwritable", `cannot write ${path}: ${reasonOf(cause)}`, {
    cause,
  });
}

/** The system's words for what went wrong, without Deno's addition of the operation. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/ \(os error \d+\).*$/s, "").replace(
    /^[A-Z](?![A-Z])/,
    (first) => first.toLowerCase(),
  );
}
