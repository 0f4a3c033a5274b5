/** `?OTRv23?`: asks for a private conversation ("OTR Query Messages"). */

/** A query and the text around it. */
export interface QueryMessage {
  readonly type: "query";
  /** Version identifiers in the order written: `"1"` for a bare `?`, else one character each. */
  readonly versions: readonly string[];
  /** The query itself, such as `?OTR?v2?`. */
  readonly tag: string;
  /** Text before it. */
  readonly prefix: string;
  /** Text after it: usually a sentence for people whose software knows no OTR. */
  readonly suffix: string;
}

/** Reads the query that begins at `at`, if one does. */
export function readQuery(text: string, at: number): QueryMessage | undefined {
  QUERY.lastIndex = at;
  const match = QUERY.exec(text);
  if (match === null) return undefined;
  const [tag, first, second] = match;
  return {
    type: "query",
    versions: [...new Set([...(tag.startsWith("?OTR?") ? ["1"] : []), ...(first ?? second ?? "")])],
    tag,
    prefix: text.slice(0, at),
    suffix: text.slice(at + tag.length),
  };
}

/**
 * The query for `versions`, in the order given: `?OTRv23?`. Version 1, which stands
 * before the `v`, is not ours to offer.
 */
export function writeQueryTag(versions: readonly string[]): string {
  return `?OTRv${versions.join("")}?`;
}

// "?OTR?", "?OTRv23?", "?OTR?v2?". A version list that does not end in "?" is no query:
// prose such as "?OTRvaluable" is not to start a key exchange. At most 64 identifiers.
const QUERY = /\?OTR(?:\?(?:v([^?\s]{0,64})\?)?|v([^?\s]{0,64})\?)/y;
