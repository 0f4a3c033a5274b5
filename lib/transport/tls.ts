/**
 * TLS connections, 1.2 and later, over `node:tls`, loaded when first used: it alone shows the
 * certificate of a peer that no authority vouches for, as MSRP peers are (RFC 4975 §14.4).
 */

import type { ConnectionOptions, TLSSocket } from "node:tls";
import { SottoError } from "../base/errors.ts";
import type { HostPort } from "../base/wire_tap.ts";
import { type ByteStream, byteStreamOver } from "./byte_stream.ts";
import { type Certificate, checkCertificate } from "./certificate.ts";
import { cannotResolve, isAddress, refusesToResolve } from "./dns.ts";
import type { WaitOptions } from "./listener.ts";
import { networkError, plainHost, showHostPort } from "./network_error.ts";
import { TlsDuplex } from "./tls_duplex.ts";
import { requireTrust, type TlsTrust, withNamesJudged } from "./tls_judgement.ts";

/** How {@link connectTls} presents itself, and how it knows its peer. */
export interface ConnectTlsOptions extends WaitOptions, TlsTrust {
  /** What we show when the server asks. */
  readonly certificate?: Certificate | undefined;
  /** Authorities to trust, PEM, instead of the system's. */
  readonly ca?: string | readonly string[] | undefined;
  /** Name for SNI and in the certificate; the host connected to by default. */
  readonly serverName?: string | undefined;
}

/**
 * Connects and shakes hands.
 *
 * @throws {SottoError} `transport/tls-handshake` when the two cannot agree,
 * `transport/tls-untrusted` when no authority vouches for the server, `tls-expired` when its
 * certificate is out of its time, `tls-wrong-name` when it speaks for somebody else,
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
    // With rules of its own for names, only the chain is the library's business.
    ...(options.judgeNames === undefined ? {} : { checkServerIdentity: () => undefined }),
    ...(certificate === undefined ? {} : { cert: certificate.certPem, key: certificate.keyPem }),
    ...(ca === undefined ? {} : { ca: typeof ca === "string" ? ca : [...ca] }),
  };
  const socket = connect(connection);
  try {
    await secured(socket, to, signal);
    const duplex = new TlsDuplex(socket, (info) => withNamesJudged(info, options));
    requireTrust(duplex.tls, to, options, Date.now());
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
