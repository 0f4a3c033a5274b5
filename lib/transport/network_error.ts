/** One vocabulary for what two socket libraries report: errors with a code `transport/…`. */

import { type ErrorCode, SottoError } from "../base/errors.ts";
import type { HostPort } from "../base/wire_tap.ts";

/**
 * Translates an error of `Deno.*` or `node:*` sockets. A `SottoError` comes back as it is.
 *
 * @param error What was thrown; becomes the `cause`.
 * @param doing What was being done, for example `cannot connect to 192.0.2.1:5060`.
 */
export function networkError(error: unknown, doing: string): SottoError {
  if (error instanceof SottoError) return error;
  const name = error instanceof Error ? error.name : "";
  const code = nodeCode(error);
  const text = error instanceof Error ? error.message : String(error);
  const known = BY_NODE_CODE[code] ?? BY_DENO_NAME[name] ?? byMessage(code, text);
  const [errorCode, reason] = known ?? ["transport/failed", text] as const;
  return new SottoError(errorCode, `${doing}: ${reason}`, { cause: error });
}

/** Runs `act`; when it fails, throws the signal's own reason if there is one, else {@link networkError}. */
export async function orNetworkError<T>(
  doing: string,
  signal: AbortSignal | undefined,
  act: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await act();
  } catch (error) {
    signal?.throwIfAborted();
    throw networkError(error, doing);
  }
}

/** `host:port`, with brackets around IPv6. */
export function showHostPort({ host, port }: HostPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** `host` as a socket has it: no brackets, and IPv4 inside IPv6 (`::ffff:192.0.2.1`) as IPv4. */
export function plainHost(host: string): string {
  const bare = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
}

function nodeCode(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}

function byMessage(code: string, text: string): readonly [ErrorCode, string] | undefined {
  if (/lookup address|name or service not known|no such host/i.test(text)) return NAME_NOT_FOUND;
  if (code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_")) {
    return ["transport/tls-handshake", text];
  }
  if (/unreachable/i.test(text)) return ["transport/unreachable", "the network has no way there"];
  return undefined;
}

const REFUSED = ["transport/refused", "the connection was refused"] as const;
const RESET = ["transport/reset", "the peer cut the connection"] as const;
const UNREACHABLE = ["transport/unreachable", "the network has no way there"] as const;
const TIMEOUT = ["transport/timeout", "the network did not answer"] as const;
const NAME_NOT_FOUND = ["transport/name-not-found", "there is no host of this name"] as const;
const IN_USE = ["transport/address-in-use", "the address is in use"] as const;
const NOT_OURS = ["transport/address-not-available", "this machine has no such address"] as const;
const CLOSED = ["transport/closed", "it was closed"] as const;
const NOT_PERMITTED = ["transport/not-permitted", "the system does not permit it"] as const;
const TOO_LARGE = ["transport/datagram-too-large", "the datagram is too large"] as const;

type Known = Readonly<Record<string, readonly [ErrorCode, string] | undefined>>;

const BY_NODE_CODE: Known = {
  ECONNREFUSED: REFUSED,
  ECONNRESET: RESET,
  ECONNABORTED: RESET,
  EPIPE: RESET,
  ENETUNREACH: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ETIMEDOUT: TIMEOUT,
  ENOTFOUND: NAME_NOT_FOUND,
  EAI_AGAIN: NAME_NOT_FOUND,
  EADDRINUSE: IN_USE,
  EADDRNOTAVAIL: NOT_OURS,
  EACCES: NOT_PERMITTED,
  EPERM: NOT_PERMITTED,
  EMSGSIZE: TOO_LARGE,
  ERR_STREAM_DESTROYED: CLOSED,
  ERR_STREAM_WRITE_AFTER_END: CLOSED,
  ERR_SOCKET_DGRAM_NOT_RUNNING: CLOSED,
};

const BY_DENO_NAME: Known = {
  ConnectionRefused: REFUSED,
  ConnectionReset: RESET,
  ConnectionAborted: RESET,
  BrokenPipe: RESET,
  UnexpectedEof: RESET,
  NotConnected: RESET,
  NetworkUnreachable: UNREACHABLE,
  HostUnreachable: UNREACHABLE,
  TimedOut: TIMEOUT,
  AddrInUse: IN_USE,
  AddrNotAvailable: NOT_OURS,
  BadResource: CLOSED,
  Interrupted: CLOSED,
  PermissionDenied: NOT_PERMITTED,
  NotCapable: NOT_PERMITTED,
};
