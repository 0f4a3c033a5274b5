/** `application/im-iscomposing+xml`: "is typing" as a document (RFC 3994 §3.4–§6). */

import { utf8 } from "../base/bytes.ts";
import { PeerError } from "../base/errors.ts";
import { childOf, escapeXml, parseXml, type XmlLimits } from "./xml_reader.ts";

/** Media type of the document. */
export const IS_COMPOSING_TYPE = "application/im-iscomposing+xml";

/** Namespace of its elements. */
export const IS_COMPOSING_NAMESPACE = "urn:ietf:params:xml:ns:im-iscomposing";

/** What the document says. */
export interface IsComposing {
  /** Any other state of the peer's counts as `idle` (RFC 3994 §3.5). */
  readonly state: "active" | "idle";
  /** When the writer last touched the text, as written (XML Schema `dateTime`). */
  readonly lastActive?: string | undefined;
  /** What is being composed: a type such as `text`, or type and subtype. */
  readonly contentType?: string | undefined;
  /** Seconds until the next word can be expected. */
  readonly refresh?: number | undefined;
}

/**
 * Reads a document. Elements nobody knows are ignored, and so is a `refresh` that is no
 * positive number.
 *
 * @throws {PeerError} `im/bad-xml`, `im/xml-too-large`, `im/bad-is-composing` when root or state is missing.
 */
export function parseIsComposing(input: Uint8Array, limits: XmlLimits = {}): IsComposing {
  const root = parseXml(input, limits);
  const state = childOf(root, "state")?.text.trim();
  if (root.name !== "isComposing" || root.namespace !== IS_COMPOSING_NAMESPACE) {
    throw badIsComposing("expected isComposing as the root");
  }
  if (state === undefined) throw badIsComposing("expected a state");
  const refresh = childOf(root, "refresh")?.text.trim() ?? "";
  const lastActive = childOf(root, "lastactive")?.text.trim();
  const contentType = childOf(root, "contenttype")?.text.trim();
  return {
    state: state === "active" ? "active" : "idle",
    ...(lastActive === undefined ? {} : { lastActive }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(/^0*[1-9]\d{0,8}$/.test(refresh) ? { refresh: Number(refresh) } : {}),
  };
}

/**
 * The document's octets.
 *
 * @throws {RangeError} when `refresh` is not a positive whole number of seconds.
 */
export function writeIsComposing(
  { state, lastActive, contentType, refresh }: IsComposing,
): Uint8Array {
  if (refresh !== undefined && !(Number.isSafeInteger(refresh) && refresh > 0)) {
    throw new RangeError("expected a positive whole number of seconds");
  }
  const element = (name: string, text: string | number | undefined): string =>
    text === undefined ? "" : `<${name}>${escapeXml(String(text))}</${name}>`;
  return utf8(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      `<isComposing xmlns="${IS_COMPOSING_NAMESPACE}">` +
      element("state", state) + element("lastactive", lastActive) +
      element("contenttype", contentType) + element("refresh", refresh) +
      "</isComposing>\n",
  );
}

function badIsComposing(message: string): PeerError {
  return new PeerError("im/bad-is-composing", "RFC 3994 §6", message);
}
