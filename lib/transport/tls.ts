/**
 * TLS 1.2 and later over `node:tls`, loaded when first used: it alone shows the certificate
 * of a peer that no authority vouches for, which is what MSRP peers are (RFC 4975 §14.4).
 */

import type { ConnectionOptions, TLSSocket } from "node:tls";
import { SottoError } from "../base/errors.ts";
import type { HostPort } from "../base/wire_tap.ts";
import { type ByteStream, byteStreamOver, type TlsInfo } from "./byte_stream.ts";
import { type Certificate, checkCertificate } from "./certificate.ts";
import { cannotResolve, isAddress, refusesToResolve } from "./dns.ts";
import { BoundedQueue, type Listener, type WaitOptions } from "./listener.ts";
import { networkError, plainHost, showHostPort } from "./network_error.ts";
import { TlsDuplex } from "./tls_duplex.ts";

/** How {@link connectTls} knows its peer. The first of the three that is given decides. */
export interface ConnectTlsOptions extends WaitOptions {
  /** What we show when the server asks. */
  readonly certificate?: Certificate | undefined;
  /** The certificates one of which the server must show: SHA-256, hexadecimal, colons allowed. */
  readonly expectedFingerprints?: readonly string[] | undefined;
  /** Accept any certificate; {@link TlsInfo.authorized} still tells what it is worth. */
  readonly insecure?: boolean | undefined;
  /** Authorities to trust, PEM, instead of the system's. */
  readonly ca?: string | readonly string[] | undefined;
  /** Name for SNI and in the certificate; the host connected to by default. */
  readonly serverName?: string | undefined;
}

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
  /** Milliseconds a client may take over its handshake. Default 10,000. */
  readonly handshakeTimeout?: number | undefined;
}

/**
 * Connects and shakes hands.
 *
 * @throws {SottoError} `transport/tls-handshake` when the two cannot agree,
 * `transport/tls-untrusted` when no authority vouches for the server under that name,
 * `transport/tls-fingerprint-mismatch` when it is none of the expected ones,
 * `transport/bad-certificate` when our own is unusable; and what {@link connectTcp} throws.
 */
export async function connectTls(
  to: HostPort,
  options: ConnectTlsOptions = {},
): Promise<ByteStream> {
  const { signal, certificate, ca } = options;
  const host = plainHost(to.host);
  const name = options.serverName ?? host;
  signal?.throwIfAborted();
  if (refusesToResolve(host)) throw cannotResolve(host);
  if (certificate !== undefined) await checkCertificate(certificate);
  const { connect } = await import("node:tls");
  signal?.throwIfAborted();
  const connection: ConnectionOptions & { allowHalfOpen: boolean } = {
    host,
    port: to.port,
    minVersion: "TLSv1.2",
    // The verdict is ours, in judge(): the library would cut the connection before
    // anybody could see the certificate.
    rejectUnauthorized: false,
    allowHalfOpen: true,
    // RFC 6066 §3: no addresses in SNI. The name to check is then the address itself.
    servername: isAddress(name) ? "" : name,
    ...(certificate === undefined ? {} : { cert: certificate.certPem, key: certificate.keyPem }),
    ...(ca === undefined ? {} : { ca: typeof ca === "string" ? ca : [...ca] }),
  };
  const socket = connect(connection);
  try {
    await secured(socket, to, signal);
    const info = tlsInfo(socket);
    judge(info, to, options);
    return byteStreamOver(new TlsDuplex(socket, info));
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/**
 * Listens for TLS connections; handshakes that fail are dropped without a word.
 *
 * @param at Port 0 lets the system choose.
 * @throws {SottoError} `transport/address-in-use`, `address-not-available`, `not-permitted`;
 * `transport/bad-certificate` when certificate and key are unreadable or strangers.
 */
export async function listenTls(at: HostPort, options: ListenTlsOptions): Promise<Listener> {
  const { certificate, requestClientCertificate = false, ca, queueLimit = 64 } = options;
  await checkCertificate(certificate);
  const { createServer } = await import("node:tls");
  const queue = new BoundedQueue<ByteStream>(queueLimit);
  const server = createServer({
    cert: certificate.certPem,
    key: certificate.keyPem,
    minVersion: "TLSv1.2",
    requestCert: requestClientCertificate,
    rejectUnauthorized: false,
    allowHalfOpen: true,
    handshakeTimeout: options.handshakeTimeout ?? 10_000,
    ...(ca === undefined ? {} : { ca: typeof ca === "string" ? ca : [...ca] }),
  }, (socket) => {
    const stream = byteStreamOver(new TlsDuplex(socket, tlsInfo(socket)));
    if (!queue.push(stream)) void stream.close();
  });
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      reject(networkError(error, `cannot listen on ${showHostPort(at)}`));
    });
    server.listen(at.port, plainHost(at.host), () => resolve());
  });
  server.removeAllListeners("error");
  server.on("error", () => {}); // A failed accept; the connection is gone and the next one comes.
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("invariant: a listening TLS server has an address; please report this");
  }
  return new TlsListener(
    { host: plainHost(address.address), port: address.port },
    queue,
    () => server.close(),
  );
}

class TlsListener implements Listener {
  readonly local: HostPort;
  readonly #queue: BoundedQueue<ByteStream>;
  readonly #stop: () => void;
  #closed: Promise<void> | undefined;

  constructor(local: HostPort, queue: BoundedQueue<ByteStream>, stop: () => void) {
    this.local = local;
    this.#queue = queue;
    this.#stop = stop;
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

  async #close(): Promise<void> {
    this.#stop();
    await Promise.all(this.#queue.end().map((stream) => stream.close()));
  }
}

/** Waits for the handshake's end. */
function secured(
  socket: TLSSocket,
  to: HostPort,
  signal: AbortSignal | undefined,
): Promise<void> {
  const doing = `cannot connect to ${showHostPort(to)} by TLS`;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = (): void => {
    socket.destroy();
    reject(signal?.reason);
  };
  let connected = false;
  socket.once("connect", () => connected = true);
  socket.once("secureConnect", resolve);
  socket.on("error", (error) => reject(handshakeError(error, doing, connected)));
  socket.once("close", () => reject(handshakeError(undefined, doing, connected)));
  signal?.addEventListener("abort", onAbort);
  return promise.finally(() => signal?.removeEventListener("abort", onAbort));
}

function handshakeError(error: unknown, doing: string, connected: boolean): SottoError {
  const known = networkError(error, doing);
  // Once TCP stands, whatever ends it is the handshake's failure.
  if (!connected || known.code === "transport/timeout") return known;
  const reason = error instanceof Error ? error.message : "the peer cut the connection";
  return new SottoError("transport/tls-handshake", `${doing}: ${reason}`, { cause: error });
}

/** Throws unless the peer is who {@link ConnectTlsOptions} say. */
function judge(info: TlsInfo, to: HostPort, options: ConnectTlsOptions): void {
  const { expectedFingerprints, insecure = false } = options;
  if (expectedFingerprints !== undefined) {
    const expected = expectedFingerprints.map((it) => it.replaceAll(":", "").toLowerCase());
    if (info.peerFingerprint !== undefined && expected.includes(info.peerFingerprint)) return;
    throw new SottoError(
      "transport/tls-fingerprint-mismatch",
      `the certificate of ${showHostPort(to)} has fingerprint ${info.peerFingerprint ?? "none"}, ` +
        `expected ${expected.join(" or ")}`,
    );
  }
  if (insecure || info.authorized) return;
  throw new SottoError(
    "transport/tls-untrusted",
    `the certificate of ${showHostPort(to)} is not trusted: ${info.authorizationError ?? "none"}`,
  );
}

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
