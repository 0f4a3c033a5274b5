/**
 * Middleboxes that show in `c=` and `m=`, and what one means whose other side does not say
 * `a=msrp-cema` (RFC 6714 §4.2–§4.4).
 */
import { SottoError } from "../base/errors.ts";
import {
  cemaAddress,
  type MsrpMedia,
  type MsrpRefusal,
  nextEdition,
  pathPlaces,
  type SessionDescription,
} from "../sdp/mod.ts";
import { resolveHost } from "../transport/mod.ts";
import { type Clock, delay } from "./clock.ts";
import type { RemoteMedia } from "./media_opening.ts";

/** The addresses of a host; rejects when there are none. */
export type HostLookup = (host: string) => Promise<readonly string[]>;

/** How `c=` and `m=` differ from every URI of the path. */
export interface Anchor {
  /** No URI of the path has that address. */
  readonly isForeignHost: boolean;
  /** No URI of the path has that port. */
  readonly isForeignPort: boolean;
}

/** Hosts of a path that are looked up; of longer ones the rest is taken as written. */
const MOST_LOOKUPS = 8;
/** Milliseconds for each, after which a name counts as it is written. */
const LOOKUP_PATIENCE = 3_000;

/**
 * What stands in `c=` and `m=` when that is no address of the path; `undefined` when it is one, or
 * none at all (port 9, `0.0.0.0`). Names are looked up (§4.4): one address in common is enough.
 */
export async function anchorOf(media: MsrpMedia, lookUp: HostLookup): Promise<Anchor | undefined> {
  const written = cemaAddress(media);
  if (written === undefined) return undefined;
  const places = pathPlaces(media.path);
  const own = await addressesOf(written.host, lookUp);
  const hosts = [...new Set(places.map((it) => it.host))].slice(0, MOST_LOOKUPS);
  const known = new Map(
    await Promise.all(hosts.map(async (it) => [it, await addressesOf(it, lookUp)] as const)),
  );
  const isOwn = (host: string): boolean =>
    known.get(host)?.some((it) => own.includes(it)) ?? own.includes(canonical(host));
  if (places.some(({ host, port }) => port === written.port && isOwn(host))) return undefined;
  return {
    isForeignHost: !places.some((it) => isOwn(it.host)),
    isForeignPort: !places.some((it) => it.port === written.port),
  };
}

/**
 * Whether the offerer has to offer again, without `a=msrp-cema`, because of an answer that does not
 * say it (§4.2, criteria 1 and 3; the second is about offerers with a relay, who do not say it here).
 */
export function mustOfferAgain({ media, role }: RemoteMedia): boolean {
  return !media.hasCema && (role === "passive" || media.path.length > 1);
}

/** Our description as the next edition that does not say `a=msrp-cema`. */
export function withoutCema(description: SessionDescription): SessionDescription {
  return nextEdition(description, {
    ...description,
    media: description.media.map((medium) => ({
      ...medium,
      attributes: medium.attributes.filter((it) => it.name !== "msrp-cema"),
    })),
  });
}

/**
 * Why an offer without `a=msrp-cema` is refused, or `undefined` (§4.3). Address and port both have
 * to be foreign: proxies that repair addresses behind a NAT change the one alone, and some clients
 * write a port that is always the same. Neither puts itself between.
 */
export function anchorRefusal(
  { hasCema }: MsrpMedia,
  anchor: Anchor | undefined,
): MsrpRefusal | undefined {
  if (hasCema || anchor?.isForeignHost !== true || !anchor.isForeignPort) return undefined;
  return {
    reason: "media-refused",
    warningCode: 399,
    warningText: "c= and m= lead to a middlebox that is not in the path, without msrp-cema",
  };
}

/** Looks names up, but not for ever. */
export function patientLookup(clock: Clock, closing: AbortSignal): HostLookup {
  return async (host) => {
    const late = new AbortController();
    const done = new AbortController();
    const timer = delay(clock, LOOKUP_PATIENCE, done.signal).then(
      () => late.abort(new SottoError("transport/name-not-found", "no answer in time")),
      () => {}, // Not needed any more.
    );
    try {
      return await resolveHost(host, { signal: AbortSignal.any([closing, late.signal]) });
    } finally {
      done.abort();
      await timer;
    }
  };
}

/** A host and its addresses; as it is written when it has none. */
async function addressesOf(host: string, lookUp: HostLookup): Promise<readonly string[]> {
  try {
    return [host, ...await lookUp(host)].map(canonical);
  } catch {
    return [canonical(host)]; // Whoever connects there will say why it does not work.
  }
}

/** RFC 5952 for IPv6, lower case for names. */
function canonical(host: string): string {
  const literal = `http://[${host}]`;
  return host.includes(":") && URL.canParse(literal)
    ? new URL(literal).hostname.slice(1, -1)
    : host.toLowerCase();
}
