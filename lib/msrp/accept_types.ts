/** Which media types a session takes (RFC 4975 §8.6, §7.3.1). */
import { bareMediaType, listsMediaType } from "../base/media_type.ts";

export { bareMediaType as mediaType } from "../base/media_type.ts";

/**
 * Whether a list as in `a=accept-types` covers a media type: `*`, `type/*` or the type
 * itself, in any case, parameters aside. multipart/mixed and multipart/alternative are
 * covered by every list, because every endpoint must receive them (§7.3.1).
 *
 * @param contentType Value of a Content-Type header field.
 */
export function acceptsContentType(acceptTypes: readonly string[], contentType: string): boolean {
  return MUST_RECEIVE.includes(bareMediaType(contentType)) ||
    listsMediaType(acceptTypes, contentType);
}

const MUST_RECEIVE: readonly string[] = ["multipart/mixed", "multipart/alternative"];
