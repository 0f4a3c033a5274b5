/** Which media types a session takes (RFC 4975 §8.6, §7.3.1). */

/**
 * Whether a list as in `a=accept-types` covers a media type: `*`, `type/*` or the type
 * itself, in any case, parameters aside. multipart/mixed and multipart/alternative are
 * covered by every list, because every endpoint must receive them (§7.3.1).
 *
 * @param contentType Value of a Content-Type header field.
 */
export function acceptsContentType(acceptTypes: readonly string[], contentType: string): boolean {
  const type = mediaType(contentType);
  if (MUST_RECEIVE.includes(type)) return true;
  const slash = type.indexOf("/");
  if (slash < 1) return false;
  return acceptTypes.some((entry) => {
    const accepted = mediaType(entry);
    return accepted === "*" || accepted === "*/*" || accepted === type ||
      accepted === `${type.slice(0, slash)}/*`;
  });
}

/** The media type without parameters, in lower case. */
export function mediaType(contentType: string): string {
  return (contentType.split(";", 1)[0] ?? "").trim().toLowerCase();
}

const MUST_RECEIVE: readonly string[] = ["multipart/mixed", "multipart/alternative"];
