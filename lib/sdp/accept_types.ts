/** `a=accept-types` and `a=accept-wrapped-types`: lists of media types, and what they allow (RFC 4975 §8.6). */

// format-entry = ((type "/" subtype) / (type "/" "*")) *(";" type-param) / "*"
/** The entries of a list as written, parameters included. Quoted parameters may hold spaces. */
export function parseAcceptTypes(value: string): string[] {
  return value.match(/(?:"(?:[^"\\]|\\.)*"|[^\s"]|")+/gs) ?? [];
}

/**
 * Whether a list of entries lets its owner be sent content of `type`: by name, by
 * `type/*`, or by `*`. Parameters on either side and case do not matter.
 */
export function acceptsType(entries: readonly string[], type: string): boolean {
  const wanted = bareType(type);
  const family = wanted.replace(/\/.*$/, "/*");
  return entries.some((entry) => {
    const bare = bareType(entry);
    return bare === "*" || bare === wanted || bare === family;
  });
}

/** `type` without parameters, in lower case. */
export function bareType(type: string): string {
  return type.replace(/;.*$/s, "").trim().toLowerCase();
}
