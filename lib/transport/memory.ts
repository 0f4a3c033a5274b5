/** Two ends of a connection inside one process: for tests, and for whole conversations without a socket. */

import { SottoError } from "../base/errors.ts";
import type { HostPort } from "../base/wire_tap.ts";
import { type ByteStream, byteStreamOver, type RawDuplex } from "./byte_stream.ts";

/** How {@link memoryStreamPair} behaves. */
export interface MemoryStreamOptions {
  /** Octets in flight per direction before a write waits for the reader. Default 65,536. */
  readonly capacity?: number | undefined;
  /** What the two ends call themselves. */
  readonly addresses?: readonly [HostPort, HostPort] | undefined;
}

/**
 * A connection with itself. Each end behaves as a TCP connection does: half-close works,
 * and writing to an end that was closed fails with `transport/reset`.
 */
export function memoryStreamPair(
  { capacity = 65_536, addresses = [MEMORY_A, MEMORY_B] }: MemoryStreamOptions = {},
): [ByteStream, ByteStream] {
  const [a, b] = addresses;
  const forth = new Pipe(capacity);
  const back = new Pipe(capacity);
  return [
    byteStreamOver(new MemoryDuplex(a, b, back, forth)),
    byteStreamOver(new MemoryDuplex(b, a, forth, back)),
  ];
}

/** One direction. */
class Pipe {
  readonly #capacity: number;
  readonly #pieces: Uint8Array[] = [];
  #held = 0;
  #ended = false;
  #broken = false;
  #changed: (() => void)[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#broken) return undefined;
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        this.#held -= piece.length;
        this.#wake();
        return piece;
      }
      if (this.#ended) return undefined;
      await this.#change();
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    while (this.#held >= this.#capacity && !this.#broken) await this.#change();
    if (this.#broken) throw new SottoError("transport/reset", "the peer cut the connection");
    this.#pieces.push(bytes.slice());
    this.#held += bytes.length;
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The reader left. */
  break(): void {
    this.#broken = true;
    this.#wake();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#changed.splice(0)) resolve();
  }
}

class MemoryDuplex implements RawDuplex {
  readonly local: HostPort;
  readonly remote: HostPort;
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;

  constructor(local: HostPort, remote: HostPort, incoming: Pipe, outgoing: Pipe) {
    this.local = local;
    this.remote = remote;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  read(): Promise<Uint8Array | undefined> {
    return this.#incoming.read();
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#outgoing.write(bytes);
  }

  endWriting(): Promise<void> {
    this.#outgoing.end();
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#outgoing.end();
    this.#incoming.break();
    return Promise.resolve();
  }
}

const MEMORY_A: HostPort = { host: "127.0.0.1", port: 1 };
const MEMORY_B: HostPort = { host: "127.0.0.1", port: 2 };
