/** `a=accept-types` and `a=accept-wrapped-types`: lists of media types, and what they allow (RFC 4975 §8.6). */
export { bareMediaType as bareType, listsMediaType as acceptsType } from "../base/media_type.ts";

// format-entry = ((type "/" subtype) / (type "/" "*")) *(";" type-param) / "*"
/** The entries of a list as written, parameters included. Quoted parameters may hold spaces. */
export function parseAcceptTypes(value: string): string[] {
  return value.match(/(?:"(?:[^"\\]|\\.)*"|[^\s"]|")+/gs) ?? [];
}
