/** UDP sockets over `node:dgram`, loaded when the first one is bound. */

import type { Socket } from "node:dgram";
import { SottoError } from "../base/errors.ts";
import type { HostPort } from "../base/wire_tap.ts";
import { BoundedQueue } from "./listener.ts";
import { networkError, plainHost, showHostPort } from "./network_error.ts";

/** A datagram that arrived. */
export interface Datagram {
  readonly data: Uint8Array;
  readonly from: HostPort;
}

/**
 * A bound UDP socket. Iterating yields datagrams, from one consumer at a time; leaving the
 * loop closes the socket. Nothing tells of a port nobody listens on: datagrams just vanish.
 */
export interface DatagramSocket extends AsyncDisposable, AsyncIterable<Datagram> {
  /** Where it is bound, with the port the system chose when 0 was asked for. */
  readonly local: HostPort;
  /**
   * Hands `data` to the system.
   * @throws {SottoError} `transport/datagram-too-large`, `unreachable`, `closed`, …
   */
  send(data: Uint8Array, to: HostPort): Promise<void>;
  /** Ends the iteration and frees the socket. Never rejects. */
  close(): Promise<void>;
}

/** Limits of a {@link DatagramSocket}. */
export interface UdpOptions {
  /** Datagrams kept for a consumer that is slow; later ones are dropped, as a system does. Default 512. */
  readonly queueLimit?: number | undefined;
}

/**
 * Binds a UDP socket.
 *
 * @param at An address; port 0 lets the system choose.
 * @throws {SottoError} `transport/address-in-use`, `address-not-available`, `not-permitted`.
 */
export async function bindUdp(
  at: HostPort,
  { queueLimit = 512 }: UdpOptions = {},
): Promise<DatagramSocket> {
  const { createSocket } = await import("node:dgram");
  const host = plainHost(at.host);
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  await new Promise<void>((resolve, reject) => {
    socket.once("error", (error) => {
      socket.close();
      reject(networkError(error, `cannot bind ${showHostPort(at)}`));
    });
    socket.bind({ address: host, port: at.port }, () => resolve());
  });
  socket.removeAllListeners("error");
  return new UdpSocket(socket, queueLimit);
}

class UdpSocket implements DatagramSocket {
  readonly local: HostPort;
  readonly #socket: Socket;
  readonly #queue: BoundedQueue<Datagram>;
  #closed: Promise<void> | undefined;

  constructor(socket: Socket, queueLimit: number) {
    this.#socket = socket;
    this.#queue = new BoundedQueue(queueLimit);
    const { address, port } = socket.address();
    this.local = { host: plainHost(address), port };
    socket.on("message", (data, from) => {
      this.#queue.push({
        data: new Uint8Array(data),
        from: { host: plainHost(from.address), port: from.port },
      });
    });
    // An ICMP complaint about some earlier datagram: UDP promises nothing, and the
    // protocols above have timers for silence.
    socket.on("error", () => {});
  }

  send(data: Uint8Array, to: HostPort): Promise<void> {
    if (this.#closed !== undefined) {
      return Promise.reject(new SottoError("transport/closed", "this socket was closed"));
    }
    return new Promise((resolve, reject) => {
      this.#socket.send(data, to.port, plainHost(to.host), (error) => {
        if (error === null || error === undefined) resolve();
        else reject(networkError(error, `cannot send to ${showHostPort(to)}`));
      });
    });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Datagram, undefined> {
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
    this.#closed ??= new Promise((resolve) => {
      this.#queue.end();
      this.#socket.close(() => resolve());
    });
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
