/** What a message holds: text, an envelope around it (RFC 3862), a note that somebody is typing (RFC 3994). */
import { PeerError } from "../../base/errors.ts";
import {
  type ContentType,
  contentTypeName,
  type CpimAddress,
  decodeText,
  IS_COMPOSING_TYPE,
  parseContentType,
  parseCpim,
  parseIsComposing,
} from "../../im/mod.ts";
import type { CpimSummary } from "./trace_object.ts";

/** What is said about a body. */
export interface ExplainedContent {
  readonly cpim: CpimSummary | undefined;
  /** The type within `message/cpim`. */
  readonly wrappedType: string | undefined;
  /** Text of it: of the wrapped part, if there is one. */
  readonly text: string | undefined;
  /** What an isComposing document says. */
  readonly composing: string | undefined;
  /** What could not be read. */
  readonly error: PeerError | undefined;
}

/** Looks into a body. What cannot be read is named, and shown as it is. */
export function explainContent(
  contentType: string | undefined,
  body: Uint8Array,
): ExplainedContent {
  const type = readType(contentType);
  if (type === undefined) return NOTHING;
  if (type instanceof PeerError) return { ...NOTHING, error: type };
  if (contentTypeName(type) !== "message/cpim") return explainPart(type, body);
  try {
    const message = parseCpim(body);
    return {
      ...explainPart(message.contentType, message.body),
      cpim: {
        from: message.from && showAddress(message.from),
        to: message.to.map(showAddress),
        dateTime: message.dateTime,
      },
      wrappedType: contentTypeName(message.contentType),
    };
  } catch (error) {
    return { ...NOTHING, error: asPeerError(error) };
  }
}

function explainPart(type: ContentType, body: Uint8Array): ExplainedContent {
  if (contentTypeName(type) === IS_COMPOSING_TYPE) {
    try {
      return { ...NOTHING, composing: parseIsComposing(body).state };
    } catch (error) {
      return { ...NOTHING, error: asPeerError(error) };
    }
  }
  return type.type === "text" ? { ...NOTHING, text: decodeText(type, body) } : NOTHING;
}

function readType(contentType: string | undefined): ContentType | PeerError | undefined {
  if (contentType === undefined) return undefined;
  try {
    return parseContentType(contentType);
  } catch (error) {
    return asPeerError(error);
  }
}

function showAddress({ name, uri }: CpimAddress): string {
  return name === undefined || name === "" ? `<${uri}>` : `${name} <${uri}>`;
}

function asPeerError(error: unknown): PeerError {
  if (error instanceof PeerError) return error;
  throw error;
}

const NOTHING: ExplainedContent = {
  cpim: undefined,
  wrappedType: undefined,
  text: undefined,
  composing: undefined,
  error: undefined,
};
