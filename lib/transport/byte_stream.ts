/** What every connection looks like from above, whatever carries it: two byte streams and an end. */

import { SottoError } from "../base/errors.ts";
import type { HostPort } from "../base/wire_tap.ts";

/**
 * A connection. Whoever opened or accepted it owns it and closes it (`await using`).
 *
 * Nothing reads ahead of the consumer further than the operating system does, and a
 * write resolves once the system has taken the octets, so a slow peer slows its writer.
 * The peer's end of sending ends {@link readable}; {@link writable} works on until it is
 * closed or {@link close} is called. A failing network surfaces as a `SottoError` with a
 * code `transport/…` out of the read or write that met it.
 */
export interface ByteStream extends AsyncDisposable {
  /** Octets from the peer, in order. */
  readonly readable: ReadableStream<Uint8Array>;
  /** Octets for the peer. Closing it tells the peer that no more will come. */
  readonly writable: WritableStream<Uint8Array>;
  /** Our address. */
  readonly local: HostPort;
  /** The peer's address. */
  readonly remote: HostPort;
  /** What TLS agreed on; absent without TLS. */
  readonly tls?: TlsInfo | undefined;
  /**
   * Ends both directions and frees the socket. What was written before and not yet taken
   * by the system is lost: await your writes first. Safe to call twice; never rejects.
   */
  close(): Promise<void>;
}

/** What a TLS handshake agreed on and what was learned of the peer. */
export interface TlsInfo {
  /** For example `TLSv1.3`. */
  readonly protocol: string;
  /** Name of the cipher suite. */
  readonly cipher: string;
  /** The peer's certificate (DER), if it showed one. */
  readonly peerCertificate?: Uint8Array | undefined;
  /** SHA-256 of {@link peerCertificate}: 64 lower-case hexadecimal digits. */
  readonly peerFingerprint?: string | undefined;
  /** Whether the certificate chains to a trusted authority and, for a client, bears the name asked for. */
  readonly authorized: boolean;
  /** Why not, in the words of the TLS library. */
  readonly authorizationError?: string | undefined;
}

/** What {@link byteStreamOver} needs of a socket: plain promises, called one at a time per direction. */
export interface RawDuplex {
  readonly local: HostPort;
  readonly remote: HostPort;
  readonly tls?: TlsInfo | undefined;
  /** The next octets, or `undefined` at the peer's end. Never empty. */
  read(): Promise<Uint8Array | undefined>;
  /** Resolves once the octets were taken. */
  write(bytes: Uint8Array): Promise<void>;
  /** Tells the peer that no more will be written. */
  endWriting(): Promise<void>;
  /** Frees everything; makes pending reads and writes settle. */
  close(): Promise<void>;
}

/** Gives a {@link RawDuplex} the shape and the manners of a {@link ByteStream}. */
export function byteStreamOver(raw: RawDuplex): ByteStream {
  return new DuplexByteStream(raw);
}

class DuplexByteStream implements ByteStream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly local: HostPort;
  readonly remote: HostPort;
  readonly tls: TlsInfo | undefined;
  readonly #raw: RawDuplex;
  #reading: ReadableStreamDefaultController<Uint8Array> | undefined;
  #writing: WritableStreamDefaultController | undefined;
  #closed: Promise<void> | undefined;

  constructor(raw: RawDuplex) {
    this.#raw = raw;
    this.local = raw.local;
    this.remote = raw.remote;
    this.tls = raw.tls;
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#reading = controller;
      },
      pull: () => this.#pull(),
      cancel: () => {
        this.#reading = undefined;
      },
    }, { highWaterMark: 0 }); // Zero: read from the socket only when somebody reads from us.
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#writing = controller;
      },
      write: (bytes) => this.#write(bytes),
      close: () => this.#endWriting(),
      abort: () => this.close(),
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #pull(): Promise<void> {
    try {
      const bytes = await this.#raw.read();
      if (bytes === undefined) this.#endReading();
      else this.#reading?.enqueue(bytes);
    } catch (error) {
      // After our own close() the end of reading is no failure.
      if (this.#closed !== undefined) return this.#endReading();
      // The stream has failed with this: close() must not end it once more.
      this.#reading = undefined;
      throw error;
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    try {
      await this.#raw.write(bytes);
    } catch (error) {
      throw this.#closed === undefined ? error : streamClosed();
    }
  }

  async #endWriting(): Promise<void> {
    this.#writing = undefined;
    if (this.#closed === undefined) await this.#raw.endWriting();
  }

  #endReading(): void {
    const controller = this.#reading;
    this.#reading = undefined;
    controller?.close();
  }

  async #close(): Promise<void> {
    this.#endReading();
    this.#writing?.error(streamClosed());
    this.#writing = undefined;
    try {
      await this.#raw.close();
    } catch {
      // The socket was gone already, which is what was asked for.
    }
  }
}

function streamClosed(): SottoError {
  return new SottoError("transport/closed", "this stream was closed");
}
