/** Media types as MIME header fields and SDP lists write them (RFC 2045 §5.1, RFC 4975 §8.6). */

/** The media type of a Content-Type or of an entry in a list: without parameters, in lower case. */
export function bareMediaType(value: string): string {
  return (value.split(";", 1)[0] ?? "").trim().toLowerCase();
}

/**
 * Whether a list covers `type`: by `*`, by `type/*`, or by name. Parameters on either side
 * and case do not matter.
 *
 * @param entries As in `a=accept-types`.
 * @param type Value of a Content-Type header field.
 */
export function listsMediaType(entries: readonly string[], type: string): boolean {
  const wanted = bareMediaType(type);
  const slash = wanted.indexOf("/");
  if (slash < 1) return false;
  const family = `${wanted.slice(0, slash)}/*`;
  return entries.some((entry) => {
    const listed = bareMediaType(entry);
    return listed === "*" || listed === "*/*" || listed === wanted || listed === family;
  });
}
