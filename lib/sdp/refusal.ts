/** Why an MSRP offer or answer cannot be lived with, in words for a `Warning` header (RFC 3261 §20.43). */

import { bareType } from "./accept_types.ts";
import { acceptsRoot, type MsrpMedia, msrpMediaOf, type MsrpTransport } from "./msrp_media.ts";
import type { SessionDescription } from "./session_description.ts";

/** The named reasons. */
export type MsrpRefusalReason =
  | "no-msrp-media"
  | "file-not-taken"
  | "media-refused"
  | "transport-not-acceptable"
  | "bad-format-list"
  | "no-path"
  | "path-scheme-mismatch"
  | "no-accept-types"
  | "no-common-type"
  | "media-count-changed"
  | "transport-changed";

/** A reason, with what a 488 response says of it. */
export interface MsrpRefusal {
  readonly reason: MsrpRefusalReason;
  /** Warn-code of RFC 3261 §20.43. */
  readonly warningCode: number;
  /** Warn-text, without quotes. */
  readonly warningText: string;
}

/** What we can do, for {@link checkMsrpMedia}. */
export interface MsrpAbilities {
  /** Acceptable transports. */
  readonly transports: readonly MsrpTransport[];
  /**
   * Media types that we can send as the root of a message; one of them must be welcome.
   * Absent: we send nothing.
   */
  readonly sendTypes?: readonly string[] | undefined;
}

/**
 * The first reason to refuse this medium of the peer's, or `undefined` when it will do.
 * Checks the transport, the format list, `a=path`, `a=accept-types` and a common type
 * (RFC 4975 §8.1, §8.2, §8.6).
 */
export function checkMsrpMedia(
  media: MsrpMedia,
  { transports, sendTypes }: MsrpAbilities,
): MsrpRefusal | undefined {
  if (media.isRefused) return refusal("media-refused");
  if (!transports.includes(media.transport)) return refusal("transport-not-acceptable");
  if (media.formats.length !== 1 || media.formats[0] !== "*") return refusal("bad-format-list");
  const [nearest] = media.path;
  if (nearest === undefined) return refusal("no-path");
  // msrps is MSRP over TLS (RFC 4975 §6): the URI and the m= line must say the same.
  const scheme = media.transport === "TCP/TLS/MSRP" ? "msrps:" : "msrp:";
  if (!nearest.toLowerCase().startsWith(scheme)) return refusal("path-scheme-mismatch");
  if (media.acceptTypes === undefined) return refusal("no-accept-types");
  if (sendTypes !== undefined && !sendTypes.some((it) => acceptsRoot(media, bareType(it)))) {
    return refusal("no-common-type");
  }
  return undefined;
}

/** What {@link chooseMsrpMedia} found. */
export type MsrpChoice =
  | { readonly media: MsrpMedia; readonly refusal?: undefined }
  | { readonly refusal: MsrpRefusal; readonly media?: undefined };

/**
 * The first medium for messages that we can answer, or why there is none: the first one's
 * reason. A medium that moves a file is none for messages (RFC 5547 §8.7).
 */
export function chooseMsrpMedia(offer: SessionDescription, abilities: MsrpAbilities): MsrpChoice {
  let first: MsrpRefusal | undefined;
  for (const media of msrpMediaOf(offer)) {
    if (movesFile(media)) {
      first ??= refusal("file-not-taken");
      continue;
    }
    const reason = checkMsrpMedia(media, abilities);
    if (reason === undefined) return { media };
    first ??= reason;
  }
  return { refusal: first ?? refusal("no-msrp-media") };
}

/**
 * The peer's half of an accepted offer of ours, or why it will not do (RFC 3264 §6: as
 * many media as offered, in the same order, with the same transport).
 *
 * @param index Position of our MSRP medium in `offer`.
 */
export function checkMsrpAnswer(
  offer: SessionDescription,
  answer: SessionDescription,
  index: number,
  abilities: MsrpAbilities,
): MsrpChoice {
  if (answer.media.length !== offer.media.length) {
    return { refusal: refusal("media-count-changed") };
  }
  // A refused medium may carry any protocol, and is refused all the same.
  if (answer.media[index]?.port === 0) return { refusal: refusal("media-refused") };
  const media = msrpMediaOf(answer).find((it) => it.index === index);
  const offered = msrpMediaOf(offer).find((it) => it.index === index);
  if (media === undefined || media.transport !== offered?.transport) {
    return { refusal: refusal("transport-changed") };
  }
  const reason = checkMsrpMedia(media, abilities);
  return reason === undefined ? { media } : { refusal: reason };
}

/** Whether a medium is about a file: an empty selector only says that its owner could (RFC 5547 §8.5). */
export function movesFile({ fileSelector }: MsrpMedia): boolean {
  return fileSelector !== undefined && fileSelector.trim() !== "";
}

function refusal(reason: MsrpRefusalReason): MsrpRefusal {
  const [warningCode, warningText] = WARNINGS[reason];
  return { reason, warningCode, warningText };
}

const WARNINGS: Readonly<Record<MsrpRefusalReason, readonly [number, string]>> = {
  "no-msrp-media": [304, "No MSRP medium offered"],
  "file-not-taken": [304, "Files are not taken here"],
  "media-refused": [304, "MSRP medium has port 0"],
  "transport-not-acceptable": [302, "MSRP transport not acceptable"],
  "bad-format-list": [305, "MSRP format list must be *"],
  "no-path": [306, "MSRP path attribute missing"],
  "path-scheme-mismatch": [302, "MSRP path scheme does not match the transport"],
  "no-accept-types": [306, "MSRP accept-types attribute missing"],
  "no-common-type": [305, "No common MSRP content type"],
  "media-count-changed": [399, "Answer has another number of media than the offer"],
  "transport-changed": [302, "Answer has another transport than the offer"],
};
