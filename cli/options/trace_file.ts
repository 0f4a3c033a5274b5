/** Inputs of `msrp-dump` in pieces: files, stdin, gzip unpacked, and files that still grow. */
import { concatBytes } from "../../lib/base/mod.ts";
import { isGzip } from "../../lib/trace/mod.ts";
import { CliError, usageError } from "../output/cli_error.ts";
import { EXIT } from "../output/exit_code.ts";

/** How an input is read. */
export interface TraceFileOptions {
  /** Wait for more at the end of a file, until the signal. */
  readonly follow: boolean;
  /** Ends the reading: what was read until then stands. */
  readonly signal?: AbortSignal | undefined;
  /** Octets that were read of `total`, for a progress line; `total` is 0 when not known. */
  readonly onProgress?: (read: number, total: number) => void;
}

/** Thrown while reading: the gzip around the input is damaged or cut off. */
export class BadGzip extends Error {
  override readonly name = "BadGzip";
}

/**
 * The octets of `path` (`-`: stdin) in pieces of up to 1 MiB.
 * @throws {CliError} status 2 when there is no such file, 8 when it cannot be read.
 * @throws {BadGzip} in the middle of the iteration; what came before it stands.
 */
export async function* readTraceFile(
  path: string,
  options: TraceFileOptions,
): AsyncGenerator<Uint8Array> {
  using file = path === "-" ? undefined : await openFile(path);
  const source = readPieces(file ?? Deno.stdin, await sizeOf(file), path, options);
  // The first octets say whether it is packed; a live stream may bring them one by one.
  let head: Uint8Array = new Uint8Array();
  while (head.length < 3) {
    const next = await source.next();
    if (next.done === true) break;
    head = concatBytes(head, next.value);
  }
  if (!isGzip(head)) {
    if (head.length > 0) yield head;
    yield* source;
    return;
  }
  yield* unpack(head, source);
}

async function* readPieces(
  file: Deno.FsFile | typeof Deno.stdin,
  total: number,
  path: string,
  { follow, signal, onProgress }: TraceFileOptions,
): AsyncGenerator<Uint8Array> {
  const stop = stopping(signal);
  const buffer = new Uint8Array(1 << 20);
  for (let read = 0; !stop.isStopped();) {
    const count = await Promise.race([readSome(file, buffer, path), stop.promise]);
    if (count === undefined) return;
    if (count === null) {
      if (!follow || file === Deno.stdin) return;
      await Promise.race([new Promise((resolve) => setTimeout(resolve, POLL)), stop.promise]);
      continue;
    }
    read += count;
    onProgress?.(read, total);
    yield buffer.slice(0, count);
  }
}

async function* unpack(
  head: Uint8Array,
  source: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const packed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(head.slice()),
    async pull(controller) {
      const next = await source.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value.slice());
    },
  });
  const unpacked = packed.pipeThrough(new DecompressionStream("gzip")).getReader();
  for (;;) {
    let piece: ReadableStreamReadResult<Uint8Array>;
    try {
      piece = await unpacked.read();
    } catch (error) {
      if (error instanceof CliError) throw error;
      throw new BadGzip("expected gzip data", { cause: error });
    }
    if (piece.done) return;
    yield piece.value;
  }
}

async function openFile(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw usageError(`no such file: ${path}`);
    throw unreadable(path, error);
  }
}

async function readSome(
  file: Deno.FsFile | typeof Deno.stdin,
  buffer: Uint8Array,
  path: string,
): Promise<number | null> {
  try {
    return await file.read(buffer);
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function sizeOf(file: Deno.FsFile | undefined): Promise<number> {
  const info = await file?.stat();
  return info?.isFile ? info.size : 0;
}

function unreadable(path: string, cause: unknown): CliError {
  const reason = cause instanceof Error ? `: ${cause.message}` : "";
  return new CliError("trace/unreadable-input", EXIT.damaged, `cannot read ${path}${reason}`, {
    cause,
  });
}

interface Stopping {
  /** Resolves with `undefined` at the abort; never without a signal. */
  readonly promise: Promise<undefined>;
  isStopped(): boolean;
}

function stopping(signal: AbortSignal | undefined): Stopping {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  if (signal?.aborted) resolve(undefined);
  signal?.addEventListener("abort", () => resolve(undefined), { once: true });
  return { promise, isStopped: () => signal?.aborted ?? false };
}

/** Milliseconds between looks at a file that is followed. */
const POLL = 200;
