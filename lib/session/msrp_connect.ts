/** The connection of the active side (RFC 4975 §6.2, §14.4; RFC 6714 §4). */
import type { MsrpUri } from "../msrp/mod.ts";
import { SottoError } from "../base/errors.ts";
import {
  type ByteStream,
  type Certificate,
  connectTcp,
  connectTls,
  resolveHost,
} from "../transport/mod.ts";
import { type Clock, delay } from "./clock.ts";
import {
  certificateHashes,
  type ExpectedFingerprint,
  fingerprintMismatch,
  isExpectedCertificate,
} from "./msrp_fingerprint.ts";
import type { BoundedOpening } from "./msrp_opening.ts";

/** What is shown to the peer, and asked of it. */
export interface PeerAccess {
  /** Hashes one of which its certificate must have; empty: authorities vouch for it. */
  readonly expected: readonly ExpectedFingerprint[];
  readonly certificate: Certificate | undefined;
  /** PEM: those authorities; by default the system's. */
  readonly ca: string | undefined;
  readonly clock: Clock;
}

/** Milliseconds for the address of a middlebox, behind which the path is tried. */
const MIDDLEBOX_PATIENCE = 8_000;

/**
 * Connects to where a middlebox says, and when nothing answers there, or in any case without one,
 * to the first URI of the path.
 *
 * @throws {SottoError} `session/tls-fingerprint-mismatch`; `transport/…`; the signal's reason.
 */
export async function connectToPeer(
  to: MsrpUri,
  opening: BoundedOpening,
  access: PeerAccess,
): Promise<ByteStream> {
  const { via, signal } = opening;
  if (via === undefined) return await connectTo(to, to, opening, access);
  const late = new AbortController();
  const done = new AbortController();
  const timer = delay(access.clock, MIDDLEBOX_PATIENCE, done.signal).then(
    () => late.abort(new SottoError("transport/timeout", "nothing answers in c= and m=")),
    () => {}, // Not needed any more.
  );
  try {
    const bounded = { ...opening, signal: AbortSignal.any([signal, late.signal]) };
    return await connectTo(to, via, bounded, access);
  } catch (error) {
    signal.throwIfAborted();
    // Somebody answered, and was not the peer: the path is not asked for another.
    if (error instanceof SottoError && error.code === "session/tls-fingerprint-mismatch") {
      throw error;
    }
    return await connectTo(to, to, opening, access);
  } finally {
    done.abort();
    await timer;
  }
}

/** §6.2: an address as it is; a name's addresses in order until one answers. */
async function connectTo(
  to: MsrpUri,
  at: { readonly host: string; readonly port?: number | undefined },
  { signal, allowUntrusted = false }: BoundedOpening,
  { expected, certificate, ca }: PeerAccess,
): Promise<ByteStream> {
  const { host: name, port } = at;
  if (port === undefined) throw new RangeError("expected a port in the path of the peer");
  const isAnyAccepted = allowUntrusted || expected.length > 0; // Judged below.
  let failure: unknown;
  for (const host of await resolveHost(name, { signal })) {
    try {
      if (to.scheme === "msrp") return await connectTcp({ host, port }, { signal });
      const stream = await connectTls({ host, port }, {
        signal,
        certificate,
        serverName: to.host,
        insecure: isAnyAccepted,
        ...(ca === undefined ? {} : { ca }),
      });
      const hashes = await certificateHashes(stream.tls);
      if (expected.length === 0 || isExpectedCertificate(expected, hashes)) return stream;
      await stream.close();
      throw fingerprintMismatch(hashes);
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
    }
  }
  throw failure;
}
