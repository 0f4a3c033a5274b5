/** Opening one prepared MSRP session, within its time (RFC 4975 §5.4). */
import { SottoError } from "../base/errors.ts";
import type { MsrpSessionConfig, MsrpUri } from "../msrp/mod.ts";
import { type Clock, delay } from "./clock.ts";
import type { ExpectedFingerprint } from "./msrp_fingerprint.ts";
import type { HostPort } from "../base/wire_tap.ts";
import type { MsrpSession } from "./msrp_session.ts";

/** What the two session descriptions agreed on. */
export interface OpenOptions
  extends Omit<MsrpSessionConfig, "localPath" | "relayPath" | "sessionId" | "reports"> {
  /** `active` connects (RFC 4145, RFC 6135). */
  readonly role: "active" | "passive";
  /**
   * What the peer's certificate must hash to, one of several. Empty or absent: the active
   * side wants a certificate that an authority vouches for, the passive side asks nothing.
   * Not looked at when relays stand between (RFC 4976 §9.2: they have certificates of their own).
   */
  readonly remoteFingerprint?:
    | ExpectedFingerprint
    | readonly ExpectedFingerprint[]
    | undefined;
  /** Without a fingerprint: take any certificate. Some peers offer TLS with no way to check it. */
  readonly allowUntrusted?: boolean | undefined;
  /** Where the active side connects in place of the first URI of the path (RFC 6714 §4). */
  readonly via?: HostPort | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For everything until the session is bound, in milliseconds; default 30000. */
  readonly timeoutMs?: number | undefined;
}

/** {@link OpenOptions} whose signal ends the wait in every case. */
export type BoundedOpening = OpenOptions & { readonly signal: AbortSignal };

/** Our side of one session, before the peer's side is known. Opened once. */
export interface PreparedMsrp extends AsyncDisposable {
  /** For `a=path`. */
  readonly localPath: readonly MsrpUri[];
  /** Whether the passive role is possible. */
  readonly canListen: boolean;
  /**
   * Connects and binds, or waits until the peer does.
   *
   * @throws {SottoError} `session/msrp-timeout`; `session/msrp-refused` when the peer
   * answers with an error; `session/msrp-closed`; `session/tls-fingerprint-mismatch`;
   * `session/msrp-strangers` after too many connections that were not the peer's;
   * `session/relay-lost`; `transport/…` when it cannot connect; the signal's own reason.
   * @throws {TypeError} for the passive role of a path that does not listen, or a second call.
   */
  open(options: OpenOptions): Promise<MsrpSession>;
  /** Stops listening, or lets the path through relays lapse. Never rejects. */
  close(): Promise<void>;
}

/** Runs `open` with a signal that also ends it after `timeoutMs`. */
export async function openInTime(
  clock: Clock,
  options: OpenOptions,
  open: (opening: BoundedOpening) => Promise<MsrpSession>,
): Promise<MsrpSession> {
  const { timeoutMs = 30_000 } = options;
  const late = new AbortController();
  const done = new AbortController();
  const timer = delay(clock, timeoutMs, done.signal).then(
    () =>
      late.abort(
        new SottoError("session/msrp-timeout", `no MSRP session within ${timeoutMs} ms`),
      ),
    () => {}, // Not needed any more.
  );
  const signals = [late.signal, ...(options.signal === undefined ? [] : [options.signal])];
  try {
    return await open({ ...options, signal: AbortSignal.any(signals) });
  } finally {
    done.abort();
    await timer;
  }
}

/** Most octets of a message in one SEND toward a relay: Kamailio refuses frames of 11 kB. */
export const RELAYED_CHUNK_SIZE = 8_192;

/** What an opening means to a connection, when our path is `localPath`. */
export function sessionConfig(
  self: MsrpUri,
  usePath: readonly MsrpUri[],
  options: OpenOptions,
): MsrpSessionConfig {
  const isRelayed = usePath.length > 0 || options.remotePath.length > 1;
  const { chunkSize = Infinity } = options;
  return {
    ...options,
    // RFC 4976 §5.1: the way in is the way out reversed.
    localPath: [...usePath.toReversed(), self],
    relayPath: usePath,
    ...(isRelayed ? { chunkSize: Math.min(chunkSize, RELAYED_CHUNK_SIZE) } : {}),
    reports: "manual",
  };
}
