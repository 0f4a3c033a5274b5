/** Offers, answers and later editions of them for MSRP (RFC 3264, RFC 4975 §8.4–8.5, RFC 6135 §4). */

import { equalBytes } from "../base/bytes.ts";
import type { Direction, Setup } from "./attributes.ts";
import {
  connectionTo,
  describeMsrpMedia,
  type MsrpMediaChoice,
  ownAddress,
  parseMsrpMedia,
} from "./msrp_media.ts";
import type { MediaDescription, SessionDescription } from "./session_description.ts";
import { writeSessionDescription } from "./sdp_writer.ts";

/** The session part of what we write. */
export interface SessionChoice {
  /** Digits: unique for this session. */
  readonly sessionId: string;
  /** Digits: 1 at first, then see {@link nextEdition}. */
  readonly sessionVersion: string;
  /** Our address for `o=`; by default the host of our MSRP URI. */
  readonly address?: string | undefined;
  /** By default `-`, as `o=` wants for none. */
  readonly username?: string | undefined;
  /** By default `-`. */
  readonly sessionName?: string | undefined;
}

/** What {@link createMsrpOffer} describes. */
export interface MsrpOfferChoice extends SessionChoice {
  /** `setup` is `actpass` by default: we listen, and may connect as well (RFC 6135 §4.2.2). */
  readonly media: MsrpMediaChoice;
  /** Media behind it: one for each file (RFC 5547 §8.2.3). */
  readonly further?: readonly MsrpMediaChoice[] | undefined;
}

/**
 * An offer of MSRP media.
 *
 * @throws {TypeError} for a path or types that RFC 4975 §8 forbids, or ids that are no digits.
 */
export function createMsrpOffer(choice: MsrpOfferChoice): SessionDescription {
  const media = [choice.media, ...choice.further ?? []].map((it) =>
    describeMsrpMedia({ ...it, setup: it.setup ?? "actpass" })
  );
  return session(choice, choice.media.path, media);
}

/** A medium that is accepted, and how. */
export interface AcceptedMedium {
  /** Position of the medium that is accepted. */
  readonly index: number;
  /** `transport` is the offer's; `setup` is only a wish, used where the offer leaves the choice. */
  readonly media: Omit<MsrpMediaChoice, "transport" | "setup"> & {
    readonly setup?: "active" | "passive" | undefined;
  };
}

/** What {@link createMsrpAnswer} accepts, and how. */
export interface MsrpAnswerChoice extends SessionChoice, AcceptedMedium {
  /** Further media that are accepted: one for each file (RFC 5547 §8.3). */
  readonly further?: readonly AcceptedMedium[] | undefined;
}

/**
 * An answer: as many media as the offer has, in its order, all refused with port 0 but those
 * that `choice` names (RFC 3264 §6). `a=setup` is always there (RFC 6135 §4.2.1) and
 * answers the offer's; the direction is narrowed to what the offer allows. A refused file
 * keeps its selector and its transfer id (RFC 5547 §8.3).
 *
 * @throws {RangeError} when a medium named is no MSRP medium or has port 0.
 * @throws {TypeError} as {@link createMsrpOffer}.
 */
export function createMsrpAnswer(
  offer: SessionDescription,
  choice: MsrpAnswerChoice,
): SessionDescription {
  const accepted = new Map<number, MediaDescription>();
  for (const { index, media } of [choice, ...choice.further ?? []]) {
    accepted.set(index, accept(offer, index, media));
  }
  const media = offer.media.map((it, index) => accepted.get(index) ?? refused(it));
  return session(choice, choice.media.path, media);
}

function accept(
  offer: SessionDescription,
  index: number,
  media: AcceptedMedium["media"],
): MediaDescription {
  const offered = parseMsrpMedia(offer, index);
  if (offered === undefined || offered.isRefused) {
    throw new RangeError(`expected an MSRP medium at ${index} of the offer`);
  }
  return describeMsrpMedia({
    ...media,
    transport: offered.transport,
    setup: answerSetup(offered.setup, media.setup),
    direction: answerDirection(offered.direction, media.direction),
  });
}

/** An answer that refuses every medium of `offer`. */
export function refuseEveryMedium(
  offer: SessionDescription,
  choice: SessionChoice & { readonly address: string },
): SessionDescription {
  return session(choice, undefined, offer.media.map(refused));
}

/**
 * What an answer says to an offer's `a=setup` (RFC 6135 §4.2). Without one, and for
 * `holdconn`, which is ignored, the offerer connects (RFC 4975 §8.5): we are passive.
 *
 * @param wish Used when the offer is `actpass`; `passive` by default.
 */
export function answerSetup(
  offered: Setup | undefined,
  wish: "active" | "passive" = "passive",
): "active" | "passive" {
  switch (offered) {
    case "actpass":
      return wish;
    case "passive":
      return "active";
    case "active":
    case "holdconn":
    case undefined:
      return "passive";
  }
}

/**
 * Who opens the connection once the answer is there. An answer without `a=setup` comes
 * from a peer that knows RFC 4975 alone: the offerer connects. So does it wherever the two
 * values contradict each other, because an offerer that waits as well would wait for ever.
 */
export function connectingSide(
  offered: Setup | undefined,
  answered: Setup | undefined,
): "offerer" | "answerer" {
  return answered === "active" && (offered === "actpass" || offered === "passive")
    ? "answerer"
    : "offerer";
}

/** What an answer may say to an offer's direction, as near to `wish` as possible (RFC 3264 §6.1). */
export function answerDirection(offered: Direction, wish: Direction = "sendrecv"): Direction {
  const sends = canReceive(offered) && canSend(wish);
  const receives = canSend(offered) && canReceive(wish);
  if (sends) return receives ? "sendrecv" : "sendonly";
  return receives ? "recvonly" : "inactive";
}

/** Whether who says `direction` may send messages. */
export function canSend(direction: Direction): boolean {
  return direction === "sendrecv" || direction === "sendonly";
}

/** Whether who says `direction` wants to receive messages. */
export function canReceive(direction: Direction): boolean {
  return direction === "sendrecv" || direction === "recvonly";
}

/**
 * `next` as the edition that follows `previous` of the same side: with the very same `o=`
 * when nothing changed (RFC 4975 §8.4), else with the version grown by one (RFC 3264 §8).
 */
export function nextEdition(
  previous: SessionDescription,
  next: SessionDescription,
): SessionDescription {
  const same = { ...next, origin: previous.origin };
  if (equalBytes(writeSessionDescription(same), writeSessionDescription(previous))) return same;
  const sessionVersion = String(BigInt(previous.origin.sessionVersion) + 1n);
  return { ...next, origin: { ...previous.origin, sessionVersion } };
}

/** Whether a peer's new description claims to be the one it sent before: same `o=` (RFC 3264 §8). */
export function isSameEdition(previous: SessionDescription, next: SessionDescription): boolean {
  const [a, b] = [previous.origin, next.origin];
  return a.username === b.username && a.sessionId === b.sessionId &&
    a.sessionVersion === b.sessionVersion && a.networkType === b.networkType &&
    a.addressType === b.addressType && a.address === b.address;
}

function session(
  choice: SessionChoice,
  path: readonly string[] | undefined,
  media: readonly MediaDescription[],
): SessionDescription {
  const { sessionId, sessionVersion, username = "-", sessionName = "-" } = choice;
  if (!/^\d+$/.test(sessionId) || !/^\d+$/.test(sessionVersion)) {
    throw new TypeError("expected digits as session id and version");
  }
  const address = choice.address ?? ownAddress(path ?? []).host;
  const connection = connectionTo(address);
  return {
    origin: { username, sessionId, sessionVersion, ...connection },
    sessionName,
    connection,
    attributes: [],
    media,
  };
}

/**
 * A medium refused, or one of ours that is over (RFC 3264 §6, §8.2): same kind, port 0, and
 * nothing else to say, but which file it was about (RFC 5547 §8.1, §8.3, §8.4).
 */
export function refused(medium: MediaDescription): MediaDescription {
  const { media, protocol, formats } = medium;
  const attributes = medium.attributes.filter(({ name }) =>
    name === "file-selector" || name === "file-transfer-id"
  );
  return { media, port: 0, protocol, formats, attributes };
}
