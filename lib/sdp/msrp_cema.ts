/** Connection establishment for media anchoring: where to connect when a middlebox stands between (RFC 6714 §4). */
import type { MsrpMedia } from "./msrp_media.ts";

/** An address out of `c=` and `m=`. */
export interface CemaAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Whether an answer without relays of its own may say `a=msrp-cema` to this offer (§4.3): the
 * offer says it, and does not have a relay that would connect by the path.
 */
export function answersCema({ hasCema, path, setup }: MsrpMedia): boolean {
  const hasRelay = path.length > 1;
  const offererConnects = setup !== "actpass" && setup !== "passive";
  return hasCema && !(hasRelay && offererConnects);
}

/**
 * The address of the middlebox that put itself between: `c=` and `m=`, where they are none of the
 * addresses of the path (§4.2, §4.4). `undefined` when there is none, and the path counts.
 * Names are compared as they are written: a name that means the same address leads there as well.
 */
export function cemaAddress(media: MsrpMedia): CemaAddress | undefined {
  const { connection, port, path } = media;
  if (connection === undefined || port === 0 || port === DISCARD) return undefined;
  const host = connection.address.toLowerCase();
  if (UNSPECIFIED.includes(host)) return undefined;
  const isInPath = pathPlaces(path).some((it) => it.host === host && it.port === port);
  return isInPath ? undefined : { host: connection.address, port };
}

/** Host, in lower case and without brackets, and port of each URI of a path as it is written. */
export function pathPlaces(path: readonly string[]): CemaAddress[] {
  return path.map((uri) => {
    const [, name = "", digits] = AUTHORITY.exec(uri) ?? [];
    return { host: name.replace(/^\[|\]$/g, "").toLowerCase(), port: Number(digits) };
  });
}

const AUTHORITY = /^msrps?:\/\/(?:[^@/]*@)?(\[[0-9A-Fa-f:.]+\]|[^:/;[\]]+):(\d{1,5})[/;]/i;
/** What stands where nothing listens (RFC 4145 §4.1). */
const DISCARD = 9;
const UNSPECIFIED: readonly string[] = ["0.0.0.0", "::"];
