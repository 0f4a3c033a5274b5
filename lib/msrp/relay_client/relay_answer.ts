/** What the header fields of a response to AUTH say (RFC 4976 §5.1, §6.3, §7, §9.1). */
import {
  canAnswer,
  chooseChallenge,
  type DigestChallenge,
  type DigestCredentials,
  type DigestMinimum,
  parseChallenges,
} from "../../auth/mod.ts";
import { PeerError } from "../../base/errors.ts";
import { escapeText } from "../../base/escape.ts";
import { type HeaderField, headerValue } from "../chunk.ts";
import { type MsrpUri, parseMsrpPath } from "../uri.ts";

/** Seconds that a path is taken to be good for when its relay does not say (§6.3 wants it to). */
export const DEFAULT_RELAY_EXPIRES = 600;

/** What a 200 grants. */
export interface GrantedPath {
  readonly usePath: readonly MsrpUri[];
  /** Seconds. */
  readonly expires: number;
}

/**
 * Reads Use-Path and Expires of a 200.
 * @throws {PeerError} `msrp/bad-use-path`, `msrp/bad-expires`; what `parseMsrpPath` throws.
 */
export function readGrant(headers: readonly HeaderField[]): GrantedPath {
  const text = headerValue(headers, "Use-Path");
  if (text === undefined) throw badUsePath("expected a Use-Path in the 200 to AUTH");
  const usePath = parseMsrpPath(text);
  for (const uri of usePath) {
    // §8: what goes into SDP and To-Path names its port; §6.3: and is no name of a device.
    if (uri.port === undefined || uri.sessionId === undefined) {
      throw badUsePath(`expected URIs with port and session-id, found "${escapeText(text, 120)}"`);
    }
  }
  return { usePath, expires: seconds(headers, "Expires") ?? DEFAULT_RELAY_EXPIRES };
}

/**
 * What a 423 says: a number of seconds inside its bounds, nearest to `wanted`.
 * `undefined` when it names no bounds, or bounds that exclude each other.
 * @throws {PeerError} `msrp/bad-expires`.
 */
export function readBounds(
  headers: readonly HeaderField[],
  wanted: number | undefined,
): number | undefined {
  const min = seconds(headers, "Min-Expires");
  const max = seconds(headers, "Max-Expires");
  if (min === undefined && max === undefined) return undefined;
  if (min !== undefined && max !== undefined && min > max) return undefined;
  const aim = wanted ?? max ?? min ?? DEFAULT_RELAY_EXPIRES;
  return Math.max(min ?? 0, Math.min(max ?? Infinity, aim));
}

/**
 * The challenge of a 401 that can be answered by the rules of §9.1: Digest with qop `auth`, and
 * no session variant. `undefined` when there is none: then nothing we know satisfies the relay.
 * @throws {PeerError} `auth/bad-challenge`, `msrp/bad-challenge`.
 */
export function readChallenge(
  headers: readonly HeaderField[],
  credentials: DigestCredentials,
  minimum: DigestMinimum,
): DigestChallenge | undefined {
  const values = headers.filter((it) => it.name.toLowerCase() === "www-authenticate")
    .map((it) => it.value);
  if (values.length === 0) {
    throw new PeerError(
      "msrp/bad-challenge",
      "RFC 4976 §5.1",
      "expected a WWW-Authenticate in the 401 to AUTH",
    );
  }
  return chooseChallenge(parseChallenges(values), {
    minimum,
    isAnswerable: (it) =>
      it.qop.includes("auth") && !it.algorithm.endsWith("-sess") && canAnswer(credentials, it),
  });
}

function seconds(headers: readonly HeaderField[], name: string): number | undefined {
  const text = headerValue(headers, name);
  if (text === undefined) return undefined;
  // Expires = "Expires:" SP 1*DIGIT
  if (!/^\d{1,9}$/.test(text)) {
    throw new PeerError(
      "msrp/bad-expires",
      "RFC 4976 §7",
      `expected ${name} to be a number of seconds, found "${escapeText(text, 30)}"`,
    );
  }
  return Number(text);
}

function badUsePath(what: string): PeerError {
  return new PeerError("msrp/bad-use-path", "RFC 4976 §6.3, §8", what);
}
