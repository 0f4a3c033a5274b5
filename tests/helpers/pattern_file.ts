/** Files of any size that lie nowhere: their octets follow from their position. */
import { FileHasher } from "../../lib/storage/mod.ts";
import type { FileReception, FileSink, FileSource, OfferedFile } from "../../lib/session/mod.ts";

/** Octets of a pattern with a long period, so that every stretch of it is told from others. */
const PERIOD = 1_000_003;
const PATTERN = Uint8Array.from({ length: PERIOD }, (_, at) => (at * 2_654_435_761) >>> 13 & 0xff);

/** The octets of every pattern file from `position`. */
export function patternAt(position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const from = (position + at) % PERIOD;
    const piece = PATTERN.subarray(from, Math.min(PERIOD, from + length - at));
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** A file to send. */
export class PatternFile implements FileSource {
  readonly type = "application/octet-stream";
  readonly hashes: FileSource["hashes"];
  /** Octets that were asked for, up to the furthest. */
  furthest = 0;
  /** The first octet that was asked for. */
  first: number | undefined;
  isClosed = false;
  /** Reads beyond this position fail. */
  brokenAt: number = Infinity;

  readonly name: string;
  readonly size: number;

  constructor(name: string, size: number) {
    this.name = name;
    this.size = size;
    const hasher = new FileHasher(["sha-1"]);
    for (let at = 0; at < size; at += 2 ** 20) {
      hasher.update(patternAt(at, Math.min(2 ** 20, size - at)));
    }
    this.hashes = hasher.digests();
  }

  read(position: number, length: number): Promise<Uint8Array> {
    this.first ??= position;
    this.furthest = Math.max(this.furthest, position + length);
    if (position + length > this.brokenAt) return Promise.reject(new Error("the disk is broken"));
    return Promise.resolve(patternAt(position, length));
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

/** Checks what comes and keeps none of it. */
export class PatternSink implements FileSink {
  written: number;
  isSuspended = false;
  finishedAt: number | undefined;
  /** Writes wait for this. */
  gate: Promise<void> = Promise.resolve();
  /** Writes beyond this position fail: the disk is full. */
  fullAt: number = Infinity;

  readonly file: OfferedFile;
  readonly offset: number;

  constructor(file: OfferedFile, offset: number = 0) {
    this.file = file;
    this.offset = offset;
    this.written = offset;
  }

  async write(position: number, bytes: Uint8Array): Promise<void> {
    await this.gate;
    if (position + bytes.length > this.fullAt) throw new Error("the disk is full");
    const expected = patternAt(position, bytes.length);
    if (bytes.some((octet, at) => octet !== expected[at])) throw new Error("wrong octets");
    this.written += bytes.length;
  }

  finish(length: number): Promise<string> {
    this.finishedAt = length;
    return Promise.resolve(`memory:${this.file.name}`);
  }

  suspend(): Promise<void> {
    this.isSuspended = true;
    return Promise.resolve();
  }
}

/** Takes every file, and remembers the sinks. */
export class PatternReception implements FileReception {
  readonly sinks: PatternSink[] = [];

  readonly maxSize: number;
  readonly #make: (file: OfferedFile) => PatternSink;

  constructor(
    maxSize: number = Infinity,
    make: (file: OfferedFile) => PatternSink = (file) => new PatternSink(file),
  ) {
    this.maxSize = maxSize;
    this.#make = make;
  }

  accept(file: OfferedFile): Promise<PatternSink> {
    const sink = this.#make(file);
    this.sinks.push(sink);
    return Promise.resolve(sink);
  }
}
