/** A handshaken `node:tls` socket as plain promises, with backpressure both ways. */

import type { TLSSocket } from "node:tls";
import type { HostPort } from "../base/wire_tap.ts";
import type { RawDuplex, TlsInfo } from "./byte_stream.ts";
import { networkError, plainHost, showHostPort } from "./network_error.ts";

/** Takes over `socket`: nobody else may read, write or close it. */
export class TlsDuplex implements RawDuplex {
  readonly local: HostPort;
  readonly remote: HostPort;
  readonly tls: TlsInfo;
  readonly #socket: TLSSocket;
  #failure: Error | undefined;
  #ended = false;
  /** Wakes the one pending {@link read}. */
  #wake: () => void = () => {};

  /** @param judge Adds what else is known about the peer. */
  constructor(socket: TLSSocket, judge: (info: TlsInfo) => TlsInfo = (info) => info) {
    this.#socket = socket;
    this.tls = judge(tlsInfo(socket));
    this.local = { host: plainHost(socket.localAddress ?? ""), port: socket.localPort ?? 0 };
    this.remote = { host: plainHost(socket.remoteAddress ?? ""), port: socket.remotePort ?? 0 };
    socket.setNoDelay(true);
    socket.on("readable", () => this.#wake());
    socket.on("end", () => {
      this.#ended = true;
      this.#wake();
    });
    socket.on("error", (error) => {
      this.#failure ??= error;
      this.#wake();
    });
    socket.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      // What arrived before a failure is still good.
      const bytes: Uint8Array | null = this.#socket.read();
      if (bytes !== null && bytes.length > 0) return new Uint8Array(bytes);
      if (this.#failure !== undefined) {
        throw networkError(this.#failure, `cannot read from ${showHostPort(this.remote)}`);
      }
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => {
        if (error === null || error === undefined) resolve();
        else {
          const cause = this.#failure ?? error;
          reject(networkError(cause, `cannot write to ${showHostPort(this.remote)}`));
        }
      });
    });
  }

  endWriting(): Promise<void> {
    return new Promise((resolve) => this.#socket.end(() => resolve()));
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed) return;
    const gone = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    if (!socket.writableEnded && socket.writableLength === 0) {
      // A closing alert lets the peer tell an end from a cut (RFC 8446 §6.1); a peer that
      // takes nothing more must not keep us.
      let patience: ReturnType<typeof setTimeout> | undefined;
      await Promise.race([
        this.endWriting(),
        gone,
        new Promise((resolve) => patience = setTimeout(resolve, ALERT_PATIENCE)),
      ]);
      clearTimeout(patience);
    }
    socket.destroy();
    await gone;
  }
}

/** What the handshake agreed on. */
function tlsInfo(socket: TLSSocket): TlsInfo {
  const peer = socket.getPeerCertificate();
  const hasPeer = peer?.raw !== undefined;
  const refusal: unknown = socket.authorizationError;
  return {
    protocol: socket.getProtocol() ?? "unknown",
    cipher: socket.getCipher()?.name ?? "unknown",
    ...(hasPeer
      ? {
        peerCertificate: new Uint8Array(peer.raw),
        peerFingerprint: peer.fingerprint256.replaceAll(":", "").toLowerCase(),
      }
      : {}),
    authorized: hasPeer && socket.authorized,
    ...(refusal === null || refusal === undefined ? {} : {
      authorizationError: refusal instanceof Error ? refusal.message : String(refusal),
    }),
  };
}

/** Milliseconds that the closing alert may take to leave. */
const ALERT_PATIENCE = 250;
