/** From the peer's half of a description to how its MSRP session is opened (RFC 4975 §14.4, RFC 8122). */

import { SottoError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";
import { parseMsrpPath } from "../msrp/mod.ts";
import {
  type CemaAddress,
  cemaAddress,
  connectingSide,
  type MsrpChoice,
  type MsrpMedia,
  msrpMediaOf,
  preferredFingerprints,
  type SessionDescription,
} from "../sdp/mod.ts";
import type { OpenOptions } from "./msrp_endpoint.ts";

/** The peer's half, checked, and who connects. */
export interface RemoteMedia {
  readonly media: MsrpMedia;
  readonly role: "active" | "passive";
  /** Where we connect in place of the path: a middlebox, when both sides know RFC 6714. */
  readonly via?: CemaAddress | undefined;
}

/**
 * The peer's half by its answer to our offer. Who offered `a=msrp-cema` connects to `c=` and `m=`
 * (RFC 6714 §4.2), but not where the answer says neither that nor that it has no relay.
 *
 * @throws {SottoError} `session/answer-unusable`.
 */
export function answeredMedia(
  offer: SessionDescription,
  { media, refusal }: MsrpChoice,
): RemoteMedia {
  if (media === undefined) {
    throw new SottoError("session/answer-unusable", `${refusal.warningText} in the answer`);
  }
  const offered = msrpMediaOf(offer)[0];
  const isAnchored = offered?.hasCema === true && (media.hasCema || media.path.length === 1);
  return {
    media,
    role: connectingSide(offered?.setup, media.setup) === "offerer" ? "active" : "passive",
    via: isAnchored ? cemaAddress(media) : undefined,
  };
}

/** Whether a relay stands between, theirs or ours. */
export function isRelayed({ media }: RemoteMedia, localPath: readonly unknown[]): boolean {
  return media.path.length > 1 || localPath.length > 1;
}

/**
 * Role, path and certificate. Behind a relay nobody sees the peer's (RFC 4976 §9.2).
 *
 * @param localPath Ours, relays included.
 * @throws {SottoError} `session/tls-fingerprint-mismatch` when the certificate is hashed with
 * nothing that we trust: a hash that can be forged is not the same as none (RFC 8122 §5).
 */
export function openingFor(
  remote: RemoteMedia,
  localPath: readonly unknown[],
): Pick<OpenOptions, "role" | "remotePath" | "via" | "remoteFingerprint" | "peerMaxSize"> {
  const { media, role, via } = remote;
  const isTls = media.transport === "TCP/TLS/MSRP" && !isRelayed(remote, localPath);
  const fingerprints = isTls ? preferredFingerprints(media.fingerprints) : [];
  if (isTls && media.fingerprints.length > 0 && fingerprints.length === 0) {
    const hashes = media.fingerprints.map((it) => it.hash).join(", ");
    throw new SottoError(
      "session/tls-fingerprint-mismatch",
      `the other side's certificate cannot be checked: it is hashed with ${
        escapeText(hashes, 80)
      } alone`,
    );
  }
  return {
    role,
    remotePath: parseMsrpPath(media.path.join(" ")),
    via,
    remoteFingerprint: fingerprints,
    peerMaxSize: media.maxSize,
  };
}
