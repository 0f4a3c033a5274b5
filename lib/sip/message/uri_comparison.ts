/** When two SIP URIs are the same (RFC 3261 §19.1.4). Equality is not transitive there. */

import { normalizeHost } from "./host.ts";
import type { Parameter } from "./parameters.ts";
import { decodeUnreserved, isSipUri, type SipUri, type Uri } from "./uri.ts";

/** Parameters that never match when only one of the two URIs has them. */
const NEVER_IGNORED: readonly string[] = ["transport", "user", "ttl", "method", "maddr"];

/** Whether both URIs are equivalent. Those of other schemes are compared as text. */
export function sameUri(a: Uri, b: Uri): boolean {
  if (!isSipUri(a) || !isSipUri(b)) {
    return !isSipUri(a) && !isSipUri(b) && a.scheme === b.scheme && a.rest === b.rest;
  }
  return a.scheme === b.scheme &&
    sameText(a.user, b.user) &&
    sameText(a.password, b.password) &&
    normalizeHost(a.host) === normalizeHost(b.host) &&
    a.port === b.port &&
    sameParameters(a, b) &&
    sameHeaders(a.headers, b.headers);
}

/** Case-sensitive, escapes of unreserved characters decoded. */
function sameText(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return decodeUnreserved(a) === decodeUnreserved(b);
}

function sameParameters(a: SipUri, b: SipUri): boolean {
  const ours = asMap(a.parameters);
  const theirs = asMap(b.parameters);
  for (const [name, value] of ours) {
    if (theirs.has(name) && theirs.get(name) !== value) return false;
  }
  return NEVER_IGNORED.every((name) => ours.has(name) === theirs.has(name));
}

/**
 * Every header component must be in both. Their values are compared without case: a header
 * by header comparison would need the grammar of every field there is.
 */
function sameHeaders(a: readonly Parameter[], b: readonly Parameter[]): boolean {
  const ours = asMap(a);
  const theirs = asMap(b);
  return ours.size === theirs.size &&
    [...ours].every(([name, value]) => theirs.get(name) === value);
}

function asMap(parameters: readonly Parameter[]): Map<string, string> {
  const folded = (text: string) => decodeUnreserved(text).toLowerCase();
  return new Map(parameters.map(({ name, value }) => [folded(name), folded(value ?? "")]));
}
