/** A stream taken apart again into plain promises: what the wrappers of this room build on. */

import type { HostPort } from "../base/wire_tap.ts";
import type { ByteStream, RawDuplex, TlsInfo } from "./byte_stream.ts";

/** Passes everything through to `stream`, which it takes over. */
export class WrappedDuplex implements RawDuplex {
  readonly local: HostPort;
  readonly remote: HostPort;
  readonly tls: TlsInfo | undefined;
  readonly #stream: ByteStream;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  constructor(stream: ByteStream) {
    this.#stream = stream;
    this.local = stream.local;
    this.remote = stream.remote;
    this.tls = stream.tls;
    this.#reader = stream.readable.getReader();
    this.#writer = stream.writable.getWriter();
  }

  async read(): Promise<Uint8Array | undefined> {
    const { value, done } = await this.#reader.read();
    return done ? undefined : value;
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#writer.write(bytes);
  }

  endWriting(): Promise<void> {
    return this.#writer.close();
  }

  close(): Promise<void> {
    return this.#stream.close();
  }
}
