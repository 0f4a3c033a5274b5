/** A session whose path changes while it is open: a relay granted another one (RFC 4976 §9.4, RFC 4975 §8.4). */
import type { MsrpMedia, SessionDescription } from "../sdp/mod.ts";
import { SottoError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";

/** `description` with `to` where `a=path` was `from`; everything else as it stands. */
export function withPath(
  description: SessionDescription,
  from: string,
  to: string,
): SessionDescription {
  return {
    ...description,
    media: description.media.map((medium) => ({
      ...medium,
      attributes: medium.attributes.map((it) =>
        it.name === "path" && it.value === from ? { ...it, value: to } : it
      ),
    })),
  };
}

/**
 * Whether the peer's path may become that of `offered` on the connection that stands: it ends at
 * the same session, and its first hop is reached over that connection, because our own relay
 * connects, or because it is the host and port that we are connected to.
 */
export function mayFollow(current: MsrpMedia, offered: MsrpMedia, hasOwnRelay: boolean): boolean {
  const [before, after] = [current.path, offered.path];
  return after.at(-1) === before.at(-1) && offered.transport === current.transport &&
    (hasOwnRelay || firstHop(before) === firstHop(after));
}

/** The peer did not take our new path: the old one serves for as long as the relay keeps it. */
export function moveRefused(why: string): SottoError {
  return new SottoError(
    "session/relay-moved",
    `the MSRP relay gave this session another path, of which the other side could not be told (${
      escapeText(why, 80)
    }): it may end when the old path runs out`,
  );
}

function firstHop([first = ""]: readonly string[]): string {
  return /^[^/]+\/\/(?:[^@/]*@)?[^/;]+/.exec(first.toLowerCase())?.[0] ?? "";
}
