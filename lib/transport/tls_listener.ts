/** Accepting TLS connections, 1.2 and later, over `node:tls`, loaded when first used. */

import type { Socket } from "node:net";
import type { Server, TlsOptions, TLSSocket } from "node:tls";
import type { HostPort } from "../base/wire_tap.ts";
import { type ByteStream, byteStreamOver } from "./byte_stream.ts";
import { type Certificate, checkCertificate } from "./certificate.ts";
import { BoundedQueue, type Listener } from "./listener.ts";
import { networkError, plainHost, showHostPort } from "./network_error.ts";
import { TlsDuplex } from "./tls_duplex.ts";

/** How {@link listenTls} presents itself. */
export interface ListenTlsOptions {
  /** What we show. */
  readonly certificate: Certificate;
  /** Ask for the client's certificate. Any is accepted and shown in {@link TlsInfo}: the caller judges. */
  readonly requestClientCertificate?: boolean | undefined;
  /** Authorities against which {@link TlsInfo.authorized} is judged, PEM. */
  readonly ca?: string | readonly string[] | undefined;
  /** Handshaken connections kept for a consumer that is slow; later ones are cut. Default 64. */
  readonly queueLimit?: number | undefined;
  /**
   * Clients that may be in the middle of a handshake; of more, the one that has taken longest is
   * cut, so that many silent ones keep nobody out. Default 256.
   */
  readonly handshakeLimit?: number | undefined;
  /** Milliseconds a client may take over its handshake. Default 10,000. */
  readonly handshakeTimeout?: number | undefined;
}

/**
 * Listens for TLS connections; handshakes that fail are dropped without a word.
 *
 * @param at Port 0 lets the system choose.
 * @throws {SottoError} `transport/address-in-use`, `address-not-available`, `not-permitted`;
 * `transport/bad-certificate` when certificate and key are unreadable or strangers.
 */
export async function listenTls(at: HostPort, options: ListenTlsOptions): Promise<Listener> {
  const { certificate, requestClientCertificate = false, ca } = options;
  await checkCertificate(certificate);
  const { createServer } = await import("node:tls");
  const settings: TlsOptions & { allowHalfOpen: boolean } = {
    cert: certificate.certPem,
    key: certificate.keyPem,
    minVersion: "TLSv1.2",
    requestCert: requestClientCertificate,
    rejectUnauthorized: false,
    allowHalfOpen: true,
    handshakeTimeout: options.handshakeTimeout ?? 10_000,
    ...(ca === undefined ? {} : { ca: typeof ca === "string" ? ca : [...ca] }),
  };
  const server = createServer(settings);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      reject(networkError(error, `cannot listen on ${showHostPort(at)}`));
    });
    server.listen(at.port, plainHost(at.host), () => resolve());
  });
  server.removeAllListeners("error");
  server.on("error", () => {}); // A failed accept; the connection is gone and the next one comes.
  // Clients that came meanwhile are reported in a later turn of the event loop.
  return new TlsListener(server, options);
}

class TlsListener implements Listener {
  readonly local: HostPort;
  readonly #server: Server;
  readonly #queue: BoundedQueue<ByteStream>;
  /** Connections whose handshake is not over, by the client's address. */
  readonly #shaking = new Map<string, Socket>();
  readonly #handshakeLimit: number;
  #closed: Promise<void> | undefined;

  constructor(server: Server, { queueLimit = 64, handshakeLimit = 256 }: ListenTlsOptions) {
    const address = server.address();
    if (address === null || typeof address === "string") {
      throw new Error("invariant: a listening TLS server has an address; please report this");
    }
    this.local = { host: plainHost(address.address), port: address.port };
    this.#server = server;
    this.#queue = new BoundedQueue(queueLimit);
    this.#handshakeLimit = handshakeLimit;
    server.on("connection", (socket) => this.#connected(socket));
    server.on("secureConnection", (socket) => this.#secured(socket));
    server.on("tlsClientError", (_error, socket) => socket.destroy());
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ByteStream, undefined> {
    try {
      for (;;) {
        const { value, done } = await this.#queue.next();
        if (done) return;
        yield value;
      }
    } finally {
      await this.close();
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #connected(socket: Socket): void {
    const key = clientOf(socket);
    if (this.#closed !== undefined) {
      socket.destroy();
      return;
    }
    if (this.#shaking.size >= this.#handshakeLimit) {
      const [oldest] = this.#shaking;
      if (oldest !== undefined) {
        this.#shaking.delete(oldest[0]);
        oldest[1].destroy();
      }
    }
    this.#shaking.set(key, socket);
    socket.once("close", () => {
      if (this.#shaking.get(key) === socket) this.#shaking.delete(key);
    });
  }

  #secured(socket: TLSSocket): void {
    this.#shaking.delete(clientOf(socket));
    const stream = byteStreamOver(new TlsDuplex(socket));
    if (!this.#queue.push(stream)) void stream.close();
  }

  async #close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#shaking.values()) socket.destroy();
    await Promise.all(this.#queue.end().map((stream) => stream.close()));
  }
}

function clientOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
