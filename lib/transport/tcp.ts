/** TCP connections, made and accepted, over `Deno.connect` and `Deno.listen`. */

import type { HostPort } from "../base/wire_tap.ts";
import { type ByteStream, byteStreamOver, type RawDuplex } from "./byte_stream.ts";
import { cannotResolve, refusesToResolve } from "./dns.ts";
import type { Listener, WaitOptions } from "./listener.ts";
import { networkError, orNetworkError, plainHost, showHostPort } from "./network_error.ts";

/**
 * Connects. A host name is looked up by the system, and all its addresses are tried.
 *
 * @param options `signal` ends the attempt.
 * @throws {SottoError} `transport/refused`, `unreachable`, `timeout`, `name-not-found`, …
 */
export async function connectTcp(
  to: HostPort,
  { signal }: WaitOptions = {},
): Promise<ByteStream> {
  const host = plainHost(to.host);
  if (refusesToResolve(host)) throw cannotResolve(host);
  const connection = await orNetworkError(
    `cannot connect to ${showHostPort(to)}`,
    signal,
    () =>
      Deno.connect({ hostname: host, port: to.port, ...(signal === undefined ? {} : { signal }) }),
  );
  return byteStreamOver(new TcpDuplex(connection));
}

/**
 * Listens for TCP connections. At most the system's own backlog waits unaccepted.
 *
 * @param at Port 0 lets the system choose.
 * @throws {SottoError} `transport/address-in-use`, `address-not-available`, `not-permitted`.
 */
export function listenTcp(at: HostPort): Promise<Listener> {
  return orNetworkError(
    `cannot listen on ${showHostPort(at)}`,
    undefined,
    // deno-lint-ignore require-await -- so that a synchronous throw becomes a rejection.
    async () => new TcpListener(Deno.listen({ hostname: plainHost(at.host), port: at.port })),
  );
}

class TcpListener implements Listener {
  readonly local: HostPort;
  readonly #listener: Deno.TcpListener;
  #closed = false;

  constructor(listener: Deno.TcpListener) {
    this.#listener = listener;
    this.local = fromAddress(listener.addr);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ByteStream, undefined> {
    try {
      for (;;) {
        const connection = await this.#accept();
        if (connection === undefined) return;
        yield byteStreamOver(new TcpDuplex(connection));
      }
    } finally {
      await this.close();
    }
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#listener.close();
    }
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #accept(): Promise<Deno.TcpConn | undefined> {
    while (!this.#closed) {
      try {
        return await this.#listener.accept();
      } catch (error) {
        if (this.#closed) return undefined;
        // The caller hung up while it waited in the backlog: not our trouble.
        if (error instanceof Deno.errors.ConnectionAborted) continue;
        if (isExhausted(error)) {
          // Somebody has to hang up before anybody else can be let in.
          await new Promise((resolve) => setTimeout(resolve, EXHAUSTED_PAUSE));
          continue;
        }
        throw networkError(error, `cannot accept on ${showHostPort(this.local)}`);
      }
    }
    return undefined;
  }
}

class TcpDuplex implements RawDuplex {
  readonly local: HostPort;
  readonly remote: HostPort;
  readonly #connection: Deno.TcpConn;
  #scratch = new Uint8Array(READ_SIZE);

  constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    this.local = fromAddress(connection.localAddr);
    this.remote = fromAddress(connection.remoteAddr);
    // Chat is small messages that somebody waits for: never hold them back.
    connection.setNoDelay(true);
  }

  async read(): Promise<Uint8Array | undefined> {
    const count = await this.#io("cannot read from", () => this.#connection.read(this.#scratch));
    if (count === null) return undefined;
    // Small reads are copied out; a full buffer is handed over as it is.
    if (count <= READ_SIZE / 2) return this.#scratch.slice(0, count);
    const bytes = this.#scratch.subarray(0, count);
    this.#scratch = new Uint8Array(READ_SIZE);
    return bytes;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const rest = bytes.subarray(at);
      at += await this.#io("cannot write to", () => this.#connection.write(rest));
    }
  }

  async endWriting(): Promise<void> {
    await this.#io("cannot close", () => this.#connection.closeWrite());
  }

  close(): Promise<void> {
    this.#connection.close();
    return Promise.resolve();
  }

  #io<T>(doing: string, act: () => Promise<T>): Promise<T> {
    return orNetworkError(`${doing} ${showHostPort(this.remote)}`, undefined, act);
  }
}

/** Whether the system has no file descriptors, buffers or memory left for a connection: for now. */
function isExhausted(error: unknown): boolean {
  return error instanceof Error && /\(os error (?:12|23|24|105)\)/.test(error.message);
}

function fromAddress({ hostname, port }: Deno.NetAddr): HostPort {
  return { host: plainHost(hostname), port };
}

/** Milliseconds before accepting is tried again when the system had nothing left. */
const EXHAUSTED_PAUSE = 100;
/** Octets asked of the system at once. */
const READ_SIZE = 65_536;
