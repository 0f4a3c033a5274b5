/**
 * TLS connections, 1.2 and later, over `node:tls`, loaded when first used: it alone shows the
 * certificate of a peer that no authority vouches for, as MSRP peers are (RFC 4975 §14.4).
 */

import type { ConnectionOptions, TLSSocket } from "node:tls";
import { SottoError } from "../base/errors.ts";
import type { HostPort } from "../base/wire_tap.ts";
import { type ByteStream, byteStreamOver, type TlsInfo } from "./byte_stream.ts";
import { type Certificate, checkCertificate } from "./certificate.ts";
import { cannotResolve, isAddress, refusesToResolve } from "./dns.ts";
import type { WaitOptions } from "./listener.ts";
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
    const duplex = new TlsDuplex(socket);
    judge(duplex.tls, to, options);
    return byteStreamOver(duplex);
  } catch (error) {
    socket.destroy();
    throw error;
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
